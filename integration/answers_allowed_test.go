package integration

import (
	"regexp"
	"slices"
	"strings"

	"github.com/redistill-go/redistill/core/command/arg"
)

// extraRequests are of interest beside those that the syntax makes.
var extraRequests = [][]string{
	{"COMMAND", "GETKEYS", "MSETEX", "2", "a", "1", "b", "2", "EX", "10"}, {"COMMAND", "GETKEYS", "MSETEX", "3", "a", "1", "b", "2"},
	{"COMMAND", "GETKEYS", "MSETEX", "0", "a", "1"}, {"COMMAND", "GETKEYS", "MSETEX", "x", "a", "1"}, {"COMMAND", "GETKEYS", "MSETEX", "1"},
	{"COMMAND", "GETKEYSANDFLAGS", "MSETEX", "1", "a", "1", "PX", "5"}, {"COMMAND", "GETKEYS", "BITOP", "AND", "a", "b", "c"},
	{"COMMAND", "GETKEYSANDFLAGS", "BITOP", "AND", "a", "b", "c"}, {"COMMAND", "GETKEYSANDFLAGS", "SET", "a", "b", "GET"},
	{"COMMAND", "GETKEYSANDFLAGS", "SET", "a", "b"}, {"COMMAND", "GETKEYSANDFLAGS", "BITFIELD", "a", "GET", "u8", "0"},
	{"COMMAND", "GETKEYSANDFLAGS", "BITFIELD", "a", "SET", "u8", "0", "1"}, {"COMMAND", "GETKEYSANDFLAGS", "COPY", "a", "b", "REPLACE"},
	{"COMMAND", "GETKEYS", "OBJECT"}, {"COMMAND", "GETKEYS", "OBJECT", "ENCODING"}, {"COMMAND", "GETKEYS", "OBJECT", "x", "a"},
	{"COMMAND", "GETKEYS", "OBJECT", "FREQ", "a"}, {"COMMAND", "GETKEYS", "CLIENT", "ID"}, {"COMMAND", "GETKEYS", "EXEC"},
	{"COMMAND", "GETKEYS", "MSET", "a", "1", "b"}, {"COMMAND", "GETKEYS", "HSETEX", "a", "FIELDS", "1", "f", "v"},
	{"HGETEX", "k", "EX", "x", "FIELDS"}, {"HGETEX", "k", "PERSIST", "FIELDS", "f", "f"}, {"HGETEX", "k", "PERSIST", "PERSIST", "FIELDS", "1", "f"},
	{"HEXPIRE", "k", "10", "NX", "XX", "FIELDS", "1", "f"}, {"HEXPIRE", "k", "10", "FIELDS", "2", "f"}, {"HEXPIRE", "k", "x", "x", "x", "x"},
	{"HPEXPIREAT", "k", "70368744177663", "FIELDS", "1", "f"}, {"HPEXPIREAT", "k", "70368744177664", "FIELDS", "1", "f"},
	{"BITFIELD", "k", "GET", "u64", "0"}, {"BITFIELD", "k", "SET", "u8", "#9007199254740993", "1"}, {"BITFIELD", "k", "GET", "u8", "#-1"},
	{"BITFIELD", "k", "OVERFLOW", "x", "GET", "u8", "0"}, {"BITFIELD", "k", "GET", "u8", "0", "SET", "x", "0", "1"},
	{"BITFIELD_RO", "k", "SET", "u8", "0", "1"}, {"SETRANGE", "k", "536870911", "ab"}, {"SETRANGE", "k", "9223372036854775807", ""},
	{"SETRANGE", "k", "-1", ""}, {"SETBIT", "k", "4294967295", "2"}, {"SETBIT", "k", "4294967296", "2"}, {"GETBIT", "k", "4294967296"},
	{"BITOP", "x", "k"}, {"BITOP", "NOT", "k3", "k", "k2"}, {"GETRANGE", "k", "-1", "-5"}, {"GETRANGE", "k", "x", "x"},
	{"RESTORE", "k", "x", "x", "IDLETIME", "x"}, {"RESTORE", "k", "0", "x", "IDLETIME", "1", "FREQ", "1"}, {"RESTORE", "k", "-1", "x", "REPLACE"},
	{"RESTORE", "k", "0", "x", "REPLACE", "FREQ", "256"}, {"COPY", "k", "k"}, {"COPY", "k", "k2", "DB", "1"}, {"COPY", "k", "k", "DB", "x"},
	{"LCS", "k", "k2", "LEN", "IDX"}, {"LCS", "k", "k2", "MINMATCHLEN", "x", "x"}, {"SCAN", "0", "TYPE", "nope"}, {"SCAN", "x", "COUNT", "x"},
	{"HSCAN", "k", "x", "COUNT", "x"}, {"HSCAN", "k", "0", "COUNT", "x"}, {"HSCAN", "k", "0", "NOVALUES", "x"}, {"HSCAN", "k", "18446744073709551615"},
	{"SCAN", "\t0"}, {"SCAN", "0\x00x"}, {"SCAN", "+0"}, {"SCAN", "- 0"}, {"SELECT", "16"}, {"OBJECT", "FREQ"}, {"OBJECT", "FREQ", "k", "x"},
	{"CLIENT", "LIST", "ID", "x"}, {"CLIENT", "LIST", "ID"}, {"CLIENT", "LIST", "TYPE", "x"}, {"CLIENT", "KILL", "SKIPME", "x"},
	{"CLIENT", "KILL", "ID", "1000000", "TYPE", "x"}, {"CLIENT", "NO-EVICT", "x"}, {"CLIENT", "SETNAME", "a b"}, {"CLIENT", "SETINFO", "LIB-NAME", "a b"},
	{"HELLO", "3", "SETNAME", "a b"}, {"HELLO", "3", "AUTH", "default", "x", "SETNAME", "a b"}, {"FLUSHALL", "SYNC", "ASYNC"},
	{"EXPIRE", "k", "10", "NX", "XX"}, {"EXPIRE", "k", "x", "x"}, {"EXPIRE", "k", "x", "GT", "LT"}, {"PEXPIRE", "k", "9223372036854775807", "LT"},
	{"EXPIREAT", "k", "9223372036854775"}, {"EXPIREAT", "k", "9223372036854776"}, {"EXPIRE", "k", "9223372036854775"}, {"EXPIRE", "k", "-9223372036854775"},
	{"GETEX", "k", "EX", "0"}, {"GETEX", "k", "EX", "9223372036854775"}, {"GETEX", "k", "PX", "9223372036854775807"}, {"SET", "k", "v", "PXAT", "1"},
	{"SET", "k", "v", "EX", "10", "KEEPTTL", "NX", "GET"}, {"SETEX", "k", "x", "v"}, {"INCRBYFLOAT", "k", "1e4931"}, {"HINCRBYFLOAT", "k", "f", "nan"},
	{"MEMORY", "USAGE", "k", "SAMPLES", "-1"}, {"MEMORY", "USAGE", "k", "SAMPLES", "x"}, {"SLOWLOG", "GET", "-2"}, {"LATENCY", "HISTOGRAM", "nope"},
	{"WAIT", "-1", "0"}, {"WAIT", "0", "0"}, {"WAIT", "x", "x"}, {"ECHO"}, {"PING", "a", "b"}, {"MULTI", "x"}, {"EXEC"}, {"DISCARD"}, {"WATCH"},
}

// parameterRequests set the parameters that are numbers, except for those that
// would shut the client out, and then set them back.
func parameterRequests() (all [][]string) {
	for _, p := range [][2]string{
		{"hash-max-listpack-entries", "128"}, {"hash-max-listpack-value", "64"}, {"hash-max-ziplist-entries", "128"}, {"hash-max-ziplist-value", "64"},
		{"latency-monitor-threshold", "0"}, {"lfu-decay-time", "1"}, {"lfu-log-factor", "10"}, {"maxmemory-samples", "5"},
		{"slowlog-log-slower-than", "10000"}, {"slowlog-max-len", "128"}, {"tracking-table-max-keys", "1000000"}, {"timeout", "0"},
	} {
		for _, value := range integerEdges {
			if p[0] != "timeout" || value != "2" {
				all = append(all, []string{"CONFIG", "SET", p[0], value})
			}
		}
		all = append(all, []string{"CONFIG", "SET", p[0], p[1]})
	}
	return append(all, []string{"CONFIG", "SET", "no-such-parameter", "1"}, []string{"CONFIG", "SET", "timeout", "0", "timeout", "0"},
		[]string{"CONFIG", "SET", "save", ""}, []string{"CONFIG", "SET", "appendonly", "no"}, []string{"CONFIG", "SET", "maxmemory", "x"},
		[]string{"CONFIG", "SET", "maxmemory", "-1"}, []string{"CONFIG", "SET", "maxmemory", ""}, []string{"CONFIG", "SET", "maxmemory", "1.5gb"},
		[]string{"CONFIG", "SET", "maxmemory", "18446744073709551616"}, []string{"CONFIG", "SET", "maxclients", "0"}, []string{"CONFIG", "SET", "maxclients", "-1"},
		[]string{"CONFIG", "SET", "maxclients", "x"}, []string{"CONFIG", "SET", "maxclients", "4294967296"}, []string{"CONFIG", "SET", "maxmemory", "0"})
}

// argsOf is the syntax that requests are made of, which for a few commands is
// less than what they declare: with the rest the server would not answer again.
func argsOf(name string, list []arg.Arg) []arg.Arg {
	switch name {
	case "client|pause": // a pause of writes leaves CLIENT UNPAUSE
		return []arg.Arg{list[0], {Name: "write", Type: arg.TypePureToken, Token: "WRITE"}}
	case "client|kill": // what is not given may kill the client that asks
		kinds := slices.DeleteFunc(slices.Clone(list[0].Args[1].Args), func(a arg.Arg) bool { return a.Token == "SKIPME" })
		return []arg.Arg{{Name: "filter", Type: arg.TypeOneOf, Args: []arg.Arg{
			list[0].Args[0], {Name: "new-format", Type: arg.TypeOneOf, Args: kinds}}}}
	}
	return list
}

// unanswerable are requests that end the connection or the server, change how
// it answers, or have something done that the other tests look at.
func unanswerable(name string, request []string) bool {
	switch name {
	case "quit", "shutdown", "monitor", "debug", "subscribe", "unsubscribe", "save", "bgsave", "config|set":
		return true
	case "client|tracking": // that may be the client that asks
		return slices.Contains(request, "2")
	case "hrandfield": // so many fields, one after another
		return slices.Contains(request, "-2147483649")
	case "client|reply":
		return slices.Contains(request, "OFF") || slices.Contains(request, "SKIP")
	}
	return false
}

// ownReply says whether the reply, unless it is an error, is each server's own.
func ownReply(request []string) bool {
	name := strings.ToLower(request[0])
	if len(request) > 1 {
		switch sub := strings.ToLower(request[1]); name {
		case "client":
			return sub == "id" || sub == "info" || sub == "list" || sub == "help"
		case "command":
			return !strings.HasPrefix(sub, "getkeys")
		case "object":
			return sub == "idletime" || sub == "help"
		case "config", "latency", "memory", "module", "slowlog", "function", "cluster":
			return true
		}
	}
	return slices.Contains([]string{"command", "dump", "hello", "info", "keys", "lastsave", "randomkey", "role", "scan", "time"}, name)
}

// answerDifference is a kind of requests that this server answers in its own
// way, and why.
type answerDifference struct {
	reason  string
	request *regexp.Regexp
}

var answerDifferences = []answerDifference{
	{
		reason:  "as Redis since 8.2, which is newer than what was recorded",
		request: regexp.MustCompile(`^BITOP (ANDOR|DIFF|DIFF1|ONE) `),
	}, {
		reason:  "as Redis since 8.4, which is newer than what was recorded; Valkey has other texts",
		request: regexp.MustCompile(`^MSETEX|^SET .*\b(IFEQ|IFNE|IFDEQ|IFDNE)\b|^(DELEX|DIGEST)\b`),
	}, {
		reason:  "without a cluster no subcommand of CLUSTER is known or unknown",
		request: regexp.MustCompile(`^CLUSTER `),
	}, {
		reason:  "the eviction modules take what their counters can tell apart, which is less",
		request: regexp.MustCompile(`^CONFIG SET lfu-(decay-time|log-factor) `),
	}, {
		reason:  "when a key was last used is known only under a policy that asks for it",
		request: regexp.MustCompile(`^OBJECT IDLETIME `),
	},
}

// answerDiffers is the reason for which an answer may differ, "" if there is
// none.
func answerDiffers(q answer) string {
	for _, d := range answerDifferences {
		if d.request.MatchString(q.request) {
			return d.reason
		}
	}
	return ""
}
