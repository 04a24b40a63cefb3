package integration

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// block is a block of code of a document, and the text before it.
type block struct{ before, language, code string }

var fence = regexp.MustCompile("(?s)(.*?)```([a-z]*)\n(.*?)```\n")

// blocks are those of the document about modules.
func blocks(t *testing.T) []block {
	t.Helper()
	text, err := os.ReadFile("../modules/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []block
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		all = append(all, block{m[1], m[2], m[3]})
	}
	return all
}

var excerptOf = regexp.MustCompile(`<!-- from (\S+) -->\n$`)

// What is shown of the examples is what they have.
func TestExcerptsOfModules(t *testing.T) {
	found := 0
	for _, b := range blocks(t) {
		m := excerptOf.FindStringSubmatch(b.before)
		if m == nil {
			continue
		}
		found++
		source, err := os.ReadFile(filepath.Join("testdata/modules", m[1]))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(source), b.code) {
			t.Errorf("%s has no\n%s", m[1], b.code)
		}
	}
	if found < 5 {
		t.Errorf("only %d excerpts are found", found)
	}
}

var fileNamed = regexp.MustCompile("`(\\w+\\.go)`")

// Who does what the document says, from nothing, has a running server with a policy of
// his own, from the module proxy and from nowhere else.
func TestNewModuleStepByStep(t *testing.T) {
	redisCLI, err := exec.LookPath("redis-cli")
	if err != nil {
		t.Fatal("redis-cli is needed, see .ci/tools")
	}
	n := newcomer(t)
	var server *harness.Server
	ran := 0
	for _, b := range blocks(t) {
		switch {
		case excerptOf.MatchString(b.before):
		case b.language == "go":
			names := fileNamed.FindAllStringSubmatch(b.before, -1)
			n.write(names[len(names)-1][1], b.code)
		case strings.Contains(b.code, "@v0.1.0"):
			if err := harness.Publish(n.proxy, "example.org/largest", "v0.1.0", n.dir); err != nil {
				t.Fatal(err)
			}
			n.run(b.code)
			ran++
		case strings.HasPrefix(b.code, "./redistill --set "):
			server = n.serve(b.code)
			ran++
		case strings.HasPrefix(b.code, "redis-cli "):
			_, port, err := net.SplitHostPort(server.TCP)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.code) {
				command, want, _ := strings.Cut(strings.TrimSpace(line), "#")
				out := n.run(strings.Replace(command, "redis-cli", redisCLI+" -p "+port, 1))
				if !strings.Contains(out, strings.TrimSpace(want)) {
					t.Errorf("%s: %s, want %s", command, out, want)
				}
			}
			ran++
		default:
			n.run(b.code)
			ran++
		}
	}
	if ran != 5 {
		t.Errorf("%d blocks of commands were run", ran)
	}
	server.MustStop(t)
	for want, command := range map[string]string{
		"eviction.allkeys-largest v0.1.0\n": "./redistill version",
		`"package": "example.org/largest",`: "./redistill modules --json",
	} {
		if out := n.run(command); !strings.Contains(out, want) {
			t.Errorf("%s has no %s:\n%s", command, want, out)
		}
	}
}

// reader is somebody with nothing but Go, where this server is released and nothing
// of it is there yet.
type reader struct {
	*testing.T
	dir   string // where he is
	proxy string
	env   []string
}

func newcomer(t *testing.T) *reader {
	t.Helper()
	home := t.TempDir()
	n := &reader{T: t, dir: home, proxy: filepath.Join(home, "proxy")}
	source, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if err := harness.Publish(n.proxy, "github.com/redistill-go/redistill", "v0.1.0", source); err != nil {
		t.Fatal(err)
	}
	goEnv := func(name string) string {
		out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	bin := filepath.Join(home, "bin")
	n.env = append(os.Environ(),
		"GOFLAGS=-modcacherw", "GOWORK=off", "GOSUMDB=off", "GOBIN="+bin, "PATH="+bin+":"+os.Getenv("PATH"),
		"GOMODCACHE="+filepath.Join(home, "modules"),
		// What the machine has of others need not be downloaded again.
		fmt.Sprintf("GOPROXY=file://%s,file://%s/cache/download,%s", n.proxy, goEnv("GOMODCACHE"), goEnv("GOPROXY")))
	return n
}

// run runs commands and stays where they have led.
func (n *reader) run(commands string) string {
	n.Helper()
	where := filepath.Join(n.TempDir(), "where")
	cmd := exec.CommandContext(n.Context(), "bash", "-ec", commands+"\npwd > "+where)
	cmd.Dir, cmd.Env = n.dir, n.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		n.Fatalf("%s: %v\n%s", commands, err, out)
	}
	at, err := os.ReadFile(where)
	if err != nil {
		n.Fatal(err)
	}
	n.dir = strings.TrimSpace(string(at))
	return string(out)
}

func (n *reader) write(name, text string) {
	n.Helper()
	if err := os.WriteFile(filepath.Join(n.dir, name), []byte(text), 0o600); err != nil {
		n.Fatal(err)
	}
}

// serve starts the server, on a port that is free.
func (n *reader) serve(command string) *harness.Server {
	n.Helper()
	o := harness.Options{Modules: []string{"transport.tcp"}}
	words := strings.Fields(command)
	for i := 1; i+1 < len(words); i += 2 {
		if words[i] != "--set" {
			n.Fatalf("%s: %s is not understood here", command, words[i])
		}
		o.Set = append(o.Set, words[i+1])
	}
	return harness.Custom(n, filepath.Join(n.dir, words[0]), o)
}
