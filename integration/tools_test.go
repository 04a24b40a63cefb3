package integration

import (
	"bytes"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// endpoint is where redis-cli and redis-benchmark connect to.
type endpoint struct {
	name string
	args []string
}

func endpoints(t *testing.T, s *harness.Server) []endpoint {
	t.Helper()
	host, port, err := net.SplitHostPort(s.TCP)
	if err != nil {
		t.Fatal(err)
	}
	return []endpoint{{"tcp", []string{"-h", host, "-p", port}}, {"unix", []string{"-s", s.Unix}}}
}

// tool runs one of the programs that come with Redis and returns what it
// printed, stderr included. It must exit 0.
func tool(t *testing.T, stdin []byte, name string, to endpoint, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, append(to.args, args...)...)
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestRedisCLI(t *testing.T) {
	certs := certificates(t)
	s := serve(t, harness.Options{Unix: true, TLS: certs})
	_, port, err := net.SplitHostPort(s.TLS)
	if err != nil {
		t.Fatal(err)
	}
	over := append(endpoints(t, s), endpoint{"tls", []string{"-h", "localhost", "-p", port, "--tls", "--cacert", certs.CAFile}})
	for _, to := range over {
		t.Run(to.name, func(t *testing.T) {
			cli := func(args ...string) string { return strings.TrimSpace(tool(t, nil, "redis-cli", to, args...)) }
			for _, step := range []struct{ args, reply string }{
				{"FLUSHALL", "OK"},
				{"ping", "PONG"},
				{"set k v", "OK"},
				{"get k", "v"},
				{"get absent", ""},
				{"incr n", "1"},
				{"mget k absent n", "v\n\n1"},
				{"-3 set k w EX 1000", "OK"},
				{"-3 mget k n", "w\n1"},
				{"lpushx", "ERR unknown command 'lpushx', with args beginning with:"},
				{"set k", "ERR wrong number of arguments for 'set' command"},
			} {
				if *against == "redis-server" && strings.HasPrefix(step.args, "lpushx") {
					continue
				}
				if got := cli(strings.Fields(step.args)...); got != step.reply {
					t.Errorf("redis-cli %s: %q, want %q", step.args, got, step.reply)
				}
			}
			docs := cli("COMMAND", "DOCS", "get", "set")
			for _, wanted := range []string{"get", "set", "summary", "since", "group", "complexity", "string"} {
				if !strings.Contains(docs, wanted) {
					t.Errorf("COMMAND DOCS get set: no %q in\n%s", wanted, docs)
				}
			}
			if all := cli("COMMAND", "DOCS"); strings.Count(all, "summary") < 52 {
				t.Errorf("COMMAND DOCS describes %d commands", strings.Count(all, "summary"))
			}
			if hello := cli("-3", "HELLO", "3"); !strings.Contains(hello, "proto") || !strings.Contains(hello, "master") {
				t.Errorf("HELLO 3: %s", hello)
			}
			if info := cli("INFO", "server"); !strings.Contains(info, "redis_version:") {
				t.Errorf("INFO server has no redis_version:\n%s", info)
			}
		})
	}
}

func TestRedisCLIPipeScanAndBigKeys(t *testing.T) {
	s := serve(t, harness.Options{Unix: true})
	const keys = 20_000
	var in []byte
	for i := range keys {
		in = harness.AppendCommand(in, "SET", fmt.Sprintf("key:%d", i), fmt.Sprintf("value:%d", i))
	}
	in = harness.AppendCommand(in, "SET", "big", strings.Repeat("x", 12345))
	for _, to := range endpoints(t, s) {
		t.Run(to.name, func(t *testing.T) {
			out := tool(t, in, "redis-cli", to, "--pipe")
			if wanted := fmt.Sprintf("errors: 0, replies: %d", keys+1); !strings.Contains(out, wanted) {
				t.Errorf("--pipe: no %q in\n%s", wanted, out)
			}
			out = tool(t, nil, "redis-cli", to, "--scan", "--pattern", "key:*")
			if seen := len(fieldSet(out)); seen != keys {
				t.Errorf("--scan: %d different keys of %d", seen, keys)
			}
			out = tool(t, nil, "redis-cli", to, "--bigkeys")
			for _, wanted := range []string{fmt.Sprintf("Sampled %d keys", keys+1), `Biggest string found '"big"' has 12345 bytes`} {
				if !strings.Contains(out, wanted) {
					t.Errorf("--bigkeys: no %q in\n%s", wanted, shorten(out))
				}
			}
		})
	}
}

func fieldSet(text string) map[string]bool {
	set := map[string]bool{}
	for f := range strings.FieldsSeq(text) {
		set[f] = true
	}
	return set
}

func TestRedisBenchmark(t *testing.T) {
	s := serve(t, harness.Options{Unix: true})
	for _, to := range endpoints(t, s) {
		for _, pipeline := range []string{"1", "16"} {
			t.Run(to.name+" pipeline "+pipeline, func(t *testing.T) {
				out := tool(t, nil, "redis-benchmark", to, "-t", "ping,set,get,incr,mset",
					"-n", "2000", "-r", "1000", "-P", pipeline, "--csv")
				for _, test := range []string{"PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "MSET (10 keys)"} {
					if !strings.Contains(out, `"`+test+`","`) {
						t.Errorf("no figures for %s", test)
					}
				}
				// Whatever it has to say besides its table is a complaint.
				for line := range strings.Lines(out) {
					if !strings.HasPrefix(line, `"`) {
						t.Errorf("unexpected line %q", line)
					}
				}
			})
		}
	}
}
