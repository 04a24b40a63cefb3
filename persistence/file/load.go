package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/rdb"
	"github.com/redistill-go/redistill/core/snapshot"
)

// maxWorkers bounds how many goroutines encode or decode, and with them the
// memory that their buffers take.
const maxWorkers = 8

func workers() int { return min(runtime.GOMAXPROCS(0), maxWorkers) }

// Load reads the file into sink, on all cores. The checksum stands at the end
// of the file, so that damage may be found after records have been put: what
// the sink holds after an error is not a snapshot.
func (b *Backend) Load(ctx context.Context, sink snapshot.Sink) (snapshot.Info, error) {
	f, err := b.fs.Open(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		b.removeStale()
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
	l := loading{in: rdb.NewReader(f, b.skip), sink: sink, progress: &b.progress, free: make(chan *rdb.Block, 2*maxWorkers), full: make(chan *rdb.Block, maxWorkers)}
	l.at.Store(math.MaxInt64)
	err = l.run(ctx, workers())
	switch {
	case err == nil:
		b.removeStale()
		return snapshot.Info{Keys: l.keys.Load(), Bytes: l.in.Offset(), SkippedKeys: l.in.Skipped()}, nil
	case errors.As(err, new(*rdb.Error)):
		return snapshot.Info{}, b.fail(err, "")
	case errors.Is(err, snapshot.ErrTwice):
		return snapshot.Info{}, b.fail(err, "the file is damaged: restore it from a copy, or move it away to start empty")
	case errors.As(err, new(*refused)):
		return snapshot.Info{}, b.fail(err, "the file is not at fault: see the cause")
	default:
		return snapshot.Info{}, b.fail(err, "the load was stopped")
	}
}

// loading is a Load that is under way: the calling goroutine cuts the file into
// blocks, workers decode them and put the records.
type loading struct {
	in   *rdb.Reader
	sink snapshot.Sink
	free chan *rdb.Block // to be read into
	full chan *rdb.Block // to be decoded
	keys atomic.Int64

	progress *snapshot.Progress

	// The error of the block which comes first in the file, and where that
	// block begins.
	mu  sync.Mutex
	err error
	at  atomic.Int64
}

// refused is an error of the sink.
type refused struct {
	key   []byte
	cause error
}

func (r *refused) Error() string { return fmt.Sprintf("key %.64q: %v", r.key, r.cause) }
func (r *refused) Unwrap() error { return r.cause }

func (l *loading) run(ctx context.Context, workers int) error {
	var running sync.WaitGroup
	for range workers {
		running.Go(func() { l.decode(ctx) })
	}
	for range 2 * workers {
		l.free <- new(rdb.Block)
	}
	err := l.read()
	close(l.full)
	running.Wait()
	if l.err != nil { // it comes before err in the file
		return l.err
	}
	if err == io.EOF {
		err = l.in.Verify()
	}
	return err
}

// read hands the file's blocks to the workers, until its end, which is io.EOF,
// or until an error.
func (l *loading) read() error {
	for b := range l.free {
		if l.at.Load() < math.MaxInt64 {
			break
		}
		before := l.in.Offset()
		if err := l.in.Next(b); err != nil {
			return err
		}
		l.progress.Add(l.in.Offset() - before)
		l.full <- b
	}
	return nil
}

// decode puts the records of blocks. It takes every block, so that nobody waits
// for it, but decodes none that comes after an error. Blocks are taken in the
// order of the file, so that the first error in the file is found.
func (l *loading) decode(ctx context.Context) {
	var d rdb.Decoder
	for b := range l.full {
		if b.Offset() < l.at.Load() {
			if err := l.block(ctx, &d, b); err != nil {
				l.fail(b.Offset(), err)
			}
		}
		l.free <- b
	}
}

func (l *loading) block(ctx context.Context, d *rdb.Decoder, b *rdb.Block) error {
	keys := int64(0)
	err := d.Each(b, func(r snapshot.Record) error {
		if keys%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := l.sink.Put(r); err != nil {
			return &refused{r.Key, err}
		}
		keys++
		return nil
	})
	l.keys.Add(keys)
	return err
}

func (l *loading) fail(at int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at < l.at.Load() {
		l.err = err
		l.at.Store(at)
	}
}
