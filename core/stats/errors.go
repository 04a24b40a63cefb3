package stats

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// maxErrorCodes bounds how many error codes are told apart.
const maxErrorCodes = 128

// errorCodes counts error replies by their code.
type errorCodes struct {
	mu     sync.Mutex
	counts map[string]int64
}

// Failed counts an error reply under its code, the first word of its text.
func (s *Stats) Failed(text string) {
	code, _, _ := strings.Cut(text, " ")
	e := &s.errors
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.counts == nil {
		e.counts = map[string]int64{}
	}
	if _, known := e.counts[code]; known || len(e.counts) < maxErrorCodes {
		e.counts[strings.Clone(code)]++
	}
}

// EachError calls f for every error code that was replied with, in order.
func (s *Stats) EachError(f func(code string, count int64)) {
	s.errors.mu.Lock()
	counts := maps.Clone(s.errors.counts)
	s.errors.mu.Unlock()
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		f(code, counts[code])
	}
}
