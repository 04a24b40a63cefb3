package integration

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

// tableField is one element of a command's entry in COMMAND INFO.
type tableField struct {
	name  string
	index int
	set   bool // the order of its elements means nothing
}

var tableFields = []tableField{
	{"name", 0, false}, {"arity", 1, false}, {"flags", 2, true}, {"first key", 3, false}, {"last key", 4, false},
	{"key step", 5, false}, {"categories", 6, true}, {"tips", 7, true},
}

// What COMMAND INFO says of a command is what clients route and pool by. For
// every command of the server under test that redis-server knows, both must
// say the same.
func TestCommandTable(t *testing.T) {
	ctx := t.Context()
	ours := newClient(t, &redis.Options{Addr: serve(t, harness.Options{}).TCP})
	peer := newClient(t, &redis.Options{Addr: harness.Redis(t, harness.Options{}).TCP})
	names, err := ours.Do(ctx, "COMMAND", "LIST").StringSlice()
	if err != nil {
		t.Fatal(err)
	}
	count, err := ours.Do(ctx, "COMMAND", "COUNT").Int()
	if err != nil {
		t.Fatal(err)
	}
	// A list of commands names their subcommands too; the count does not.
	top := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return strings.Contains(n, "|") })
	if count != len(top) || count < 52 {
		t.Errorf("COMMAND COUNT is %d; COMMAND LIST has %d", count, len(top))
	}
	for _, name := range names {
		a, errA := tableEntry(t, ours, name)
		b, errB := tableEntry(t, peer, name)
		if errA != nil || errB != nil {
			t.Fatalf("COMMAND INFO %s: %v, %v", name, errA, errB)
		}
		if b == nil {
			continue // newer than this redis-server
		}
		for _, f := range tableFields {
			if x, y := f.of(a), f.of(b); x != y {
				t.Errorf("COMMAND INFO %s, %s: %s; redis-server: %s", name, f.name, x, y)
			}
		}
	}
}

func tableEntry(t *testing.T, c *redis.Client, name string) ([]any, error) {
	t.Helper()
	reply, err := c.Do(t.Context(), "COMMAND", "INFO", name).Slice()
	if err != nil || len(reply) != 1 {
		return nil, fmt.Errorf("%v: %w", reply, err)
	}
	if reply[0] == nil {
		return nil, nil
	}
	entry, ok := reply[0].([]any)
	if !ok || len(entry) < len(tableFields) {
		return nil, fmt.Errorf("unexpected entry %v", reply[0])
	}
	return entry, nil
}

// of is the field of an entry as text.
func (f tableField) of(entry []any) string {
	if entry == nil {
		return "no entry"
	}
	list, ok := entry[f.index].([]any)
	if !ok {
		return fmt.Sprint(entry[f.index])
	}
	items := make([]string, 0, len(list))
	for _, item := range list {
		items = append(items, fmt.Sprint(item))
	}
	if f.set {
		slices.Sort(items)
	}
	return strings.Join(items, " ")
}
