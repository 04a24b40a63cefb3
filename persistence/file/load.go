package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/rdb"
)

// Load reads the file into sink, record by record. The checksum stands at the
// end of the file, so that damage may be found after records have been put:
// what the sink holds after an error is not a snapshot.
func (b *Backend) Load(ctx context.Context, sink module.Sink) (module.SnapshotInfo, error) {
	f, err := os.Open(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return module.SnapshotInfo{}, fmt.Errorf("%s: %s: %w", ID, b.path, module.ErrNoSnapshot)
	}
	if err != nil {
		return module.SnapshotInfo{}, b.fail(err, "make it readable for the server's user")
	}
	defer func() { _ = f.Close() }() // it was only read

	dec := rdb.NewDecoder(f)
	var keys int64
	fields := []module.Field{}
	for {
		if keys%checkEvery == 0 && ctx.Err() != nil {
			return module.SnapshotInfo{}, b.fail(context.Cause(ctx), "the load was stopped")
		}
		e, err := dec.Next()
		if err == io.EOF {
			return module.SnapshotInfo{Keys: keys, Bytes: dec.Offset()}, nil
		}
		if err != nil {
			return module.SnapshotInfo{}, b.fail(err, "")
		}
		r := module.Record{Key: e.Key, Value: e.Value, ExpireAt: e.ExpireAt}
		if e.Fields != nil {
			fields = fields[:0]
			for _, f := range e.Fields {
				fields = append(fields, module.Field(f))
			}
			r.Fields = fields
		}
		if err := sink.Put(r); err != nil {
			return module.SnapshotInfo{}, b.fail(fmt.Errorf("key %d: %w", keys+1, err), "the file is not at fault: see the cause")
		}
		keys++
	}
}
