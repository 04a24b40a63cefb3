package command

import "testing"

// The room for a line is found before it is written.
func TestQuotedLength(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
		if got, want := quotedLength(all[i:i+1]), len(appendQuoted(nil, all[i:i+1])); got != want {
			t.Errorf("byte %d: %d bytes, it takes %d", i, got, want)
		}
	}
	if got, want := quotedLength(all), len(appendQuoted(nil, all)); got != want {
		t.Errorf("all bytes: %d bytes, they take %d", got, want)
	}
}
