package hostile

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/redistill-go/redistill/integration/harness"
)

// Scenario is an attack and what it meets.
type Scenario struct {
	Name     string
	Limit    int64  // memory.max, in bytes
	Policy   string // "": allkeys-lru
	Password string // "": none is asked for
	// Set holds more settings of redistill, as section.key=value, and Args more
	// arguments of its peers.
	Set, Args []string
	// Keys and Value are how many strings the server holds, and of how many
	// bytes each. The good client reads and overwrites them.
	Keys, Value int
	// Prepare is what the server holds besides.
	Prepare []Crowd
	Attack  []Crowd
}

// Clients is how many clients the attack has.
func (s *Scenario) Clients() (n int) {
	for _, c := range s.Attack {
		n += c.Clients
	}
	return n
}

// Options are what a server of either kind is to be started with.
func (s *Scenario) Options() harness.Options {
	policy := s.Policy
	if policy == "" {
		policy = "allkeys-lru"
	}
	return harness.Options{
		Password: s.Password,
		Set:      append([]string{"memory.eviction=" + policy, fmt.Sprintf("memory.max=%d", s.Limit)}, s.Set...),
		Args:     append([]string{"--maxmemory-policy", policy, "--maxmemory", strconv.FormatInt(s.Limit, 10)}, s.Args...),
	}
}

// Key is the name of one of the keys, all of which have names of one length.
func Key(n int) string { return fmt.Sprintf("key:%07d", n) }

// fill writes the keys. The values are noise.
func (s *Scenario) fill(c *harness.Conn) error {
	noise := Noise(2*s.Value + 1)
	random := rand.New(rand.NewPCG(4, 2))
	const batch = 256 << 10
	var b []byte
	sent := 0
	flush := func() error {
		if _, err := c.Write(b); err != nil {
			return err
		}
		for ; sent > 0; sent-- {
			if reply, err := c.Reply(); err != nil || reply != "+OK\r\n" {
				return fmt.Errorf("hostile: SET: %.100q, %w", reply, err)
			}
		}
		b = b[:0]
		return nil
	}
	for n := range s.Keys {
		at := random.IntN(s.Value + 1)
		b = harness.AppendCommand(b, "SET", Key(n), noise[at:at+s.Value])
		if sent++; len(b) >= batch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// Noise is n printable bytes that don't compress.
func Noise(n int) string {
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('!' + random.IntN('~'-'!'+1))
	}
	return string(b)
}
