// Package simdisk is a disk in memory for tests of what keeps its files through
// package disk: it fails where it is told to, and loses in a power cut what was
// not synced.
//
// It is as unkind as a real one may be. A write that fails has written a part.
// Of writes that were not synced a power cut keeps any. Of what was created,
// renamed or removed in a directory that was not synced it keeps any first
// part. A file that was synced in a directory that was not has no name.
//
// There are no directories but those in the files' names, which need not be
// made. Files are written at their end only and opened for reading only.
//
// Concurrency: a Disk may be used by several goroutines at once.
package simdisk

import (
	"bytes"
	"cmp"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/redistill-go/redistill/persistence/disk"
)

// Op is an operation on the disk.
type Op string

// The operations; those up to SyncDir change what a power cut leaves.
const (
	Create  Op = "create"
	Write   Op = "write"
	Sync    Op = "sync"
	Rename  Op = "rename"
	Remove  Op = "remove"
	SyncDir Op = "sync of the directory"
	Open    Op = "open"
	Read    Op = "read"
	Stat    Op = "stat"
	List    Op = "list"
)

// Changes says whether the operation changes the disk, or what a power cut
// leaves of it.
func (o Op) Changes() bool { return o != Open && o != Read && o != Stat && o != List }

// Disk is a simulated disk. Make one with New.
type Disk struct {
	mu      sync.Mutex
	entries map[string]*inode // what is seen
	durable map[string]*inode // what a power cut leaves
	pending []change          // what entries has and durable has not, in order
	hook    func(Op) error
}

var _ disk.FS = (*Disk)(nil)

// inode is a file, whatever its name.
type inode struct {
	data   []byte
	synced int // bytes that a power cut leaves
	writes []int
}

// change is a change of one directory entry, or a rename. A nil file: removed.
type change struct {
	from, to string
	file     *inode
}

func (c change) apply(entries map[string]*inode) {
	delete(entries, c.from)
	if c.file != nil {
		entries[c.to] = c.file
	}
}

// New makes an empty disk.
func New() *Disk { return &Disk{entries: map[string]*inode{}, durable: map[string]*inode{}} }

// Hook has f called before each operation, which fails with f's error if there
// is one: it is not done, a write done by half. f is called by one goroutine at
// a time and may call Crash, but nothing else of the disk.
func (d *Disk) Hook(f func(Op) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hook = f
}

// Crash is the disk as a power cut at this moment leaves it, of what was not
// synced about percent of 100. It is called from a hook, or while nothing
// happens on the disk.
func (d *Disk) Crash(percent uint, random *rand.Rand) *Disk {
	left := maps.Clone(d.durable)
	for _, c := range d.pending {
		if random.UintN(100) >= percent {
			break
		}
		c.apply(left)
	}
	after := New()
	copies := map[*inode]*inode{}
	for name, f := range left {
		if copies[f] == nil {
			copies[f] = f.crash(percent, random)
		}
		after.entries[name] = copies[f]
	}
	after.durable = maps.Clone(after.entries)
	return after
}

// crash is what is left of a file: the bytes of writes that are lost while later
// ones are not are zero.
func (f *inode) crash(percent uint, random *rand.Rand) *inode {
	data := bytes.Clone(f.data[:f.synced])
	at := f.synced
	for _, n := range f.writes {
		if random.UintN(100) < percent {
			data = append(data, make([]byte, at-len(data))...)
			data = append(data, f.data[at:at+n]...)
		}
		at += n
	}
	return &inode{data: data, synced: len(data)}
}

// do runs an operation unless the hook has it fail.
func (d *Disk) do(op Op, name string, f func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var err error
	if d.hook != nil {
		err = d.hook(op)
	}
	if err == nil && f != nil {
		err = f()
	}
	if err != nil && err != io.EOF {
		return &fs.PathError{Op: string(op), Path: name, Err: err}
	}
	return err
}

// change makes a change of the entries that is not durable yet.
func (d *Disk) change(c change) error {
	c.apply(d.entries)
	d.pending = append(d.pending, c)
	return nil
}

// Create implements disk.FS.
func (d *Disk) Create(name string) (disk.File, error) {
	f := &file{disk: d, name: name, inode: &inode{}}
	err := d.do(Create, name, func() error {
		if d.entries[name] != nil {
			return fs.ErrExist
		}
		return d.change(change{to: name, file: f.inode})
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Open implements disk.FS.
func (d *Disk) Open(name string) (disk.File, error) {
	f := &file{disk: d, name: name}
	err := d.do(Open, name, func() (err error) {
		f.inode, err = d.find(name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (d *Disk) find(name string) (*inode, error) {
	if f := d.entries[name]; f != nil {
		return f, nil
	}
	return nil, fs.ErrNotExist
}

// Stat implements disk.FS.
func (d *Disk) Stat(name string) (info fs.FileInfo, err error) {
	err = d.do(Stat, name, func() error {
		f, err := d.find(name)
		if err == nil {
			info = stat{filepath.Base(name), int64(len(f.data))}
		}
		return err
	})
	return info, err
}

// Writable implements disk.FS. Everything can be written.
func (d *Disk) Writable(string) error { return nil }

// Rename implements disk.FS.
func (d *Disk) Rename(from, to string) error {
	return d.do(Rename, from, func() error {
		f, err := d.find(from)
		if err != nil {
			return err
		}
		return d.change(change{from: from, to: to, file: f})
	})
}

// Remove implements disk.FS.
func (d *Disk) Remove(name string) error {
	return d.do(Remove, name, func() error {
		if _, err := d.find(name); err != nil {
			return err
		}
		return d.change(change{from: name})
	})
}

// List implements disk.FS.
func (d *Disk) List(dir string) (names []string, err error) {
	err = d.do(List, dir, func() error {
		for name := range d.entries {
			if filepath.Dir(name) == filepath.Clean(dir) {
				names = append(names, filepath.Base(name))
			}
		}
		slices.Sort(names)
		return nil
	})
	return names, err
}

// SyncDir implements disk.FS.
func (d *Disk) SyncDir(dir string) error {
	return d.do(SyncDir, dir, func() error {
		d.pending = slices.DeleteFunc(d.pending, func(c change) bool {
			if filepath.Dir(cmp.Or(c.to, c.from)) != filepath.Clean(dir) {
				return false
			}
			c.apply(d.durable)
			return true
		})
		return nil
	})
}

// WriteFile makes a durable file of that content, or changes one.
func (d *Disk) WriteFile(name string, data []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := &inode{data: bytes.Clone(data), synced: len(data)}
	d.entries[name], d.durable[name] = f, f
}

// ReadFile returns the content of a file, nil if there is none.
func (d *Disk) ReadFile(name string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f := d.entries[name]; f != nil {
		return bytes.Clone(f.data)
	}
	return nil
}

// file is an open file.
type file struct {
	*inode
	disk *Disk
	name string
	read int // bytes
}

func (f *file) Write(p []byte) (n int, err error) {
	err = f.disk.do(Write, f.name, func() error {
		n = f.write(p)
		return nil
	})
	if err != nil {
		f.disk.mu.Lock()
		defer f.disk.mu.Unlock()
		n = f.write(p[:len(p)/2])
	}
	return n, err
}

func (f *file) write(p []byte) int {
	f.data = append(f.data, p...)
	f.writes = append(f.writes, len(p))
	return len(p)
}

func (f *file) Read(p []byte) (n int, err error) {
	err = f.disk.do(Read, f.name, func() error {
		if n = copy(p, f.data[f.read:]); n == 0 && len(p) > 0 {
			return io.EOF
		}
		f.read += n
		return nil
	})
	return n, err
}

func (f *file) Sync() error {
	return f.disk.do(Sync, f.name, func() error {
		f.synced, f.writes = len(f.data), nil
		return nil
	})
}

func (f *file) StartSync(int64, int64) {}
func (f *file) Close() error           { return nil }

// stat is what Stat tells.
type stat struct {
	name string
	size int64
}

func (s stat) Name() string     { return s.name }
func (s stat) Size() int64      { return s.size }
func (stat) Mode() fs.FileMode  { return 0o600 }
func (stat) ModTime() time.Time { return time.Time{} }
func (stat) IsDir() bool        { return false }
func (stat) Sys() any           { return nil }
