package saver

import "context"

// SaveLast stops the save that is under way, lets no other begin, and saves the
// last snapshot. If that fails, all is as before, and others may begin. It may be
// called again, when something has changed since.
func (s *Saver) SaveLast(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	if s.current != nil {
		s.current.cancel()
	}
	s.mu.Unlock()
	s.saves.Wait()
	err := s.wait(ctx, &saving{last: true})
	if err != nil {
		s.mu.Lock()
		s.closing = false
		s.mu.Unlock()
	}
	return err
}

// closed says whether SaveLast has saved the last snapshot.
func (s *Saver) closed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// SaveRest saves what the newest snapshot has not, when nobody writes any more:
// what a command may have written that was being executed when SaveLast took its
// view, or, where asked says so, all of it if SaveLast was never called.
func (s *Saver) SaveRest(ctx context.Context, asked bool) error {
	if s.closed() {
		if s.unchanged() {
			return nil
		}
	} else if !asked {
		return nil
	}
	return s.SaveLast(ctx)
}

// End stops the save that is under way and lets no other begin but by SaveLast.
func (s *Saver) End() {
	s.stop()
	s.saves.Wait()
}

// unchanged says whether the newest snapshot has what the store holds.
func (s *Saver) unchanged() bool {
	s.mu.Lock()
	known := s.known
	s.mu.Unlock()
	return known && s.store.Totals().Changes == s.stats.SnapshotLastChanges.Load()
}
