//go:build !amd64 && !arm64

package sys

// Prefetch does nothing: it is a hint. See the version for amd64 and arm64.
func (r Region) Prefetch(off, n uint64) {}
