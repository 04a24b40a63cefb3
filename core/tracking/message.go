package tracking

import (
	"slices"

	"github.com/redistill-go/redistill/core/resp"
)

// Channel is what a RESP2 client subscribes to in order to be told of changes
// on behalf of another client.
const Channel = "__redis__:invalidate"

// Peer is a client's connection.
type Peer interface {
	// Protocol is the version of RESP that it speaks now, 2 or 3.
	Protocol() int
	// Subscribed says whether it listens to Channel.
	Subscribed() bool
	// Push queues whole messages to be sent after the replies that are due.
	// It copies b and never blocks.
	Push(b []byte)
}

// appendKey appends the message that a key has changed.
func appendKey(b []byte, resp3 bool, key []byte) []byte {
	b = appendHead(b, resp3)
	b = resp.AppendArray(b, 1)
	return resp.AppendBulk(b, key)
}

// appendKeys appends the message that all of these keys have changed.
func appendKeys(b []byte, resp3 bool, changed []change) []byte {
	size := 64
	for _, c := range changed {
		size += len(c.key) + 16
	}
	b = appendHead(slices.Grow(b, size), resp3)
	b = resp.AppendArray(b, len(changed))
	for _, c := range changed {
		b = resp.AppendBulk(b, c.key)
	}
	return b
}

// appendFlush appends the message that all keys are gone.
func appendFlush(b []byte, resp3 bool) []byte {
	b = appendHead(b, resp3)
	if resp3 {
		return append(b, "_\r\n"...)
	}
	return append(b, "$-1\r\n"...)
}

func appendHead(b []byte, resp3 bool) []byte {
	if resp3 {
		return append(b, ">2\r\n$10\r\ninvalidate\r\n"...)
	}
	b = append(b, "*3\r\n$7\r\nmessage\r\n"...)
	return resp.AppendBulk(b, Channel)
}

// appendBroken appends the message that the client which messages were
// redirected to is gone. RESP3 only.
func appendBroken(b []byte, redirect int64) []byte {
	b = append(b, ">2\r\n$21\r\ntracking-redir-broken\r\n"...)
	return resp.AppendInt(b, redirect)
}
