package resp

import (
	"math"
	"testing"

	"github.com/tidwall/redcon"
	"pgregory.net/rapid"
)

// What is appended is what another implementation appends.
func TestAppendAgreesWithRedcon(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.SliceOf(rapid.Byte()).Draw(t, "before")
		n := rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{0, -1, 9, 10, math.MinInt64, math.MaxInt64})).Draw(t, "n")
		s := rapid.String().Draw(t, "s")
		for name, pair := range map[string][2][]byte{
			"integer":     {AppendInt(before, n), redcon.AppendInt(before, n)},
			"array":       {AppendArray(before, len(s)), redcon.AppendArray(before, len(s))},
			"bulk":        {AppendBulk(before, []byte(s)), redcon.AppendBulk(before, []byte(s))},
			"bulk string": {AppendBulk(before, s), redcon.AppendBulkString(before, s)},
		} {
			if got, want := string(pair[0]), string(pair[1]); got != want {
				t.Fatalf("%s: %q, want %q", name, got, want)
			}
		}
		// redcon replaces line breaks in simple strings, which the Writer's callers don't have.
		plain := rapid.StringMatching(`[ -~]*`).Draw(t, "plain")
		if got, want := string(AppendSimple(before, plain)), string(redcon.AppendString(before, plain)); got != want {
			t.Fatalf("simple: %q, want %q", got, want)
		}
	})
}
