package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// MaxFile is how large in bytes a file may be that ReadFile reads: much more than
// a configuration or a bundle of certificates has.
const MaxFile = 4 << 20

// ReadFile reads a small file that the operator has named. Names can be mistaken:
// a device or a pipe may have no end, or no beginning before somebody else opens
// it, so that only regular files are read, and none that is larger than MaxFile.
// The error doesn't name the file.
func ReadFile(path string) ([]byte, error) {
	data, err := readFile(path)
	if op := (*fs.PathError)(nil); errors.As(err, &op) {
		err = op.Err
	}
	return data, err
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("it is %s and not a file", kind(info.Mode()))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxFile {
		return nil, fmt.Errorf("it is larger than %s", Size(MaxFile))
	}
	return data, nil
}

func kind(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a directory"
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

// Marks that editors put at the beginning of a text, of which only one is one of
// UTF-8.
const (
	markUTF8    = "\xef\xbb\xbf"
	markUTF16LE = "\xff\xfe"
	markUTF16BE = "\xfe\xff"
)

// plain is a text without the mark that says that it is UTF-8.
func plain(data []byte) ([]byte, error) {
	s := string(data[:min(len(data), len(markUTF8))])
	if strings.HasPrefix(s, markUTF16LE) || strings.HasPrefix(s, markUTF16BE) {
		return nil, errors.New("it is text in UTF-16 and not in UTF-8")
	}
	return data[len(s)-len(strings.TrimPrefix(s, markUTF8)):], nil
}
