package tracking

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// prefix is one of few letters, so that many overlap.
func prefix() *rapid.Generator[string] { return rapid.StringMatching(`[ab]{0,5}c?`) }

// The tree finds what a list does.
func TestPrefixesModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tree prefixes
		model := map[string][]int64{}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			p, id := prefix().Draw(t, "prefix"), rapid.Int64Range(1, 4).Draw(t, "id")
			if slices.Contains(model[p], id) || rapid.IntRange(0, 3).Draw(t, "what") == 0 {
				tree.remove(p, id)
				if model[p] = slices.DeleteFunc(model[p], func(i int64) bool { return i == id }); len(model[p]) == 0 {
					delete(model, p)
				}
			} else {
				tree.add(p, id)
				model[p] = append(model[p], id)
			}
			if tree.count != len(model) {
				t.Fatalf("%d prefixes, want %d", tree.count, len(model))
			}
			key := prefix().Draw(t, "key")
			var got, want []string
			tree.each([]byte(key), func(g *group) bool {
				got = append(got, fmt.Sprint(g.prefix, g.ids))
				return true
			})
			for n := range len(key) + 1 {
				if ids := model[key[:n]]; len(ids) > 0 {
					want = append(want, fmt.Sprint(key[:n], ids))
				}
			}
			if !slices.Equal(got, want) || tree.covers([]byte(key)) != (len(want) > 0) {
				t.Fatalf("%q begins with %q, want %q", key, got, want)
			}
			if ids := tree.clients(key); !slices.Equal(ids, model[key]) {
				t.Fatalf("%q is that of %v, want %v", key, ids, model[key])
			}
		}
		for p, ids := range model {
			for _, id := range slices.Clone(ids) {
				tree.remove(p, id)
			}
		}
		if tree.bytes != 0 || tree.count != 0 || len(tree.root.children) != 0 {
			t.Fatalf("when all are gone: %+v", tree)
		}
	})
}

// overlapByPairs is Overlap as Redis does it.
func overlapByPairs(have, added []string) (prefix, other string, existing, found bool) {
	for i, p := range added {
		for _, h := range have {
			if clash(p, h) {
				return p, h, true, true
			}
		}
		for _, q := range added[i+1:] {
			if clash(p, q) {
				return p, q, false, true
			}
		}
	}
	return "", "", false, false
}

func TestOverlapModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var have []string
		for _, p := range rapid.SliceOfN(prefix(), 0, 6).Draw(t, "have") {
			if _, _, _, found := overlapByPairs(have, []string{p}); !found {
				have = union(have, []string{p})
			}
		}
		if rapid.IntRange(0, 9).Draw(t, "all keys as well") == 0 {
			have = union(have, []string{""})
		}
		added := rapid.SliceOfN(rapid.StringMatching(`[abc]{1,6}`), 0, 9).Draw(t, "added")
		p, o, e, f := Overlap(have, added)
		if wp, wo, we, wf := overlapByPairs(have, added); p != wp || o != wo || e != we || f != wf {
			t.Fatalf("%q and %q: %q %q %v %v, want %q %q %v %v", have, added, p, o, e, f, wp, wo, we, wf)
		}
	})
}

func TestOverlap(t *testing.T) {
	for _, x := range []struct {
		have, added   []string
		prefix, other string
		existing      bool
	}{
		{nil, []string{"a", "b", "cd"}, "", "", false},
		{[]string{"a"}, []string{"b"}, "", "", false},
		{nil, []string{"ab", "c", "a"}, "ab", "a", false},
		{nil, []string{"a", "a"}, "a", "a", false},
		{[]string{"ab"}, []string{"a"}, "a", "ab", true},
		{[]string{"a"}, []string{"x", "ab"}, "ab", "a", true},
		{[]string{""}, []string{"x"}, "x", "", true},
		{[]string{"", "user:"}, []string{"x"}, "x", "", true},
		{[]string{"a", "b"}, []string{"", "z"}, "", "a", true},
	} {
		prefix, other, existing, found := Overlap(x.have, x.added)
		if prefix != x.prefix || other != x.other || existing != x.existing || found != (prefix+other != "") {
			t.Errorf("%q and %q: %q %q %v %v", x.have, x.added, prefix, other, existing, found)
		}
	}
}

// BenchmarkPrefixes is what a written key costs with so many prefixes, and what
// each costs that is registered.
func BenchmarkPrefixes(b *testing.B) {
	for _, n := range []int{1, 1000, 60_000} {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("tenant:%06d:", i*7919%n)
		}
		var tree prefixes
		for _, p := range list {
			tree.add(p, 1)
		}
		key := []byte(list[n/2] + strings.Repeat("k", 20))
		b.Run(fmt.Sprintf("write/%d", n), func(b *testing.B) {
			for b.Loop() {
				if !tree.covers(key) {
					b.Fatal("it is not found")
				}
			}
		})
		b.Run(fmt.Sprintf("register/%d", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if i%n != 0 {
					continue // one iteration is one prefix
				}
				if _, _, _, found := Overlap(nil, list); found {
					b.Fatal("they overlap")
				}
				var tree prefixes
				for _, p := range list {
					tree.add(p, 1)
				}
			}
		})
	}
}
