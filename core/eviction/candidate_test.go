package eviction

import (
	"reflect"
	"testing"
)

// The compiler passes what is no larger than four words in registers. A larger
// candidate costs an eviction with ten samples a twelfth more.
func TestCandidatesFitRegisters(t *testing.T) {
	if size, most := reflect.TypeFor[Candidate]().Size(), 4*reflect.TypeFor[uintptr]().Size(); size > most {
		t.Errorf("a Candidate has %d bytes, more than %d", size, most)
	}
}
