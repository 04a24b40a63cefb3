package command

import (
	"fmt"
	"net"
)

// Listener is where clients can connect to.
type Listener struct {
	Name string // the transport's, as in "tcp"
	Addr net.Addr
}

// String is as INFO has it: its name, then what is bound.
func (l Listener) String() string {
	if at, ok := l.Addr.(*net.TCPAddr); ok {
		return fmt.Sprintf("name=%s,bind=%s,port=%d", l.Name, at.IP, at.Port)
	}
	return fmt.Sprintf("name=%s,bind=%s", l.Name, l.Addr)
}
