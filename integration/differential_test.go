package integration

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

var stepsFlag = flag.Int("steps", 20_000, "random commands of the differential test, for each peer and protocol version")

// mostMismatches ends a differential test early: what follows is rarely new.
const mostMismatches = 25

// TestDifferential sends the same random commands to the server under test and
// to others, and compares the replies byte for byte: to the redis-server that is
// installed, and to the newest Redis and Valkey where the environment variable
// PEERS names a directory that has them. What may differ, and why, is in
// allowedDifferences.
func TestDifferential(t *testing.T) {
	t.Logf("seed %d: repeat with -seed", *seedFlag)
	o := harness.Options{Args: []string{"--databases", "1"}}
	ours := serve(t, o)
	compare := func(t *testing.T, peer *harness.Server) {
		version, newer := peerVersion(t, peer), newerCommandsOf(t, peer)
		for _, protocol := range []string{"2", "3"} {
			t.Run("RESP"+protocol, func(t *testing.T) {
				d := &differential{
					t:        t,
					protocol: protocol,
					version:  version,
					gen:      newGenerator(version, newer),
					peers:    [2]*harness.Conn{dial(t, ours), dial(t, peer)},
					reported: map[string]bool{},
				}
				d.reset()
				for done := 0; done < *stepsFlag && len(d.reported) < mostMismatches; {
					done += d.step()
				}
			})
		}
	}
	t.Run("installed", func(t *testing.T) { compare(t, harness.Redis(t, o)) })
	harness.EachPeer(t, o, compare)
}

// newerCommandsOf are the commands of newerShapes that a server has.
func newerCommandsOf(t *testing.T, s *harness.Server) (names []string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(newerShapes)) {
		reply, err := dial(t, s).Do("COMMAND", "INFO", name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(reply, strings.ToLower(name)) {
			names = append(names, name)
		}
	}
	return names
}

// differential is one run of the same commands on two servers.
type differential struct {
	t        *testing.T
	protocol string
	version  string // of the other server, as "redis 7.0.15"
	gen      *commandGenerator
	peers    [2]*harness.Conn // the server under test, and the other
	history  [][]string       // since the last reset
	reported map[string]bool
}

// step runs one random pipeline and says how many commands it had.
func (d *differential) step() int {
	if d.gen.r.IntN(40) == 0 {
		d.compareScans(d.gen.scanOptions())
		return 1
	}
	var batch [][]string
	if d.gen.r.IntN(6) == 0 {
		batch = d.gen.transaction()
	}
	for range 1 + d.gen.r.IntN(20) {
		batch = append(batch, d.gen.command()...)
	}
	batch = slices.DeleteFunc(batch, func(args []string) bool { return isUnsent(d.version, args) })
	d.run(batch)
	return len(batch)
}

// run sends the batch as one pipeline to each server and compares the replies.
func (d *differential) run(batch [][]string) {
	var request []byte
	for _, args := range batch {
		request = harness.AppendCommand(request, args...)
	}
	var replies [2][]string
	for i, c := range d.peers {
		if _, err := c.Write(request); err != nil {
			d.t.Fatal(err)
		}
		for _, args := range batch {
			reply, err := c.Reply()
			if err != nil {
				d.t.Fatalf("%s: reply to %.200q of %.2000q: %q, %v", d.name(i), args, batch, reply, err)
			}
			replies[i] = append(replies[i], reply)
		}
	}
	for i, args := range batch {
		d.history = append(d.history, args)
		if replies[0][i] == replies[1][i] {
			continue
		}
		ok, parts := isAllowed(d.version, args, replies[0][i], replies[1][i])
		if ok && !parts {
			continue
		}
		if !ok {
			d.report(args, replies[0][i], replies[1][i])
		}
		d.reset() // one mismatch must not beget others
		return
	}
}

func (d *differential) name(i int) string { return [2]string{"server under test", d.version}[i] }

// report fails the test, once for each kind of mismatch.
func (d *differential) report(args []string, ours, redis string) {
	d.t.Helper()
	kind := strings.ToUpper(args[0]) + " " + firstLine(ours) + " " + firstLine(redis)
	if d.reported[kind] {
		return
	}
	d.reported[kind] = true
	var related []string
	for _, h := range d.history {
		if len(h) > 1 && len(h) < 10 && len(args) > 1 && slices.Contains(h[1:], args[1]) {
			related = append(related, fmt.Sprintf("%.120q", h))
		}
	}
	d.t.Errorf("%.300q\n  got:  %.300q\n  want: %.300q\n  commands before it with the same argument:\n    %s",
		args, ours, redis, strings.Join(related[max(0, len(related)-8):], "\n    "))
}

// firstLine is the reply's type, and its text if it is an error.
func firstLine(reply string) string {
	line, _, _ := strings.Cut(reply, "\r\n")
	if line != "" && line[0] != '-' {
		return line[:1]
	}
	return line
}

// reset brings both servers and both connections to the same state.
func (d *differential) reset() {
	d.history = nil
	for _, c := range d.peers {
		want(d.t, c, "+RESET\r\n", "RESET")
		want(d.t, c, "+OK\r\n", "FLUSHALL")
		if d.protocol == "3" {
			if reply, err := c.Do("HELLO", "3"); err != nil || !strings.HasPrefix(reply, "%") {
				d.t.Fatalf("HELLO 3: %q, %v", reply, err)
			}
		}
	}
}

// compareScans iterates over all keys on both servers. The cursors and the
// order are each server's own, the keys are not.
func (d *differential) compareScans(options []string) {
	args := append([]string{"SCAN"}, options...)
	if isUnsent(d.version, args) {
		return
	}
	var keys [2][]string
	for i, c := range d.peers {
		var err error
		if keys[i], err = scanAll(d.t.Context(), c, options); err != nil {
			d.t.Fatalf("%s: SCAN %q: %v", d.name(i), options, err)
		}
	}
	if !slices.Equal(keys[0], keys[1]) {
		d.report(args, fmt.Sprintf("%q", keys[0]), fmt.Sprintf("%q", keys[1]))
		d.reset()
	}
}

// scanAll returns what a whole iteration yields, sorted, each key once.
func scanAll(ctx context.Context, c *harness.Conn, options []string) ([]string, error) {
	var keys []string
	for cursor, first := "0", true; first || cursor != "0"; first = false {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		reply, err := c.Do(append([]string{"SCAN", cursor}, options...)...)
		if err != nil {
			return nil, err
		}
		items, err := bulkStrings(reply)
		if err != nil || len(items) == 0 {
			return nil, fmt.Errorf("unexpected reply %.200q: %w", reply, err)
		}
		cursor = items[0]
		keys = append(keys, items[1:]...)
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}

// bulkStrings returns the bulk strings of a reply in their order, whatever
// arrays they are in.
func bulkStrings(reply string) ([]string, error) {
	var items []string
	for rest := reply; rest != ""; {
		line, after, ok := strings.Cut(rest, "\r\n")
		if !ok || line == "" {
			return nil, fmt.Errorf("malformed reply")
		}
		rest = after
		switch line[0] {
		case '*', '~', '%':
		case '$':
			n, err := strconv.Atoi(line[1:])
			if err != nil || n < 0 || len(rest) < n+2 {
				return nil, fmt.Errorf("malformed bulk string")
			}
			items = append(items, rest[:n])
			rest = rest[n+2:]
		default:
			return nil, fmt.Errorf("%q in an array of strings", line)
		}
	}
	return items, nil
}
