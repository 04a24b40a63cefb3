package rdb

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// format is whose file or payload it is and of which version. Up to version 11
// Redis and Valkey write the same; since then both go on from there, each in
// its own way, and give the same numbers to different things.
type format struct {
	valkey  bool
	version int
}

// The versions that are read. Version 5 brought the checksum, 12 is what Redis
// 7.4 to 8.4 write, 13 is that of 8.6 and 14 of 8.8. Version 80 is that of
// Valkey 9.
const (
	minVersion    = 5
	maxVersion    = 14
	valkeyVersion = 80

	lastCommon = 11
	keyMeta    = 13 // the version that brought opKeyMeta
)

const (
	magic       = "REDIS"
	valkeyMagic = "VALKEY"
	headerSize  = 9 // a magic and decimal digits
)

// MagicSize is how many bytes Begins needs.
const MagicSize = len(valkeyMagic)

// Begins says whether a file that starts with p, of at least MagicSize bytes or all of
// it, can be an RDB file, perhaps one that is cut off.
func Begins(p []byte) bool {
	if len(p) == 0 {
		return false
	}
	of := func(magic string) bool {
		return bytes.HasPrefix(p, []byte(magic)) || strings.HasPrefix(magic, string(p))
	}
	return of(magic) || of(valkeyMagic)
}

// header reads what a file starts with.
func (c *cursor) header() (format, error) {
	p, err := c.take(headerSize)
	if err != nil {
		n := min(len(c.p), len(valkeyMagic))
		if string(c.p[:n]) == valkeyMagic[:n] || string(c.p[:min(n, len(magic))]) == magic[:min(n, len(magic))] {
			return format{}, err
		}
		p = c.p
	}
	name, digits, valkey := magic, []byte(nil), false
	switch {
	case bytes.HasPrefix(p, []byte(magic)):
		digits = p[len(magic):]
	case bytes.HasPrefix(p, []byte(valkeyMagic)):
		name, digits, valkey = valkeyMagic, p[len(valkeyMagic):], true
	default:
		return format{}, &Error{Problem: fmt.Sprintf("not an RDB file: it starts with %q", p), Fix: "check the path, or move the file away to start empty"}
	}
	version, err := strconv.ParseUint(string(digits), 10, 32)
	f := format{valkey: valkey, version: int(version)}
	if err != nil || !f.known() || version < minVersion {
		return format{}, &Error{Offset: int64(len(name)), Fix: fixVersion,
			Problem: fmt.Sprintf("version %q of %s files is none of those that this server reads: %d to %d of Redis, and %d of Valkey",
				digits, name, minVersion, maxVersion, valkeyVersion)}
	}
	return f, nil
}

// payloadFormat is the format of a payload, which has nothing but its version
// to tell it. Redis and Valkey have set aside different numbers.
func payloadFormat(version uint16) format {
	return format{valkey: version >= valkeyVersion, version: int(version)}
}

// known says whether it is one that this package reads.
func (f format) known() bool {
	if f.valkey {
		return f.version == valkeyVersion
	}
	return f.version <= maxVersion
}

// has says whether there is such a type in the format. In a file of Redis it
// does not depend on the version: this server's own files are of version 10 and
// may have a type of version 12.
func (f format) has(t Type) bool {
	last := Type(28)
	if f.valkey {
		last = hashValkey
	}
	return t <= last && t != 8
}

// asValkey says whether type 22 is Valkey's. It is in common versions too, by
// Valkey's own rule: Redis had it for release candidates of version 12 only.
func (f format) asValkey() bool { return f.valkey || f.version <= lastCommon }

// isHash says whether the value is a hash in an encoding that is read.
func (f format) isHash(t Type) bool { return f.has(t) && t.IsHash() }
