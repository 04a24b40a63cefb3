package harness

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync/atomic"
	"time"
)

// ConnTimeout is how long a Conn waits for the server at a time before a read or a
// write fails, so that a server that does not answer fails a test and does not hang
// it. How long a test takes altogether, on whatever machine, does not matter.
const ConnTimeout = 120 * time.Second

// Conn speaks raw RESP: what it sends and what it returns are exact bytes. One
// goroutine may read while another one writes.
type Conn struct {
	net.Conn
	r *bufio.Reader
	// Whoever sets a deadline keeps it.
	reads, writes atomic.Bool
}

// NewConn wraps a fresh connection.
func NewConn(c net.Conn) *Conn {
	conn := &Conn{Conn: c}
	conn.r = bufio.NewReaderSize(unread{conn}, 64<<10)
	return conn
}

// unread is what a Conn's reader reads from.
type unread struct{ c *Conn }

func (u unread) Read(b []byte) (int, error) { return u.c.Read(b) }

// Read reads past what Reply has taken.
func (c *Conn) Read(b []byte) (int, error) {
	if !c.reads.Load() {
		_ = c.Conn.SetReadDeadline(time.Now().Add(ConnTimeout)) // a closed connection fails at the read
	}
	return c.Conn.Read(b)
}

// Write writes all of b.
func (c *Conn) Write(b []byte) (int, error) {
	if !c.writes.Load() {
		_ = c.Conn.SetWriteDeadline(time.Now().Add(ConnTimeout)) // a closed connection fails at the write
	}
	return c.Conn.Write(b)
}

// SetDeadline sets both deadlines for good.
func (c *Conn) SetDeadline(at time.Time) error {
	c.reads.Store(true)
	c.writes.Store(true)
	return c.Conn.SetDeadline(at)
}

// SetReadDeadline sets the deadline of reads for good.
func (c *Conn) SetReadDeadline(at time.Time) error {
	c.reads.Store(true)
	return c.Conn.SetReadDeadline(at)
}

// SetWriteDeadline sets the deadline of writes for good.
func (c *Conn) SetWriteDeadline(at time.Time) error {
	c.writes.Store(true)
	return c.Conn.SetWriteDeadline(at)
}

// Dial connects to a server.
func Dial(ctx context.Context, network, addr string) (*Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, fmt.Errorf("harness: %w", err)
	}
	return NewConn(c), nil
}

// AppendCommand appends the command as a RESP array of bulk strings.
func AppendCommand(b []byte, args ...string) []byte {
	b = append(b, '*')
	b = strconv.AppendInt(b, int64(len(args)), 10)
	b = append(b, '\r', '\n')
	for _, a := range args {
		b = append(b, '$')
		b = strconv.AppendInt(b, int64(len(a)), 10)
		b = append(b, '\r', '\n')
		b = append(b, a...)
		b = append(b, '\r', '\n')
	}
	return b
}

// Send sends one command.
func (c *Conn) Send(args ...string) error {
	_, err := c.Write(AppendCommand(nil, args...))
	return err
}

// Reply reads one reply, RESP2 or RESP3, and returns its bytes as received.
func (c *Conn) Reply() (string, error) {
	b, err := appendReply(nil, c.r)
	return string(b), err
}

// CloseWrite tells the server that nothing more will come.
func (c *Conn) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return fmt.Errorf("harness: %T cannot be half closed", c.Conn)
	}
	return half.CloseWrite()
}

// ReadFull fills b from the connection, after what Reply has taken from it.
func (c *Conn) ReadFull(b []byte) error {
	_, err := io.ReadFull(c.r, b)
	return err
}

// Rest reads until the server closes the connection.
func (c *Conn) Rest() (string, error) {
	b, err := io.ReadAll(c.r)
	return string(b), err
}

// Do sends one command and reads one reply.
func (c *Conn) Do(args ...string) (string, error) {
	if err := c.Send(args...); err != nil {
		return "", err
	}
	return c.Reply()
}

func appendReply(b []byte, r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	b = append(b, line...)
	if err != nil {
		return b, err
	}
	if len(line) < 3 || line[len(line)-2] != '\r' {
		return b, fmt.Errorf("harness: malformed reply line %q", line)
	}
	kind, body := line[0], string(line[1:len(line)-2])
	switch kind {
	case '+', '-', ':', '_', ',', '#', '(':
		return b, nil
	case '$', '=', '!', '*', '~', '>', '%', '|':
	default:
		return b, fmt.Errorf("harness: unknown reply type %q", line)
	}
	n, err := strconv.Atoi(body)
	if err != nil || n < -1 {
		return b, fmt.Errorf("harness: malformed length in %q", line)
	}
	if n == -1 {
		return b, nil
	}
	switch kind {
	case '$', '=', '!':
		at := len(b)
		b = append(b, make([]byte, n+2)...)
		if _, err := io.ReadFull(r, b[at:]); err != nil {
			return b, err
		}
		if string(b[at+n:]) != "\r\n" {
			return b, fmt.Errorf("harness: bulk string of %d bytes does not end with CRLF", n)
		}
		return b, nil
	case '%':
		n *= 2
	case '|':
		n = 2*n + 1 // attributes precede the reply they belong to
	}
	for range n {
		if b, err = appendReply(b, r); err != nil {
			return b, err
		}
	}
	return b, nil
}
