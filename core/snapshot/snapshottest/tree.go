package snapshottest

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// tree is all that is below a directory, by path; a directory has no content.
type tree map[string]node

type node struct {
	mode    fs.FileMode
	content []byte
}

// readTree reads what is below dir.
func readTree(t testing.TB, dir string) tree {
	t.Helper()
	read := tree{}
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		n := node{mode: info.Mode()}
		if info.Mode().IsRegular() {
			if n.content, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		read[path[len(dir)+1:]] = n
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return read
}

// write makes all of it below dir.
func (tr tree) write(t testing.TB, dir string) {
	t.Helper()
	for _, path := range slices.Sorted(maps.Keys(tr)) {
		n, err := tr[path], error(nil)
		if path = filepath.Join(dir, path); n.mode.IsDir() {
			err = os.Mkdir(path, n.mode.Perm())
		} else {
			err = os.WriteFile(path, n.content, n.mode.Perm())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// files are the paths of the regular files.
func (tr tree) files() []string {
	var paths []string
	for path, n := range tr {
		if n.mode.IsRegular() {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// set changes the content of a file, which other trees may share.
func (tr tree) set(path string, content []byte) {
	mode := fs.FileMode(0o600)
	if n, ok := tr[path]; ok {
		mode = n.mode
	}
	tr[path] = node{mode: mode, content: content}
}

// difference says how the trees differ, "" if they don't.
func (tr tree) difference(other tree) string {
	for path, n := range tr {
		o, ok := other[path]
		switch {
		case !ok:
			return path + " is gone"
		case o.mode != n.mode:
			return fmt.Sprintf("the mode of %s is %v and was %v", path, o.mode, n.mode)
		case !bytes.Equal(o.content, n.content):
			return path + " has changed"
		}
	}
	for path := range other {
		if _, ok := tr[path]; !ok {
			return path + " is new"
		}
	}
	return ""
}

// harm is something that happens to the files of a closed backend.
type harm struct {
	name string
	// files are those that it happens to.
	files []string
	do    func(tr tree)
}

// byteChanged changes one byte.
func byteChanged(path string, at int, mask byte) harm {
	return harm{fmt.Sprintf("%s: byte %d changed by %#02x", path, at, mask), []string{path}, func(tr tree) {
		content := bytes.Clone(tr[path].content)
		if at < len(content) { // something else may have made it shorter
			content[at] ^= mask
		}
		tr.set(path, content)
	}}
}

// cut makes a file shorter.
func cut(path string, to int) harm {
	return harm{fmt.Sprintf("%s: cut to %d bytes", path, to), []string{path}, func(tr tree) {
		content := tr[path].content
		tr.set(path, content[:min(to, len(content))])
	}}
}

func removed(path string) harm {
	return harm{path + ": removed", []string{path}, func(tr tree) { delete(tr, path) }}
}

// swapped gives each of two files the other's content.
func swapped(one, other string) harm {
	return harm{fmt.Sprintf("%s and %s: swapped", one, other), []string{one, other}, func(tr tree) {
		a, b := tr[one].content, tr[other].content
		tr.set(one, b)
		tr.set(other, a)
	}}
}

// overwritten puts zeroes in the place of a part of a file, as disks do.
func overwritten(path string, from, to int) harm {
	return harm{fmt.Sprintf("%s: zeroes from %d to %d", path, from, to), []string{path}, func(tr tree) {
		content := bytes.Clone(tr[path].content)
		clear(content[min(from, len(content)):min(to, len(content))])
		tr.set(path, content)
	}}
}

// copied gives a file the content of another.
func copied(from, to string) harm {
	return harm{fmt.Sprintf("%s: copied over %s", from, to), []string{to}, func(tr tree) { tr.set(to, tr[from].content) }}
}

// older puts what a file held before in its place.
func older(path string, content []byte) harm {
	return harm{path + ": an older version", []string{path}, func(tr tree) { tr.set(path, content) }}
}

// randomHarm is one that any of the files may meet. Files that hold nothing are
// rarely it.
func randomHarm(tr tree, random *rand.Rand) harm {
	files := tr.files()
	path := files[random.IntN(len(files))]
	for try := 0; try < 3 && len(tr[path].content) == 0; try++ {
		path = files[random.IntN(len(files))]
	}
	n := len(tr[path].content)
	other := files[random.IntN(len(files))]
	switch kind := random.IntN(10); {
	case kind < 4 && n > 0:
		return byteChanged(path, random.IntN(n), byte(1+random.IntN(255)))
	case kind < 6 && n > 0:
		return cut(path, random.IntN(n))
	case kind < 7 && n > 0:
		from := random.IntN(n)
		return overwritten(path, from, from+1+random.IntN(512))
	case kind < 8 && other != path:
		return swapped(path, other)
	case kind < 9 && other != path:
		return copied(other, path)
	default:
		return removed(path)
	}
}
