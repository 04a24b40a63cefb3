package command

import "github.com/redistill-go/redistill/core/store"

// A command with many fields of a hash works on some at a time. Between those steps
// others may use the shard, though not this key: see store.Work. So they see all of
// the command or nothing. What is not undone as one: of HSET and its kin to a hash
// that was there, the steps that were done when the system had no more memory. In a
// transaction the shards stay locked.

// FieldStep is how many fields are worked on under one lock, and fieldStepBytes how
// many bytes they may have in the request.
const (
	FieldStep      = 128
	fieldStepBytes = 64 << 10
)

// FieldSteps are the steps of one command. The shard is locked when it is begun, at
// each step, and when it is ended.
type FieldSteps struct {
	c     *Ctx
	sh    *store.Shard
	k     store.Key
	args  [][]byte // of all fields
	per   int      // arguments of each
	done  int      // arguments that steps were made of
	tries int      // how often it began anew
	lost  bool     // the hash has gone since the last step
}

// Steps begins the steps for the fields in args, each of which is per of them, of
// the hash that the key has, whose shard Lock has locked. The handler calls End before
// Unlock.
func (c *Ctx) Steps(sh *store.Shard, k store.Key, args [][]byte, per int) FieldSteps {
	return FieldSteps{c: c, sh: sh, k: k, args: args, per: per}
}

// Next is the arguments of the next step of the work on f, if there is one. Between two
// steps the shard is unlocked: what was found before is not valid any more, but f is.
func (s *FieldSteps) Next(f *store.Fields) (part [][]byte, ok bool) {
	left := s.args[s.done:]
	if len(left) == 0 {
		return nil, false
	}
	n := s.length(left)
	if s.done == 0 && n < len(left) && s.c.work == nil && s.c.held == nil {
		s.c.work = s.sh.Work(s.k)
	}
	if s.c.work == nil || s.tries > ApartTries {
		n = len(left)
	}
	if s.done > 0 {
		f.Pause()
		s.c.Unlock(s.sh)
		s.c.Rest()
		s.c.Lock(s.k)
		s.lost = f.Resume()
	}
	s.done += n
	return left[:n], true
}

// length is how many arguments the next step has.
func (s *FieldSteps) length(left [][]byte) int {
	n, size := 0, 0
	for n < len(left) && n < FieldStep*s.per && size < fieldStepBytes {
		for range s.per {
			size += len(left[n])
			n++
		}
	}
	return n
}

// Again begins anew. After some times the rest is one step.
func (s *FieldSteps) Again() {
	s.done, s.lost = 0, false
	s.tries++
}

// stepped says whether there was more than one step so far.
func (s *FieldSteps) stepped() bool { return s.c.work != nil }

// End ends the steps; others may work on the key again.
func (s *FieldSteps) End() {
	if w := s.c.work; w != nil {
		s.c.work = nil
		s.sh.EndWork(w)
	}
}

// SetAll sets fields and values and says how many fields are new. The caller calls
// Done in any case.
func (s *FieldSteps) SetAll(f *store.Fields, expireAt int64) (created int, err error) {
	isNew := !f.Exists()
	for part, more := s.Next(f); more; part, more = s.Next(f) {
		if s.lost {
			created = 0
			s.Again()
			continue
		}
		n, err := f.SetAll(part, expireAt)
		if err != nil {
			if s.stepped() && isNew && f.Exists() {
				f.Drop()
			}
			return 0, err
		}
		created += n
	}
	return created, nil
}
