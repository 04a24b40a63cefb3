package commandtest

import "github.com/redistill-go/redistill/core/command"

// LostLink is a connection that is dead once it was asked about so many times: for
// Client.SetLink, to see what a command leaves when its client goes meanwhile.
type LostLink struct {
	Lives int // how often it says that it isn't dead
	Asked int
}

var _ command.Link = (*LostLink)(nil)

// Push drops the messages.
func (l *LostLink) Push([]byte) {}

// Kill does nothing.
func (l *LostLink) Kill() {}

// Dead says whether it was asked more than Lives times.
func (l *LostLink) Dead() bool { l.Asked++; return l.Asked > l.Lives }

// Buffers are none.
func (l *LostLink) Buffers(bool) command.Buffers { return command.Buffers{FD: -1} }
