package file

import (
	"context"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/rdb"
)

// redisVersion is the server version that the file claims: the one whose
// behaviour this server follows.
const redisVersion = "7.2.0"

// checkEvery is after how many keys a cancelled context is noticed.
const checkEvery = 1024

// Save writes a view of src to a temporary file, syncs it and renames it over the
// snapshot. After an error the snapshot is what it was, with one exception:
// if only the last sync of the directory fails, the new one stands in its
// place but may not survive a power cut.
func (b *Backend) Save(ctx context.Context, src module.Source) (module.SnapshotInfo, error) {
	view, err := src.View()
	if err != nil {
		return module.SnapshotInfo{}, b.fail(err, "the last snapshot is untouched")
	}
	info, err := b.save(ctx, view)
	view.Close(err == nil)
	return info, err
}

func (b *Backend) save(ctx context.Context, view module.View) (module.SnapshotInfo, error) {
	const fix = "check the space and the permissions of its directory; the last snapshot is untouched"
	tmp, err := b.createTemp()
	if err != nil {
		return module.SnapshotInfo{}, b.fail(err, fix)
	}
	info, err := write(ctx, tmp, view)
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), b.path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name()) // what is left goes at the next Open
		if ctx.Err() != nil {
			return module.SnapshotInfo{}, b.fail(err, "the save was stopped; the last snapshot is untouched")
		}
		return module.SnapshotInfo{}, b.fail(err, fix)
	}
	if err := syncDir(b.dir()); err != nil {
		return module.SnapshotInfo{}, b.fail(err, "check the disk: the snapshot is in place but might not survive a power cut")
	}
	return info, nil
}

// write encodes the view into f and syncs it.
func write(ctx context.Context, f *os.File, view module.View) (module.SnapshotInfo, error) {
	enc := rdb.NewEncoder(f)
	if err := enc.Begin(view.Len(),
		rdb.Aux{Name: "redis-ver", Value: redisVersion},
		rdb.Aux{Name: "redis-bits", Value: strconv.Itoa(strconv.IntSize)},
		rdb.Aux{Name: "ctime", Value: strconv.FormatInt(time.Now().Unix(), 10)},
		rdb.Aux{Name: "redistill-ver", Value: ownVersion()},
	); err != nil {
		return module.SnapshotInfo{}, err
	}
	var keys int64
	var fields []rdb.Field
	err := view.Walk(ctx, 1, func(_ int, r module.Record) error {
		if keys%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		keys++
		if r.Fields == nil {
			return enc.WriteString(r.Key, r.Value, r.ExpireAt)
		}
		fields = fields[:0]
		for _, f := range r.Fields {
			fields = append(fields, rdb.Field(f))
		}
		return enc.WriteHash(r.Key, fields, r.ExpireAt)
	})
	if err != nil {
		return module.SnapshotInfo{}, err
	}
	if err := enc.Finish(); err != nil {
		return module.SnapshotInfo{}, err
	}
	if err := f.Sync(); err != nil {
		return module.SnapshotInfo{}, err
	}
	if ctx.Err() != nil { // the last moment at which the old snapshot can stay
		return module.SnapshotInfo{}, context.Cause(ctx)
	}
	return module.SnapshotInfo{Keys: keys, Bytes: enc.Written()}, nil
}

// ownVersion is the version of the running program, as the Go tool built it.
func ownVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
