package integration

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

// A client that has not authenticated is closed when it leaves replies unread:
// it has nothing to wait for.
func TestAStrangerThatDoesNotReadIsClosed(t *testing.T) {
	s := harness.Redistill(t, harness.Options{Password: "s3cret", Set: []string{"server.auth_timeout=0"}})
	c := dial(t, s)
	requests := []byte(strings.Repeat("PING\r\n", 10_000))
	// What the kernel takes of the replies is no business of the server's: a few
	// MiB at most, of which each request makes thirty bytes.
	const most = 64 << 20
	sent := 0
	for sent < most {
		if err := c.SetWriteDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := c.Write(requests)
		if sent += n; err != nil {
			if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
				t.Errorf("after %d bytes: %v", sent, err)
			}
			break
		}
	}
	if sent >= most {
		t.Errorf("it took %d bytes of requests", sent)
	}
	if err := authenticated(t, s, "s3cret"); err != nil {
		t.Error(err)
	}
}
