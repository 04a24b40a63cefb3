package pebble

import (
	"errors"
	"slices"
	"testing"
)

func TestStateText(t *testing.T) {
	s := &state{last: 25, dead: []uint64{3, 17}, tables: []tableID{{18, 0, 788, 1}, {25, 2, 1 << 40, 1<<64 - 1}}}
	text := s.encode()
	got, err := parseState(text)
	if err != nil || got.last != s.last || !slices.Equal(got.dead, s.dead) || !slices.Equal(got.tables, s.tables) {
		t.Fatalf("%+v becomes %+v, %v", s, got, err)
	}
	for at := range text {
		if got, err := parseState(text[:at]); err == nil {
			t.Errorf("cut at %d: %+v", at, got)
		}
		for mask := 1; mask < 256; mask++ {
			text[at] ^= byte(mask)
			if got, err := parseState(text); err == nil {
				t.Errorf("byte %d changed by %#x: %+v", at, mask, got)
			}
			text[at] ^= byte(mask)
		}
	}
	if got, err := parseState(append(text, '\n')); err == nil {
		t.Errorf("with another line: %+v", got)
	}
}

// made makes a table of a generation; all have the same size.
func made(number uint64, generation uint32) tableID {
	return tableID{number: number, generation: generation, bytes: 100}
}

// TestBehind: what a store may hold when the last record is that of generations 1
// to 3, with the tables 4 to 8.
func TestBehind(t *testing.T) {
	layout, one, two, other, three := made(4, 0), made(5, 1), made(6, 2), made(7, 2), made(8, 3)
	s := &state{last: 9, tables: []tableID{layout, one, two, other, three}}
	resized := one
	resized.bytes++
	for name, test := range map[string]struct {
		tables  []tableID
		behind  bool
		refused bool
	}{
		"the same":                           {s.tables, false, false},
		"an increment":                       {append(slices.Clone(s.tables), made(10, 4), made(11, 4)), true, false},
		"everything":                         {[]tableID{made(10, 0), made(11, 4)}, true, false},
		"a merge of all":                     {[]tableID{layout, made(10, 3)}, true, false},
		"a merge of the newest":              {[]tableID{layout, one, made(10, 3)}, true, false},
		"a merge of the first two":           {[]tableID{layout, three, made(10, 2)}, true, false},
		"a merge of one":                     {[]tableID{layout, two, other, three, made(10, 1)}, true, false},
		"nothing":                            {nil, false, true},
		"without the last increment":         {s.tables[:4], false, true},
		"without a table":                    {slices.Concat(s.tables[:3], s.tables[4:]), false, true},
		"without the layout":                 {s.tables[1:], false, true},
		"an older table":                     {append(slices.Clone(s.tables), made(9, 4)), false, true},
		"another size":                       {slices.Concat(s.tables[:1], []tableID{resized}, s.tables[2:]), false, true},
		"two increments":                     {append(slices.Clone(s.tables), made(10, 4), made(11, 5)), false, true},
		"an increment that is not new":       {append(slices.Clone(s.tables), made(10, 3)), false, true},
		"an increment without what it is on": {[]tableID{layout, one, two, other, made(10, 4)}, false, true},
		"a merge with a hole":                {[]tableID{layout, two, other, made(10, 3)}, false, true},
		"a merge that keeps a part":          {[]tableID{layout, one, two, made(10, 3)}, false, true},
		"everything and a part":              {[]tableID{three, made(10, 0), made(11, 4)}, false, true},
		"a layout alone":                     {[]tableID{one, two, other, three, made(10, 0)}, false, true},
	} {
		behind, err := s.behind(test.tables)
		if behind != test.behind || (errors.Is(err, errOlder) || errors.Is(err, errAhead)) != test.refused {
			t.Errorf("%s: %v, %v", name, behind, err)
		}
	}
}
