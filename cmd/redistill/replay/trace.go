package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Trace is a sequence of requests.
type Trace struct {
	Name     string
	Requests []uint32 // numbers of keys, in the order of their first request
	Unique   int      // how many keys there are
}

// ReadTrace reads a file with one request a line: a key, and perhaps a comma
// and a size, which is ignored. A name that ends in .gz is decompressed.
func ReadTrace(path string) (*Trace, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	in := io.Reader(f)
	if filepath.Ext(path) == ".gz" {
		if in, err = gzip.NewReader(f); err != nil {
			return nil, fmt.Errorf("replay: %s: %w", path, err)
		}
	}
	t, err := readTrace(name, in)
	if err != nil {
		return nil, fmt.Errorf("replay: %s: %w", path, err)
	}
	if len(t.Requests) == 0 {
		return nil, fmt.Errorf("replay: %s has no requests", path)
	}
	return t, nil
}

func readTrace(name string, in io.Reader) (*Trace, error) {
	t := &Trace{Name: name}
	numbers := map[string]uint32{}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		key, _, _ := bytes.Cut(lines.Bytes(), []byte(","))
		if len(key) == 0 {
			continue
		}
		n, ok := numbers[string(key)]
		if !ok {
			n = uint32(len(numbers))
			numbers[string(key)] = n
		}
		t.Requests = append(t.Requests, n)
	}
	t.Unique = len(numbers)
	return t, lines.Err()
}

// FindTraces are the traces of a directory, by the files' names.
func FindTraces(dir string) ([]string, error) {
	var found []string
	for _, pattern := range []string{"*.txt", "*.txt.gz"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, fmt.Errorf("replay: %w", err)
		}
		found = append(found, names...)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("replay: %s has no traces: files with one key a line, named *.txt or *.txt.gz", dir)
	}
	return found, nil
}
