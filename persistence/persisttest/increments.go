package persisttest

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
)

// increments saves a store that changes, again and again. A backend that is
// not incremental has to pass as well: it saves everything each time.
func (f Factory) increments(t *testing.T) {
	const space = 400
	random := rand.New(rand.NewPCG(1, 2))
	dir := t.TempDir()
	b := f.open(t, dir)
	s := NewStore()
	for round := range 60 {
		switch {
		case round == 30:
			s.Flush()
		case round%7 == 3: // nothing has changed
		default:
			s.Churn(random, random.IntN(space), space)
		}
		if round%5 == 4 {
			f.stoppedIncrement(t, b, s)
			s.Churn(random, random.IntN(20), space)
		}
		want := s.Records()
		if _, err := b.Save(t.Context(), s); err != nil {
			t.Fatalf("round %d: Save: %v", round, err)
		}
		if s.Open() {
			t.Fatalf("round %d: Save left its view open", round)
		}
		if round%10 == 9 {
			b.close(t)
			b = f.open(t, dir)
		}
		b.wantLoad(t, want)
	}
}

// stoppedIncrement: what was not saved is part of the next increment.
func (f Factory) stoppedIncrement(t *testing.T, b *opened, s *Store) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Save(ctx, s); !errors.Is(err, context.Canceled) {
		t.Fatalf("Save that is stopped: %v, want context.Canceled", err)
	}
	if s.Open() {
		t.Fatal("Save that is stopped left its view open")
	}
}
