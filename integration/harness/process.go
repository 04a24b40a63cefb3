package harness

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// StopTimeout bounds how long a server may take to end after SIGTERM.
const StopTimeout = 60 * time.Second

// process is a child process whose output is kept line by line.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{} // closed when the process has ended and its output is complete

	mu     sync.Mutex
	lines  []string // both outputs, as they came
	stdout []string
	stderr []string
	more   chan struct{} // closed and replaced whenever a line is added
}

// startLimited is start with the limit of descriptors that the options ask for.
func startLimited(binary string, args []string, o Options, dir string) (*process, error) {
	if o.Descriptors == 0 {
		return start(binary, args, o.Env, dir)
	}
	script := fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, o.Descriptors)
	return start("/bin/sh", append([]string{"-c", script, binary}, args...), o.Env, dir)
}

func start(binary string, args, env []string, dir string) (*process, error) {
	p := &process{cmd: exec.Command(binary, args...), exited: make(chan struct{}), more: make(chan struct{})}
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), env...)
	// A test that panics or times out runs no clean-up: the kernel does it.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("harness: %w", err)
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("harness: %w", err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("harness: %w", err)
	}
	var readers sync.WaitGroup
	readers.Go(func() { p.collect(stdout, &p.stdout) })
	readers.Go(func() { p.collect(stderr, &p.stderr) })
	go func() {
		readers.Wait()
		_ = p.cmd.Wait() // the exit code is read from ProcessState
		close(p.exited)
	}()
	return p, nil
}

func (p *process) collect(r io.Reader, into *[]string) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			p.mu.Lock()
			p.lines = append(p.lines, line)
			*into = append(*into, line)
			close(p.more)
			p.more = make(chan struct{})
			p.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// awaitLine returns when a line of the output matches, be it one that was
// written before the call.
func (p *process) awaitLine(ctx context.Context, what string, match func(string) bool) error {
	seen := 0
	for {
		p.mu.Lock()
		unseen, more := p.lines[seen:], p.more
		p.mu.Unlock()
		for _, line := range unseen {
			if match(line) {
				return nil
			}
		}
		seen += len(unseen)
		select {
		case <-more:
			continue
		default:
		}
		select {
		case <-more:
		case <-p.exited:
			p.mu.Lock()
			complete := len(p.lines) == seen
			p.mu.Unlock()
			if complete {
				return fmt.Errorf("harness: waiting for %s: the process ended (exit code %d); its output:\n%s", what, p.exitCode(), p.Output())
			}
		case <-ctx.Done():
			return fmt.Errorf("harness: waiting for %s: %w; the output so far:\n%s", what, ctx.Err(), p.Output())
		}
	}
}

// AwaitLog returns when the server has written a line that contains text.
func (p *process) AwaitLog(ctx context.Context, text string) error {
	return p.awaitLine(ctx, fmt.Sprintf("a line with %q", text), func(line string) bool {
		return strings.Contains(line, text)
	})
}

// Output is what the process has written so far to stdout and stderr.
func (p *process) Output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

// Stdout is what the process has written so far to stdout.
func (p *process) Stdout() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.stdout, "\n")
}

// Stderr is what the process has written so far to stderr.
func (p *process) Stderr() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.stderr, "\n")
}

// PID is the process's id.
func (p *process) PID() int { return p.cmd.Process.Pid }

// Exited is closed when the process has ended.
func (p *process) Exited() <-chan struct{} { return p.exited }

// Terminate sends SIGTERM and does not wait.
func (p *process) Terminate() error { return p.Signal(syscall.SIGTERM) }

// Signal sends a signal and does not wait.
func (p *process) Signal(s os.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("harness: %v: %w", s, err)
	}
	return nil
}

// Stacks ends a process that is a Go program and returns the stacks of all its
// goroutines: of those of the runtime too if GOTRACEBACK says so.
func (p *process) Stacks() (string, error) {
	p.mu.Lock()
	before := len(p.stderr)
	p.mu.Unlock()
	if err := p.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		return "", fmt.Errorf("harness: SIGQUIT: %w", err)
	}
	if _, err := p.Wait(); err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.stderr[before:], "\n"), nil
}

// Wait returns the exit code when the process has ended, and an error when it
// has not within StopTimeout. A process ended by a signal has exit code -1.
func (p *process) Wait() (int, error) {
	timeout := time.NewTimer(StopTimeout)
	defer timeout.Stop()
	select {
	case <-p.exited:
		return p.exitCode(), nil
	case <-timeout.C:
		return -1, fmt.Errorf("harness: the process did not end within %s; its output:\n%s", StopTimeout, p.Output())
	}
}

// Stop sends SIGTERM and waits for the exit code.
func (p *process) Stop() (int, error) {
	if err := p.Terminate(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return -1, err
	}
	return p.Wait()
}

func (p *process) exitCode() int { return p.cmd.ProcessState.ExitCode() }

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails only if it has already ended
	<-p.exited
}
