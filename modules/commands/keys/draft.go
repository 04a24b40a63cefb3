package keys

import (
	"errors"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/store"
)

// errGone ends the work for a client that has gone. It is never replied with.
var errGone = errors.New("the client has gone")

// askedEvery is how many fields are set between two looks whether the client is
// still there.
const askedEvery = 256

// draft makes a hash of the fields that build sets, for the key, without any lock.
// It returns nil when the client has gone meanwhile: nobody has seen anything of the
// command then.
func draft(c *command.Ctx, k store.Key, expireAt int64, build func(setField) error) (*store.Draft, error) {
	d, err := c.Store.Draft(k, expireAt, c.Now)
	if err != nil {
		return nil, err
	}
	n := 0
	err = build(func(name, value []byte, at int64) error {
		if n++; n%askedEvery == 0 && c.Step() {
			return errGone
		}
		if at != 0 && at <= c.Now {
			return nil // it has expired
		}
		return d.Set(name, value, at)
	})
	if err == nil {
		return d, nil
	}
	d.Free()
	if errors.Is(err, errGone) {
		err = nil
	}
	return nil, err
}
