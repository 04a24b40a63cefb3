package config_test

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/config"
)

// TestProblems runs each testdata/*.toml and compares all that is reported
// with the .golden file beside it. Lines of the file that begin with "#env "
// and "#set " are the other layers. UPDATE=1 rewrites the golden files.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test data: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src := config.Source{File: file, Modules: fakes(), Known: known}
			src.Environ, src.Set = layers(t, file)
			c, err := config.Load(src)
			var problems config.Problems
			if c != nil || !errors.As(err, &problems) {
				t.Fatalf("Load = %v, %v; want problems", c, err)
			}
			got := err.Error() + "\n"
			golden := strings.TrimSuffix(file, ".toml") + ".golden"
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%swant:\n%s", got, want)
			}
			if n := strings.Count(got, "\n"); n != len(problems) {
				t.Errorf("%d problems in %d lines", len(problems), n)
			}
		})
	}
}

func layers(t *testing.T, file string) (env, set []string) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if s, ok := strings.CutPrefix(lines.Text(), "#env "); ok {
			env = append(env, s)
		}
		if s, ok := strings.CutPrefix(lines.Text(), "#set "); ok {
			set = append(set, s)
		}
	}
	return env, set
}

func TestMissingFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.toml")
	_, err := config.Load(config.Source{File: path})
	want := path + ": cannot read the config file: no such file or directory; check --config and REDISTILL_CONFIG"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"max_clients", "idle_timeout", "shards", "allkeys-lru", "allkeys-random"}
	for in, want := range map[string]string{
		"max_client": "max_clients", "maxclients": "max_clients", "MAX-CLIENTS": "max_clients", "shrads": "shards",
		"allkeys_lru": "allkeys-lru", "allkeys-lfu": "allkeys-lru", "timeout": "", "": "", "x": "", strings.Repeat("shards", 100): "",
	} {
		if got, ok := config.Nearest(in, names); got != want || ok != (want != "") {
			t.Errorf("Nearest(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
}

func FuzzLoadFile(f *testing.F) {
	for _, s := range []string{"[server]\nshards = 3", "a = {b.c = 1}", "[[memory]]\nmax=1", "[[transports.tcp]]\n[[transports.tcp]]\nlisten='a:1'", "transports.tcp=[{listen='a:1'},{}]\n[transports.tls]\nlisten=':1'", "[[transports.tls]]\n[transports.tcp.2]", "memory.max.x=1", "[transports.tls]", "\"memory\".'max' = 2021-01-01"} {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), "fuzz.toml")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(config.Source{File: path, Modules: fakes(), Known: known})
		if (c == nil) == (err == nil) {
			t.Fatalf("Load = %v, %v", c, err)
		}
		if err == nil {
			return
		}
		for _, line := range strings.Split(err.Error(), "\n") {
			if !strings.HasPrefix(line, path) {
				t.Fatalf("a problem without its place: %q", line)
			}
		}
	})
}
