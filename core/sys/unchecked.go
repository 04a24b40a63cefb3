//go:build !race && !invariants

package sys

const checked = false
