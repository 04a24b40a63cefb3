//go:build !amd64

package rdb

// checksum continues sum over p.
func checksum(sum uint64, p []byte) uint64 { return checksumTables(sum, p) }
