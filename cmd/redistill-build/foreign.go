package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// foreign is a package from outside the tree that registers modules.
type foreign struct {
	path    string // import path
	version string // as go get takes it: a version, a branch, "latest"; "": dir says
	dir     string // where its module is on this machine; "": from the module proxy
	module  string // the path of the module at dir
}

// parseForeign reads what --with names: path@version or path=directory, which only a
// package from elsewhere has. ok is false for the name of a module of the tree.
func parseForeign(name string) (f foreign, ok bool, err error) {
	bad := func(format string, args ...any) (foreign, bool, error) {
		return foreign{}, true, fmt.Errorf("--with %s: "+format, append([]any{name}, args...)...)
	}
	if path, dir, local := strings.Cut(name, "="); local {
		if err := module.CheckImportPath(path); err != nil {
			return bad("%w", err)
		}
		root, modulePath, err := moduleAt(dir)
		if err != nil {
			return bad("%w", err)
		}
		if path != modulePath && !strings.HasPrefix(path, modulePath+"/") {
			return bad("the module in %s is %s, which has no package %s", root, modulePath, path)
		}
		return foreign{path: path, dir: root, module: modulePath}, true, nil
	}
	path, version, versioned := strings.Cut(name, "@")
	if !versioned {
		if strings.Contains(path, "/") {
			return bad("say which version, as in %s@v1.2.3, or where it is on this machine, as in %s=../path", path, path)
		}
		return foreign{}, false, nil
	}
	if err := module.CheckImportPath(path); err != nil {
		return bad("%w", err)
	}
	if version == "" {
		return bad("there is no version behind the @; use one such as v1.2.3, or latest")
	}
	return foreign{path: path, version: version}, true, nil
}

// moduleAt finds the Go module that a directory is in.
func moduleAt(dir string) (root, path string, err error) {
	root, err = filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	if info, err := os.Stat(root); err != nil {
		return "", "", err
	} else if !info.IsDir() {
		return "", "", fmt.Errorf("%s is not a directory", root)
	}
	for {
		text, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if err == nil {
			if path = modfile.ModulePath(text); path == "" {
				return "", "", fmt.Errorf("%s names no module", filepath.Join(root, "go.mod"))
			}
			return root, path, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", "", err
		}
		up := filepath.Dir(root)
		if up == root {
			return "", "", fmt.Errorf("there is no go.mod in %s, nor above it", dir)
		}
		root = up
	}
}
