package harness

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// Publish puts the Go module at dir into a module proxy, as if it were released: that
// of the URL file://proxy. Another one of the same version takes its place.
func Publish(proxy, path, version, dir string) (err error) {
	at := filepath.Join(proxy, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(at, 0o700); err != nil {
		return fmt.Errorf("harness: %w", err)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return fmt.Errorf("harness: %w", err)
	}
	info, err := json.Marshal(map[string]any{"Version": version, "Time": time.Unix(0, 0).UTC()})
	if err != nil {
		return fmt.Errorf("harness: %w", err)
	}
	for name, text := range map[string][]byte{"list": []byte(version + "\n"), version + ".info": info, version + ".mod": mod} {
		if err := os.WriteFile(filepath.Join(at, name), text, 0o600); err != nil {
			return fmt.Errorf("harness: %w", err)
		}
	}
	f, err := os.Create(filepath.Join(at, version+".zip"))
	if err != nil {
		return fmt.Errorf("harness: %w", err)
	}
	err = zip.CreateFromDir(f, module.Version{Path: path, Version: version}, dir)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("harness: %w", err)
	}
	return nil
}
