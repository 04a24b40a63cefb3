package integration

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// allowed is a difference between two replies that is none in meaning, or that is
// wanted.
type allowed struct {
	reason   string
	peers    []string // how their versions begin, as "redis 7"; nil: all
	commands []string // upper case
	// parts: one of the servers has changed something that the other has not.
	parts bool
	same  func(args []string, ours, redis string) bool
}

// hashTypes are the types of payloads of hashes: a table, packed, and with fields
// that expire Valkey's table, and Redis's table and packed.
var hashTypes = []byte{4, 16, 22, 24, 25}

var allowedDifferences = []allowed{
	{
		reason:   "the order of the keys is each server's own",
		commands: []string{"KEYS"},
		same: func(_ []string, ours, redis string) bool {
			a, errA := bulkStrings(ours)
			b, errB := bulkStrings(redis)
			slices.Sort(a)
			slices.Sort(b)
			return errA == nil && errB == nil && slices.Equal(a, b)
		},
	}, {
		reason:   "the two clocks are read at different instants",
		commands: []string{"TTL", "PTTL"},
		same: func(args []string, ours, redis string) bool {
			within := int64(60)
			if strings.EqualFold(args[0], "PTTL") {
				within = 60_000
			}
			return closeTogether(ours, redis, within)
		},
	}, {
		reason:   "Redis does not look at a string's form and length again when it was changed in place, nor at what INCRBYFLOAT and BITOP make",
		commands: []string{"OBJECT"},
		same: func(args []string, ours, redis string) bool {
			const asInt, short, long = "$3\r\nint\r\n", "$6\r\nembstr\r\n", "$3\r\nraw\r\n"
			return len(args) == 3 && strings.EqualFold(args[1], "encoding") &&
				(ours == asInt && (redis == short || redis == long) || ours == short && redis == long)
		},
	}, {
		reason:   "others compress what they dump, pack small hashes, and write the version of the format that is their own",
		commands: []string{"DUMP"},
		same: func(_ []string, ours, redis string) bool {
			a, errA := bulkStrings(ours)
			b, errB := bulkStrings(redis)
			if errA != nil || errB != nil || len(a) != 1 || len(b) != 1 || len(a[0]) < 11 || len(b[0]) < 11 {
				return false
			}
			const footer = 10 // the version and a checksum of all before that
			if a[0][:len(a[0])-footer] == b[0][:len(b[0])-footer] {
				return true
			}
			return a[0][0] == 0 && b[0][:2] == "\x00\xc3" || bytes.IndexByte(hashTypes, a[0][0]) >= 0 && bytes.IndexByte(hashTypes, b[0][0]) >= 0
		},
	}, {
		reason:   "Redis 7.0 looks at these arguments only where there is a string",
		commands: []string{"BITCOUNT", "BITPOS"},
		same: func(_ []string, ours, redis string) bool {
			return (ours == "-ERR syntax error\r\n" || ours == "-ERR value is not an integer or out of range\r\n") &&
				(redis == ":0\r\n" || redis == ":-1\r\n" || strings.HasPrefix(redis, "-WRONGTYPE "))
		},
	}, {
		reason:   "a relative expiry starts at different instants",
		commands: []string{"EXPIRETIME", "PEXPIRETIME"},
		same: func(args []string, ours, redis string) bool {
			return len(args) == 2 && strings.HasPrefix(args[1], relativePrefix) && closeTogether(ours, redis, 60_000)
		},
	},
}

// isAllowed says whether a reply may differ from that of a peer of this version,
// and whether what the servers hold may differ then.
func isAllowed(version string, args []string, ours, theirs string) (ok, parts bool) {
	for _, a := range slices.Concat(allowedDifferences, hashDifferences, newerDifferences, versionDifferences) {
		if a.concerns(version) && slices.Contains(a.commands, strings.ToUpper(args[0])) && a.same(args, ours, theirs) {
			return true, a.parts
		}
	}
	return false, false
}

// concerns says whether it is a difference from a server of this version.
func (a allowed) concerns(version string) bool { return a.peers == nil || isOneOf(version, a.peers) }

func isOneOf(version string, peers []string) bool {
	return slices.ContainsFunc(peers, func(begin string) bool { return strings.HasPrefix(version, begin) })
}

// closeTogether says whether two replies are positive integers that differ by
// at most so much.
func closeTogether(a, b string, within int64) bool {
	x, errX := integerReply(a)
	y, errY := integerReply(b)
	return errX == nil && errY == nil && x > 0 && y > 0 && max(x-y, y-x) <= within
}

func integerReply(reply string) (int64, error) {
	return strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(reply, ":"), "\r\n"), 10, 64)
}

func TestAllowedDifferences(t *testing.T) {
	for _, c := range []struct {
		args        []string
		ours, redis string
		want        bool
	}{
		{[]string{"keys", "*"}, "*2\r\n$1\r\na\r\n$1\r\nb\r\n", "*2\r\n$1\r\nb\r\n$1\r\na\r\n", true},
		{[]string{"keys", "*"}, "*1\r\n$1\r\na\r\n", "*2\r\n$1\r\nb\r\n$1\r\na\r\n", false},
		{[]string{"keys", "*"}, "-ERR x\r\n", "*0\r\n", false},
		{[]string{"TTL", "k"}, ":99\r\n", ":100\r\n", true},
		{[]string{"TTL", "k"}, ":-1\r\n", ":100\r\n", false},
		{[]string{"PTTL", "k"}, ":1000000\r\n", ":1001000\r\n", true},
		{[]string{"PTTL", "k"}, ":1000000\r\n", ":1000000000\r\n", false},
		{[]string{"PEXPIRETIME", "k"}, ":1000000\r\n", ":1000001\r\n", false},
		{[]string{"PEXPIRETIME", relativePrefix + "1"}, ":1000000\r\n", ":1000001\r\n", true},
		{[]string{"HGETALL", "k"}, "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n", "*4\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\na\r\n$1\r\n1\r\n", true},
		{[]string{"HGETALL", "k"}, "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n", "*4\r\n$1\r\nb\r\n$1\r\n1\r\n$1\r\na\r\n$1\r\n2\r\n", false},
		{[]string{"HKEYS", "k"}, "*1\r\n$1\r\na\r\n", "-ERR x\r\n", false},
		{[]string{"GET", "k"}, "$-1\r\n", "$0\r\n\r\n", false},
	} {
		if got, _ := isAllowed("redis 8.0.6", c.args, c.ours, c.redis); got != c.want {
			t.Errorf("%q: %q and %q: allowed %t", c.args, c.ours, c.redis, got)
		}
	}
}

func TestDifferencesFromSomeServers(t *testing.T) {
	const refused, ok = "-ERR This instance has cluster support disabled\r\n", "+OK\r\n"
	for version, want := range map[string]bool{"redis 7.0.15": false, "redis 8.0.6": false, "valkey 9.1.2": true} {
		if got, parts := isAllowed(version, []string{"ReadOnly"}, refused, ok); got != want || parts {
			t.Errorf("%s: allowed %t", version, got)
		}
		if got, _ := isAllowed(version, []string{"ReadOnly"}, ok, refused); got {
			t.Errorf("%s: the other way round", version)
		}
		if got := slices.Contains(compareAlone(version), "READONLY"); got != want {
			t.Errorf("%s: alone %t", version, got)
		}
	}
	if !isUnsent("redis 8.0.6", []string{"auth", "x"}) || isUnsent("redis 7.0.15", []string{"AUTH", "x"}) || isUnsent("valkey 9.1.2", []string{"SCAN", "0"}) {
		t.Error("what is not sent is something else")
	}
}
