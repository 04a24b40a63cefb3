package pebble

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"
)

// state is what the store held after a commit: the record that is kept beside
// it, in the file stateName. Pebble takes a manifest that is damaged or cut
// short for one that ended earlier, and so an older snapshot for the newest;
// and a store whose manifest is not found for one that was never made. Against
// the record, both show.
//
// It is written after each commit, before anybody is told of it, and so may be
// one commit behind the store, but never ahead of it: see behind.
type state struct {
	tables []tableID // that are part of the snapshot, by number
	// dead are the numbers of tables that were still on disk and are not part of
	// the snapshot: Pebble removes them when it gets to it.
	dead []uint64
	// last is the highest number that a table has had. Numbers only grow, so that
	// a table with a higher one is newer than the record.
	last uint64
}

// tableID is a table file and what it is known by.
type tableID struct {
	number     uint64 // in the file's name
	generation uint32 // 0: the one with the layout
	bytes      uint64
	tail       uint64 // hash of the file's last bytes, where a table has its checksums
}

// Names of files in the directory.
const (
	stateName    = "SNAPSHOT"
	newStateName = stateName + ".new"
	lockName     = "LOCK"
	tableSuffix  = ".sst"
	blobSuffix   = ".blob"
	logSuffix    = ".log"
)

func tableName(number uint64) string { return fmt.Sprintf("%06d%s", number, tableSuffix) }

// stateHead is the first line of the file. The number is the version of its form.
const stateHead = "what this store holds, version 1\n"

// encode makes the text of the file. The last line is the checksum of all others.
func (s *state) encode() []byte {
	text := fmt.Appendf([]byte(stateHead), "last table %d\n", s.last)
	for _, t := range s.tables {
		text = fmt.Appendf(text, "table %d of generation %d: %d bytes, tail %016x\n", t.number, t.generation, t.bytes, t.tail)
	}
	for _, number := range s.dead {
		text = fmt.Appendf(text, "dead table %d\n", number)
	}
	return fmt.Appendf(text, "checksum %016x\n", xxh3.Hash(text))
}

var errState = errors.New("it is not the record of a snapshot, or damaged")

// parseState is the reverse of encode. It takes nothing else than what encode
// makes, byte for byte.
func parseState(text []byte) (*state, error) {
	head, rest, ok := bytes.Cut(text, []byte("\n"))
	if !ok || string(head)+"\n" != stateHead {
		if prefix := stateHead[:strings.IndexAny(stateHead, "0123456789")]; ok && bytes.HasPrefix(head, []byte(prefix)) {
			return nil, fmt.Errorf("it is %q, which this version of the server does not read, or damaged", head)
		}
		return nil, errState
	}
	s := &state{}
	for line := range strings.Lines(string(rest)) {
		var t tableID
		var number uint64
		switch {
		case scan1(line, "last table %d\n", &s.last), scan1(line, "checksum %x\n", &number):
		case scan1(line, "dead table %d\n", &number):
			s.dead = append(s.dead, number)
		default:
			if _, err := fmt.Sscanf(line, "table %d of generation %d: %d bytes, tail %x\n", &t.number, &t.generation, &t.bytes, &t.tail); err != nil {
				return nil, errState
			}
			s.tables = append(s.tables, t)
		}
	}
	if !bytes.Equal(s.encode(), text) {
		return nil, errState
	}
	return s, nil
}

// scan1 reads a number from a line of that form.
func scan1(line, format string, n *uint64) bool {
	_, err := fmt.Sscanf(line, format, n)
	return err == nil
}

// holds says whether the table is part of the snapshot. The tail of the one
// that is asked for need not be known.
func (s *state) holds(t tableID) bool {
	known := s.table(t.number)
	return known != nil && known.generation == t.generation && known.bytes == t.bytes
}

// table returns the table of that number, nil if it is not part of the snapshot.
func (s *state) table(number uint64) *tableID {
	i, ok := slices.BinarySearchFunc(s.tables, number, func(t tableID, n uint64) int { return cmp.Compare(t.number, n) })
	if !ok {
		return nil
	}
	return &s.tables[i]
}

// newest is the number of the newest generation, 0 if there is none.
func (s *state) newest() (generation uint32) {
	for _, t := range s.tables {
		generation = max(generation, t.generation)
	}
	return generation
}

// errOlder is what a store is that has gone back.
var errOlder = errors.New("leads to an older snapshot than the last one that was complete")

// errAhead is what a store is that was written to by who does not know of records.
var errAhead = errors.New("leads to more than one snapshot that " + stateName + " does not know of, as a version of the server leaves it that keeps no record")

// behind compares what the store holds with the record. It returns false if they
// are the same, true if the store is ahead by one commit, which a crash has kept
// from being recorded, and an error if the store is not what it was.
//
// One commit adds one generation, all of whose tables are newer than the record,
// and takes out the generations that it has merged, or all of them.
func (s *state) behind(tables []tableID) (bool, error) {
	added, kept := map[uint32]bool{}, map[uint64]bool{}
	for _, t := range tables {
		switch {
		case s.holds(t):
			kept[t.number] = true
		case t.number > s.last:
			added[t.generation] = true
		default:
			return false, errOlder
		}
	}
	if len(added) == 0 && len(kept) == len(s.tables) {
		return false, nil
	}
	layout := added[0] // comes with the first generation and with a whole one
	delete(added, 0)
	switch {
	case len(added) == 0:
		return false, errOlder
	case len(added) > 1:
		return false, errAhead
	}
	var generation uint32
	for generation = range added {
	}
	gone, err := s.gone(kept)
	if err != nil {
		return false, err
	}
	switch {
	case layout: // everything is new
		if len(kept) > 0 {
			return false, errOlder
		}
	case len(gone) == 0: // an increment
		if generation <= s.newest() {
			return false, errOlder
		}
	case gone[0] == 0 || gone[len(gone)-1] != generation: // a merge takes the number of the last
		return false, errOlder
	default:
		for _, t := range s.tables {
			if kept[t.number] && t.generation > gone[0] && t.generation < generation {
				return false, errOlder
			}
		}
	}
	return true, nil
}

// gone returns the generations of which no table is kept, oldest first; each is
// kept whole or not at all. With them goes the table with the layout, or not.
func (s *state) gone(kept map[uint64]bool) (generations []uint32, err error) {
	some := map[uint32]bool{} // kept
	for _, t := range s.tables {
		some[t.generation] = some[t.generation] || kept[t.number]
		if !kept[t.number] {
			generations = append(generations, t.generation)
		}
	}
	slices.Sort(generations)
	generations = slices.Compact(generations)
	for _, g := range generations {
		if some[g] {
			return nil, errOlder
		}
	}
	return generations, nil
}
