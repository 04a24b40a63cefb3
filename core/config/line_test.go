package config

import (
	"os"
	"path/filepath"
	"testing"
)

// A section is where the file first speaks of it, however it is written.
func TestLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "redistill.toml")
	if err := os.WriteFile(path, []byte("log.level = \"warn\"\nauth = { password = \"secret\" }\n\n[memory]\nmax = \"1gb\"\n\n[server]\nshards = 4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := Load(Source{File: path, Set: []string{"persistence.interval=1h"}})
	if err != nil {
		t.Fatal(err)
	}
	for section, want := range map[string]int{"log": 1, "auth": 2, "memory": 4, "server": 7, "persistence": 0, "nothing": 0} {
		if got := cfg.Line(section); got != want {
			t.Errorf("[%s] is at line %d, want %d", section, got, want)
		}
	}
	if cfg, err = Load(Source{}); err != nil || cfg.Line("server") != 0 {
		t.Errorf("without a file: error %v, line %d", err, cfg.Line("server"))
	}
}
