package integration

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

// What the newest Redis and Valkey answer is recorded in testdata, so that the
// tests compare with it where those servers are not installed. Where the
// environment variable PEERS names a directory that has them (see
// harness.PeersVariable) the comparison is with them, and
//
//	PEERS=dir go test ./integration -run 'TestCommandTable|TestAnswers' -record
//
// records anew.
var recordFlag = flag.Bool("record", false, "write the answers of the servers in $PEERS to testdata")

// peerNames are the servers that are compared with.
var peerNames = []string{"redis", "valkey"}

// compareRecorded says whether the comparison is with what was recorded, to
// which the lists of differences belong: servers that are there may be newer, and
// have what they did not have then.
func compareRecorded() bool {
	return !slices.ContainsFunc(peerNames, func(peer string) bool { return harness.PeerProgram(peer+"-server") != "" })
}

// livePeer starts one of peerNames; nil if it is not there.
func livePeer(t *testing.T, peer string, o harness.Options) *harness.Server {
	t.Helper()
	program := harness.PeerProgram(peer + "-server")
	if program != "" {
		return harness.Peer(t, program, peer, o)
	}
	if *recordFlag {
		t.Fatalf("-record: $%s has no run-%s-server", harness.PeersVariable, peer)
	}
	return nil
}

// peerTable is the command table of one of peerNames.
func peerTable(t *testing.T, peer string, names []string) map[string]tableEntry {
	t.Helper()
	path := filepath.Join("testdata", "commands", peer+".txt")
	if s := livePeer(t, peer, harness.Options{}); s != nil {
		table := readTable(t, newClient(t, &redis.Options{Addr: s.TCP}), names)
		if *recordFlag {
			text := "# COMMAND INFO of " + peerVersion(t, s) + " for the commands of this server; see recordFlag.\n" + showTable(table)
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return table
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return parseTable(string(text))
}

// peerVersion is a server's name and version, as in "valkey 9.1.2".
func peerVersion(t *testing.T, s *harness.Server) string {
	t.Helper()
	info, err := dial(t, s).Do("INFO", "server")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"valkey", "redis"} {
		if _, rest, ok := strings.Cut(info, name+"_version:"); ok {
			version, _, _ := strings.Cut(rest, "\r\n")
			return name + " " + version
		}
	}
	t.Fatalf("INFO server names no version: %.200q", info)
	return ""
}

func showTable(table map[string]tableEntry) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(table)) {
		fmt.Fprintln(&b, name)
		for _, field := range tableFields {
			if value := table[name][field]; value != "" {
				fmt.Fprintf(&b, "\t%s: %s\n", field, value)
			}
		}
	}
	return b.String()
}

func parseTable(text string) map[string]tableEntry {
	table := map[string]tableEntry{}
	var entry tableEntry
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if field, ok := strings.CutPrefix(line, "\t"); ok {
			name, value, _ := strings.Cut(field, ": ")
			entry[name] = value
			continue
		}
		entry = tableEntry{}
		table[line] = entry
	}
	return table
}
