package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/redistill-go/redistill/core/config"
)

// Whatever the name of the file is mistaken for, the start fails with the reason,
// soon and without reading for ever.
func TestWhatIsNoConfigFile(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	huge := filepath.Join(dir, "huge")
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, 1<<40); err != nil {
		t.Fatal(err)
	}
	utf16 := filepath.Join(dir, "utf16")
	if err := os.WriteFile(utf16, []byte("\xff\xfe[\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, why := range map[string]string{
		dir:                        "cannot read the config file: it is a directory and not a file",
		pipe:                       "cannot read the config file: it is a pipe and not a file",
		"/dev/zero":                "cannot read the config file: it is a device and not a file",
		huge:                       "cannot read the config file: it is larger than 4mb",
		utf16:                      "cannot read the config file: it is text in UTF-16 and not in UTF-8; save it as UTF-8",
		filepath.Join(dir, "none"): "cannot read the config file: no such file or directory",
	} {
		_, err := config.Load(config.Source{File: path})
		if err == nil || !strings.HasPrefix(err.Error(), path+": "+why) {
			t.Errorf("%s: %v, want %s", path, err, why)
		}
	}
}

// Editors that mark a text as UTF-8 at its beginning don't break it.
func TestByteOrderMark(t *testing.T) {
	for _, text := range []string{"\xef\xbb\xbf[server]\nmax_clients = 7\n", "\xef\xbb\xbf# comment\r\n[server]\r\nmax_clients = 7\r\n"} {
		path := filepath.Join(t.TempDir(), "redistill.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(config.Source{File: path})
		if err != nil || c.Server.MaxClients != 7 {
			t.Errorf("%q: %v, %v", text, c, err)
		}
	}
}

// A password that no client could send is refused.
func TestPasswordThatCannotBeSent(t *testing.T) {
	for _, c := range []struct {
		bulk   string
		length int
		ok     bool
	}{
		{"512mb", 16384, true}, {"512mb", 16385, false}, {"1kb", 1024, true}, {"1kb", 1025, false},
	} {
		_, err := config.Load(config.Source{Set: []string{
			"server.max_bulk_length=" + c.bulk, "auth.password=" + strings.Repeat("x", c.length),
		}})
		if c.ok && err != nil || !c.ok && (err == nil || !strings.HasPrefix(err.Error(), "--set: auth.password: it is ")) {
			t.Errorf("%d bytes with max_bulk_length %s: %v", c.length, c.bulk, err)
		}
	}
}
