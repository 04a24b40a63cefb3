package harness

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// PeersVariable is the environment variable that names a directory with the
// newest Redis and Valkey, as the programs run-redis-server and
// run-valkey-server.
const PeersVariable = "PEERS"

// EachPeer runs a test with the newest Redis and then with the newest Valkey,
// which are started for it and killed at its end. It is skipped where they are
// not there.
func EachPeer(t *testing.T, o Options, test func(t *testing.T, peer *Server)) {
	t.Helper()
	for _, name := range []string{"redis-server", "valkey-server"} {
		t.Run(name, func(t *testing.T) {
			dir := os.Getenv(PeersVariable)
			if dir == "" {
				t.Skipf("%s names no directory with run-%s: the newest %s is not compared with", PeersVariable, name, name)
			}
			test(t, Peer(t, filepath.Join(dir, "run-"+name), name, o))
		})
	}
}

// Peer starts a program that takes the arguments of redis-server, for one test,
// and kills it at the end.
func Peer(t testing.TB, program, name string, o Options) *Server {
	t.Helper()
	s, err := StartPeer(t.Context(), program, name, o)
	return supervise(t, s, err)
}

// PeerProgram is the program of "redis-server" or "valkey-server" in the
// directory that PeersVariable names, "" if it is not there.
func PeerProgram(name string) string {
	dir := os.Getenv(PeersVariable)
	if dir == "" {
		return ""
	}
	program, err := exec.LookPath(filepath.Join(dir, "run-"+name))
	if err != nil {
		return ""
	}
	return program
}
