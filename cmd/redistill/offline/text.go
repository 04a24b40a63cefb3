package offline

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"
)

// WriteText writes the report for people.
func (r *Report) WriteText(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(format string, args ...any) {
		_, _ = fmt.Fprintf(w, format+"\n", args...) // errors stick until Flush
	}
	line("%s: %s", r.Backend, r.Path)
	line("%s keys, %s on disk", Count(r.Keys), Bytes(r.Disk))
	if r.Skipped > 0 {
		line("%s more keys are of types that this server does not have", Count(r.Skipped))
	}
	line("\ntype\tkeys\tbytes of keys\tbytes of values\tfields\twith expiry\t")
	for _, name := range slices.Sorted(maps.Keys(r.Types)) {
		t := r.Types[name]
		line("%s\t%s\t%s\t%s\t%s\t%s\t", name, Count(t.Keys), Bytes(t.KeyBytes), Bytes(t.ValueBytes), Count(t.Fields), Count(t.ExpiringFields))
	}
	r.Sizes.write(line, "key and value")
	r.Expiry.write(line, "expiry")
	if len(r.Largest) > 0 {
		line("\nlargest keys\ttype\tfields\texpires\t ")
	}
	for _, k := range r.Largest {
		expires := "never"
		if k.ExpireAt != 0 {
			expires = time.UnixMilli(k.ExpireAt).UTC().Format(time.DateTime)
		}
		line("%s\t%s\t%s\t%s\t  %s", Bytes(k.Bytes), k.Type, Count(int64(k.Fields)), expires, quote(k.Name))
	}
	return w.Flush()
}

func (h Histogram) write(line func(string, ...any), title string) {
	line("\n%s\tkeys\t", title)
	for _, c := range h {
		if c.Keys > 0 {
			line("%s\t%s\t", c.Label, Count(c.Keys))
		}
	}
}

// quote shows a key in one line, whatever bytes it has.
func quote(name string) string {
	q := strconv.Quote(name)
	if len(name) == maxName {
		q += "..."
	}
	return q
}

// Count is a number with commas between thousands.
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Bytes is a size in the largest unit that leaves a whole number before the
// point.
func Bytes(n int64) string {
	units := []string{"KiB", "MiB", "GiB", "TiB"}
	if n < 1<<10 {
		return fmt.Sprintf("%d B", n)
	}
	f, unit := float64(n)/1024, 0
	for f >= 1024 && unit < len(units)-1 {
		f, unit = f/1024, unit+1
	}
	return fmt.Sprintf("%.1f %s", f, units[unit])
}
