package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const installTimeout = 20 * time.Minute

// prepare copies the scripts of the language below the cache directory and
// installs there what they import. It does nothing when it has already been
// done for the same files.
func (l *language) prepare(ctx context.Context, scripts, cache string) error {
	for _, tool := range l.tools {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("%s is not installed; .ci/tools %s installs it where apt-get can", tool, strings.Join(l.tools, " "))
		}
	}
	from, to := filepath.Join(scripts, l.name), filepath.Join(cache, l.name)
	stamp := filepath.Join(cache, l.name+".installed")
	want, err := digest(from)
	if err != nil {
		return err
	}
	if got, err := os.ReadFile(stamp); err == nil && string(got) == want {
		return nil
	}
	if err := os.Remove(stamp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := replaceFiles(from, to); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, installTimeout)
	defer cancel()
	for _, command := range l.install {
		if strings.Contains(command[0], "/") {
			command = append([]string{filepath.Join(to, command[0])}, command[1:]...)
		}
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Dir = to
		cmd.Env = append(os.Environ(), l.env...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, out)
		}
	}
	return os.WriteFile(stamp, []byte(want), 0o600)
}

// digest stands for the names and contents of all files below dir.
func digest(dir string) (string, error) {
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		_, err = h.Write(append(fmt.Appendf(nil, "%s %d\n", path, len(text)), text...))
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// replaceFiles copies what differs, so that compilers see old files as old, and
// leaves what was installed in the copy alone.
func replaceFiles(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if old, err := os.ReadFile(target); err == nil && bytes.Equal(old, text) {
			return nil
		}
		return os.WriteFile(target, text, 0o644)
	})
}
