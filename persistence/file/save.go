package file

import (
	"context"
	"runtime/debug"
	"strconv"

	"github.com/redistill-go/redistill/core/rdb"
	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/persistence/disk"
)

// redisVersion is the server version that the file claims: one of Redis that
// writes this version of the format.
const redisVersion = "7.2.0"

// checkEvery is after how many records of a goroutine a cancelled context is
// noticed.
const checkEvery = 256

// Save writes a view of src to a temporary file, syncs it and renames it over the
// snapshot. After an error the snapshot is what it was, with one exception:
// if only the last sync of the directory fails, the new one stands in its
// place but may not survive a power cut.
func (b *Backend) Save(ctx context.Context, src snapshot.Source) (snapshot.Info, error) {
	b.removeStale()
	view, err := src.View()
	if err != nil {
		return snapshot.Info{}, b.fail(err, "the last snapshot is untouched")
	}
	info, err := b.save(ctx, view)
	view.Close(err == nil)
	return info, err
}

func (b *Backend) save(ctx context.Context, view snapshot.View) (snapshot.Info, error) {
	const fix = "check the space and the permissions of its directory; the last snapshot is untouched"
	tmp, err := b.createTemp()
	if err != nil {
		return snapshot.Info{}, b.fail(err, fix)
	}
	info, err := b.write(ctx, tmp, view)
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = b.fs.Rename(tmp.name, b.path)
	}
	if err != nil {
		_ = b.fs.Remove(tmp.name) // what is left goes after the next Open
		if ctx.Err() != nil {
			return snapshot.Info{}, b.fail(err, "the save was stopped; the last snapshot is untouched")
		}
		return snapshot.Info{}, b.fail(err, fix)
	}
	if err := b.fs.SyncDir(b.dir()); err != nil {
		return snapshot.Info{}, b.fail(err, "check the disk: the snapshot is in place but might not survive a power cut")
	}
	return info, nil
}

// write encodes the view into f, on as many cores as it is walked on, and syncs
// it.
func (b *Backend) write(ctx context.Context, f disk.File, view snapshot.View) (snapshot.Info, error) {
	w := rdb.NewWriter(&synced{File: f})
	if err := w.Begin(view.Len(),
		rdb.Aux{Name: "redis-ver", Value: redisVersion},
		rdb.Aux{Name: "redis-bits", Value: strconv.Itoa(strconv.IntSize)},
		rdb.Aux{Name: "ctime", Value: strconv.FormatInt(view.Taken().Unix(), 10)},
		rdb.Aux{Name: "redistill-ver", Value: ownVersion()},
	); err != nil {
		return snapshot.Info{}, err
	}
	encoders := make([]worker, workers())
	if err := view.Walk(ctx, len(encoders), func(n int, r snapshot.Record) error {
		e := &encoders[n]
		if e.Encoder == nil {
			e.Encoder = w.Encoder(b.compress)
		}
		if e.keys%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		e.keys++
		return e.Write(r)
	}); err != nil {
		return snapshot.Info{}, err
	}
	var keys int64
	for _, e := range encoders {
		if e.Encoder != nil {
			if err := e.Flush(); err != nil {
				return snapshot.Info{}, err
			}
		}
		keys += e.keys
	}
	if err := w.Finish(); err != nil {
		return snapshot.Info{}, err
	}
	if err := f.Sync(); err != nil {
		return snapshot.Info{}, err
	}
	if ctx.Err() != nil { // the last moment at which the old snapshot can stay
		return snapshot.Info{}, context.Cause(ctx)
	}
	return snapshot.Info{Keys: keys, Bytes: w.Written()}, nil
}

// worker is what one goroutine of a walk encodes with.
type worker struct {
	*rdb.Encoder
	keys int64
	_    [48]byte // no other worker's count in the same cache line
}

// syncEvery is after how many bytes they begin to go to the disk.
const syncEvery = 8 << 20

// synced is a file whose data goes to the disk while it is written, so that
// the sync at the end does not wait for all of it, nor the kernel holds back
// whoever else writes.
type synced struct {
	disk.File
	written, started int64
}

func (s *synced) Write(p []byte) (int, error) {
	n, err := s.File.Write(p)
	s.written += int64(n)
	if since := s.written - s.started; since >= syncEvery {
		s.StartSync(s.started, since)
		s.started = s.written
	}
	return n, err
}

// ownVersion is the version of the running program, as the Go tool built it.
func ownVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
