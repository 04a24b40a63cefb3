package integration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

// A writer takes numbered steps, each one transaction. What its keys hold
// follows from the number of its last step alone, and that number is among
// them: whether its keys are of one moment can be seen from nothing but their
// content. Every transaction also counts a clock that all writers share, so that
// the same goes for all writers together.
const (
	writers      = 4
	writerSlots  = 200 // strings, half of them deleted at a time
	writerFields = 600 // of a hash, likewise: more than a compact hash has
	writerCells  = 64  // of 8 bytes each, in a string that is overwritten in place
	clockKey     = "clock"
	writerFuture = 4_102_444_800_000 // 2100, in ms
)

// writer is one of them. Its counters may be read from any goroutine.
type writer struct {
	id          int
	sent, acked atomic.Int64 // steps
}

func (w *writer) key(name string) string { return fmt.Sprintf("w%d:%s", w.id, name) }

// step is the transaction with that number.
func (w *writer) step(n int64) (commands [][]string) {
	slot := []string{"SET", w.key(fmt.Sprint("s", n%writerSlots)), slotValue(n)}
	if at := slotExpiry(n); at != 0 {
		slot = append(slot, "PXAT", strconv.FormatInt(at, 10))
	}
	return [][]string{
		{"MULTI"},
		{"INCR", clockKey},
		{"SET", w.key("seq"), strconv.FormatInt(n, 10)},
		slot,
		{"DEL", w.key(fmt.Sprint("s", (n+writerSlots/2)%writerSlots))},
		{"HSET", w.key("h"), fmt.Sprint("f", n%writerFields), strconv.FormatInt(n, 10)},
		{"HDEL", w.key("h"), fmt.Sprint("f", (n+writerFields/2)%writerFields)},
		{"SETRANGE", w.key("cells"), strconv.FormatInt(n%writerCells*8, 10), fmt.Sprintf("%08d", n)},
		{"EXEC"},
	}
}

// slotValue has up to 300 bytes, now and then many more.
func slotValue(n int64) string {
	size := n * 37 % 300
	if n%50 == 0 {
		size = 5000
	}
	if n%1000 == 0 {
		size = 100_000
	}
	return fmt.Sprintf("%d:%s", n, strings.Repeat(string(rune('a'+n%26)), int(size)))
}

func slotExpiry(n int64) int64 {
	if n%3 == 0 {
		return writerFuture + n
	}
	return 0
}

func newWriters() []*writer {
	all := make([]*writer, writers)
	for i := range all {
		all[i] = &writer{id: i}
	}
	return all
}

// runAll lets all take steps, each from its last one, until the server is
// killed. kill kills it and returns when they have noticed.
func runAll(ctx context.Context, s *harness.Server, all []*writer, took func()) (kill func() error) {
	var running sync.WaitGroup
	var killed atomic.Bool
	errs := make([]error, len(all), len(all)+1)
	for i, w := range all {
		last := w.acked.Load() // what checkState found
		running.Go(func() { errs[i] = w.run(ctx, s.TCP, last, took, killed.Load) })
	}
	return func() error {
		killed.Store(true)
		err := s.Kill()
		running.Wait()
		return errors.Join(append(errs, err)...)
	}
}

// ackedBy is each writer's last step that is known to be done.
func ackedBy(all []*writer) []int64 {
	steps := make([]int64, len(all))
	for i, w := range all {
		steps[i] = w.acked.Load()
	}
	return steps
}

// sentBy is each writer's last step that may be done.
func sentBy(all []*writer) []int64 {
	steps := make([]int64, len(all))
	for i, w := range all {
		steps[i] = w.sent.Load()
	}
	return steps
}

// window is what is known of a snapshot from outside: each writer's step at
// its moment was none before the first and none after the last of these.
type window struct{ first, last []int64 }

func (w window) has(steps []int64) bool {
	for i, n := range steps {
		if n < w.first[i] || n > w.last[i] {
			return false
		}
	}
	return true
}

// run takes steps from the one after the last until the connection breaks,
// which is an error unless killed says so. Each step calls took.
func (w *writer) run(ctx context.Context, addr string, last int64, took func(), killed func() bool) error {
	w.sent.Store(last)
	w.acked.Store(last)
	c, err := harness.Dial(ctx, "tcp", addr)
	for n := last + 1; err == nil; n++ {
		var request []byte
		commands := w.step(n)
		for _, args := range commands {
			request = harness.AppendCommand(request, args...)
		}
		w.sent.Store(n)
		_, err = c.Write(request)
		var reply string
		for range commands {
			if err == nil {
				reply, err = c.Reply()
			}
		}
		if err == nil && !strings.HasPrefix(reply, "*7\r\n") {
			return fmt.Errorf("writer %d, step %d: EXEC replies %.100q", w.id, n, reply)
		}
		if err == nil {
			w.acked.Store(n)
			took()
		}
	}
	if c != nil {
		_ = c.Close() // broken
	}
	if killed() {
		return nil
	}
	return fmt.Errorf("writer %d: %w", w.id, err)
}

// content is what a writer's keys hold after a step.
type content struct {
	slots, fields map[string]string
	expiry        map[string]int64
	cells         string
}

// after works the content out from the last steps: those before have no
// effect any more.
func (w *writer) after(last int64) content {
	c := content{slots: map[string]string{}, fields: map[string]string{}, expiry: map[string]int64{}}
	cells := []byte(strings.Repeat("\x00", writerCells*8))
	end := 0
	for n := max(1, last-2*writerFields); n <= last; n++ {
		slot := w.key(fmt.Sprint("s", n%writerSlots))
		c.slots[slot], c.expiry[slot] = slotValue(n), slotExpiry(n)
		delete(c.slots, w.key(fmt.Sprint("s", (n+writerSlots/2)%writerSlots)))
		c.fields[fmt.Sprint("f", n%writerFields)] = strconv.FormatInt(n, 10)
		delete(c.fields, fmt.Sprint("f", (n+writerFields/2)%writerFields))
		at := int(n % writerCells * 8)
		copy(cells[at:], fmt.Sprintf("%08d", n))
		end = max(end, at+8)
	}
	c.cells = string(cells[:end])
	return c
}

// check compares the writer's keys with the step that they say they are of,
// and returns that step and how many keys there are.
func (w *writer) check(t *testing.T, c *redis.Client) (last int64, keys int) {
	t.Helper()
	ctx := t.Context()
	last, err := c.Get(ctx, w.key("seq")).Int64()
	if err == redis.Nil {
		return 0, 0
	}
	if err != nil {
		t.Fatal(err)
	}
	want := w.after(last)
	slots := make([]string, writerSlots)
	for i := range slots {
		slots[i] = w.key(fmt.Sprint("s", i))
	}
	values, err := c.MGet(ctx, slots...).Result()
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		got, there := v.(string)
		if expected, ok := want.slots[slots[i]]; ok != there || got != expected {
			t.Fatalf("step %d: %s is %.40q (there: %t), want %.40q (%t)", last, slots[i], got, there, expected, ok)
		}
	}
	expiries := c.Pipeline()
	for _, slot := range slots {
		expiries.Do(ctx, "PEXPIRETIME", slot)
	}
	replies, err := expiries.Exec(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range replies {
		at, err := r.(*redis.Cmd).Int64()
		_, there := want.slots[slots[i]]
		if expected := want.expiry[slots[i]]; err != nil || there && max(at, 0) != expected {
			t.Fatalf("step %d: %s expires at %d (%v), want %d", last, slots[i], at, err, expected)
		}
	}
	fields, err := c.HGetAll(ctx, w.key("h")).Result()
	if err != nil {
		t.Fatal(err)
	}
	if len(fields) != len(want.fields) {
		t.Fatalf("step %d: the hash has %d fields, want %d", last, len(fields), len(want.fields))
	}
	for name, value := range want.fields {
		if fields[name] != value {
			t.Fatalf("step %d: field %s is %q, want %q", last, name, fields[name], value)
		}
	}
	cells, err := c.Get(ctx, w.key("cells")).Result()
	if err != nil || cells != want.cells {
		t.Fatalf("step %d: cells are %q (%v), want %q", last, cells, err, want.cells)
	}
	return last, 3 + len(want.slots) // seq, cells and the hash, which is never empty
}

const baseKeys = 10_000

func baseKey(i int) string   { return fmt.Sprintf("base:%d", i) }
func baseValue(i int) string { return fmt.Sprintf("%d:%s", i, strings.Repeat("base", i%50)) }

// writeBase sets keys that nobody changes, so that a snapshot takes its time.
func writeBase(t *testing.T, c *redis.Client) {
	t.Helper()
	for i := 0; i < baseKeys; i += 1000 {
		var pairs []any
		for j := i; j < i+1000; j++ {
			pairs = append(pairs, baseKey(j), baseValue(j))
		}
		if err := c.MSet(t.Context(), pairs...).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// checkState makes sure that the server holds one moment of all writers, whole
// and nothing else, and returns the last steps, from which the writers go on.
// others are further keys.
func checkState(t *testing.T, c *redis.Client, all []*writer, others int) (last []int64) {
	t.Helper()
	ctx := t.Context()
	total, clock := baseKeys+others, int64(0)
	for _, w := range all {
		n, keys := w.check(t, c)
		total, clock = total+keys, clock+n
		last = append(last, n)
		w.acked.Store(n)
	}
	if got, err := c.Get(ctx, clockKey).Int64(); clock > 0 && (err != nil || got != clock) {
		t.Fatalf("the writers are at %v, %d steps together, and their clock at %d (%v)", last, clock, got, err)
	}
	if clock > 0 {
		total++
	}
	for i := 0; i < baseKeys; i += 1000 {
		var names, expected []string
		for j := i; j < i+1000; j++ {
			names, expected = append(names, baseKey(j)), append(expected, baseValue(j))
		}
		values, err := c.MGet(ctx, names...).Result()
		if err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(values, func(v any) bool { _, ok := v.(string); return !ok }); i >= 0 {
			t.Fatalf("%s is missing", names[i])
		}
		for j, v := range values {
			if v.(string) != expected[j] {
				t.Fatalf("%s is %.40q, want %.40q", names[j], v, expected[j])
			}
		}
	}
	if n, err := c.DBSize(ctx).Result(); err != nil || n != int64(total) {
		t.Fatalf("the server holds %d keys (%v), want %d", n, err, total)
	}
	return last
}
