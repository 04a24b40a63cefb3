// Package hostile attacks a server with clients that cost it memory, beside one
// client that behaves, and says what the attack took from that one: keys that
// were evicted, writes that were refused, time; and what the process held
// meanwhile and afterwards. It is for the tests that hold the server to its
// limits and for the benchmark that prints the figures beside those of others.
//
// An attack is data: crowds of clients, each of which sends the same bytes and
// reads all, or nothing, of what comes back. A server may close or ignore any of
// them at any time, which is no error of the attack.
//
// The good client may have a process of its own, so that it waits for the server and
// not for the attackers' turn on the processor: see Behave.
//
// Invariants: every connection that an attack has opened is closed when Run
// returns. Nothing waits for a fixed time where there is something to see: an
// attack stands when what the process holds changes no more.
//
// Concurrency: Run is for one server at a time, which nobody else may use; runs
// of different servers are independent.
package hostile
