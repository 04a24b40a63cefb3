//go:build !race && !invariants

package sys

// Checked says whether this build checks what its correctness rests on.
const Checked = false
