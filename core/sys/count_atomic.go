//go:build !(amd64 || arm64) || race

package sys

import "sync/atomic"

func (c *Count) set(n int64) { atomic.StoreInt64(&c.n, n) }
