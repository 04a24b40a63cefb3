package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
)

const (
	keptChunks = 24  // reads of either side that are kept
	keptBytes  = 600 // of each
)

// proxy is a fixed address in front of a server that may be replaced, and
// keeps the newest part of what passes through.
//
// Concurrency: any goroutine may call its methods.
type proxy struct {
	listener net.Listener

	mu     sync.Mutex
	to     string
	talk   []string
	number int // of connections so far
	open   map[net.Conn]bool
}

func newProxy(to string) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: l, to: to, open: map[net.Conn]bool{}}
	go p.serve()
	return p, nil
}

func (p *proxy) addr() string { return p.listener.Addr().String() }

// forward sends new connections to another server.
func (p *proxy) forward(to string) {
	p.mu.Lock()
	p.to = to
	p.mu.Unlock()
}

// close ends the proxy and its connections.
func (p *proxy) close() {
	_ = p.listener.Close() // only ever closed here
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		_ = c.Close() // its other side may have closed it
	}
}

// takeTalk returns what was said since the last call.
func (p *proxy) takeTalk() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	said := strings.Join(p.talk, "")
	p.talk = nil
	return said
}

func (p *proxy) serve() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				p.say(fmt.Sprintf("    accept: %v\n", err))
			}
			return
		}
		go p.connect(c)
	}
}

// connect serves one client. Without a server behind it the client sees its
// connection closed.
func (p *proxy) connect(client net.Conn) {
	p.mu.Lock()
	p.number++
	id, to := p.number, p.to
	p.mu.Unlock()
	server, err := net.Dial("tcp", to)
	if err != nil {
		p.say(fmt.Sprintf("    %d the server: %v\n", id, err))
		_ = client.Close() // nothing was sent
		return
	}
	p.mu.Lock()
	p.open[client], p.open[server] = true, true
	p.mu.Unlock()
	done := make(chan struct{})
	go func() {
		p.copy(server, client, fmt.Sprintf("    %d >", id))
		close(done)
	}()
	p.copy(client, server, fmt.Sprintf("    %d <", id))
	<-done
	p.mu.Lock()
	delete(p.open, client)
	delete(p.open, server)
	p.mu.Unlock()
	_ = client.Close() // both directions have ended
	_ = server.Close()
}

// copy passes on one direction until it ends, and then says so to the reader.
func (p *proxy) copy(to, from net.Conn, label string) {
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if n > 0 {
			p.say(label + " " + quote(b[:n]) + "\n")
			if _, err := to.Write(b[:n]); err != nil {
				_ = from.Close() // nobody is left to read it
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				_ = to.Close() // broken rather than ended
				return
			}
			_ = to.(*net.TCPConn).CloseWrite() // fails if it is closed already
			return
		}
	}
}

func (p *proxy) say(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.talk = append(p.talk, line)
	if len(p.talk) > keptChunks {
		p.talk = p.talk[1:]
	}
}

// quote is b on one line, its middle left out when it is long.
func quote(b []byte) string {
	if len(b) <= keptBytes {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("%q … (%d bytes) … %q", b[:keptBytes/2], len(b), b[len(b)-keptBytes/2:])
}
