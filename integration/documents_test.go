package integration

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// shownCommands are the commands that documents show in blocks of their own, each once.
func shownCommands(t *testing.T) []string {
	pages, err := filepath.Glob("../cmd/redistill/manual/*.md")
	if err != nil {
		t.Fatal(err)
	}
	pages = append(pages, "../README.md", "../cmd/redistill/README.md", "../core/README.md", "README.md", "../.github/CONTRIBUTING.md")
	program := regexp.MustCompile(`^(\$ )?(redistill|redis-cli|go|make|\.ci/\w+)( |$)`)
	var commands []string
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i, block := range strings.Split(string(text), "\n```") {
			if i%2 == 0 || !strings.HasPrefix(block, "\n") {
				continue // not a block, or one of another language
			}
			for line := range strings.Lines(block) {
				line, _, _ = strings.Cut(strings.TrimSpace(line), " # ")
				if line = strings.TrimSpace(line); program.MatchString(line) {
					commands = append(commands, strings.TrimPrefix(line, "$ "))
				}
			}
		}
	}
	slices.Sort(commands)
	return slices.Compact(commands)
}

// Every command that a document shows in a block of its own works as it stands there,
// but for addresses and paths that a test may not use.
func TestShownCommandsWork(t *testing.T) {
	commands := shownCommands(t)
	if len(commands) < 20 {
		t.Fatalf("only %d commands are shown: %q", len(commands), commands)
	}
	snapshot := madeSnapshot(t)
	for _, command := range commands {
		t.Run(command, func(t *testing.T) {
			dir := t.TempDir()
			placeFile(t, snapshot, filepath.Join(dir, "dump.rdb"))
			config := "[persistence]\nbackend = \"file\"\n\n[persistence.file]\npath = \"" + filepath.Join(dir, "dump.rdb") + "\"\n"
			if err := os.WriteFile(filepath.Join(dir, "redistill.toml"), []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			switch program, rest, _ := strings.Cut(command, " "); program {
			case "redistill":
				showsRedistill(t, dir, rest)
			case "redis-cli":
				s := serve(t, harness.Options{})
				host, port, _ := strings.Cut(s.TCP, ":")
				runShown(t, dir, exec.Command("redis-cli", append([]string{"-h", host, "-p", port}, strings.Fields(rest)...)...))
			case "make":
				runShown(t, "..", exec.Command("make", append([]string{"--dry-run"}, strings.Fields(rest)...)...))
			case "go":
				showsGo(t, dir, strings.Fields(rest))
			default:
				t.Errorf("no test runs %s", program)
			}
		})
	}
}

// showsRedistill runs the server's program, which serves until it is told to stop if it
// has no command.
func showsRedistill(t *testing.T, dir, line string) {
	store := filepath.Join(dir, "store")
	line = strings.ReplaceAll(line, "/var/lib/store", store)
	line, _, _ = strings.Cut(line, " | ") // what becomes of it is another program's
	line, file, redirected := strings.Cut(line, " > ")
	args := strings.Fields(line)
	if slices.Contains(args, "verify") && strings.Contains(line, store) {
		runShown(t, dir, exec.Command(harness.Binary(t), "snapshot", "convert", "dump.rdb", "pebble:"+store))
	}
	cmd := exec.Command(harness.Binary(t), args...)
	cmd.Env = append(os.Environ(), "REDISTILL_TRANSPORTS_TCP_LISTEN=127.0.0.1:0", "REDISTILL_ADMIN_LISTEN=127.0.0.1:0")
	if !slices.ContainsFunc(args, func(a string) bool { return a[0] != '-' && !strings.ContainsAny(a, "=.") }) {
		serveShown(t, dir, cmd)
		return
	}
	out := runShown(t, dir, cmd)
	if redirected {
		if err := os.WriteFile(filepath.Join(dir, file), out, 0o600); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, ".toml") {
			runShown(t, dir, exec.Command(harness.Binary(t), "check", "--config", file))
		}
	}
}

// serveShown starts a server, waits until it is ready and stops it.
func serveShown(t *testing.T, dir string, cmd *exec.Cmd) {
	cmd.Dir = dir
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	ready := false
	for scanner := bufio.NewScanner(log); scanner.Scan(); {
		lines = append(lines, scanner.Text())
		if !ready && strings.Contains(scanner.Text(), "msg=ready") {
			ready = true
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil || !ready {
		t.Errorf("ready %v, %v:\n%s", ready, err, strings.Join(lines, "\n"))
	}
}

// showsGo runs the go command, on the builder or to build the server.
func showsGo(t *testing.T, dir string, args []string) {
	output := filepath.Join(dir, "built")
	if i := slices.Index(args, "--cpu"); i >= 0 {
		args = slices.Delete(args, i, i+2) // all of Go's library would be compiled again for it
	}
	for i, a := range args {
		switch {
		case a == "redistill.toml":
			args[i] = filepath.Join(dir, a)
		case strings.HasPrefix(a, "example.org/"):
			path := a[:strings.IndexAny(a, "@=")]
			args[i] = path + "=" + moduleElsewhere(t, path)
		}
	}
	switch {
	case slices.Contains(args, "--list"), slices.Contains(args, "--packages"):
		runShown(t, "..", exec.Command("go", args...))
		return
	case args[0] == "run":
		args = append(args, "--output", output)
	case args[0] == "build":
		args = slices.Insert(args, 1, "-o", output)
	default:
		t.Fatalf("no test runs go %s", args[0])
	}
	runShown(t, "..", exec.Command("go", args...))
	runShown(t, dir, exec.Command(output, "check"))
}

// moduleElsewhere is a Go module outside the tree that registers a policy.
func moduleElsewhere(t *testing.T, path string) string {
	dir := t.TempDir()
	name := filepath.Base(path)
	for file, text := range map[string]string{
		"go.mod": "module " + path + "\n\ngo 1.26\n",
		name + ".go": fmt.Sprintf(`package %[1]s

import "github.com/redistill-go/redistill/core/eviction"

func init() { eviction.RegisterPlain("eviction.%[1]s", "Full memory refuses writes", func() policy { return policy{} }) }

type policy struct{}

func (policy) Name() string { return "%[1]s" }
`, name),
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// runShown runs a command that is to succeed and returns what it prints.
func runShown(t *testing.T, dir string, cmd *exec.Cmd) []byte {
	t.Helper()
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			err = fmt.Errorf("%w\n%s", err, failed.Stderr)
		}
		t.Fatalf("%s: %v", cmd, err)
	}
	return out
}

// madeSnapshot is an RDB file with a key of each type.
func madeSnapshot(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "dump.rdb")
	s := serve(t, fileBackend(path))
	host, port, _ := strings.Cut(s.TCP, ":")
	for _, request := range []string{"SET greeting hello", "HSET h f v", "SAVE"} {
		runShown(t, ".", exec.Command("redis-cli", append([]string{"-e", "-h", host, "-p", port}, strings.Fields(request)...)...))
	}
	return path
}

func placeFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
