// Package lane lets short work overtake long work: the reply of a GET does not
// wait for the megabytes of others.
//
// Go's scheduler looks for what has arrived on sockets only where a processor has
// nothing else to run, or every ten milliseconds. A goroutine that works for long,
// and even one that calls runtime.Gosched as it goes, keeps it from that; and of
// many such each has its ten milliseconds before a short one that became ready
// behind them. So whoever has worked for longer than Slice takes a place, of which
// there are as many as processors: the others of its kind don't even stand in the
// scheduler's queue. And after each slice it polls: it lets everything go first
// that was ready by then, and then whoever has waited longest for a place.
//
// So short work that becomes ready waits for what remains of one slice, and for
// other short work; whatever the number of those that work for long.
//
// Invariants: a place belongs to one Turn at most; nobody waits for a place while
// one is free; whoever has one blocks for nothing that another Turn does with one.
//
// Concurrency: a Turn is its goroutine's, but for Hurry; a Lane is everybody's.
package lane
