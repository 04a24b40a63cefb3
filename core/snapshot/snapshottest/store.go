package snapshottest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
)

// Store is a store in miniature: a Source whose keys change, also while its
// views are walked, and which knows what changed since the last view that was
// kept. It may be used by several goroutines at once.
type Store struct {
	// during, if set, is called before each record of a walk.
	during func() error

	mu      sync.Mutex
	records map[string]snapshot.Record
	changed         // since the base
	open    bool    // a view is
	kept    bool    // the last view was
	taken   Records // all that the store held when it was taken
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
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records, s.changed = map[string]snapshot.Record{}, changed{all: true, keys: map[string]struct{}{}}
}

// Loaded makes the store hold what a backend has loaded, which is the base of
// the next Changes.
func (s *Store) Loaded(r Records) {
	s.Flush()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range r {
		s.records[string(r.Key)] = r
	}
	s.all = false
}

// Put sets a key; the store keeps the record.
func (s *Store) Put(r snapshot.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records[string(r.Key)], s.keys[string(r.Key)] = r, struct{}{}
}

// Delete deletes a key, whether it exists or not.
func (s *Store) Delete(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
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
		s.Put(numbered(random.IntN(20), []byte(key), fmt.Sprint("version", random.Uint64())))
	}
}

// Records are all records of now.
func (s *Store) Records() Records {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.records))
}

// Taken are all records of the moment when the last view was taken.
func (s *Store) Taken() Records {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

// Open says whether a view is open.
func (s *Store) Open() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// View implements snapshot.Source.
func (s *Store) View() (snapshot.View, error) { return s.view(false) }

// Changes implements snapshot.Source.
func (s *Store) Changes() (snapshot.View, error) { return s.view(true) }

func (s *Store) view(tracked bool) (snapshot.View, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open {
		return nil, errors.New("a view is open already")
	}
	v := &storeView{s: s, taken: time.Now(), tracked: tracked, base: changed{all: true}}
	if tracked {
		v.base, s.changed = s.changed, changed{keys: map[string]struct{}{}}
	}
	s.open, s.taken = true, slices.Collect(maps.Values(s.records))
	if v.base.all {
		v.records = s.taken
		return v, nil
	}
	for key := range v.base.keys {
		// Some deletions are told of keys that exist again.
		r, ok := s.records[key]
		if ok {
			v.records = append(v.records, r)
		}
		if !ok || len(key)%2 == 0 {
			v.deleted = append(v.deleted, key)
		}
	}
	return v, nil
}
