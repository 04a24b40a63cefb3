package governor

import "testing"

func TestALimitHasRoomForAsMuchAsTheProcessTakes(t *testing.T) {
	for _, c := range []struct {
		limit, overhead, least int64
		tooSmall               bool
	}{
		{0, 20 << 20, 40 << 20, false}, // no limit
		{16 << 20, 20 << 20, 40 << 20, true},
		{40<<20 - 1, 20 << 20, 40 << 20, true},
		{40 << 20, 20 << 20, 40 << 20, false},
		{40 << 20, 20<<20 + 1, 41 << 20, true},
	} {
		least, tooSmall := leastLimit(c.limit, c.overhead)
		if least != c.least || tooSmall != c.tooSmall {
			t.Errorf("limit %d, %d beside the keys: least %d, too small %v", c.limit, c.overhead, least, tooSmall)
		}
	}
}
