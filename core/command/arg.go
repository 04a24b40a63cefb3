package command

import "strings"

// ArgType is the type of an argument, in the words of COMMAND DOCS.
type ArgType string

// The argument types.
const (
	ArgString    ArgType = "string"
	ArgInteger   ArgType = "integer"
	ArgDouble    ArgType = "double"
	ArgKey       ArgType = "key"
	ArgPattern   ArgType = "pattern"
	ArgUnixTime  ArgType = "unix-time"
	ArgPureToken ArgType = "pure-token" // the token alone
	ArgOneOf     ArgType = "oneof"      // one of Args
	ArgBlock     ArgType = "block"      // all of Args
)

// Arg is one element of a command's syntax.
type Arg struct {
	Name string
	Type ArgType
	// Token is the keyword that stands before the argument, or that is the
	// argument if Type is ArgPureToken.
	Token    string
	Optional bool
	Multiple bool // may be repeated
	// EachToken says that Token is repeated with the argument.
	EachToken bool
	Args      []Arg
}

// The functions below make the argument lists of the command table readable.

func args(a ...Arg) []Arg                 { return a }
func key(name string) Arg                 { return Arg{Name: name, Type: ArgKey} }
func str(name string) Arg                 { return Arg{Name: name, Type: ArgString} }
func integer(name string) Arg             { return Arg{Name: name, Type: ArgInteger} }
func double(name string) Arg              { return Arg{Name: name, Type: ArgDouble} }
func pattern(name string) Arg             { return Arg{Name: name, Type: ArgPattern} }
func unixTime(name string) Arg            { return Arg{Name: name, Type: ArgUnixTime} }
func oneOf(name string, a ...Arg) Arg     { return Arg{Name: name, Type: ArgOneOf, Args: a} }
func block(name string, a ...Arg) Arg     { return Arg{Name: name, Type: ArgBlock, Args: a} }
func token(t string) Arg                  { return Arg{Name: strings.ToLower(t), Type: ArgPureToken, Token: t} }
func after(t string, a Arg) Arg           { a.Token = t; return a }
func optional(a Arg) Arg                  { a.Optional = true; return a }
func eachToken(a Arg) Arg                 { a.Multiple, a.EachToken = true, true; return a }
func multiple(a Arg) Arg                  { a.Multiple = true; return a }
func choice(name string, t ...string) Arg { return optional(oneOf(name, tokens(t)...)) }

func tokens(names []string) []Arg {
	a := make([]Arg, len(names))
	for i, t := range names {
		a[i] = token(t)
	}
	return a
}

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
	case ArgPureToken:
	case ArgOneOf:
		s = joinSyntax(a.Args, " | ")
		if !a.Optional {
			s = "<" + s + ">"
		}
	case ArgBlock:
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
		if a.Type == ArgOneOf && a.Optional {
			s = "<" + s + ">"
		}
		s = strings.TrimRight(a.Token+" "+s, " ")
	}
	if a.Optional {
		s = "[" + s + "]"
	}
	return s
}
