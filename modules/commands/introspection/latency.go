package introspection

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/stats"
)

func latencySpecs() []command.Spec {
	return []command.Spec{{
		Name: "latency", Arity: -2, Group: "server", Since: "2.8.13",
		Summary:     "Commands about how long commands take",
		Complexity:  "Depends on the subcommand",
		Subcommands: latencySubcommands(),
	}}
}

func latencySubcommands() []command.Spec {
	const group = "server"
	const flags = command.Admin | command.NoScript | command.Loading | command.Stale
	return []command.Spec{
		{
			Name: "doctor", Handler: cmdLatencyDoctor, Arity: 2, Flags: flags,
			Group: group, Since: "2.8.13",
			Summary:    "Describe the latency spikes in words",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
		}, {
			Name: "graph", Handler: cmdLatencyGraph, Arity: 3, Flags: flags,
			Group: group, Since: "2.8.13",
			Summary:    "Draw the latency spikes of an event",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
			Args:       arg.List(arg.String("event")),
		}, command.Help(group, 0, "2.8.13"), {
			Name: "histogram", Handler: cmdLatencyHistogram, Arity: -2, Flags: flags,
			Group: group, Since: "7.0.0",
			Summary:    "Return how many calls of commands took at most so long, by default of all commands",
			Complexity: "O(N) with N being the number of commands",
			Tips:       []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
			Args:       arg.List(arg.Optional(arg.Multiple(arg.String("command")))),
		}, {
			Name: "history", Handler: cmdLatencyHistory, Arity: 3, Flags: flags,
			Group: group, Since: "2.8.13",
			Summary:    "Return the latency spikes of an event",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
			Args:       arg.List(arg.String("event")),
		}, {
			Name: "latest", Handler: cmdLatencyLatest, Arity: 2, Flags: flags,
			Group: group, Since: "2.8.13",
			Summary:    "Return the last latency spike of each event",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
		}, {
			Name: "reset", Handler: cmdLatencyReset, Arity: -2, Flags: flags,
			Group: group, Since: "2.8.13",
			Summary:    "Forget the latency spikes of events, by default of all",
			Complexity: "O(1)",
			Tips:       []string{"request_policy:all_nodes", "response_policy:agg_sum"},
			Args:       arg.List(arg.Optional(arg.Multiple(arg.String("event")))),
		},
	}
}

func cmdLatencyLatest(c *command.Ctx) {
	l := &c.Env.Stats.Latency
	events := l.Events()
	c.W.Array(len(events))
	for _, name := range events {
		spikes, longest := l.History(name)
		var last stats.Spike
		if len(spikes) > 0 {
			last = spikes[len(spikes)-1]
		}
		c.W.Array(4)
		c.W.BulkString(name)
		c.W.Int(last.At.Unix())
		c.W.Int(millis(last.Took))
		c.W.Int(millis(longest))
	}
}

func cmdLatencyHistory(c *command.Ctx) {
	spikes, _ := c.Env.Stats.Latency.History(string(c.Args[2]))
	c.W.Array(len(spikes))
	for _, s := range spikes {
		c.W.Array(2)
		c.W.Int(s.At.Unix())
		c.W.Int(millis(s.Took))
	}
}

func cmdLatencyReset(c *command.Ctx) {
	l := &c.Env.Stats.Latency
	var events []string
	for _, a := range c.Args[2:] {
		events = append(events, string(a))
	}
	if len(events) == 0 {
		events = l.Events()
	}
	n := int64(0)
	for _, name := range events {
		if l.Reset(name) {
			n++
		}
	}
	c.W.Int(n)
}

// cmdLatencyGraph draws the spikes of an event, each as a column.
func cmdLatencyGraph(c *command.Ctx) {
	name := string(c.Args[2])
	spikes, longest := c.Env.Stats.Latency.History(name)
	if len(spikes) == 0 {
		c.W.Error("ERR No samples available for event '" + command.Printable(c.Args[2], len(c.Args[2])) + "'")
		return
	}
	spikes = spikes[max(0, len(spikes)-graphWidth):]
	low, high := spikes[0].Took, spikes[0].Took
	for _, s := range spikes {
		low, high = min(low, s.Took), max(high, s.Took)
	}
	rows := make([]strings.Builder, graphHeight)
	for _, s := range spikes {
		level := 0
		if high > low {
			level = int((s.Took - low) * (graphHeight - 1) / (high - low))
		}
		for row := range rows {
			switch at := graphHeight - 1 - row; {
			case at == level:
				rows[row].WriteByte('#')
			case at < level:
				rows[row].WriteByte('|')
			default:
				rows[row].WriteByte(' ')
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s - high %d ms, low %d ms (all time high %d ms)\n%s\n",
		name, millis(high), millis(low), millis(longest), strings.Repeat("-", graphWidth))
	for row := range rows {
		b.WriteString(strings.TrimRight(rows[row].String(), " ") + "\n")
	}
	c.W.Verbatim("txt", b.String())
}

// Size of LATENCY GRAPH in characters.
const (
	graphWidth  = 80
	graphHeight = 4
)

func cmdLatencyDoctor(c *command.Ctx) {
	l := &c.Env.Stats.Latency
	events := l.Events()
	switch {
	case l.Threshold() == stats.Never:
		c.W.Verbatim("txt", "Latency monitoring is off. CONFIG SET latency-monitor-threshold <milliseconds> switches it on.\n")
		return
	case len(events) == 0:
		c.W.Verbatim("txt", "No latency spike was observed since the latency monitor was switched on or reset.\n")
		return
	}
	var b strings.Builder
	for _, name := range events {
		spikes, longest := l.History(name)
		var sum time.Duration
		for _, s := range spikes {
			sum += s.Took
		}
		fmt.Fprintf(&b, "%s: %d latency spikes, average %d ms, worst %d ms.\n",
			name, len(spikes), millis(sum/time.Duration(len(spikes))), millis(longest))
	}
	if slices.Contains(events, stats.EventCommand) || slices.Contains(events, stats.EventFastCommand) {
		b.WriteString("SLOWLOG GET tells which commands were slow.\n")
	}
	c.W.Verbatim("txt", b.String())
}

func cmdLatencyHistogram(c *command.Ctx) {
	type row struct {
		cmd    *command.Command
		timing stats.Timing
	}
	var rows []row
	add := func(cmd *command.Command) {
		if t := c.Env.Stats.Timing(cmd.Index); t.Calls > 0 {
			rows = append(rows, row{cmd, t})
		}
	}
	if len(c.Args) == 2 {
		c.Env.Table.Each(add)
	}
	for _, name := range c.Args[2:] {
		cmd := c.Env.Table.LookupFull(name)
		if cmd == nil {
			continue
		}
		add(cmd)
		for i := range cmd.Subs() {
			add(&cmd.Subs()[i])
		}
	}
	c.W.Map(len(rows))
	for i := range rows {
		calls, _, _ := c.Env.Stats.Command(rows[i].cmd.Index)
		c.W.BulkString(rows[i].cmd.FullName)
		writeHistogram(c, &rows[i].timing, calls)
	}
}

// histogramSteps is how many powers of two Redis's histograms have.
const histogramSteps = 30

// writeHistogram writes how many calls took at most so many microseconds, for
// the powers of two at which that changes. Redis's bounds are 1.032 times
// those powers, and so they are called here. Calls are counted as soon as they
// end and timed a little later; the shares are those of the calls that were.
func writeHistogram(c *command.Ctx, t *stats.Timing, calls int64) {
	var bounds, counts []int64
	seen := int64(0)
	for step := range histogramSteps {
		n := t.Calls
		if step < histogramSteps-1 {
			n = t.Below(1024 << step)
		}
		if n == seen {
			continue
		}
		seen = n
		bounds = append(bounds, (1032<<step-1)/1000)
		counts = append(counts, int64(float64(n)/float64(t.Calls)*float64(calls)+0.5))
	}
	c.W.Map(2)
	c.W.BulkString("calls")
	c.W.Int(calls)
	c.W.BulkString("histogram_usec")
	c.W.Map(len(bounds))
	for i, b := range bounds {
		c.W.Int(b)
		c.W.Int(counts[i])
	}
}
