// Package arg describes the syntax of a command's arguments: for COMMAND DOCS,
// whose words it uses, and for the usage lines of documents. The functions build
// it so that it reads like what it describes:
//
//	arg.List(arg.Key("key"), arg.Integer("seconds"), arg.Choice("condition", "NX", "XX"))
//
// It is documentation alone: nothing parses by it.
package arg

import "strings"

// Type is the type of an argument, in the words of COMMAND DOCS.
type Type string

// The argument types.
const (
	TypeString    Type = "string"
	TypeInteger   Type = "integer"
	TypeDouble    Type = "double"
	TypeKey       Type = "key"
	TypePattern   Type = "pattern"
	TypeUnixTime  Type = "unix-time"
	TypePureToken Type = "pure-token" // the token alone
	TypeOneOf     Type = "oneof"      // one of Args
	TypeBlock     Type = "block"      // all of Args
)

// Arg is one element of a command's syntax.
type Arg struct {
	Name string
	Type Type
	// Token is the keyword that stands before the argument, or that is the
	// argument if Type is TypePureToken.
	Token    string
	Optional bool
	Multiple bool // may be repeated
	// EachToken says that Token is repeated with the argument.
	EachToken bool
	Args      []Arg
}

// List is the arguments of a command, in their order.
func List(a ...Arg) []Arg { return a }

// Key is the name of a key.
func Key(name string) Arg { return Arg{Name: name, Type: TypeKey} }

// String is any bytes.
func String(name string) Arg { return Arg{Name: name, Type: TypeString} }

// Integer is a whole number.
func Integer(name string) Arg { return Arg{Name: name, Type: TypeInteger} }

// Double is a floating-point number.
func Double(name string) Arg { return Arg{Name: name, Type: TypeDouble} }

// Pattern is a glob pattern.
func Pattern(name string) Arg { return Arg{Name: name, Type: TypePattern} }

// UnixTime is a time since the Unix epoch.
func UnixTime(name string) Arg { return Arg{Name: name, Type: TypeUnixTime} }

// Token is a keyword that stands alone.
func Token(t string) Arg { return Arg{Name: strings.ToLower(t), Type: TypePureToken, Token: t} }

// Tokens are keywords that stand alone.
func Tokens(names ...string) []Arg {
	a := make([]Arg, len(names))
	for i, t := range names {
		a[i] = Token(t)
	}
	return a
}

// OneOf is one of several.
func OneOf(name string, a ...Arg) Arg { return Arg{Name: name, Type: TypeOneOf, Args: a} }

// Choice is one of several keywords, or none of them.
func Choice(name string, t ...string) Arg { return Optional(OneOf(name, Tokens(t...)...)) }

// Block is several in a row.
func Block(name string, a ...Arg) Arg { return Arg{Name: name, Type: TypeBlock, Args: a} }

// After puts a keyword before an argument.
func After(t string, a Arg) Arg { a.Token = t; return a }

// Optional is an argument that may be left out.
func Optional(a Arg) Arg { a.Optional = true; return a }

// Multiple is an argument that may be repeated.
func Multiple(a Arg) Arg { a.Multiple = true; return a }

// EachToken is an argument that may be repeated with the keyword before it.
func EachToken(a Arg) Arg { a.Multiple, a.EachToken = true, true; return a }

// Syntax returns the arguments as they are written in documentation, as in
// "key value [NX | XX]".
func Syntax(list []Arg) string { return joinSyntax(list, " ") }

func joinSyntax(list []Arg, sep string) string {
	parts := make([]string, len(list))
	for i, a := range list {
		parts[i] = a.syntax()
	}
	return strings.Join(parts, sep)
}

func (a Arg) syntax() string {
	var s string
	switch a.Type {
	case TypePureToken:
	case TypeOneOf:
		s = joinSyntax(a.Args, " | ")
		if !a.Optional {
			s = "<" + s + ">"
		}
	case TypeBlock:
		s = joinSyntax(a.Args, " ")
	default:
		s = a.Name
	}
	if a.Multiple && a.EachToken {
		s += " [" + a.Token + " " + s + " ...]"
	} else if a.Multiple {
		s += " [" + s + " ...]"
	}
	if a.Token != "" {
		if a.Type == TypeOneOf && a.Optional {
			s = "<" + s + ">"
		}
		s = strings.TrimRight(a.Token+" "+s, " ")
	}
	if a.Optional {
		s = "[" + s + "]"
	}
	return s
}
