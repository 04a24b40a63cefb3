package hostile

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// In the process of the attackers the good client waits for them: for their turn
// on the processors, and for a scheduler that looks after thousands of theirs. What
// it measures is then as much the attackers' doing as the server's. So a plan may
// name a program for it, which calls Behave.

// client is the good client, wherever it is.
type client interface {
	// begin lets it behave until end, which says how that went.
	begin(ctx context.Context) (end func() (experience, error), err error)
	leave()
}

// newClient connects the good client. program: see Plan.Good.
func newClient(ctx context.Context, m manners, program []string) (client, error) {
	if len(program) == 0 {
		return newGood(m)
	}
	return newAside(ctx, m, program)
}

// Behave is the good client as a process: it learns from in what to do, says on out
// how that went, and returns when in ends.
//
// Each line on in begins a run, or ends it, but for the first one; each on out
// answers the first, and the ends of runs.
func Behave(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := make(chan []byte)
	go func() {
		defer close(lines)
		for r := bufio.NewScanner(in); r.Scan(); {
			select {
			case lines <- append([]byte(nil), r.Bytes()...):
			case <-ctx.Done():
				return
			}
		}
		cancel() // nobody waits for how it goes
	}()
	var m manners
	if err := json.Unmarshal(<-lines, &m); err != nil {
		return fmt.Errorf("hostile: what the good client is to do: %w", err)
	}
	g, err := newGood(m)
	if err != nil {
		return err
	}
	defer g.leave()
	say := json.NewEncoder(out)
	if err := say.Encode(experience{}); err != nil {
		return err
	}
	for range lines {
		stop := make(chan struct{})
		go func() { <-lines; close(stop) }()
		if err := say.Encode(g.run(ctx, stop)); err != nil {
			return err
		}
	}
	return nil
}

// aside is a good client in a process of its own.
type aside struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *json.Decoder
}

func newAside(ctx context.Context, m manners, program []string) (*aside, error) {
	cmd := exec.CommandContext(ctx, program[0], program[1:]...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("hostile: start the good client: %w", err)
	}
	a := &aside{cmd, in, json.NewDecoder(out)}
	if _, err := a.ask(m); err != nil {
		a.leave()
		return nil, err
	}
	return a, nil
}

// ask sends a line and waits for the answer.
func (a *aside) ask(line any) (e experience, err error) {
	if err = json.NewEncoder(a.in).Encode(line); err == nil {
		err = a.out.Decode(&e)
	}
	if err != nil {
		err = fmt.Errorf("hostile: the good client has ended: %w", err)
	}
	return e, err
}

func (a *aside) begin(context.Context) (end func() (experience, error), err error) {
	if err := json.NewEncoder(a.in).Encode("begin"); err != nil {
		return nil, fmt.Errorf("hostile: the good client has ended: %w", err)
	}
	return func() (experience, error) { return a.ask("end") }, nil
}

func (a *aside) leave() {
	// It has said what there is to say, and ends when nothing more comes.
	_ = errors.Join(a.in.Close(), a.cmd.Wait())
}
