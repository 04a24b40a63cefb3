package offline

import (
	"testing"
	"time"
)

func TestProgressLine(t *testing.T) {
	for _, tt := range []struct {
		at, total int64
		took      time.Duration
		want      string
	}{
		{0, 10 << 20, 0, "reading   0% [                              ] 0 B of 10.0 MiB"},
		{5 << 20, 10 << 20, 100 * time.Millisecond, "reading  50% [===============               ] 5.0 MiB of 10.0 MiB"},
		{5 << 20, 10 << 20, 10 * time.Second, "reading  50% [===============               ] 5.0 MiB of 10.0 MiB, 512.0 KiB/s, 10s left"},
		{10 << 20, 10 << 20, 20 * time.Second, "reading 100% [==============================] 10.0 MiB of 10.0 MiB, 512.0 KiB/s, 0s left"},
	} {
		if got := progressLine("reading", tt.at, tt.total, tt.took); got != tt.want {
			t.Errorf("%d of %d in %v: %q, want %q", tt.at, tt.total, tt.took, got, tt.want)
		}
	}
}
