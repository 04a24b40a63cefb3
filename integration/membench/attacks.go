package main

import (
	"fmt"
	"strings"

	"github.com/redistill-go/redistill/integration/hostile"
)

// attack is what part "clients" measures. perClient: what each of its clients
// may take, in bytes; 0: that is not the point.
type attack struct {
	hostile.Scenario
	perClient int64
}

// scaled is n, or less for the tests of this tool.
func (b *bench) scaled(n int) int { return max(n/b.shrink, 1) }

// data is a server that holds so many keys.
func (b *bench) data(limit int64, keys, value int) hostile.Scenario {
	return hostile.Scenario{Limit: limit, Keys: b.scaled(keys), Value: value}
}

func (b *bench) attacks() []attack {
	const password = "a password"
	var all []attack
	add := func(name string, s hostile.Scenario, crowds ...hostile.Crowd) *attack {
		s.Name, s.Attack = name, crowds
		for i := range s.Attack {
			s.Attack[i].Clients = b.scaled(s.Attack[i].Clients)
		}
		all = append(all, attack{Scenario: s})
		return &all[len(all)-1]
	}
	small := b.data(64<<20, 20_000, 1024)
	locked := small
	locked.Password = password
	large := b.data(256<<20, 80_000, 1000)
	mute := func(clients int, says ...[]byte) hostile.Crowd {
		return hostile.Crowd{Clients: clients, Says: hostile.Join(says...)}
	}
	reader := func(clients, rounds, replies int, says ...[]byte) hostile.Crowd {
		return hostile.Crowd{Clients: clients, Rounds: rounds, Replies: replies, Says: hostile.Join(says...)}
	}
	half := []byte("*1")

	many := []string{"server.max_clients=11000"}
	idle := small
	idle.Set, idle.Args = many, []string{"--maxclients", "11000"}
	add("idle", idle, mute(10_000)).perClient = 4 << 10
	add("half-requests", small, mute(2000, half)).perClient = 5 << 10
	strangers := mute(1000, half)
	strangers.Strangers = true
	add("half-before-auth", locked, strangers).perClient = 5 << 10
	wide := b.data(256<<20, 150_000, 1024)
	wide.Password = password
	strangers.Clients = 4000
	add("half-before-auth-4000", wide, strangers).perClient = 5 << 10
	strangers = mute(200, hostile.Repeat(b.scaled(50_000), hostile.Command("GET", hostile.Key(1))))
	strangers.Strangers = true
	add("unread-before-auth", locked, strangers)

	b.replies(add, reader)

	field := reader(1, 1, 1, hostile.Command("HSET", "h", "f", "v"))
	one := small
	one.Prepare = []hostile.Crowd{field}
	times := fmt.Sprint(-b.scaled(3_000_000))
	add("hrandfield", one, reader(1, 1, 1, hostile.Command("HRANDFIELD", "h", times)))
	add("hrandfield-6", one, reader(6, 1, 1, hostile.Command("HRANDFIELD", "h", times)))

	few := b.data(64<<20, 5000, 256)
	add("restore-40mb", few, reader(1, 1, 2, hostile.Restore("bomb", 40<<20/b.shrink), hostile.Command("DEL", "bomb")))
	add("restore-400mb", few, reader(1, 1, 2, hostile.Restore("bomb", 400<<20), hostile.Command("DEL", "bomb")))
	names := make([]string, b.scaled(1_048_575))
	for i := range names {
		names[i] = fmt.Sprintf("none:%07d", i)
	}
	add("del-1048575", small, reader(1, 1, 1, hostile.Command(append([]string{"DEL"}, names...)...)))
	add("hset-500000", small, reader(1, 1, 2, hostile.NewFields("h", b.scaled(500_000)), hostile.Command("DEL", "h")))
	add("big-sets", large, reader(10, 3, 1, hostile.Command("SET", "big", strings.Repeat("b", 10<<20/b.shrink))), reader(1, 1, 1, hostile.Command("DEL", "big")))

	add("unread-mget", large, mute(200, hostile.Keys("MGET", b.scaled(10_000))))
	add("unread-pipelines", large, mute(200, hostile.Repeat(b.scaled(50_000), hostile.Command("GET", hostile.Key(1)))))
	add("half-sets", large, mute(2000, hostile.Half(1<<20/b.shrink)))
	hash := large
	hash.Prepare = []hostile.Crowd{hostile.Hash("h", b.scaled(10_000), 1000)}
	all10 := hostile.Command("HGETALL", "h")
	add("hgetall-read", hash, reader(50, 2, 1, all10))
	add("hgetall-unread", hash, mute(50, all10))
	add("hgetall-loop", hash, mute(50, hostile.Repeat(100, all10)))
	add("bcast-unread", small,
		mute(5, hostile.Command("HELLO", "3"), hostile.Command("CLIENT", "TRACKING", "ON", "BCAST")),
		reader(1, 10, b.scaled(50_000), hostile.Overwrites(b.scaled(50_000), small.Keys, small.Value)))
	b.holding(add, mute, small)
	return all
}

// replies are large ones, in a server that is full and read by the clients that
// asked for them.
func (b *bench) replies(add func(string, hostile.Scenario, ...hostile.Crowd) *attack,
	reader func(clients, rounds, replies int, says ...[]byte) hostile.Crowd) {
	const limit = 256 << 20
	full := b.data(limit, 22_000, 10_000)
	add("mget-40mb", full, reader(1, 3, 1, hostile.Keys("MGET", b.scaled(4000))))
	gets := b.scaled(3000)
	add("exec-30mb", full, reader(1, 3, gets+2, hostile.Command("MULTI"), hostile.Gets(gets), hostile.Command("EXEC")))
	hash := b.data(limit, 18_000, 10_000)
	hash.Prepare = []hostile.Crowd{hostile.Hash("h", b.scaled(4000), 10_000)}
	add("hgetall-40mb", hash, reader(1, 3, 1, hostile.Command("HGETALL", "h")))
	add("hscan-40mb", hash, reader(1, 3, 1, hostile.Command("HSCAN", "h", "0", "COUNT", "1000000")))
	add("dump-40mb", hash, reader(1, 3, 1, hostile.Command("DUMP", "h")))
	saved := hash
	saved.Set = []string{"persistence.backend=file"}
	add("bgsave-40mb", saved, reader(1, 1, 1, hostile.Command("BGSAVE")))
	refusing := b.data(limit, 19_000, 10_000)
	refusing.Policy = "noeviction"
	refusing.Prepare = []hostile.Crowd{hostile.Hash("h", b.scaled(2000), 10_000)}
	add("noeviction-hgetall", refusing, reader(1, 1, 1, hostile.Command("HGETALL", "h")))
}

// holding is clients that make the server remember things for them.
func (b *bench) holding(add func(string, hostile.Scenario, ...hostile.Crowd) *attack,
	mute func(clients int, says ...[]byte) hostile.Crowd, small hostile.Scenario) {
	keys := make([]string, b.scaled(100_000))
	for i := range keys {
		keys[i] = fmt.Sprintf("watched:%07d", i)
	}
	set := hostile.Command("SET", "queued", strings.Repeat("q", 1<<20/b.shrink))
	add("queued-sets", small, mute(20, hostile.Command("MULTI"), hostile.Repeat(10, set)))
	add("watched-keys", small, mute(50, hostile.Command(append([]string{"WATCH"}, keys...)...)))
	add("tracked-keys", small, mute(50, hostile.Command("HELLO", "3"), hostile.Command("CLIENT", "TRACKING", "ON"),
		hostile.Command(append([]string{"MGET"}, keys...)...)))
	add("behind-wait", small, mute(100, hostile.Command("WAIT", "1", "0"), set, set))
	add("monitors-unread", small, mute(20, hostile.Command("MONITOR")),
		hostile.Crowd{Clients: 1, Rounds: 10, Replies: b.scaled(20_000), Says: hostile.Overwrites(b.scaled(20_000), small.Keys, small.Value)})
}
