package command

import (
	"bytes"
	"fmt"
	"time"
)

func cmdClientID(c *Ctx) { c.W.Int(c.Client.ID) }

func cmdClientGetName(c *Ctx) {
	if name := c.Client.Name(); name != "" {
		c.W.BulkString(name)
		return
	}
	c.W.Null()
}

func cmdClientSetName(c *Ctx) {
	if problem := nameProblem(c.Args[2]); problem != "" {
		c.W.Error(problem)
		return
	}
	c.Client.SetName(string(c.Args[2]))
	c.W.OK()
}

func cmdClientSetInfo(c *Ctx) {
	attr, value := c.Args[2], c.Args[3]
	set := c.Client.SetLibrary
	switch {
	case equalFold(attr, "lib-name"):
	case equalFold(attr, "lib-ver"):
		set = c.Client.SetLibraryVersion
	default:
		c.W.Error("ERR Unrecognized option '" + printable(attr, len(attr)) + "'")
		return
	}
	switch {
	case !validName(value):
		c.W.Error("ERR " + printable(attr, len(attr)) + " cannot contain spaces, newlines or special characters.")
		return
	case len(value) > maxName:
		c.W.Error(tooLongName(printable(attr, len(attr))))
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
		return errClientName
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
func (c *Ctx) switched(i int) (on, ok bool) {
	switch a := c.Args[i]; {
	case equalFold(a, "on"):
		return true, true
	case equalFold(a, "off"):
		return false, true
	}
	c.W.Error(errSyntax)
	return false, false
}

// setSwitch is what a command does that switches a mode on or off.
func (c *Ctx) setSwitch(m Mode) {
	on, ok := c.switched(2)
	if !ok {
		return
	}
	if on {
		c.Client.setMode(m, 0)
	} else {
		c.Client.setMode(0, m)
	}
	c.W.OK()
}

// cmdClientNoEvict keeps a client from being closed for the memory that its
// buffers take. No client is: each has a limit of its own.
func cmdClientNoEvict(c *Ctx) { c.setSwitch(ModeNoEvict) }

func cmdClientNoTouch(c *Ctx) { c.setSwitch(ModeNoTouch) }

func cmdClientReply(c *Ctx) {
	switch a := c.Args[2]; {
	case equalFold(a, "on"):
		c.Client.setMode(0, ModeReplyOff|ModeReplySkip)
		c.W.OK()
	case equalFold(a, "off"):
		c.Client.setMode(ModeReplyOff, 0)
	case equalFold(a, "skip"):
		if c.Client.Mode()&ModeReplyOff == 0 {
			c.Client.setMode(ModeReplySkipNext, 0)
		}
	default:
		c.W.Error(errSyntax)
	}
}

func seconds(d time.Duration) int64 { return max(int64(d/time.Second), 0) }
