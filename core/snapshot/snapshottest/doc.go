// Package snapshottest is the conformance suite for persistence backends: what
// snapshot.Backend promises, as tests that every implementation can run, in this
// tree or not.
//
//	func TestConformance(t *testing.T) {
//		snapshottest.Run(t, snapshottest.Factory{New: ..., Damage: ...})
//	}
//
// What happens at each of many places is tried at all of them without the race
// detector, and at some with it: run the suite both ways.
//
// It keeps no state between tests: each works at a place of its own.
package snapshottest
