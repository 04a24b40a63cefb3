package basics

import (
	"bytes"
	"fmt"

	"github.com/redistill-go/redistill/core/command"
)

func cmdClientID(c *command.Ctx) { c.W.Int(c.Client.ID) }

func cmdClientGetName(c *command.Ctx) {
	if name := c.Client.Name(); name != "" {
		c.W.BulkString(name)
		return
	}
	c.W.Null()
}

func cmdClientSetName(c *command.Ctx) {
	if problem := nameProblem(c.Args[2]); problem != "" {
		c.W.Error(problem)
		return
	}
	c.Client.SetName(string(c.Args[2]))
	c.W.OK()
}

func cmdClientSetInfo(c *command.Ctx) {
	attr, value := c.Args[2], c.Args[3]
	set := c.Client.SetLibrary
	switch {
	case command.EqualFold(attr, "lib-name"):
	case command.EqualFold(attr, "lib-ver"):
		set = c.Client.SetLibraryVersion
	default:
		c.W.Error("ERR Unrecognized option '" + command.Printable(attr, len(attr)) + "'")
		return
	}
	switch {
	case !validName(value):
		c.W.Error("ERR " + command.Printable(attr, len(attr)) + " cannot contain spaces, newlines or special characters.")
		return
	case len(value) > maxName:
		c.W.Error(tooLongName(command.Printable(attr, len(attr))))
		return
	}
	set(string(value))
	c.W.OK()
}

// maxName is how many bytes each of the texts may have that a client is known by.
// Redis has no such limit, but what CLIENT LIST shows of all clients would be as
// large as they like.
const maxName = 4 << 10

func tooLongName(what string) string {
	return fmt.Sprintf("ERR %s cannot be longer than %d bytes.", what, maxName)
}

// nameProblem is the error for a name that a client can't have, or nothing.
func nameProblem(name []byte) string {
	switch {
	case !validName(name):
		return command.TextClientName
	case len(name) > maxName:
		return tooLongName("Client names")
	}
	return ""
}

// validName says whether b can be a name in CLIENT LIST, which separates what
// it lists by spaces and lines.
func validName(b []byte) bool {
	return !bytes.ContainsFunc(b, func(r rune) bool { return r < '!' || r > '~' })
}

// switched reads an argument that is ON or OFF, and if it is neither replies.
func switched(c *command.Ctx, i int) (on, ok bool) {
	switch a := c.Args[i]; {
	case command.EqualFold(a, "on"):
		return true, true
	case command.EqualFold(a, "off"):
		return false, true
	}
	c.W.Error(command.TextSyntax)
	return false, false
}

// setSwitch is what a command does that switches a mode on or off.
func setSwitch(c *command.Ctx, m command.Mode) {
	on, ok := switched(c, 2)
	if !ok {
		return
	}
	if on {
		c.Client.SetMode(m, 0)
	} else {
		c.Client.SetMode(0, m)
	}
	c.W.OK()
}

// cmdClientNoEvict keeps a client from being closed for the memory that its
// buffers take. No client is: each has a limit of its own.
func cmdClientNoEvict(c *command.Ctx) { setSwitch(c, command.ModeNoEvict) }

func cmdClientNoTouch(c *command.Ctx) { setSwitch(c, command.ModeNoTouch) }

func cmdClientReply(c *command.Ctx) {
	switch a := c.Args[2]; {
	case command.EqualFold(a, "on"):
		c.Client.SetMode(0, command.ModeReplyOff|command.ModeReplySkip)
		c.W.OK()
	case command.EqualFold(a, "off"):
		c.Client.SetMode(command.ModeReplyOff, 0)
	case command.EqualFold(a, "skip"):
		if c.Client.Mode()&command.ModeReplyOff == 0 {
			c.Client.SetMode(command.ModeReplySkipNext, 0)
		}
	default:
		c.W.Error(command.TextSyntax)
	}
}
