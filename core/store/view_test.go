package store

import (
	"errors"
	"maps"
	"testing"

	"pgregory.net/rapid"
)

// A view has what the store held at its moment, whatever happens while it is
// walked, and leaves nothing behind.
func TestViewIsOfOneMoment(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newMutator(rt)
		defer func() { m.must(rt, m.st.Close()) }()
		var vr viewer
		actions := m.actions()
		actions["view"] = func(rt *rapid.T) {
			if vr.v != nil {
				if _, err := m.st.View(); !errors.Is(err, ErrViewOpen) {
					rt.Fatalf("a second view: %v", err)
				}
				return
			}
			v, err := m.st.view(true, m.clock)
			m.must(rt, err)
			vr.begin(rt, v, dump(m.st, m.now), rapid.IntRange(1, 2).Draw(rt, "walkers"))
		}
		actions["walk"] = func(rt *rapid.T) {
			for range rapid.IntRange(1, 4).Draw(rt, "turns") {
				if vr.v != nil && vr.turn(rt, rapid.IntRange(0, 1).Draw(rt, "walker")) {
					vr.check(rt)
					vr.v.Close(true)
					vr.v = nil
					m.end()
					checkUnviewed(rt, m.st)
				}
			}
		}
		actions["close"] = func(rt *rapid.T) {
			if vr.v == nil || rapid.IntRange(0, 3).Draw(rt, "sure") > 0 {
				return
			}
			for _, w := range vr.walkers {
				w.drop()
			}
			vr.v.Close(false)
			vr.v = nil
			m.end()
			checkUnviewed(rt, m.st)
		}
		actions[""] = func(rt *rapid.T) {
			if vr.v == nil && m.after == nil {
				checkStore(rt, m.st, m.st.Key, 0)
			}
		}
		rt.Repeat(actions)
		if vr.v != nil {
			for !vr.turn(rt, 0) {
			}
			vr.check(rt)
			vr.v.Close(true)
		}
		m.end()
		checkUnviewed(rt, m.st)
	})
}

// Changes, applied to what was saved before, are what the store held at their
// moment; those of a view that was not kept come with the next one.
func TestChangesAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newMutator(rt)
		defer func() { m.must(rt, m.st.Close()) }()
		m.st.TrackChanges()
		var vr viewer
		disk, next := records{}, records{}
		full := true // the next view must be
		finish := func() {
			for k, r := range vr.got {
				if !vr.v.Full() && r.ExpireAt == 0 && r.Fields == nil && stateOf(r, 0) != vr.want[k] {
					rt.Fatalf("key %q: not what it was at the moment", k)
				}
				next[k] = r
			}
			sameState(rt, "changes", next.state(vr.v.now), vr.want)
			kept := rapid.IntRange(0, 2).Draw(rt, "kept") > 0
			if kept {
				disk = next
			}
			full = vr.v.Full() && !kept
			vr.v.Close(kept)
			vr.v = nil
			m.end()
			checkUnviewed(rt, m.st)
		}
		actions := m.actions()
		flush := actions["flush"]
		flushed := 0
		actions["flush"] = func(rt *rapid.T) {
			n := len(m.after)
			if flush(rt); len(m.after) > n {
				flushed++
			}
		}
		actions["view"] = func(rt *rapid.T) {
			if vr.v != nil {
				return
			}
			v, err := m.st.view(false, m.clock)
			m.must(rt, err)
			if v.Full() != (full || flushed > 0) {
				rt.Fatalf("full: %v, want %v, %d flushes", v.Full(), full, flushed)
			}
			flushed = 0
			vr.begin(rt, v, dump(m.st, m.now), rapid.IntRange(1, 2).Draw(rt, "walkers"))
			next = records{}
			if !v.Full() {
				maps.Copy(next, disk)
			}
			m.must(rt, v.Deleted(func(key []byte) error {
				delete(next, string(key))
				return nil
			}))
		}
		actions["walk"] = func(rt *rapid.T) {
			for range rapid.IntRange(1, 4).Draw(rt, "turns") {
				if vr.v != nil && vr.turn(rt, rapid.IntRange(0, 1).Draw(rt, "walker")) {
					finish()
				}
			}
		}
		actions["close"] = func(rt *rapid.T) {
			if vr.v == nil || rapid.IntRange(0, 3).Draw(rt, "sure") > 0 {
				return
			}
			for _, w := range vr.walkers {
				w.drop()
			}
			full = vr.v.Full()
			vr.v.Close(false)
			vr.v = nil
			m.end()
			checkUnviewed(rt, m.st)
		}
		rt.Repeat(actions)
		if vr.v != nil {
			for !vr.turn(rt, 0) {
			}
			finish()
		}
		m.end()
	})
}
