package policy

import "math"

// DrawAtOnce is how many entries are drawn in one visit of a shard that has many, at
// least: reading them at once is cheaper by far than one by one.
const DrawAtOnce = 128

// ExpiredRank makes what has expired go first.
const ExpiredRank = math.MaxUint64

// Victims are the highest ranked of the entries that were drawn.
type Victims struct {
	list  [DrawAtOnce / 2]Victim // in order of rank, the highest first
	n     int
	Most  int // how many are kept in the list, up to half of DrawAtOnce
	Drawn int
}

// Victim is an entry by its word in the index, and its rank.
type Victim struct {
	Word uint64
	Rank uint64
}

// Add counts an entry as drawn, and keeps it if it is among the highest ranked. first
// says that it is the highest.
func (v *Victims) Add(word, rank uint64) (first bool) {
	v.Drawn++
	i := v.n
	if v.n < v.Most {
		v.n++
	} else if i--; rank <= v.list[i].Rank {
		return false
	}
	for ; i > 0 && v.list[i-1].Rank < rank; i-- {
		v.list[i] = v.list[i-1]
	}
	v.list[i] = Victim{word, rank}
	return i == 0
}

// List is all that are kept.
func (v *Victims) List() []Victim { return v.list[:v.n] }

// KeepOne forgets all but the first.
func (v *Victims) KeepOne() { v.n, v.Most = min(v.n, 1), 1 }

// MostOf is how many of the entries that were drawn may be evicted at once, from the
// highest ranked on, without choosing worse than by evicting the highest of some samples
// each time.
//
// How bad a choice is, is the square of the share of all entries that rank higher: one
// that should clearly have stayed is worse than several that nearly had to go. Of n drawn
// entries the i-th has i(i+1)/(n+1)(n+2) of it on average.
func MostOf(drawn, samples int) int {
	n, k := float64(drawn), float64(samples)
	// Of the first m of n and of the first of k: (m+1)(m+2)/3(n+1)(n+2) = 2/(k+1)(k+2).
	most := (math.Sqrt(1+24*(n+1)*(n+2)/((k+1)*(k+2))) - 3) / 2
	return min(max(int(most+1e-9), 1), DrawAtOnce/2)
}
