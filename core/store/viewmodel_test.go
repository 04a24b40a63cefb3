package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/redistill-go/redistill/core/snapshot"
)

// state is what a view is compared with: keys and what they hold, written out.
type state map[string]string

func stateOf(r snapshot.Record, now int64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "until %d: ", r.ExpireAt)
	if r.Fields == nil {
		fmt.Fprintf(&b, "%x", r.Value)
		return b.String()
	}
	fields := slices.SortedFunc(slices.Values(r.Fields), func(a, b snapshot.Field) int { return bytes.Compare(a.Name, b.Name) })
	for _, f := range fields {
		if f.ExpireAt != 0 && now > f.ExpireAt {
			continue
		}
		fmt.Fprintf(&b, "%x=%x until %d; ", f.Name, f.Value, f.ExpireAt)
	}
	return b.String()
}

// records are what is on a disk, as it were.
type records map[string]snapshot.Record

func (rs records) put(r snapshot.Record) {
	r.Key, r.Value = bytes.Clone(r.Key), bytes.Clone(r.Value)
	r.Fields = slices.Clone(r.Fields)
	for i, f := range r.Fields {
		r.Fields[i] = snapshot.Field{Name: bytes.Clone(f.Name), Value: bytes.Clone(f.Value), ExpireAt: f.ExpireAt}
	}
	rs[string(r.Key)] = r
}

// state is what has not expired.
func (rs records) state(now int64) state {
	all := state{}
	for k, r := range rs {
		live := slices.ContainsFunc(r.Fields, func(f snapshot.Field) bool { return f.ExpireAt == 0 || now <= f.ExpireAt })
		if (r.ExpireAt == 0 || now <= r.ExpireAt) && (r.Fields == nil || live) {
			all[k] = stateOf(r, now)
		}
	}
	return all
}

// dump reads the store with nothing but its readers, no shard being locked.
func dump(st *Store, now int64) state {
	all := state{}
	for cursor := uint64(0); ; {
		cursor = st.Whole().Scan(cursor, 1000, now, func(e Entry) {
			r := snapshot.Record{Key: e.Key(), ExpireAt: e.ExpireAt()}
			if e.Type() == String {
				r.Value = e.Value()
			} else {
				f := st.Locked(st.Key(e.Key())).FieldsOf(e, now)
				f.Each(func(name, value []byte, at int64) bool {
					r.Fields = append(r.Fields, snapshot.Field{Name: name, Value: value, ExpireAt: at})
					return true
				})
				if r.Fields == nil {
					return
				}
			}
			all[string(e.Key())] = stateOf(r, now)
		})
		if cursor == 0 {
			return all
		}
	}
}

// viewer walks a view a little at a time and collects what it yields.
type viewer struct {
	v       *View
	want    state // at the moment
	got     records
	walkers []*walker
}

func (vr *viewer) begin(rt fataler, v snapshot.View, want state, walkers int) {
	vr.v, vr.want, vr.got, vr.walkers = v.(*View), want, records{}, nil
	for range walkers {
		vr.walkers = append(vr.walkers, &walker{v: vr.v, shard: -1, yield: func(r snapshot.Record) error {
			if _, twice := vr.got[string(r.Key)]; twice {
				rt.Fatalf("key %.40q was yielded twice", r.Key)
			}
			vr.got.put(r)
			return nil
		}})
	}
}

// turn lets a walker go on and says whether the walk is over.
func (vr *viewer) turn(rt fataler, n int) (over bool) {
	w := vr.walkers[n%len(vr.walkers)]
	more, err := w.turn(context.Background())
	if err != nil {
		rt.Fatalf("walk: %v", err)
	}
	if !more {
		vr.walkers = slices.DeleteFunc(vr.walkers, func(o *walker) bool { return o == w })
	}
	return len(vr.walkers) == 0
}

// check compares a full view with what it should be, exactly.
func (vr *viewer) check(rt fataler) {
	rt.Helper()
	got := state{}
	for k, r := range vr.got {
		got[k] = stateOf(r, 0)
	}
	sameState(rt, "view", got, vr.want)
}

func sameState(rt fataler, what string, got, want state) {
	rt.Helper()
	for k, w := range want {
		if g, ok := got[k]; !ok || g != w {
			rt.Fatalf("%s: key %.40q is there: %v, %.300s; want %.300s", what, k, ok, g, w)
		}
	}
	for k, g := range got {
		if _, ok := want[k]; !ok {
			rt.Fatalf("%s: key %.40q should not be there, %.300s", what, k, g)
		}
	}
}

// checkUnviewed asserts that a closed view left nothing behind.
func checkUnviewed(rt fataler, st *Store) {
	rt.Helper()
	checkStore(rt, st, st.Key, 0)
	if n := st.Kept(); n != 0 {
		rt.Fatalf("%d bytes are kept for no view", n)
	}
	for i := range st.shards {
		sh := &st.shards[i]
		if sh.part != nil || sh.hooks.Load()&hookView != 0 {
			rt.Fatalf("shard %d still has a view", i)
		}
		for slot, w := range sh.tab.Load().Slots {
			if w == 0 {
				continue
			}
			e := sh.entry(w, slot)
			if e.header&newerFlag != 0 || e.Type() == Hash && sh.hashes.Marked(e.hash()) {
				rt.Fatalf("key %.40q is still marked", e.Key())
			}
		}
	}
}
