package integration

import (
	"maps"
	"slices"
	"strings"
)

// sameReplies allows one reply where the other server has another.
func sameReplies(ours, theirs string) func([]string, string, string) bool {
	return func(_ []string, a, b string) bool { return a == ours && b == theirs }
}

// versionDifferences are from some servers only. Where Redis and Valkey don't
// agree, this server does as the newest Redis.
var versionDifferences = []allowed{
	{
		reason:   "Valkey takes them from clients of a single server as well",
		peers:    []string{"valkey"},
		commands: []string{"READONLY", "READWRITE"},
		same:     sameReplies("-ERR This instance has cluster support disabled\r\n", "+OK\r\n"),
	}, {
		reason:   "what is a module there is built in here, or not there",
		peers:    []string{"redis 8", "valkey"},
		commands: []string{"MODULE"},
		same: func(_ []string, ours, theirs string) bool {
			return ours == "*0\r\n" && strings.HasPrefix(theirs, "*1\r\n")
		},
	}, {
		reason:   "Valkey takes a beginning without an end, and looks at the unit before it looks at the numbers",
		peers:    []string{"valkey"},
		commands: []string{"BITCOUNT"},
		same: func(args []string, ours, theirs string) bool {
			const syntax, number = "-ERR syntax error\r\n", "-ERR value is not an integer or out of range\r\n"
			return len(args) == 3 && ours == syntax && (strings.HasPrefix(theirs, ":") || theirs == number) || ours == number && theirs == syntax
		},
	}, {
		reason:   "Valkey came to these commands apart from Redis: it has other texts for wrong arguments and looks at them in another order",
		peers:    []string{"valkey"},
		commands: slices.Sorted(maps.Keys(newerShapes)),
		same: func(_ []string, ours, theirs string) bool {
			return strings.HasPrefix(ours, "-") && strings.HasPrefix(theirs, "-")
		},
	}, {
		reason:   "Valkey has no limit of its own for when a field expires, and asks first whether the key is there",
		peers:    []string{"valkey"},
		commands: slices.Sorted(maps.Keys(newerShapes)),
		parts:    true,
		same: func(_ []string, ours, theirs string) bool {
			return strings.HasPrefix(ours, "-ERR invalid expire time") && !strings.HasPrefix(theirs, "-")
		},
	}, {
		reason:   "Valkey leaves out the fraction of a second, which counts as a whole one in Redis",
		peers:    []string{"valkey"},
		commands: []string{"HEXPIRETIME"},
		same: func(_ []string, ours, theirs string) bool {
			return slices.EqualFunc(strings.SplitAfter(ours, "\r\n"), strings.SplitAfter(theirs, "\r\n"), func(x, y string) bool {
				return x == y || closeTogether(x, y, 1)
			})
		},
	}, {
		reason:   "Redis tells those who watch a hash of fields that HSETEX sets to expire in the past, though it is as it was",
		peers:    []string{"redis 8"},
		commands: []string{"EXEC"},
		parts:    true,
		same: func(_ []string, ours, theirs string) bool {
			return strings.HasPrefix(ours, "*") && (theirs == "*-1\r\n" || theirs == "_\r\n")
		},
	}, {
		reason:   "Redis has a name of its own for small hashes whose fields expire",
		peers:    []string{"redis 8"},
		commands: []string{"OBJECT"},
		same: func(_ []string, ours, theirs string) bool {
			return (ours == "$8\r\nlistpack\r\n" || ours == "$9\r\nhashtable\r\n") && theirs == "$10\r\nlistpackex\r\n"
		},
	}, {
		reason:   "Valkey embeds strings that are longer, where the key leaves room for them",
		peers:    []string{"valkey"},
		commands: []string{"OBJECT"},
		same:     sameReplies("$3\r\nraw\r\n", "$6\r\nembstr\r\n"),
	}, {
		reason:   "Valkey looks at the expiry before it looks at the key",
		peers:    []string{"valkey"},
		commands: []string{"GETEX"},
		same: func(_ []string, ours, theirs string) bool {
			return (ours == "$-1\r\n" || ours == "_\r\n" || strings.HasPrefix(ours, "-WRONGTYPE ")) &&
				(theirs == "-ERR value is not an integer or out of range\r\n" || theirs == "-ERR invalid expire time in 'getex' command\r\n")
		},
	},
}

// unsent is what a server isn't sent, since its answer has nothing to compare with.
var unsent = []struct {
	reason  string
	peers   []string
	command string
	arg     string // that it has; "": any
}{
	{reason: "Redis 8.0 loses the error of AUTH where another reply stands before it", peers: []string{"redis 8.0"}, command: "AUTH"},
	{reason: "Valkey refuses a type that nothing has, and here it has no keys", peers: []string{"valkey"}, command: "SCAN", arg: "nope"},
}

func isUnsent(version string, args []string) bool {
	for _, u := range unsent {
		if isOneOf(version, u.peers) && strings.EqualFold(u.command, args[0]) && (u.arg == "" || slices.Contains(args, u.arg)) {
			return true
		}
	}
	return false
}
