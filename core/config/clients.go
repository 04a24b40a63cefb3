package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ClientMemory is what all clients together may hold: bytes, a part of
// memory.max, or a choice of the server. 0 is as much as they want.
type ClientMemory struct {
	bytes   Size
	percent int
	chosen  bool // by the server
}

// AutoClientMemory leaves it to the server.
var AutoClientMemory = ClientMemory{chosen: true}

const (
	autoName = "auto"
	// autoPercent of memory.max is what clients may hold unless it is said
	// otherwise, and autoLeast bytes where that is less: a few clients with large
	// replies, and the usual ten thousand idle ones.
	autoPercent = 25
	autoLeast   = 64 << 20
)

// Under is the limit in bytes where memory.max is limit; 0: none. Without a
// memory.max a part of it is no limit either.
func (c ClientMemory) Under(limit int64) int64 {
	switch {
	case c.chosen && limit > 0:
		return max(limit/100*autoPercent, autoLeast)
	case c.percent > 0:
		return limit / 100 * int64(c.percent)
	}
	return int64(c.bytes)
}

// UnmarshalText parses "auto", a size, or a percentage as in "25%".
func (c *ClientMemory) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	if strings.EqualFold(s, autoName) {
		*c = AutoClientMemory
		return nil
	}
	if number, ok := strings.CutSuffix(s, "%"); ok {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > 100 {
			return fmt.Errorf("%q is not a percentage from 1%% to 100%%", text)
		}
		*c = ClientMemory{percent: n}
		return nil
	}
	var bytes Size
	if err := bytes.UnmarshalText(text); err != nil {
		return fmt.Errorf("%q is neither %s nor a size nor a percentage", text, autoName)
	}
	*c = ClientMemory{bytes: bytes}
	return nil
}

// MarshalText is the inverse of UnmarshalText.
func (c ClientMemory) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// String is as UnmarshalText reads it.
func (c ClientMemory) String() string {
	switch {
	case c.chosen:
		return autoName
	case c.percent > 0:
		return strconv.Itoa(c.percent) + "%"
	}
	return c.bytes.String()
}

// OutputLimit is how much one client may leave unread: Hard bytes at no time, and
// Soft bytes for a while. It is written as "256mb", or with the soft limit and its
// time as "32mb 8mb 60s". 0 is no limit.
type OutputLimit struct {
	Hard, Soft Size
	For        Duration
}

// UnmarshalText parses an output limit.
func (l *OutputLimit) UnmarshalText(text []byte) error {
	var read OutputLimit
	words := strings.Fields(string(text))
	if len(words) != 1 && len(words) != 3 {
		return fmt.Errorf("%q is not a size, or two sizes and a time", text)
	}
	if err := read.Hard.UnmarshalText([]byte(words[0])); err != nil {
		return err
	}
	if len(words) == 3 {
		if err := read.Soft.UnmarshalText([]byte(words[1])); err != nil {
			return err
		}
		if err := read.For.UnmarshalText([]byte(words[2])); err != nil {
			return err
		}
	}
	*l = read
	return nil
}

// MarshalText is the inverse of UnmarshalText.
func (l OutputLimit) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// String is as UnmarshalText reads it.
func (l OutputLimit) String() string {
	if l.Soft == 0 {
		return l.Hard.String()
	}
	return l.Hard.String() + " " + l.Soft.String() + " " + l.For.String()
}

// leastOutput is the least hard limit that leaves room for the replies of a
// pipeline that are sent together.
const leastOutput = 64 << 10

// problem says what is wrong with the limit under a key, if anything.
func (l OutputLimit) problem(key string) error {
	switch {
	case l.Hard != 0 && l.Hard < leastOutput:
		return &FieldError{key, fmt.Sprintf("%s is less than 64kb", l.Hard), "use 64kb or more, or 0 for no limit"}
	case l.Soft != 0 && l.For < Duration(time.Second):
		return &FieldError{key, fmt.Sprintf("the soft limit %s lasts for %s", l.Soft, l.For), "use a second or more"}
	}
	return nil
}
