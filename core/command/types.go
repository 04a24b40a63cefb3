package command

import "github.com/redistill-go/redistill/core/store"

const errWrongType = "WRONGTYPE Operation against a key holding the wrong kind of value"

// wrongType says whether the entry is of another type than the command works
// on, and if so replies with the error. The caller then only returns.
func (c *Ctx) wrongType(e store.Entry, want store.Type) bool {
	if e.Type() == want {
		return false
	}
	c.W.Error(errWrongType)
	return true
}
