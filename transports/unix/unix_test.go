package unix

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/transport"
	"github.com/redistill-go/redistill/core/transport/transporttest"
)

// socketPath is short enough for a socket, which a path in t.TempDir may not
// be.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sock")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return filepath.Join(dir, "r.sock")
}

// here is where the module stands in a configuration without instances of it.
var here = module.Place{ID: ID, Section: "transports.unix"}

func TestConformance(t *testing.T) {
	transporttest.Run(t, transporttest.Kit{
		New: func(t *testing.T, address string) (transport.Listener, transporttest.Dial) {
			c := NewConfig()
			if c.Path = address; address == "" {
				c.Path = socketPath(t)
			}
			return New(c, here), func() (net.Conn, error) { return net.Dial("unix", c.Path) }
		},
		Off: func(*testing.T) transport.Listener { return New(NewConfig(), here) },
	})
}

func TestValidate(t *testing.T) {
	if err := NewConfig().Validate(); err != nil {
		t.Errorf("the defaults are not valid: %v", err)
	}
	for _, mode := range []string{"0", "700", "0777"} {
		if err := (&Config{Mode: mode}).Validate(); err != nil {
			t.Errorf("mode %q: %v", mode, err)
		}
	}
	for _, mode := range []string{"", "0800", "1777", "rwx", "-7"} {
		if err := (&Config{Mode: mode}).Validate(); err == nil || !strings.HasPrefix(err.Error(), "mode: ") {
			t.Errorf("mode %q: error %v", mode, err)
		}
	}
	err := (&Config{Path: "@redistill", Mode: "x"}).Validate()
	if err == nil || !strings.Contains(err.Error(), "path: ") || !strings.Contains(err.Error(), "mode: ") {
		t.Errorf("error %v, want one about both keys", err)
	}
}

// start starts a transport that stops with the test.
func start(t *testing.T, c *Config) *Transport {
	t.Helper()
	tr := New(c, here)
	if err := tr.Start(t.Context(), &transporttest.Echo{}); err != nil {
		t.Fatal(err)
	}
	return tr
}

func stop(t *testing.T, tr *Transport) {
	t.Helper()
	if err := tr.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPermissions(t *testing.T) {
	for mode, want := range map[string]fs.FileMode{"0700": 0o700, "0770": 0o770, "0777": 0o777, "600": 0o600} {
		c := &Config{Path: socketPath(t), Mode: mode}
		tr := start(t, c)
		info, err := os.Lstat(c.Path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode(); got != want|fs.ModeSocket {
			t.Errorf("mode %q: the socket's permissions are %v, want %v", mode, got, want|fs.ModeSocket)
		}
		stop(t, tr)
		if _, err := os.Lstat(c.Path); !os.IsNotExist(err) {
			t.Errorf("the socket is still there after Stop: %v", err)
		}
	}
}

func TestStaleSocketIsReplaced(t *testing.T) {
	c := &Config{Path: socketPath(t), Mode: "0700"}
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: c.Path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	if err := left.Close(); err != nil {
		t.Fatal(err)
	}
	tr := start(t, c)
	defer stop(t, tr)
	conn, err := net.Dial("unix", c.Path)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

func TestStopLeavesAnotherFileAlone(t *testing.T) {
	c := &Config{Path: socketPath(t), Mode: "0700"}
	tr := start(t, c)
	if err := os.Remove(c.Path); err != nil {
		t.Fatal(err)
	}
	other := start(t, c)
	defer stop(t, other)
	stop(t, tr)
	if _, err := os.Lstat(c.Path); err != nil {
		t.Errorf("the other server's socket is gone: %v", err)
	}
}

func TestStartErrorsSayWhatToDo(t *testing.T) {
	file := socketPath(t)
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	absent := filepath.Join(filepath.Dir(file), "absent", "r.sock")
	long := filepath.Join(filepath.Dir(file), strings.Repeat("x", 200))
	for path, says := range map[string]string{
		file:   "it exists and is not a socket; remove it or set transports.unix.path to another path",
		absent: "no such file or directory; create its directory or set transports.unix.path to another path",
		long:   "the path is longer than a socket's may be",
	} {
		err := New(&Config{Path: path, Mode: "0700"}, here).Start(t.Context(), &transporttest.Echo{})
		if err == nil || !strings.HasPrefix(err.Error(), "transport.unix: cannot listen on "+path+": ") || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q in it", err, says)
		}
	}
	if kept, err := os.ReadFile(file); err != nil || string(kept) != "precious" {
		t.Errorf("the file in the way now holds %q, %v", kept, err)
	}
}
