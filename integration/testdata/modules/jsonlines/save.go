package jsonlines

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/persistence/disk"
)

// bufferSize is how many bytes are written and read at a time.
const bufferSize = 256 << 10

// restAfter is how many bytes of text take so long to make that clients are given time
// in between, where the view can do that.
const restAfter = 16 << 10

// Save implements snapshot.Backend. Where only the last sync of the directory fails,
// the new snapshot is in place and may not survive a power cut.
func (b *Backend) Save(ctx context.Context, src snapshot.Source) (info snapshot.Info, err error) {
	view, err := src.View()
	if err != nil {
		return info, b.fail(err, "the last snapshot is untouched")
	}
	defer func() { view.Close(err == nil) }()
	temp := b.path + ".new"
	if info, err = b.write(ctx, temp, view); err == nil {
		err = b.fs.Rename(temp, b.path)
	}
	if err != nil {
		_ = b.fs.Remove(temp) // what is left goes with the next Save
		return snapshot.Info{}, b.fail(err, "check the space and the permissions of its directory unless the save was stopped; the last snapshot is untouched")
	}
	if err := b.fs.SyncDir(b.dir()); err != nil {
		return snapshot.Info{}, b.fail(err, "check the disk: the snapshot is in place but might not survive a power cut")
	}
	return info, nil
}

// write makes the file and syncs it.
func (b *Backend) write(ctx context.Context, name string, view snapshot.View) (info snapshot.Info, err error) {
	// One that an interrupted Save has left is in the way.
	if err := b.fs.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return info, err
	}
	f, err := b.fs.Create(name)
	if err != nil {
		return info, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := newWriter(f)
	err = w.lines(ctx, view)
	if err == nil {
		err = f.Sync()
	}
	if err == nil { // the last moment at which the old snapshot can stay
		err = context.Cause(ctx)
	}
	return snapshot.Info{Keys: w.keys, Bytes: w.bytes}, err
}

// writer writes lines and sums them up.
type writer struct {
	out         *bufio.Writer
	sum         io.Writer
	digest      func([]byte) []byte
	keys, bytes int64
}

func newWriter(f disk.File) *writer {
	sum := sha256.New()
	return &writer{out: bufio.NewWriterSize(f, bufferSize), sum: sum, digest: sum.Sum}
}

func (w *writer) lines(ctx context.Context, view snapshot.View) error {
	if err := w.line([]byte(firstLine)); err != nil {
		return err
	}
	paced, _ := view.(snapshot.Paced)
	err := view.Walk(ctx, 1, func(worker int, r snapshot.Record) error {
		text, err := encode(r)
		if err != nil {
			return err
		}
		w.keys++
		if err := w.line(text); err != nil || paced == nil || len(text) < restAfter {
			return err
		}
		return paced.Rest(ctx, worker)
	})
	if err != nil {
		return err
	}
	if err := w.line([]byte(lastLine(w.keys, w.digest(nil)))); err != nil {
		return err
	}
	return w.out.Flush()
}

func (w *writer) line(text []byte) error {
	_, _ = w.sum.Write(text) // never fails
	w.bytes += int64(len(text))
	_, err := w.out.Write(text)
	return err
}
