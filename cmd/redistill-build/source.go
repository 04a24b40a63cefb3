package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"golang.org/x/mod/modfile"
)

// root is the module that the server is in.
const root = "github.com/redistill-go/redistill"

// source is where the server's own code comes from.
type source struct {
	version string // of the module root; "": dir says
	dir     string // a source tree; "": from the module proxy
	sums    []byte // its go.sum
}

// findSource decides on it: the tree that --source names; the tree that the working
// directory is in; else the version that this program was built from.
func findSource(ctx context.Context, named string) (source, error) {
	if named != "" {
		dir, path, err := moduleAt(named)
		if err != nil {
			return source{}, fmt.Errorf("--source: %w", err)
		}
		if path != root {
			return source{}, fmt.Errorf("--source: the module in %s is %s and not %s", dir, path, root)
		}
		return tree(dir)
	}
	if dir, path, err := moduleAt("."); err == nil && path == root {
		return tree(dir)
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path != root || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return source{}, errors.New("this redistill-build comes from a source tree that it doesn't know the place of: run it in the tree, name the tree with --source, or install a released one with go install " + root + "/cmd/redistill-build@latest")
	}
	return released(ctx, info.Main.Version)
}

func tree(dir string) (source, error) {
	sums, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil {
		return source{}, err
	}
	return source{dir: dir, sums: sums}, nil
}

// released gets a version from the module proxy.
func released(ctx context.Context, version string) (source, error) {
	out, err := goTool{}.output(ctx, "mod", "download", "-json", root+"@"+version)
	if err != nil {
		return source{}, err
	}
	var got struct{ Dir string }
	if err := json.Unmarshal(out, &got); err != nil {
		return source{}, fmt.Errorf("go mod download %s@%s: %w", root, version, err)
	}
	s, err := tree(got.Dir)
	s.version, s.dir = version, ""
	return s, err
}

// goVersion is the version of Go that a source tree asks for.
func goVersion(dir string) (string, error) {
	name := filepath.Join(dir, "go.mod")
	text, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	f, err := modfile.ParseLax(name, text, nil)
	if err != nil {
		return "", err
	}
	if f.Go == nil {
		return "", fmt.Errorf("%s names no version of Go", name)
	}
	return f.Go.Version, nil
}

// revision is what `redistill version` calls the source: the commit of a source tree and whether it
// was changed since; "" of one without Git, and of a release, which tells itself.
func (s source) revision(ctx context.Context) string {
	if s.dir == "" {
		return ""
	}
	git := func(args ...string) (string, bool) {
		out, err := exec.CommandContext(ctx, "git", append([]string{"-C", s.dir}, args...)...).Output()
		return strings.TrimSpace(string(out)), err == nil
	}
	commit, ok := git("rev-parse", "HEAD")
	if !ok {
		return ""
	}
	if changes, ok := git("status", "--porcelain"); !ok || changes != "" {
		commit += "-dirty"
	}
	return commit
}
