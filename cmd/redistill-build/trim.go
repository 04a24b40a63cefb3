package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// fx comes with an adapter to the logger zap, which the server doesn't log by and
// which brings net/http along. Where nobody else in a build logs by zap, an empty one
// takes its place: as much of it as the adapter needs to compile, which does nothing.
const (
	zap     = "go.uber.org/zap"
	adapter = "go.uber.org/fx/fxevent"
)

var emptyZap = map[string]string{
	"go.mod": "module go.uber.org/zap\n",
	"zap.go": `// Package zap has what an adapter to zap needs to compile, and does nothing.
package zap

import "go.uber.org/zap/zapcore"

type Field = zapcore.Field

type Logger struct{}

func (*Logger) Log(zapcore.Level, string, ...Field) {}

func Bool(string, bool) Field        { return Field{} }
func Error(error) Field              { return Field{} }
func Skip() Field                    { return Field{} }
func String(string, string) Field    { return Field{} }
func Strings(string, []string) Field { return Field{} }
`,
	"zapcore/zapcore.go": `// Package zapcore has what an adapter to zap needs to compile.
package zapcore

type Field struct{}

type Level int8

const (
	InfoLevel  Level = 0
	ErrorLevel Level = 2
)
`,
}

// dependency is a package of the build.
type dependency struct {
	ImportPath string
	Imports    []string
}

// dependencies are the packages of the build.
func (w workspace) dependencies(ctx context.Context) ([]dependency, error) {
	out, err := w.output(ctx, "list", "-deps", "-json=ImportPath,Imports", ".")
	if err != nil {
		return nil, err
	}
	var list []dependency
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var d dependency
		if err := decoder.Decode(&d); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		list = append(list, d)
	}
}

// trim takes zap out of the build where nobody needs it, and returns the packages that
// are left.
func (w workspace) trim(ctx context.Context) ([]dependency, error) {
	packages, err := w.dependencies(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range packages {
		for _, i := range p.Imports {
			if strings.HasPrefix(i, zap) && p.ImportPath != adapter && !strings.HasPrefix(p.ImportPath, zap) {
				return packages, nil
			}
		}
	}
	for name, text := range emptyZap {
		path := filepath.Join(w.dir, "zap", name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			return nil, err
		}
	}
	mod := filepath.Join(w.dir, "go.mod")
	whole, err := os.ReadFile(mod)
	if err != nil {
		return nil, err
	}
	if _, err := w.output(ctx, "mod", "edit", "-replace", zap+"=./zap"); err != nil {
		return nil, err
	}
	trimmed, err := w.dependencies(ctx)
	if err == nil {
		if _, err = w.output(ctx, "build", adapter); err == nil {
			return trimmed, nil
		}
	}
	// This version of the adapter needs more of zap: the build is larger, and works.
	return packages, os.WriteFile(mod, whole, 0o600)
}
