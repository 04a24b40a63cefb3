// Package buffertest makes buffer pools for tests.
package buffertest

import (
	"testing"

	"github.com/redistill-go/redistill/core/buffer"
)

// New makes a pool that is closed when the test has ended.
func New(t testing.TB) *buffer.Pool {
	t.Helper()
	p, err := buffer.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}
