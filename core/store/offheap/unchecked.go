//go:build !race && !invariants

package offheap

const checked = false
