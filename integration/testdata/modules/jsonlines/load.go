package jsonlines

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"

	"github.com/redistill-go/redistill/core/snapshot"
)

// errDamaged is what is wrong with a file that is not as it was written.
var errDamaged = errors.New("the file is damaged")

const fixDamaged = "restore it from a copy, or move it away to start empty"

// Load implements snapshot.Backend. Damage may be found after records have been put,
// since the checksum is at the end.
func (b *Backend) Load(ctx context.Context, sink snapshot.Sink) (snapshot.Info, error) {
	f, err := b.fs.Open(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return snapshot.Info{}, fmt.Errorf("%s: %s: %w", ID, b.path, snapshot.ErrNoSnapshot)
	}
	if err != nil {
		return snapshot.Info{}, b.fail(err, "make it readable for the server's user")
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := b.fs.Stat(b.path)
	if err != nil {
		return snapshot.Info{}, b.fail(err, "make it readable for the server's user")
	}
	b.progress.Begin(info.Size())
	r := reader{in: bufio.NewReaderSize(f, bufferSize), sum: sha256.New(), progress: &b.progress}
	switch err := r.all(ctx, sink); {
	case err == nil:
		return snapshot.Info{Keys: r.keys, Bytes: r.bytes}, nil
	case errors.Is(err, errDamaged), errors.Is(err, snapshot.ErrTwice):
		return snapshot.Info{}, b.fail(fmt.Errorf("line %d: %w", r.number, err), fixDamaged)
	default:
		return snapshot.Info{}, b.fail(fmt.Errorf("line %d: %w", r.number, err), "the file is not at fault: see the cause")
	}
}

// reader reads lines and sums them up.
type reader struct {
	in       *bufio.Reader
	sum      hash.Hash
	progress *snapshot.Progress

	number      int // of the line, from 1
	keys, bytes int64
}

func (r *reader) all(ctx context.Context, sink snapshot.Sink) error {
	switch first, err := r.line(); {
	case err != nil:
		return err
	case string(first) != firstLine:
		return fmt.Errorf("%w: it does not begin as a snapshot of version 1", errDamaged)
	}
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		sum := r.sum.Sum(nil)
		text, err := r.line()
		if err != nil {
			return err
		}
		if isLast(text) {
			return r.end(string(text), sum)
		}
		record, err := decode(text)
		if err != nil {
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
		if err := sink.Put(record); err != nil {
			return fmt.Errorf("key %.64q: %w", record.Key, err)
		}
		r.keys++
	}
}

// end looks at the last line, and that it is the last.
func (r *reader) end(text string, sum []byte) error {
	if want := lastLine(r.keys, sum); text != want {
		return fmt.Errorf("%w: it should end with %.60q and ends with %.60q", errDamaged, want, text)
	}
	switch _, err := r.in.ReadByte(); {
	case err == nil:
		return fmt.Errorf("%w: something follows its last line", errDamaged)
	case !errors.Is(err, io.EOF):
		return err
	}
	return nil
}

// line is the next line with its end.
func (r *reader) line() ([]byte, error) {
	r.number++
	text, err := r.in.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: it is cut off", errDamaged)
	}
	if err != nil {
		return nil, err
	}
	_, _ = r.sum.Write(text) // never fails
	r.bytes += int64(len(text))
	r.progress.Add(int64(len(text)))
	return text, nil
}
