package offline

import "time"

// Histogram counts keys in classes.
type Histogram []Class

// Class is one class of a histogram.
type Class struct {
	// Label says what falls into the class and not into one before it.
	Label string `json:"label"`
	Keys  int64  `json:"keys"`

	upTo int64 // inclusive
}

const endless = 1<<63 - 1

// newSizes has classes of bytes.
func newSizes() Histogram {
	return Histogram{
		{Label: "up to 64 B", upTo: 64},
		{Label: "up to 256 B", upTo: 256},
		{Label: "up to 1 KiB", upTo: 1 << 10},
		{Label: "up to 4 KiB", upTo: 4 << 10},
		{Label: "up to 16 KiB", upTo: 16 << 10},
		{Label: "up to 64 KiB", upTo: 64 << 10},
		{Label: "up to 1 MiB", upTo: 1 << 20},
		{Label: "up to 16 MiB", upTo: 16 << 20},
		{Label: "larger", upTo: endless},
	}
}

// newExpiry has classes of milliseconds left, and last the keys that stay.
func newExpiry() Histogram {
	return Histogram{
		{Label: "expired", upTo: -1},
		{Label: "within a minute", upTo: time.Minute.Milliseconds()},
		{Label: "within an hour", upTo: time.Hour.Milliseconds()},
		{Label: "within a day", upTo: 24 * time.Hour.Milliseconds()},
		{Label: "within a week", upTo: 7 * 24 * time.Hour.Milliseconds()},
		{Label: "within 30 days", upTo: 30 * 24 * time.Hour.Milliseconds()},
		{Label: "later", upTo: endless - 1},
		{Label: "never", upTo: endless},
	}
}

func (h Histogram) add(v int64) {
	for i := range h {
		if v <= h[i].upTo {
			h[i].Keys++
			return
		}
	}
}

// addExpiry counts a key that expires at the given time, 0 for never; both
// times are in milliseconds since the Unix epoch.
func (h Histogram) addExpiry(at, now int64) {
	if at == 0 {
		h.add(endless)
		return
	}
	h.add(min(at-now, endless-1))
}
