package command

import (
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/sys"
)

// Work is about what a command takes for each of its arguments, in bytes beside the
// list of them: while it runs, or for as long as the client wants. It counts where
// there are very many, which then wait until there is room for that.
type Work struct {
	PerArgument int64
	// Keeps says that it copies what the arguments hold, too.
	Keeps bool
}

// Of is how much that is for n arguments which hold so many bytes together.
func (w Work) Of(n, bytes int64) int64 {
	if !w.Keeps {
		bytes = 0
	}
	return n*w.PerArgument + bytes
}

// Queueing is the work of queueing a command.
var Queueing = Work{PerArgument: argumentWork, Keeps: true}

// KeyWork is what a key takes that is locked together with all others.
const KeyWork = 32

// PairWork is what a key and its value take until all of them are stored.
var PairWork = int64(sys.SizeOf[store.Pair]() + KeyWork)
