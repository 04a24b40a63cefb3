package pebble

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// Small generations are merged into larger ones, so that a load has few to
// look through, and what was replaced leaves the disk. The rules keep the bytes
// that are written again low, at the cost of up to half as much space again:
//   - the oldest generation is merged with all the others when these have half
//     as many bytes as it, and mergeFloor at least;
//   - otherwise, when there are mergeCount, those that have become small against
//     the ones after them are merged.
//
// After many snapshots with 1 % of changes each, this writes about 4 % of the
// whole for each, all in all.
const (
	mergeCount = 32
	mergeRatio = 4
	mergeFloor = 1 << 20
)

// mergeRest is how long after a failed merge the next one begins at the earliest.
const mergeRest = time.Minute

// toMerge returns from which generation on all are to be merged; -1: none is.
// dead is about how many bytes of the oldest are not needed any more for
// another reason.
func toMerge(list []size, dead, floor uint64) int {
	for i := range list {
		newer := list[i+1:]
		n := total(newer)
		if i == 0 && n+dead >= max(list[0].bytes/2, floor) {
			return 0
		}
		if len(newer)+1 >= mergeCount && n >= mergeRatio*list[i].bytes {
			return i
		}
	}
	return -1
}

func total(list []size) (bytes uint64) {
	for _, s := range list {
		bytes += s.bytes
	}
	return bytes
}

// merge begins a merge in the background if one is due and none is under way.
func (b *Backend) merge() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.merging || b.closing.Err() != nil || time.Now().Before(b.mergeAfter) {
		return
	}
	i := toMerge(b.list, b.expired, b.floor)
	if i < 0 {
		return
	}
	list := slices.Clone(b.list[i:])
	b.merging = true
	b.background.Go(func() {
		err := b.mergeAll(b.closing, list, i == 0)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.merging = false
		switch {
		case err == nil && i == 0:
			b.expired = 0
		case err != nil && !errors.Is(err, errOvertaken) && b.closing.Err() == nil:
			b.mergeAfter = time.Now().Add(mergeRest)
			slog.Error("snapshots could not be merged, they are kept apart", "module", ID, "dir", b.dir, "error", oneLine{err})
		}
	})
}

// errOvertaken ends a merge of what is not in the store any more.
var errOvertaken = errors.New("a whole snapshot took the place of those to merge")

// mergeAll makes one generation of the list. It takes the number of the newest,
// so that later ones stay newer.
func (b *Backend) mergeAll(ctx context.Context, list []size, oldest bool) (err error) {
	first, last := list[0].number, list[len(list)-1].number
	g := b.generation(last, 1, total(list) > uint64(b.chunk))
	defer func() {
		if err != nil {
			g.drop()
		}
	}()
	if err := b.guarded(func() error {
		s, err := b.scan(first, last, total(list[1:]))
		if err != nil {
			return err
		}
		err = g.copyRows(ctx, s, oldest)
		return cmp.Or(err, s.close()) // which repeats errors of reading
	}); err != nil {
		return err
	}
	if err := g.finish(oldest, false); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, gen := range list {
		if !slices.Contains(b.list, gen) {
			return errOvertaken
		}
	}
	return b.commit(g, pebble.KeyRange{Start: appendChunk(nil, first, 0), End: appendChunk(nil, last+1, 0)})
}

// copyRows gives g the rows of s. If nothing is older, there is nothing left for
// a tombstone to hide, nor for a row that has expired.
func (g *generation) copyRows(ctx context.Context, s *scan, oldest bool) (err error) {
	now := time.Now().UnixMilli()
	r, err := s.reader(ctx.Err, func(key, value []byte) error {
		if oldest {
			kind, expireAt, _, err := parseHead(value)
			if err != nil {
				return err
			}
			if kind == typeTombstone || expireAt != 0 && expireAt < now {
				return nil
			}
		}
		return g.workers[0].set(key, value)
	})
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, r.it.Close()) }()
	for part := range s.ranges {
		if err := r.read(part); err != nil {
			return err
		}
	}
	return s.complete()
}
