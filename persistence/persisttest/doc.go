// Package persisttest is the conformance suite for persistence backends: what
// module.Backend promises, as tests that every implementation can run, in this
// tree or not.
//
//	func TestConformance(t *testing.T) {
//		persisttest.Run(t, persisttest.Factory{New: ..., Damage: ...})
//	}
//
// It keeps no state between tests: each works at a place of its own.
package persisttest
