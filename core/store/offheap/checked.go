//go:build race || invariants

package offheap

const checked = true
