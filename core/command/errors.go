package command

import (
	"bytes"
	"strings"

	"github.com/redistill-go/redistill/core/store"
)

// Error texts that more than one command gives, for W.Error. Each begins with its error
// code, which clients look at, and is Redis's own to the letter.
const (
	TextSyntax     = "ERR syntax error"
	TextNotInteger = "ERR value is not an integer or out of range"
	TextNotFloat   = "ERR value is not a valid float"
	TextOverflow   = "ERR increment or decrement would overflow"
	TextTooLong    = "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
	TextWrongPass  = "WRONGPASS invalid username-password pair or user is disabled."
	TextClientName = "ERR Client names cannot contain spaces, newlines or special characters."
)

// MaxEchoed is how many bytes of a request an error text shows at most.
const MaxEchoed = 128

// UnknownCommandError is the error for a request whose command does not exist.
func UnknownCommandError(request [][]byte) string {
	var rest strings.Builder
	for _, a := range request[1:] {
		if rest.Len() >= MaxEchoed {
			break
		}
		rest.WriteString("'" + Printable(a, MaxEchoed-rest.Len()) + "' ")
	}
	return "ERR unknown command '" + Printable(request[0], MaxEchoed) +
		"', with args beginning with: " + rest.String()
}

// UnknownSubcommandError is the error for a container without this subcommand.
func UnknownSubcommandError(container *Command, name []byte) string {
	return "ERR unknown subcommand '" + Printable(name, MaxEchoed) + "'. Try " +
		strings.ToUpper(container.Name) + " HELP."
}

// SubcommandError is the error of a subcommand that looks at the number of its
// arguments itself.
func (c *Ctx) SubcommandError() string {
	return "ERR unknown subcommand or wrong number of arguments for '" + Printable(c.Args[1], MaxEchoed) + "'. Try " +
		strings.ToUpper(string(c.Args[0])) + " HELP."
}

// ArityError is the error for too few or too many arguments.
func ArityError(c *Command) string {
	return "ERR wrong number of arguments for '" + c.FullName + "' command"
}

// Printable is what an error text shows of an argument: at most limit bytes,
// and nothing from a zero byte on.
func Printable(b []byte, limit int) string {
	b = b[:min(len(b), limit)]
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// TextWrongType is the error for a key with a value of another type.
const TextWrongType = "WRONGTYPE Operation against a key holding the wrong kind of value"

// WrongType says whether the entry is of another type than the command works
// on, and if so replies with TextWrongType. The caller then only unlocks and returns.
func (c *Ctx) WrongType(e store.Entry, want store.Type) bool {
	if e.Type() == want {
		return false
	}
	c.W.Error(TextWrongType)
	return true
}
