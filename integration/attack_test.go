package integration

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/integration/churn"
	"github.com/redistill-go/redistill/integration/hostile"
)

const (
	attackedMemory = 64 << 20 // memory.max
	clientMemory   = 32 << 20 // server.client_memory, so that few clients reach it
	attackPassword = "a password"
)

// attackPlan lets the good client send little, so that a loaded machine keeps
// up with it, and waits long for memory to come back: two seconds are what a
// server needs that has a processor for itself, which make bench-memory measures.
var attackPlan = hostile.Plan{Rate: 500, Quiet: 200 * time.Millisecond, Recovery: 30 * time.Second}

func holding(keys, value int, prepare ...hostile.Crowd) hostile.Scenario {
	return hostile.Scenario{
		Limit: attackedMemory, Keys: keys, Value: value, Prepare: prepare,
		Set: []string{fmt.Sprintf("server.client_memory=%d", clientMemory)},
	}
}

// named makes a scenario of what the server holds and who attacks it.
func named(name string, s hostile.Scenario, attack ...hostile.Crowd) hostile.Scenario {
	s.Name, s.Attack = name, attack
	return s
}

// mute clients send and never read; readers read all replies, in rounds.
func mute(clients int, says ...[]byte) hostile.Crowd {
	return hostile.Crowd{Clients: clients, Says: hostile.Join(says...)}
}

func reading(clients, rounds, replies int, says ...[]byte) hostile.Crowd {
	return hostile.Crowd{Clients: clients, Rounds: rounds, Replies: replies, Says: hostile.Join(says...)}
}

func strangers(c hostile.Crowd) hostile.Crowd {
	c.Strangers = true
	return c
}

// attacks are what clients have emptied caches with, each of a size at which a
// server that lets data pay for clients loses all or much of it.
func attacks() []hostile.Scenario {
	const keys, value = 20_000, 1024 // a third of memory
	some := holding(keys, value)
	locked := some
	locked.Password = attackPassword
	locked.Set = append([]string{"server.auth_timeout=0"}, some.Set...) // it is no answer to many at once
	roomy := some                                                       // one client holds the whole request
	roomy.Set = nil
	hash := holding(keys, value, hostile.Hash("h", 2000, 1000))
	names := make([]string, 1_048_576)
	for i := range names {
		names[i] = fmt.Sprintf("none:%07d", i)
	}
	names[0] = "DEL"
	set := hostile.Command("SET", "queued", strings.Repeat("q", 1<<20))
	all := hostile.Command("HGETALL", "h")
	resp3 := hostile.Command("HELLO", "3")
	large := strings.Repeat("x", 1<<20)
	long := strings.Repeat("a", 62_000)
	pattern := "*" + strings.Repeat("a?", 30_000) + "?[^a]*" // which almost matches it everywhere
	costly := holding(keys, value, reading(1, 1, 1, hostile.Command("SET", long, "v")))
	slow := hostile.Command(slices.Repeat([]string{strings.Repeat("s", 200)}, 32)...) // as long as an entry can be
	copy(slow[len("*32\r\n$200\r\n"):], "EXISTS")
	return append(largeReplies(),
		named("half requests before AUTH", locked, strangers(mute(1000, []byte("*1")))),
		named("half requests", some, mute(1000, []byte("*1"))),
		named("unread replies before AUTH", locked, strangers(mute(200, hostile.Repeat(5000, hostile.Command("GET", hostile.Key(1)))))),
		named("HRANDFIELD of one field", holding(keys, value, hostile.Hash("h", 1, 1)),
			reading(6, 1, 1, hostile.Command("HRANDFIELD", "h", "-500000"))),
		named("RESTORE of what fits", holding(5000, 256), reading(1, 1, 2, hostile.Restore("bomb", 32<<20), hostile.Command("DEL", "bomb"))),
		named("RESTORE of what does not", holding(5000, value), reading(1, 1, 1, hostile.Restore("bomb", 400<<20))),
		named("DEL of a million keys", roomy, reading(1, 1, 1, hostile.Command(names...))),
		named("HSET of many fields", roomy, reading(1, 1, 2, hostile.NewFields("h", 500_000), hostile.Command("DEL", "h"))),
		named("large SETs", some, reading(4, 3, 1, hostile.Command("SET", "big", strings.Repeat("b", 5<<20))),
			reading(1, 1, 1, hostile.Command("DEL", "big"))),
		named("half SETs", some, mute(128, hostile.Half(1<<20))),
		named("unread MGETs", some, mute(32, hostile.Keys("MGET", 4000))),
		named("unread pipelines", some, mute(100, hostile.Repeat(5000, hostile.Command("GET", hostile.Key(1))))),
		named("HGETALL at once", hash, reading(50, 2, 1, all)),
		named("unread HGETALLs", hash, mute(50, all)),
		named("HGETALL in a loop", hash, mute(50, hostile.Repeat(100, all))),
		named("unread invalidations", some, mute(20, resp3, hostile.Command("CLIENT", "TRACKING", "ON", "BCAST")),
			reading(1, 2, 40_000, hostile.Overwrites(40_000, keys, value))),
		named("unread monitors", some, mute(10, hostile.Command("MONITOR")),
			reading(1, 1, 40_000, hostile.Overwrites(40_000, keys, value))),
		named("queued transactions", some, mute(20, hostile.Command("MULTI"), hostile.Repeat(4, set))),
		named("tracked keys", some, tracking(20, names[1:])...),
		named("names of clients", some, mute(200, hostile.Command("CLIENT", "SETNAME", strings.Repeat("n", 60_000)),
			hostile.Command("CLIENT", "SETNAME", strings.Repeat("n", 4<<10)), hostile.Repeat(20, hostile.Command("CLIENT", "LIST")))),
		named("monitors of what is escaped", some, mute(10, hostile.Command("MONITOR")),
			reading(4, 1, 10, hostile.Repeat(10, hostile.Command("ECHO", strings.Repeat("\x01", 1<<20))))),
		named("a slow log without an end", some,
			reading(1, 1, 2, hostile.Command("CONFIG", "SET", "slowlog-log-slower-than", "0", "slowlog-max-len", "1000000"), hostile.Command("PING")),
			reading(4, 1, 3000, hostile.Repeat(3000, slow))),
		named("parameters of a megabyte", some, reading(20, 2, 3, hostile.Command("CONFIG", "SET", large, large),
			hostile.Command("CONFIG", "SET", "client-output-buffer-limit", large), hostile.Command("CONFIG", "GET", large))),
		named("watched keys", some, mute(50, hostile.Command(manyArgs("WATCH", names)...))),
		named("the same tracked keys", some, mute(50, resp3, hostile.Command("CLIENT", "TRACKING", "ON"), hostile.Command(manyArgs("MGET", names)...))),
		named("many keys at once", some, crowds(10, manyArgs("DEL", names), manyArgs("UNLINK", names), manyArgs("EXISTS", names),
			manyArgs("TOUCH", names), manyArgs("MGET", names))...),
		named("many fields at once", some, append(crowds(10, manyArgs("HMGET", names)),
			reading(4, 1, 1, hostile.NewFields("h", many/2)), reading(1, 1, 1, hostile.Command("DEL", "h")))...),
		named("many values at once", some, append(crowds(10, manyArgs("MSET", names)), crowds(1, manyArgs("DEL", names))...)...),
		named("queued requests of many arguments", some, mute(20, hostile.Command("MULTI"), hostile.Repeat(3, hostile.Command(manyArgs("DEL", names)...)))),
		named("prefixes", roomy, mute(10, resp3, hostile.Command(prefixes(names[:60_000])...))),
		named("unread replies of transactions", some, mute(50, hostile.Command("MULTI"),
			hostile.Repeat(20_000, hostile.Command("GET", hostile.Key(1))), hostile.Command("EXEC"))),
		named("KEYS with a costly pattern", costly, reading(24, 1, 1, hostile.Command("KEYS", pattern))),
		named("slow large SETs", some, hostile.Crowd{Clients: 500, Says: hostile.Half(1 << 20), InTurns: true}),
		named("IDs of clients", some, reading(20, 1, 1, hostile.Command(ids()...))),
		named("requests behind a wait", some, mute(64, hostile.Command("WAIT", "1", "0"), set)),
	)
}

// many is how many arguments make a request of very many.
const many = 100_000

// manyArgs is a command for so many keys or fields.
func manyArgs(command string, names []string) []string {
	return append([]string{command}, names[1:many+1]...)
}

// prefixes asks to be told of all keys that begin with any of the names.
func prefixes(names []string) []string {
	args := []string{"CLIENT", "TRACKING", "ON", "BCAST"}
	for _, name := range names[1:] {
		args = append(args, "PREFIX", name)
	}
	return args
}

// ids asks for clients that are not there.
func ids() []string {
	args := []string{"CLIENT", "LIST", "ID"}
	for i := range many {
		args = append(args, strconv.Itoa(1<<40+i))
	}
	return args
}

// crowds are as many clients for each of the commands, one after the other. All read
// the reply.
func crowds(clients int, commands ...[]string) (all []hostile.Crowd) {
	for _, args := range commands {
		all = append(all, reading(clients, 1, 1, hostile.Command(args...)))
	}
	return all
}

// tracking is clients that read, one after the other, so many keys each that
// nobody has read before, and have the server remember them.
func tracking(clients int, names []string) (crowds []hostile.Crowd) {
	share := len(names) / clients
	for i := range clients {
		crowds = append(crowds, reading(1, 1, 3, hostile.Command("HELLO", "3"), hostile.Command("CLIENT", "TRACKING", "ON"),
			hostile.Command(append([]string{"MGET"}, names[i*share:(i+1)*share]...)...)))
	}
	return crowds
}

// largeReplies are asked from a server that is almost full, and read: of memory.max
// a third is taken by what is there without any key.
func largeReplies() []hostile.Scenario {
	full := holding(3600, 10_000)
	hash := holding(2600, 10_000, hostile.Hash("h", 1000, 10_000))
	saved := hash
	saved.Set = append([]string{"persistence.backend=file", "persistence.save_on_shutdown=false"}, hash.Set...)
	refusing := holding(3100, 10_000, hostile.Hash("h", 500, 10_000))
	refusing.Policy = "noeviction"
	all := hostile.Command("HGETALL", "h")
	return []hostile.Scenario{
		named("MGET", full, reading(1, 3, 1, hostile.Keys("MGET", 1000))),
		named("EXEC", full, reading(1, 3, 752, hostile.Command("MULTI"), hostile.Gets(750), hostile.Command("EXEC"))),
		named("HGETALL", hash, reading(1, 3, 1, all)),
		named("HSCAN", hash, reading(1, 3, 1, hostile.Command("HSCAN", "h", "0", "COUNT", "1000000"))),
		named("DUMP", hash, reading(1, 3, 1, hostile.Command("DUMP", "h"))),
		named("SAVE", saved, reading(1, 1, 1, hostile.Command("SAVE"))),
		named("HGETALL where nothing is evicted", refusing, reading(1, 3, 1, all)),
	}
}

// Whatever clients send, or leave unread, it costs the others no key and no
// write; the process stays within memory.max and what clients may take; and
// when they have left it holds what it held before.
func TestAttackersTakeNothingFromOthers(t *testing.T) {
	for _, sc := range attacks() {
		t.Run(sc.Name, func(t *testing.T) {
			t.Parallel()
			s := unraced(t, sc.Options())
			out, err := hostile.Run(t.Context(), s, &sc, attackPlan)
			if err != nil {
				t.Fatal(err)
			}
			if out.Evicted > 0 || out.Gone > 0 || out.Missing > 0 {
				t.Errorf("%d keys were evicted, %d are gone, %d were missed", out.Evicted, out.Gone, out.Missing)
			}
			if out.Refused > 0 || !out.Writable {
				t.Errorf("%d writes of others were refused, writable in the end: %v", out.Refused, out.Writable)
			}
			if out.Trouble != "" {
				t.Errorf("the good client: %s", out.Trouble)
			}
			if bound := churn.Bound(sc.Limit) + out.Clients; out.Peak > bound {
				t.Errorf("the process held up to %d KiB, bound %d", out.Peak>>10, bound>>10)
			}
			if !out.Returned {
				t.Errorf("after the attack the process holds %d KiB, before it %d", out.After>>10, out.Before>>10)
			}
			t.Logf("RSS %d KiB before, %d in the attack, %d at most, %d after; back within %s; %d clients closed; answers %v",
				out.Before>>10, out.Standing>>10, out.Peak>>10, out.After>>10, out.Back, out.Closed, out.Answers)
		})
	}
}
