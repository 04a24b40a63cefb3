package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/redistill-go/redistill/integration/churn"
	"github.com/redistill-go/redistill/integration/harness"
	"github.com/redistill-go/redistill/integration/hostile"
)

const (
	// slowdown is how many times its p99 alone that of the good client may be.
	slowdown = 3
	// returning is when the memory of clients that left has to be back, and
	// gaveUp when it is not waited for any more.
	returning = 2 * time.Second
	gaveUp    = 20 * time.Second
	goodRate  = 2000
)

// measureClients attacks servers of every kind in turn.
func (b *bench) measureClients(ctx context.Context) error {
	if err := b.enoughFiles(); err != nil {
		return err
	}
	b.print("\nClients: what attackers take from a good client that reads and overwrites keys, %d times per second. RSS in MiB,\n"+
		"read every 10 ms: before, while the attack stands, at most, and the bound, memory.max + 10 %% + 16 MiB + what clients\n"+
		"may take; KiB per client; when the attackers have been gone for %s, and how long it took to within a\n"+
		"sixteenth of memory.max and 14 MiB of before, bar %[2]s. Keys that are gone, and evicted, writes refused: bar 0. Clients that were closed for\n"+
		"what they held. The good client's p99 alone and beside the attack, bar %d times that, and its longest wait.\n\n",
		goodRate, returning, slowdown)
	b.print("%-22s%-15s%7s%7s%7s%7s%8s%7s%7s%8s%8s%8s%7s%9s%9s%9s\n", "attack", "server", "before", "stands", "most", "bound",
		"KiB each", "after", "back, s", "gone", "evicted", "refused", "closed", "p99, ms", "beside", "longest")
	attacks := b.attacks()
	for _, name := range b.chosen {
		if !slices.ContainsFunc(attacks, func(a attack) bool { return a.Name == name }) {
			return fmt.Errorf("no attack %q", name)
		}
	}
	for _, a := range attacks {
		if len(b.chosen) > 0 && !slices.Contains(b.chosen, a.Name) {
			continue
		}
		for _, s := range b.kinds() {
			if err := b.raid(ctx, &a, s); err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				// What ends a server, or its good client, is a result as well.
				first, _, _ := strings.Cut(err.Error(), "\n")
				b.print("%-22s%-15s%s\n", a.Name, s.name, first)
			}
		}
	}
	return nil
}

// enoughFiles raises the limit of open files, for this process and the servers
// that it starts.
func (b *bench) enoughFiles() error {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return fmt.Errorf("limit of open files: %w", err)
	}
	l.Cur = l.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return fmt.Errorf("raise the limit of open files to %d: %w", l.Max, err)
	}
	if need := uint64(1000 + b.scaled(10_000)); l.Max < need {
		return fmt.Errorf("the limit of open files is %d and this needs %d: raise it with ulimit -Hn", l.Max, need)
	}
	return nil
}

// kind is a server to attack; path: a peer's, "" for the redis-server on the PATH.
type kind struct {
	name, path string
	peer       bool
}

// kinds are this server and the peers that there are.
func (b *bench) kinds() []kind {
	kinds := []kind{{name: "redistill"}}
	if b.alone {
		return kinds
	}
	kinds = append(kinds, kind{name: "redis-server", peer: true})
	if b.peers == "" {
		return kinds
	}
	for _, name := range []string{"redis-server", "valkey-server"} {
		path := filepath.Join(b.peers, "run-"+name)
		if _, err := os.Stat(path); err == nil {
			kinds = append(kinds, kind{"new " + strings.TrimSuffix(name, "-server"), path, true})
		}
	}
	return kinds
}

func (b *bench) raid(ctx context.Context, a *attack, k kind) error {
	o := a.Options()
	o.Set = append(o.Set, b.set...)
	s, err := b.launch(func() (*harness.Server, error) {
		switch {
		case k.path != "":
			return harness.StartPeer(ctx, k.path, k.name, o)
		case k.peer:
			return harness.StartRedis(ctx, o)
		}
		return harness.StartRedistill(ctx, b.binary, o)
	})
	if err != nil {
		return err
	}
	defer func() { _ = s.Kill() }() // only its temporary directory could remain
	out, err := hostile.Run(ctx, s, &a.Scenario, hostile.Plan{
		Rate: goodRate, Quiet: b.hold, Hold: b.hold, Recovery: gaveUp, Good: b.good,
	})
	if err != nil {
		return err
	}
	b.raidRow(a, k, out)
	return nil
}

func (b *bench) raidRow(a *attack, k kind, out hostile.Outcome) {
	bound := churn.Bound(a.Limit) + out.Clients
	each := float64(out.Standing-out.Before) / float64(a.Scenario.Clients())
	back := fmt.Sprintf("%.2f", out.Back.Seconds())
	if !out.Returned {
		back = ">" + fmt.Sprint(gaveUp.Seconds())
	}
	judged, shown := "", ""
	if !k.peer {
		judged = judge(a, out, bound, each)
		shown = fmt.Sprint(bound >> 20)
	}
	b.print("%-22s%-15s%7d%7d%7d%7s%8.1f%7d%7s%8d%8d%8d%7d%9.2f%9.2f%9.1f  %s", a.Name, k.name,
		out.Before>>20, out.Standing>>20, out.Peak>>20, shown, each/1024, out.After>>20, back,
		out.Gone, out.Evicted, out.Refused, out.Closed,
		millis(out.Alone.P99), millis(out.During.P99), millis(out.During.Longest), judged)
	for _, word := range slices.Sorted(maps.Keys(out.Answers)) {
		b.print(" %d × %s", out.Answers[word], word)
	}
	if out.Trouble != "" {
		b.print(" the good client: %s", out.Trouble)
	}
	b.print("\n")
}

// judge says which bars were missed.
func judge(a *attack, out hostile.Outcome, bound int64, each float64) string {
	var missed []string
	for _, bar := range []struct {
		name string
		met  bool
	}{
		{"bound", out.Peak <= bound},
		{"each", a.perClient == 0 || each <= float64(a.perClient)},
		{"back", out.Returned && out.Back <= returning},
		{"keys", out.Gone == 0 && out.Evicted == 0 && out.Missing == 0},
		{"writes", out.Refused == 0 && out.Writable},
		{"p99", out.During.P99 <= slowdown*out.Alone.P99},
		{"served", out.Trouble == ""},
	} {
		if !bar.met {
			missed = append(missed, bar.name)
		}
	}
	if len(missed) == 0 {
		return verdict(true)
	}
	return verdict(false) + ": " + strings.Join(missed, ", ")
}
