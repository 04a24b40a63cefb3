package process

import (
	"fmt"
	"log/slog"
	"math"
	"os"
	"syscall"

	"github.com/redistill-go/redistill/core/module"
)

// spareDescriptors are for what opens a file now and then: the log, figures of
// the system in /proc, the resolver.
const spareDescriptors = 8

// fitClients lowers server.max_clients to what the limit of file descriptors
// allows, so that clients never take those that saving a snapshot, answering
// /health or letting an administrator in need. Go has raised the soft limit to
// the hard one when the process began.
func (p process) fitClients() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		slog.Warn("cannot tell how many file descriptors there are", "error", err)
		return nil
	}
	have := int(min(limit.Cur, math.MaxInt32))
	kept, asked := p.descriptors(), p.Config.Server.MaxClients
	const fix = "raise the limit, with ulimit -n or LimitNOFILE= in a systemd unit"
	if have <= kept {
		return fmt.Errorf("server.max_clients: no file descriptors are left for clients: the limit is %d, and %d are needed for all else; %s, to %d",
			have, kept, fix, kept+asked)
	}
	most := have - kept
	p.Engine.FitClients(most)
	if most < asked {
		slog.Warn("fewer clients than server.max_clients: there are not enough file descriptors", "max_clients", most, "configured", asked,
			"descriptors", have, "kept_back", kept, "fix", fmt.Sprintf("%s, to %d", fix, kept+asked))
	}
	return nil
}

// descriptors is how many there must be beside those of the clients.
func (p process) descriptors() int {
	n := spareDescriptors + p.Engine.Descriptors() + inherited()
	if p.Backend != nil {
		n += module.Descriptors(p.Backend)
	}
	for _, s := range p.Services {
		if s.Enabled() {
			n += module.Descriptors(s)
		}
	}
	for _, l := range p.Transports {
		if l.Enabled() {
			n += module.Descriptors(l)
		}
	}
	return n
}

// inherited is how many are open now: what the process was started with, and the
// runtime's own.
func inherited() int {
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 8
	}
	return len(open)
}
