package server

import (
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/redistill-go/redistill/core/session"
)

// newReader chooses how to wait for bytes: on the socket itself where there is
// one, and through the connection where something is in between, as TLS is.
func newReader(nc net.Conn, pool *session.Pool) reader {
	if sc, ok := nc.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			r := &socketReader{raw: raw, pool: pool}
			r.ready = r.tryRead
			return r
		}
	}
	return &streamReader{nc: nc, pool: pool}
}

// socketReader reads from a non-blocking socket. While there is nothing to
// read and nothing half done, it holds no workspace.
type socketReader struct {
	raw   syscall.RawConn
	pool  *session.Pool
	ready func(fd uintptr) bool // tryRead, bound once

	// What one call of read is about.
	ws  *session.Workspace
	n   int
	err error
}

func (r *socketReader) read(ws *session.Workspace) (*session.Workspace, int, error) {
	r.ws, r.n, r.err = ws, 0, nil
	err := r.raw.Read(r.ready)
	ws, r.ws = r.ws, nil
	if err == nil {
		err = r.err
	}
	return ws, r.n, err
}

// tryRead is called when the socket may have something to read; false makes
// the runtime wait until it has.
func (r *socketReader) tryRead(fd uintptr) bool {
	if r.ws == nil {
		r.ws = r.pool.Get()
	}
	for {
		n, err := syscall.Read(int(fd), r.ws.ReadBuf())
		switch {
		case err == nil && n > 0:
			r.n = n
		case err == nil:
			r.err = io.EOF
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			if r.ws.Idle() {
				r.pool.Put(r.ws)
				r.ws = nil
			}
			return false
		default:
			r.err = err
		}
		return true
	}
}

// streamReader reads through a net.Conn that can't be asked whether it has
// something: it waits with a small buffer of its own.
type streamReader struct {
	nc    net.Conn
	pool  *session.Pool
	first []byte
}

const firstRead = 4 << 10

func (r *streamReader) read(ws *session.Workspace) (*session.Workspace, int, error) {
	if ws != nil && !ws.Idle() {
		n, err := r.nc.Read(ws.ReadBuf())
		return ws, n, err
	}
	if ws != nil {
		r.pool.Put(ws)
	}
	if r.first == nil {
		r.first = make([]byte, firstRead)
	}
	n, err := r.nc.Read(r.first)
	if err != nil {
		return nil, 0, err
	}
	ws = r.pool.Get()
	return ws, copy(ws.ReadBuf(), r.first[:n]), nil
}
