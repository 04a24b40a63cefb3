package command

import (
	"bytes"
	"strings"

	"github.com/redistill-go/redistill/core/store"
)

// Error texts that more than one place gives. Each begins with its error code,
// which clients look at, and is Redis's own to the letter.
const (
	errSyntax      = "ERR syntax error"
	errNotInteger  = "ERR value is not an integer or out of range"
	errNotFloat    = "ERR value is not a valid float"
	errOverflow    = "ERR increment or decrement would overflow"
	errTooLong     = "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
	errWrongPass   = "WRONGPASS invalid username-password pair or user is disabled."
	errClientName  = "ERR Client names cannot contain spaces, newlines or special characters."
	maxEchoedBytes = 128 // of a request in an error text
)

// UnknownCommandError is the error for a request whose command does not exist.
func UnknownCommandError(request [][]byte) string {
	var rest strings.Builder
	for _, a := range request[1:] {
		if rest.Len() >= maxEchoedBytes {
			break
		}
		rest.WriteString("'" + printable(a, maxEchoedBytes-rest.Len()) + "' ")
	}
	return "ERR unknown command '" + printable(request[0], maxEchoedBytes) +
		"', with args beginning with: " + rest.String()
}

// UnknownSubcommandError is the error for a container without this subcommand.
func UnknownSubcommandError(container *Command, name []byte) string {
	return "ERR unknown subcommand '" + printable(name, maxEchoedBytes) + "'. Try " +
		strings.ToUpper(container.Name) + " HELP."
}

// subcommandError is the error of a subcommand that looks at the number of its
// arguments itself.
func (c *Ctx) subcommandError() string {
	return "ERR unknown subcommand or wrong number of arguments for '" + printable(c.Args[1], maxEchoedBytes) + "'. Try " +
		strings.ToUpper(string(c.Args[0])) + " HELP."
}

// ArityError is the error for too few or too many arguments.
func ArityError(c *Command) string {
	return "ERR wrong number of arguments for '" + c.FullName + "' command"
}

// printable is what an error text shows of an argument: at most limit bytes,
// and nothing from a zero byte on.
func printable(b []byte, limit int) string {
	b = b[:min(len(b), limit)]
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

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
