package server

// Held is what the connections hold, in bytes: what they have noted when they
// began to wait.
type Held struct {
	Connections     int64 // as such, with their goroutines and names, estimated
	Input           int64 // values that are arriving in the store's memory included
	Output          int64
	Messages        int64
	Queued, Watched int64 // estimated; values in the store's memory included
	// Leaving is what those still hold that were cut. It is not in the others.
	Leaving int64
}

// Held adds up what the connections hold, each kind at its own moment.
func (s *Server) Held() Held {
	of := func(k kind) int64 { return max(s.accounts.of[k].Load(), 0) }
	return Held{
		Connections: s.shared.Env.Stats.ConnectionsCurrent.Load()*baseCost + of(kindAwake) + of(kindNamed),
		Input:       of(kindInput), Output: of(kindOutput), Messages: of(kindPushes),
		Queued: of(kindQueued), Watched: of(kindWatched),
		Leaving: max(s.accounts.dying.Load(), 0),
	}
}
