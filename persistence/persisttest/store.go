package persisttest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/redistill-go/redistill/core/module"
)

// Store is a store in miniature: a Source whose keys change, and which knows
// what changed. It is for one goroutine.
type Store struct {
	records map[string]module.Record
	changed // since the base
	open    bool
}

// changed is what the real store remembers of changes.
type changed struct {
	all  bool
	keys map[string]struct{} // written or deleted
}

// NewStore makes a store without keys and without a base: its first Changes
// has everything.
func NewStore() *Store {
	s := &Store{}
	s.Flush()
	return s
}

// Flush deletes all keys.
func (s *Store) Flush() {
	s.records, s.changed = map[string]module.Record{}, changed{all: true, keys: map[string]struct{}{}}
}

// Put sets a key; the store keeps the record.
func (s *Store) Put(r module.Record) {
	s.records[string(r.Key)], s.keys[string(r.Key)] = r, struct{}{}
}

// Delete deletes a key, whether it exists or not.
func (s *Store) Delete(key string) {
	delete(s.records, key)
	s.keys[key] = struct{}{}
}

// Churn makes n changes to keys out of a space of as many: most of them new
// values, a quarter deletions.
func (s *Store) Churn(random *rand.Rand, n, space int) {
	for range n {
		key := fmt.Sprintf("key:%d", random.IntN(space))
		if random.IntN(4) == 0 {
			s.Delete(key)
			continue
		}
		r := Numbered(20, fmt.Sprint("version", random.Uint64()))[random.IntN(20)]
		r.Key = []byte(key)
		s.Put(r)
	}
}

// Records are all records of now.
func (s *Store) Records() Records { return slices.Collect(maps.Values(s.records)) }

// Open says whether a view is open.
func (s *Store) Open() bool { return s.open }

// View implements module.Source.
func (s *Store) View() (module.View, error) {
	return s.view(storeView{full: true, records: s.Records(), close: func(bool) {}})
}

// Changes implements module.Source.
func (s *Store) Changes() (module.View, error) {
	base := s.changed
	v := storeView{full: base.all, records: s.Records(), close: func(kept bool) {
		if !kept {
			maps.Copy(s.keys, base.keys)
			s.all = s.all || base.all
		}
	}}
	if !v.full {
		v.records = nil
		for key := range base.keys {
			// Some deletions are told of keys that exist again.
			if r, ok := s.records[key]; ok {
				v.records = append(v.records, r)
			}
			if _, ok := s.records[key]; !ok || len(key)%2 == 0 {
				v.deleted = append(v.deleted, key)
			}
		}
	}
	view, err := s.view(v)
	if err == nil {
		s.changed = changed{keys: map[string]struct{}{}}
	}
	return view, err
}

func (s *Store) view(v storeView) (module.View, error) {
	if s.open {
		return nil, errors.New("a view is open already")
	}
	s.open = true
	restore := v.close
	v.close = func(kept bool) {
		if !s.open {
			panic("a view is closed twice")
		}
		s.open = false
		restore(kept)
	}
	v.taken = time.Now()
	return v, nil
}

// storeView is a view of a Store. It does not change with it.
type storeView struct {
	taken   time.Time
	full    bool
	records Records
	deleted []string
	close   func(kept bool)
}

func (v storeView) Taken() time.Time { return v.taken }
func (v storeView) Full() bool       { return v.full }
func (v storeView) Len() int         { return len(v.records) }
func (v storeView) Close(kept bool)  { v.close(kept) }

func (v storeView) Deleted(yield func([]byte) error) error {
	var key []byte
	for _, k := range v.deleted {
		key = append(key[:0], k...)
		if err := yield(key); err != nil {
			return err
		}
		clear(key)
	}
	return nil
}

// Walk gives each worker every so manieth record.
func (v storeView) Walk(ctx context.Context, workers int, yield func(int, module.Record) error) error {
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			var mine Records
			for i := w; i < len(v.records); i += workers {
				mine = append(mine, v.records[i])
			}
			one := view{source: &source{records: mine}}
			errs[w] = one.Walk(ctx, 1, func(_ int, r module.Record) error {
				return errors.Join(ctx.Err(), yield(w, r))
			})
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
