package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"text/template"
)

// workspace is the small Go module that a server is built from: a main of three lines
// that imports what was chosen. It is in a directory of its own and removed
// afterwards; nothing is changed where the program was started.
type workspace struct {
	dir string
	goTool
}

var mainTemplate = template.Must(template.New("main.go").Parse(`// Command redistill is the cache server with modules chosen by redistill-build.
package main

import (
	"os"

	"{{.Root}}/cmd/redistill/process"
	"{{.Root}}/modules/catalogue"
{{range .Imports}}	_ "{{.}}"
{{end}})

func main() { os.Exit(process.Main(catalogue.Tree{{range .Local}}, {{printf "%q" .}}{{end}})) }
`))

// newWorkspace writes the module. What is not there yet comes from the module proxy,
// in versions that the sums of the server's own dependencies pin.
func newWorkspace(ctx context.Context, src source, s selection) (w workspace, err error) {
	dir, err := os.MkdirTemp("", "redistill-build")
	if err != nil {
		return workspace{}, err
	}
	w = workspace{dir, goTool{dir: dir}}
	defer func() {
		if err != nil {
			w.remove()
		}
	}()
	var main bytes.Buffer
	if err := mainTemplate.Execute(&main, struct {
		Root    string
		Imports []string
		Local   []string
	}{root, s.imports(), s.local()}); err != nil {
		return w, err
	}
	mod, err := goMod(src, s)
	if err != nil {
		return w, err
	}
	for name, text := range map[string][]byte{"main.go": main.Bytes(), "go.mod": mod, "go.sum": src.sums} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return w, err
		}
	}
	for _, f := range s.foreign {
		if f.version == "" {
			continue
		}
		if _, err := w.output(ctx, "get", f.path+"@"+f.version); err != nil {
			return w, fmt.Errorf("--with %s@%s: %w", f.path, f.version, err)
		}
	}
	return w, nil
}

// goMod is the text of the module's go.mod, but for the versions that go get finds.
func goMod(src source, s selection) ([]byte, error) {
	version := strings.TrimPrefix(runtime.Version(), "go")
	if src.dir != "" {
		var err error
		if version, err = goVersion(src.dir); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "module redistill\n\ngo %s\n", version)
	require := func(path, version, dir string) {
		if dir != "" {
			version = "v0.0.0-00010101000000-000000000000" // as the go command writes for what is replaced
			fmt.Fprintf(&b, "\nreplace %s => %q\n", path, dir)
		}
		fmt.Fprintf(&b, "\nrequire %s %s\n", path, version)
	}
	require(root, src.version, src.dir)
	seen := map[string]bool{}
	for _, f := range s.foreign {
		if f.dir != "" && !seen[f.module] {
			seen[f.module] = true
			require(f.module, "", f.dir)
		}
	}
	return b.Bytes(), nil
}

// imports are the packages that register the chosen modules.
func (s selection) imports() (paths []string) {
	for _, k := range s.tree {
		paths = append(paths, k.Package)
	}
	for _, f := range s.foreign {
		paths = append(paths, f.path)
	}
	return paths
}

// local are the packages that come from directories, as the command line names them: the
// binary, which does not know, tells them who wants to build it with more.
func (s selection) local() (names []string) {
	for _, f := range s.foreign {
		if f.dir != "" {
			names = append(names, f.path+"="+f.dir)
		}
	}
	return names
}

func (w workspace) remove() { _ = os.RemoveAll(w.dir) }
