package eviction

import "sync/atomic"

// Tunable is a Policy with parameters that CONFIG SET changes while it is in
// force.
type Tunable interface {
	Policy
	// Parameters are always the same ones.
	Parameters() []Parameter
}

// Parameter is a whole number that a policy goes by.
type Parameter struct {
	Name     string // as Redis calls it
	Doc      string // what it is, in a few words without a full stop
	Min, Max int
	Value    *atomic.Int32
}

// IntParameter makes a Parameter.
func IntParameter(name, doc string, low, high int, value *atomic.Int32) Parameter {
	return Parameter{Name: name, Doc: doc, Min: low, Max: high, Value: value}
}

// SamplesParameter is how many entries are compared for an eviction.
func SamplesParameter(value *atomic.Int32) Parameter {
	return IntParameter("maxmemory-samples", "keys that are compared for each eviction", 1, 64, value)
}
