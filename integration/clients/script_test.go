package main

import (
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFollowCountsTheChecks(t *testing.T) {
	var out strings.Builder
	r := &report{client: "c", stand: &stand{plain: &proxy{talk: []string{"    1 > \"GET\"\n"}}, auth: &proxy{}}, out: log.New(&out, "", 0)}
	ended, other := r.follow(t.Context(), strings.NewReader("ok one\nnoise\nnot ok two: why: so\nok three\nend\n"), io.Discard)
	if r.passed != 2 || r.failed != 1 || !ended || !slices.Equal(other, []string{"noise"}) {
		t.Errorf("%d passed, %d failed, ended %t, other lines %q", r.passed, r.failed, ended, other)
	}
	if want := "not ok c: two: why: so\n"; !strings.Contains(out.String(), want) {
		t.Errorf("no %q in\n%s", want, out.String())
	}
	if ended, _ := r.follow(t.Context(), strings.NewReader("ok one\n"), io.Discard); ended {
		t.Error("a script that stops early counts as ended")
	}
}

func TestChoose(t *testing.T) {
	all, err := choose(nil)
	if err != nil || len(all) != len(matrix) {
		t.Errorf("no names: %d clients, %v", len(all), err)
	}
	some, err := choose([]string{"lettuce", "redis-cli"})
	if err != nil || len(some) != 2 || some[0].name != "redis-cli" {
		t.Errorf("two names: %v, %v", some, err)
	}
	if _, err := choose([]string{"letuce"}); err == nil || !strings.Contains(err.Error(), "lettuce") {
		t.Errorf("a wrong name: %v", err)
	}
}

func TestInstallsOnlyWhatHasChanged(t *testing.T) {
	scripts, cache := t.TempDir(), t.TempDir()
	write := func(text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(scripts, "sh", "sub"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(scripts, "sh", "sub", "lock"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := &language{name: "sh", tools: []string{"sh"}, install: [][]string{{"sh", "-c", "cat sub/lock >> installed"}}}
	prepare := func(want string) {
		t.Helper()
		if err := l.prepare(t.Context(), scripts, cache); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(cache, "sh", "installed")); err != nil || string(got) != want {
			t.Errorf("installed %q, %v, want %q", got, err, want)
		}
	}
	write("a")
	prepare("a")
	prepare("a")
	write("b")
	prepare("ab")

	l.install = [][]string{{"sh", "-c", "echo no such version; exit 3"}}
	write("c")
	if err := l.prepare(t.Context(), scripts, cache); err == nil || !strings.Contains(err.Error(), "no such version") {
		t.Errorf("an installation that fails: %v", err)
	}
	l.tools = []string{"no-such-tool"}
	if err := l.prepare(t.Context(), scripts, cache); err == nil || !strings.Contains(err.Error(), "no-such-tool is not installed") {
		t.Errorf("a missing tool: %v", err)
	}
}

// Every script of the matrix must be there, and every lock file.
func TestMatrixIsComplete(t *testing.T) {
	for _, c := range matrix {
		if c.language == nil {
			continue
		}
		for _, word := range c.command[1:] {
			if ext := filepath.Ext(word); ext == ".py" || ext == ".mjs" {
				if _, err := os.Stat(filepath.Join(c.language.name, word)); err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
			}
		}
	}
	for _, lock := range []string{"go/go.sum", "python/newest.txt", "python/redis5.txt", "node/package-lock.json", "java/pom.xml", "rust/Cargo.lock"} {
		text, err := os.ReadFile(lock)
		if err != nil {
			t.Error(err)
		}
		if strings.Contains(string(text), `"resolved"`) || strings.Contains(string(text), "--index-url") {
			t.Errorf("%s names the registry it was made with", lock)
		}
	}
}
