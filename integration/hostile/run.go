package hostile

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redistill-go/redistill/integration/churn"
	"github.com/redistill-go/redistill/integration/harness"
)

// Plan is how long a run takes.
type Plan struct {
	// Rate is how many requests the good client sends per second.
	Rate int
	// Quiet is how long it is measured before the attack, and Hold how long at
	// least the attack stands once it has settled.
	Quiet, Hold time.Duration
	// Recovery is how long the memory may take to come back before a run gives up.
	Recovery time.Duration
	// Good is the program, with its arguments, that calls Behave, for the good client
	// to have a process of its own; empty: it is one of this process.
	Good []string
}

// settling bounds how long an attack may take to stand.
const settling = 10 * time.Second

// Outcome is what an attack did. Memory is resident memory in bytes.
type Outcome struct {
	// Before is from before the attack; Standing while all attackers were there;
	// Peak is the most; After is from when they had been gone for 2 s, or the
	// memory was back if that was later.
	Before, Standing, Peak, After int64
	// Back is how long it took from when the attackers left until the process held
	// no more than Returned says.
	Back     time.Duration
	Returned bool

	Gone     int64 // keys
	Evicted  int64
	Refused  int64 // writes of the good client
	Missing  int64 // keys that the good client did not find
	Closed   int64 // clients that the server closed for what they held
	Writable bool  // in the end

	Alone, During Times
	// Clients is what the server lets all clients take together, in bytes; 0: it
	// has no such limit.
	Clients int64
	// Trouble is what else went wrong for the good client, Answers the errors
	// that the attackers got by their first word.
	Trouble string
	Answers map[string]int
}

// Level is what a process may hold after an attack, in bytes, that held so much
// before it: what the store keeps ready, which is 8 MiB and a sixteenth of what is
// used; 4 MiB of the Go heap, from which on it is collected; and 2 MiB of buffers and
// workspaces for the next requests.
func Level(before, limit int64) int64 { return before + limit/16 + 14<<20 }

// afterLeaving is when the memory of attackers that left has to be back.
const afterLeaving = 2 * time.Second

// run is one run.
type run struct {
	s     *harness.Server
	sc    *Scenario
	plan  Plan
	conn  *harness.Conn // the one that asks the server
	watch *watch
	good  client
	out   Outcome
}

// Run attacks a server that was started with the scenario's options.
func Run(ctx context.Context, s *harness.Server, sc *Scenario, plan Plan) (Outcome, error) {
	r := &run{s: s, sc: sc, plan: plan}
	if err := r.prepare(ctx); err != nil {
		return Outcome{}, fmt.Errorf("%s: %s: prepare: %w", s.Name, sc.Name, err)
	}
	defer func() { _ = r.conn.Close() }() // nothing is lost with it
	if err := r.attack(ctx); err != nil {
		return Outcome{}, fmt.Errorf("%s: %s: %w", s.Name, sc.Name, err)
	}
	return r.out, nil
}

func (r *run) prepare(ctx context.Context) (err error) {
	if r.conn, err = harness.Dial(ctx, "tcp", r.s.TCP); err != nil {
		return err
	}
	if r.sc.Password != "" {
		if reply, err := r.conn.Do("AUTH", r.sc.Password); err != nil || reply != "+OK\r\n" {
			return fmt.Errorf("AUTH: %q, %w", reply, err)
		}
	}
	// Whoever asks what happened must not be a victim.
	if reply, err := r.conn.Do("CLIENT", "NO-EVICT", "ON"); err != nil || reply != "+OK\r\n" {
		return fmt.Errorf("CLIENT NO-EVICT: %q, %w", reply, err)
	}
	if err := r.sc.fill(r.conn); err != nil {
		return err
	}
	owner := attackers{addr: r.s.TCP, password: r.sc.Password}
	defer owner.leave()
	for _, c := range r.sc.Prepare {
		if err := owner.send(ctx, c); err != nil {
			return err
		}
	}
	if len(owner.refusals) > 0 {
		return fmt.Errorf("the server refused what the scenario needs: %v", owner.refusals)
	}
	figures, err := churn.Info(r.conn)
	if err != nil {
		return err
	}
	if n := figures["evicted_keys"]; n > 0 {
		return fmt.Errorf("the data do not fit: %d keys were evicted before the attack", n)
	}
	r.good, err = newClient(ctx, manners{r.s.TCP, r.sc.Password, r.sc.Keys, r.sc.Value, r.plan.Rate}, r.plan.Good)
	return err
}

func (r *run) attack(ctx context.Context) error {
	defer r.good.leave()
	r.watch = newWatch(ctx, r.s)
	defer r.watch.stop()
	if r.plan.Quiet > 0 {
		alone, err := r.behaving(ctx, func() error { return pause(ctx, r.plan.Quiet) })
		if err != nil {
			return err
		}
		if alone.Trouble != "" {
			return errors.New(alone.Trouble)
		}
		r.out.Alone = alone.Times
	}
	keys, figures, err := r.ask()
	if err != nil {
		return err
	}
	if r.out.Clients, err = r.clientMemory(); err != nil {
		return err
	}
	if r.out.Before, err = r.watch.settle(ctx, settling); err != nil {
		return err
	}
	seen, err := r.behaving(ctx, func() error { return r.raid(ctx) })
	if err != nil {
		return err
	}
	if r.out.Trouble = seen.Trouble; r.out.Trouble == "" {
		r.out.Trouble = seen.Other
	}
	r.out.During, r.out.Refused, r.out.Missing = seen.Times, seen.Refused, seen.Missing
	return r.account(keys, figures)
}

// behaving is what the good client sees while something happens.
func (r *run) behaving(ctx context.Context, happen func() error) (experience, error) {
	end, err := r.good.begin(ctx)
	if err != nil {
		return experience{}, err
	}
	err = happen()
	seen, lost := end()
	return seen, errors.Join(err, lost)
}

// raid is the attack itself, up to when its memory is back.
func (r *run) raid(ctx context.Context) error {
	a := attackers{addr: r.s.TCP, password: r.sc.Password}
	defer a.leave()
	for _, c := range r.sc.Attack {
		if err := a.send(ctx, c); err != nil {
			return err
		}
	}
	var err error
	if r.out.Standing, err = r.watch.settle(ctx, settling); err != nil {
		return err
	}
	if err := pause(ctx, r.plan.Hold); err != nil {
		return err
	}
	r.out.Answers = a.refusals
	a.leave()
	left := time.Now()
	r.out.Back, r.out.Returned, err = r.watch.below(ctx, Level(r.out.Before, r.sc.Limit), r.plan.Recovery)
	if err != nil {
		return err
	}
	if r.plan.Hold > 0 {
		if err := pause(ctx, time.Until(left.Add(afterLeaving))); err != nil {
			return err
		}
	}
	r.out.After, r.out.Peak, err = r.watch.seen()
	return err
}

// pause is for measurements alone: nothing depends on it.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// account says what the attack has cost.
func (r *run) account(keys int64, before map[string]int64) error {
	left, figures, err := r.ask()
	if err != nil {
		return err
	}
	r.out.Gone = keys - left
	r.out.Evicted = figures["evicted_keys"] - before["evicted_keys"]
	r.out.Closed = figures["evicted_clients"] - before["evicted_clients"]
	reply, err := r.conn.Do("SET", Key(0), Noise(r.sc.Value))
	if err != nil {
		return err
	}
	r.out.Writable = reply == "+OK\r\n"
	return nil
}

func (r *run) ask() (keys int64, figures map[string]int64, err error) {
	if figures, err = churn.Info(r.conn); err != nil {
		return 0, nil, err
	}
	reply, err := r.conn.Do("DBSIZE")
	if err != nil {
		return 0, nil, err
	}
	keys, err = strconv.ParseInt(strings.Trim(reply, ":\r\n"), 10, 64)
	return keys, figures, err
}

// clientMemory is the limit for all clients together, whether the server tells
// it in bytes or in per cent of memory.max.
func (r *run) clientMemory() (int64, error) {
	reply, err := r.conn.Do("CONFIG", "GET", "maxmemory-clients")
	if err != nil {
		return 0, err
	}
	lines := strings.Split(reply, "\r\n")
	if len(lines) < 5 {
		return 0, nil
	}
	if share, ok := strings.CutSuffix(lines[4], "%"); ok {
		n, err := strconv.ParseInt(share, 10, 64)
		return r.sc.Limit * n / 100, err
	}
	return strconv.ParseInt(lines[4], 10, 64)
}
