package stats

// Held is what the process holds, in bytes, by what it is held for. Every byte is
// in one account, so that the sum is what the system counts as resident, as far
// as the accounts know better than it: what is in a page of which a part is used
// counts as the whole page only for the store.
//
// What clients have in the Go heap, which are connections and few queued commands,
// watched keys and keys that tracking remembers, is estimated. It is taken from what
// the runtime holds, which therefore is the rest of it.
type Held struct {
	// Of the store.
	Entries, Index, Policy, Snapshot, Leaving, Values, Fragmentation, Spare, Bookkeeping int64
	// Of clients.
	Connections, Input, Output, Messages, Queued, Watched, Tracking, Buffers int64
	// Of the Go runtime, and of the program.
	Runtime, Garbage, Unused, Files int64

	// Resident is what the system says of the whole process; 0: nothing.
	Resident int64
}

// Holding is one account.
type Holding struct {
	Name   string // as in "entries"
	Help   string // one line
	Client bool   // it belongs to clients
	Of     func(*Held) int64
}

// Holdings are all accounts, in the order in which they are shown.
func Holdings() []Holding { return holdings }

var holdings = []Holding{
	{"entries", "Memory of keys and values.", false, func(h *Held) int64 { return h.Entries }},
	{"index", "Memory of the indexes by which keys are found.", false, func(h *Held) int64 { return h.Index }},
	{"policy", "Memory of what the eviction policy remembers beside the entries.", false, func(h *Held) int64 { return h.Policy }},
	{"snapshot", "Memory of copies that are kept for the snapshot under way.", false, func(h *Held) int64 { return h.Snapshot }},
	{"leaving", "Memory of removed keys that is being given back.", false, func(h *Held) int64 { return h.Leaving }},
	{"fragmentation", "Memory that lies free between entries.", false, func(h *Held) int64 { return h.Fragmentation }},
	{"spare", "Memory of huge pages that are free and ready for new entries.", false, func(h *Held) int64 { return h.Spare }},
	{"bookkeeping", "Memory by which the store knows its pages.", false, func(h *Held) int64 { return h.Bookkeeping }},
	{"clients_connections", "Memory of connections as such, estimated.", true, func(h *Held) int64 { return h.Connections }},
	{"clients_input", "Memory of requests that wait for their rest or to be executed.", true, func(h *Held) int64 { return h.Input }},
	{"clients_output", "Memory of replies that clients have not read.", true, func(h *Held) int64 { return h.Output }},
	{"clients_messages", "Memory of messages that clients have not read: invalidations and what MONITOR shows.", true, func(h *Held) int64 { return h.Messages }},
	{"clients_values", "Memory of large values that are still arriving, and of deleted ones that replies wait to be read with.", true, func(h *Held) int64 { return h.Values }},
	{"clients_queued", "Memory of commands queued in transactions.", true, func(h *Held) int64 { return h.Queued }},
	{"clients_watched", "Memory of watched keys, estimated.", true, func(h *Held) int64 { return h.Watched }},
	{"clients_tracking", "Memory of the keys and prefixes that tracking remembers for clients, estimated.", true, func(h *Held) int64 { return h.Tracking }},
	{"clients_buffers", "Memory of buffers that commands at work use, or that are kept for the next.", true, func(h *Held) int64 { return h.Buffers }},
	{"runtime", "Memory of the Go runtime and the program's own objects and stacks.", false, func(h *Held) int64 { return h.Runtime }},
	{"garbage", "Memory of the Go heap that was taken since the last collection, or that it has found to be free.", false, func(h *Held) int64 { return h.Garbage }},
	{"unused", "Memory of the Go heap that is free and was not returned to the system.", false, func(h *Held) int64 { return h.Unused }},
	{"files", "Memory of the program's code and constants.", false, func(h *Held) int64 { return h.Files }},
}

// Clients is what clients hold.
func (h *Held) Clients() (n int64) {
	for i := range holdings {
		if holdings[i].Client {
			n += holdings[i].Of(h)
		}
	}
	return n
}

// Sum is all that is accounted for.
func (h *Held) Sum() (n int64) {
	for i := range holdings {
		n += holdings[i].Of(h)
	}
	return n
}
