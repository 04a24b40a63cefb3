package keys

import (
	"errors"
	"math"
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/rdb"
	"github.com/redistill-go/redistill/core/store"
)

func dumpSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "dump", Handler: cmdDump, Arity: 2, Flags: command.ReadOnly,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: command.CatKeyspace, Group: "generic", Since: "2.6.0",
			Summary:    "Return the value of a key in a form that RESTORE takes",
			Complexity: "O(N) with N being the length of the value",
			Tips:       []string{"nondeterministic_output"},
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "restore", Grows: growsRestore, Handler: cmdRestore, Arity: -4, Flags: command.Write | command.DenyOOM,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "OW update",
			Categories: command.CatKeyspace | command.CatDangerous, Group: "generic", Since: "2.6.0",
			Summary:    "Create a key from what DUMP returned",
			Complexity: "O(N) with N being the length of the value",
			Args: arg.List(arg.Key("key"), arg.Integer("ttl"), arg.String("serialized-value"), arg.Optional(arg.Token("REPLACE")),
				arg.Optional(arg.Token("ABSTTL")), arg.Optional(arg.After("IDLETIME", arg.Integer("seconds"))),
				arg.Optional(arg.After("FREQ", arg.Integer("frequency")))),
		},
	}
}

func cmdDump(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	e, found := sh.Get(k, c.Now)
	c.Count(found)
	switch {
	case !found:
		c.Unlock(sh)
		c.W.Null()
		return
	case e.Type() == store.Hash:
		f := sh.FieldsOf(e, c.Now)
		if z := f.Freeze(true); z != nil {
			n, size, earliest := f.Len(), e.Footprint(), f.Earliest()
			var names *store.Freeze
			if !f.AllLive() {
				names = f.Freeze(false)
			}
			c.Unlock(sh)
			if names != nil {
				n, earliest = countFrozen(c, k, names)
			}
			dumpFrozen(c, k, z, n, size, earliest)
			return
		}
		b := dumpHash(c, payloadRoom(c, e.Footprint()), sh, e)
		c.Unlock(sh)
		c.W.Take(b)
	default:
		l := c.Borrow(sh, e)
		b := rdb.AppendString(payloadRoom(c, len(l.Value)), l.Value)
		c.GiveBack(l)
		c.W.Take(b)
	}
}

// payloadRoom is a buffer for the payload of a value of about n bytes, which the
// writer takes over.
func payloadRoom(c *command.Ctx, n int) []byte {
	const fixed = 64 // the version, the checksum and the lengths of one value
	return c.W.Pool.Get(n + n/payloadMore + fixed)
}

// payloadMore is the part of a value by which its payload may be longer, one in so
// many: each field has lengths of its own. What does not fit goes to the Go heap.
const payloadMore = 8

// restoreOptions are the options of RESTORE.
type restoreOptions struct {
	replace, absolute bool
	idle              int64 // seconds since the last access; -1: not given
	freq              int64 // logarithmic access counter; -1: not given
}

func (o *restoreOptions) parse(c *command.Ctx) bool {
	o.idle, o.freq = -1, -1
	for i := 4; i < len(c.Args); i++ {
		more := i+1 < len(c.Args)
		switch a := c.Args[i]; {
		case command.EqualFold(a, "replace"):
			o.replace = true
		case command.EqualFold(a, "absttl"):
			o.absolute = true
		case command.EqualFold(a, "idletime") && more && o.freq == -1:
			i++
			if !within(c, i, &o.idle, 0, 1<<63-1, "ERR Invalid IDLETIME value, must be >= 0") {
				return false
			}
		case command.EqualFold(a, "freq") && more && o.idle == -1:
			i++
			if !within(c, i, &o.freq, 0, 255, "ERR Invalid FREQ value, must be >= 0 and <= 255") {
				return false
			}
		default:
			c.W.Error(command.TextSyntax)
			return false
		}
	}
	return true
}

// within reads argument i as an integer from least to most. On an error it
// replies, out of range with the given text, and returns false.
func within(c *command.Ctx, i int, n *int64, least, most int64, outside string) bool {
	v, ok := c.Integer(i)
	switch {
	case !ok:
		c.W.Error(command.TextNotInteger)
	case v < least || v > most:
		c.W.Error(outside)
	default:
		*n = v
		return true
	}
	return false
}

const errBusyKey = "BUSYKEY Target key name already exists."

// restoreTaken says whether RESTORE's key is there, which it replies.
func restoreTaken(c *command.Ctx, k store.Key) bool {
	sh := c.Lock(k)
	defer c.Unlock(sh)
	_, taken := sh.Peek(k, c.Now)
	if taken {
		c.W.Error(errBusyKey)
	}
	return taken
}

func cmdRestore(c *command.Ctx) {
	var o restoreOptions
	if !o.parse(c) {
		return
	}
	// It is decoded before anybody has to wait for the shard, and whatever is
	// wrong with it is told when it would be in Redis.
	k := c.Key(1)
	if !o.replace && restoreTaken(c, k) {
		return
	}
	value, staged, err := openPayload(c, k, c.Args[3])
	var hash *store.Draft
	defer func() {
		if staged != nil {
			staged.Free()
		}
		if hash != nil {
			hash.Free()
		}
	}()
	if err == nil && value.Type.IsHash() {
		if at, ok := restoredExpiry(c, &o); ok && (at == 0 || at > c.Now) {
			if hash, err = restoreApart(c, k, value, at); hash == nil && err == nil {
				c.W.Null() // which nobody reads
				return
			}
		}
	}
	sh := c.Lock(k)
	defer c.Unlock(sh)
	if _, taken := sh.Peek(k, c.Now); taken && !o.replace {
		c.W.Error(errBusyKey)
		return
	}
	at, ok := restoredExpiry(c, &o)
	if !ok {
		within(c, 2, &at, 0, 1<<63-1, "ERR Invalid TTL value, must be >= 0")
		return
	}
	switch {
	case errors.Is(err, rdb.ErrFooter):
		c.W.Error("ERR DUMP payload version or checksum are wrong")
		return
	case errors.Is(err, store.ErrNoMemory):
		c.Fail(err)
		return
	case err != nil && value.Type != rdb.String:
		c.W.Error("ERR Bad data format: the value is of type " + value.Type.String() + ", which this server does not have")
		return
	case err != nil:
		c.W.Error("ERR Bad data format")
		return
	}
	if at != 0 && at <= c.Now {
		sh.Delete(k, c.Now)
		c.W.OK()
		return
	}
	switch {
	case staged != nil:
		if err = sh.PutStaged(k, staged, at, c.Now); err == nil {
			staged = nil // it is the store's
		}
	case hash != nil:
		if err = sh.Attach(k, hash, c.Now); err == nil {
			hash = nil
		}
	default:
		err = sh.Set(k, value.Value, at, c.Now)
	}
	if err != nil {
		c.Fail(err)
		return
	}
	sh.Introduce(k, o.usage(), c.Now)
	c.W.OK()
}

// restoredExpiry reads RESTORE's expiry, as a time. It fails if it is not one.
func restoredExpiry(c *command.Ctx, o *restoreOptions) (at int64, ok bool) {
	if at, ok = c.Integer(2); !ok || at < 0 {
		return 0, false
	}
	if at != 0 && !o.absolute {
		at += c.Now // Redis adds without looking, too: what overflows has passed
	}
	return at, true
}

// usage is what the options tell the eviction policy.
func (o *restoreOptions) usage() store.Usage {
	idle := min(o.idle, math.MaxInt64/int64(time.Second))
	return store.Usage{Idle: time.Duration(idle) * time.Second, Frequency: int(o.freq)}
}

// What is not staged has been decoded already.
const _ = uint(rdb.KeepPacked - store.PinMin)

// openPayload opens a payload for the key. A long string is decoded to where it
// will stay: what is compressed may be many times as long as the payload, and
// takes no memory but that.
func openPayload(c *command.Ctx, k store.Key, p []byte) (rdb.Payload, *store.Staged, error) {
	value, err := rdb.OpenPayload(p)
	if err != nil || value.Type != rdb.String || value.Len() < store.PinMin {
		return value, nil, err
	}
	staged, err := c.Store.Stage(len(k.Bytes), value.Len())
	if err != nil {
		return value, nil, err
	}
	if err := value.Decode(staged.Bytes()); err != nil {
		staged.Free()
		return rdb.Payload{}, nil, err
	}
	return value, staged, nil
}

// growsRestore is what the payload's value takes, which may be many times as
// long as the payload.
func growsRestore(c *command.Ctx) int64 { return rdb.PayloadSize(c.Args[3]) }
