package hostile

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

// Crowd is clients that all do the same at the same time.
type Crowd struct {
	Clients int
	// Strangers do not authenticate, though the server has a password.
	Strangers bool
	// Says is what each of them sends, once for each round; 0 rounds are one.
	Says   []byte
	Rounds int
	// InTurns is to send pieces in turns: all of the crowd have sent one before any
	// sends the next. It is for crowds that don't read and have one round.
	InTurns bool
	// Replies is how many replies each reads to their end after each round; 0:
	// it never reads at all.
	Replies int
}

const (
	// window is the receive buffer of clients that don't read, in bytes: the
	// kernel takes little of what the server ought to keep.
	window = 16 << 10
	// piece is how much is written at a time, and patience how long the server
	// may leave it: after that it has stopped reading for good.
	piece    = 64 << 10
	patience = 2 * time.Second
	// atOnce is how many clients of a crowd that doesn't read are busy at a time.
	atOnce = 64
)

// attackers are the clients of an attack. They stay until leave.
type attackers struct {
	addr, password string

	mu       sync.Mutex
	conns    []net.Conn
	refusals map[string]int // error replies by their first word
}

// send lets a crowd do its deed and returns when every client has sent all that
// the server would take, and read all that it wants to.
func (a *attackers) send(ctx context.Context, c Crowd) error {
	if c.InTurns {
		return a.inTurns(ctx, c)
	}
	var (
		all   sync.WaitGroup
		once  sync.Once
		first error
	)
	// Clients that read do so together; for the others it makes no difference.
	limit := atOnce
	if c.Replies > 0 {
		limit = c.Clients
	}
	places := make(chan struct{}, limit)
	for range c.Clients {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			if err := a.attack(ctx, c); err != nil && !dismissed(err) {
				once.Do(func() { first = err })
			}
		})
	}
	all.Wait()
	return first
}

// inTurns lets a crowd send its pieces in turns.
func (a *attackers) inTurns(ctx context.Context, c Crowd) error {
	conns := make([]net.Conn, c.Clients)
	for i := range conns {
		conn, err := a.dial(ctx, true)
		if err != nil {
			return err
		}
		conns[i] = conn
	}
	for some := range slices.Chunk(c.Says, piece) {
		for i, conn := range conns {
			if conn == nil {
				continue
			}
			if err := errors.Join(ctx.Err(), write(conn, some)); err != nil {
				if !dismissed(err) {
					return err
				}
				conns[i] = nil
			}
		}
	}
	return nil
}

// dismissed says whether the server has closed the connection, or does not read
// from it any more.
func dismissed(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errIgnored)
}

var errIgnored = errors.New("the server reads no more")

// attack is the life of one client but for its end.
func (a *attackers) attack(ctx context.Context, c Crowd) error {
	conn, err := a.dial(ctx, c.Replies == 0)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	r := bufio.NewReaderSize(conn, 16) // as good as none before there is something to read
	if a.password != "" && !c.Strangers {
		if err := write(conn, harness.AppendCommand(nil, "AUTH", a.password)); err != nil {
			return err
		}
		if err := a.skip(r); err != nil {
			return err
		}
	}
	if c.Replies > 0 {
		r = bufio.NewReaderSize(conn, 64<<10)
	}
	for range max(c.Rounds, 1) {
		if err := a.round(conn, r, c); err != nil {
			return errors.Join(ctx.Err(), err)
		}
	}
	return nil
}

// round sends and reads at the same time, or both ends would wait for ever once
// the replies fill the buffers between them.
func (a *attackers) round(conn net.Conn, r *bufio.Reader, c Crowd) error {
	if c.Replies == 0 {
		return write(conn, c.Says)
	}
	sent := make(chan error, 1)
	go func() { sent <- write(conn, c.Says) }()
	if err := conn.SetReadDeadline(time.Now().Add(harness.ConnTimeout)); err != nil {
		return err
	}
	for range c.Replies {
		if err := a.skip(r); err != nil {
			_ = conn.Close() // ends the write as well
			return errors.Join(err, <-sent)
		}
	}
	return <-sent
}

func (a *attackers) dial(ctx context.Context, mute bool) (net.Conn, error) {
	var d net.Dialer
	if mute {
		d.Control = func(_, _ string, raw syscall.RawConn) (err error) {
			return errors.Join(raw.Control(func(fd uintptr) {
				err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, window)
			}), err)
		}
	}
	conn, err := d.DialContext(ctx, "tcp", a.addr)
	if err != nil {
		return nil, fmt.Errorf("hostile: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conns = append(a.conns, conn)
	return conn, nil
}

// leave closes all connections.
func (a *attackers) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.conns {
		_ = c.Close() // often closed by the server already
	}
	a.conns = nil
}

// write sends as much as the server takes.
func write(conn net.Conn, b []byte) error {
	for len(b) > 0 {
		if err := conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
			return err
		}
		n, err := conn.Write(b[:min(piece, len(b))])
		b = b[n:]
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			if n > 0 {
				continue
			}
			return errIgnored
		}
		if err != nil {
			return err
		}
	}
	return nil
}
