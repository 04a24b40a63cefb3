package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/modules/catalogue"
)

// A small build has what was asked for, runs, and is small; what was built and what
// each module added is told.
func TestBuildMinimal(t *testing.T) {
	output := filepath.Join(t.TempDir(), "redistill")
	s, err := choose(request{preset: "minimal"}, catalogue.Tree)
	if err != nil {
		t.Fatal(err)
	}
	var progress, told bytes.Buffer
	list, err := build(t.Context(), s, options{output: output}, &progress)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"resolving 4 modules\n", "compiling ", "linking\n"} {
		if !strings.Contains(progress.String(), want) {
			t.Errorf("no %q in the progress\n%s", want, progress.String())
		}
	}
	got, err := modulesOf(t.Context(), output)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range got {
		ids = append(ids, m.ID)
	}
	if want := s.ids(); !slices.Equal(ids, want) || len(list) != len(want) {
		t.Errorf("modules %v, listed %v, want %v", ids, list, want)
	}
	if err := printBuilt(&told, output, list); err != nil || !strings.Contains(told.String(), "transport.tcp") {
		t.Errorf("told %v\n%s", err, told.String())
	}
	for _, m := range list {
		if m.bytes <= 0 || m.bytes > 5e6 {
			t.Errorf("%s is said to have added %d bytes", m.ID, m.bytes)
		}
	}
}

// A package from elsewhere is built in from a directory, and one that registers
// nothing is refused.
func TestBuildForeign(t *testing.T) {
	write := func(text string) string {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"go.mod":    "module example.org/policy\n\ngo 1.26\n",
			"policy.go": text,
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	good := write(`package policy

import "github.com/redistill-go/redistill/core/eviction"

func init() { eviction.RegisterPlain("eviction.never", "Full memory refuses writes", func() policy { return policy{} }) }

type policy struct{}

func (policy) Name() string { return "never" }
`)
	for dir, want := range map[string]string{
		good:                      "",
		write("package policy\n"): "the package example.org/policy registers no module",
	} {
		output := filepath.Join(t.TempDir(), "redistill")
		s, err := choose(request{only: []string{"transport.tcp"}, with: []string{"example.org/policy=" + dir}}, catalogue.Tree)
		if err != nil {
			t.Fatal(err)
		}
		_, err = build(t.Context(), s, options{output: output}, new(bytes.Buffer))
		if want != "" {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
			if _, err := os.Stat(output); err == nil {
				t.Error("a refused build left a binary")
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := modulesOf(t.Context(), output)
		if err != nil || len(got) != 2 || got[0] != (built{ID: "eviction.never", Package: "example.org/policy", Version: "(devel)"}) {
			t.Errorf("modules %v, %v", got, err)
		}
		// It knows how to be built again with more in it.
		told, _ := exec.CommandContext(t.Context(), output, "check", "--set", "memory.eviction=lru").CombinedOutput()
		if want := "rebuild with redistill-build --only eviction.allkeys-lru,transport.tcp --with example.org/policy=" + dir + "\n"; !strings.HasSuffix(string(told), want) {
			t.Errorf("told %s\nwant at its end %s", told, want)
		}
	}
}

// What would be compiled is told without compiling it.
func TestPackagesOf(t *testing.T) {
	s, err := choose(request{only: []string{"transport.tcp"}}, catalogue.Tree)
	if err != nil {
		t.Fatal(err)
	}
	paths, err := packagesOf(t.Context(), s, options{}, new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(paths) {
		t.Error("they are not sorted")
	}
	for path, want := range map[string]bool{"net": true, root + "/transports/tcp": true, root + "/transports/tls": false, "net/http": false} {
		if slices.Contains(paths, path) != want {
			t.Errorf("%s is among them: %v", path, !want)
		}
	}
}

func TestTarget(t *testing.T) {
	if env, err := (options{}).target(); err != nil || env != nil {
		t.Errorf("no level: %v, %v", env, err)
	}
	if _, err := (options{cpu: "v9"}).target(); err == nil || !strings.Contains(err.Error(), `"v9"`) {
		t.Errorf("level v9: %v", err)
	}
}

func TestInstallRefusesADirectory(t *testing.T) {
	dir := t.TempDir()
	if err := install("unused", dir); err == nil || !strings.Contains(err.Error(), "is a directory; name the file") {
		t.Errorf("%v", err)
	}
}

func TestPackageOf(t *testing.T) {
	for symbol, want := range map[string]string{
		"main.main":                                    "main",
		"net/http.(*Server).Serve":                     "net/http",
		"example.org/lru%2ev2.Policy.Rank":             "example.org/lru.v2",
		"type:.eq.github.com/x/y.T":                    "github.com/x/y",
		"go.uber.org/fx.New.func1":                     "go.uber.org/fx",
		"slices.SortFunc[go.shape.[]github.com/x/y.T]": "slices",
	} {
		if got := packageOf(symbol); got != want {
			t.Errorf("%s is of %q, want %q", symbol, got, want)
		}
	}
}
