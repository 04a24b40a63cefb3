// Package script is the Go side of what the runner of the client matrix
// understands: it runs checks and prints a line for each.
package script

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Timeout bounds one check.
const Timeout = 30 * time.Second

// The addresses of the servers.
var (
	Addr     = os.Getenv("REDIS_HOST") + ":" + os.Getenv("REDIS_PORT")
	TLSAddr  = os.Getenv("TLS_HOST") + ":" + os.Getenv("TLS_PORT")
	AuthAddr = os.Getenv("REDIS_HOST") + ":" + os.Getenv("AUTH_PORT")
	Password = os.Getenv("AUTH_PASSWORD")
	// Extras says that the server knows what Redis 7.0 does not.
	Extras = os.Getenv("EXTRAS") != ""
)

var answers = bufio.NewReader(os.Stdin)

// Check runs one check and prints its result.
func Check(name string, run func(ctx context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), Timeout)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Printf("not ok %s: %s\n", name, strings.ReplaceAll(err.Error(), "\n", "; "))
		return
	}
	fmt.Println("ok " + name)
}

// End says that all checks were run.
func End() { fmt.Println("end") }

// Restart returns when the server has been replaced by a new one.
func Restart() error {
	fmt.Println("restart")
	if line, err := answers.ReadString('\n'); err != nil || line != "restarted\n" {
		return fmt.Errorf("answer to restart: %q, %w", line, err)
	}
	return nil
}

// TLS trusts the authority of the server's certificate.
func TLS() (*tls.Config, error) {
	pem, err := os.ReadFile(os.Getenv("TLS_CA"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("TLS_CA holds no certificate")
	}
	return &tls.Config{RootCAs: pool, ServerName: os.Getenv("TLS_HOST")}, nil
}

// Same collects what differs from what is expected.
type Same struct{ problems []error }

// Check compares a reply, printed, with what is expected.
func (s *Same) Check(request string, want any) func(got any, err error) {
	return func(got any, err error) {
		if err != nil {
			s.problems = append(s.problems, fmt.Errorf("%s: %w", request, err))
		} else if fmt.Sprintf("%v", got) != fmt.Sprintf("%v", want) {
			s.problems = append(s.problems, fmt.Errorf("%s: got %v, want %v", request, got, want))
		}
	}
}

// Fails wants an error that begins with prefix.
func (s *Same) Fails(request, prefix string, err error) {
	if err == nil || !strings.Contains(err.Error(), prefix) {
		s.problems = append(s.problems, fmt.Errorf("%s: error %v, want %s", request, err, prefix))
	}
}

// Err is all that differed.
func (s *Same) Err() error { return errors.Join(s.problems...) }

// Eventually tries until it succeeds or ctx ends.
func Eventually(ctx context.Context, try func() error) error {
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w; the last attempt: %w", ctx.Err(), err)
		case <-retry.C:
		}
	}
}
