//go:build !race && !holds

package store

import "sync"

// mutex is the lock of a shard. Builds with the race detector can measure how long
// it is held: see hold.go.
type mutex struct{ sync.Mutex }
