// Package catalogue lists every module of the tree, whatever a build has of them: so
// that one that was left out can be told from one that does not exist, and so that
// the builder knows what it can choose from without building all of it.
package catalogue

import "github.com/redistill-go/redistill/core/config"

const root = "github.com/redistill-go/redistill"

// Tree is every module of the tree, sorted by ID.
var Tree = []config.Known{
	{ID: "admin.http", Tag: "admin.http", Section: "admin", Package: root + "/modules/admin", Switch: "listen", Default: "127.0.0.1:9121"},
	{ID: "commands.bitmaps", Tag: "commands.bitmaps", Package: root + "/modules/commands/bitmaps"},
	{ID: "commands.counters", Tag: "commands.counters", Package: root + "/modules/commands/counters"},
	{ID: "commands.hashes", Tag: "commands.hashes", Package: root + "/modules/commands/hashes"},
	{ID: "commands.introspection", Tag: "commands.introspection", Package: root + "/modules/commands/introspection"},
	{ID: "commands.keys", Tag: "commands.keys", Package: root + "/modules/commands/keys"},
	{ID: "commands.scan", Tag: "commands.scan", Package: root + "/modules/commands/scan"},
	{ID: "commands.strings", Tag: "commands.strings", Package: root + "/modules/commands/strings"},
	{ID: "commands.tracking", Tag: "commands.tracking", Package: root + "/modules/commands/tracking"},
	{ID: "commands.transactions", Tag: "commands.transactions", Package: root + "/modules/commands/transactions"},
	{ID: "eviction.allkeys-adaptive", Tag: "eviction.allkeys_adaptive", Section: "eviction.allkeys_adaptive", Package: root + "/modules/eviction/allkeysadaptive"},
	{ID: "eviction.allkeys-lfu", Tag: "eviction.allkeys_lfu", Section: "eviction.allkeys_lfu", Package: root + "/modules/eviction/allkeyslfu"},
	{ID: "eviction.allkeys-lru", Tag: "eviction.allkeys_lru", Section: "eviction.allkeys_lru", Package: root + "/modules/eviction/allkeyslru"},
	{ID: "eviction.allkeys-random", Tag: "eviction.allkeys_random", Package: root + "/modules/eviction/allkeysrandom"},
	{ID: "eviction.allkeys-s3fifo", Tag: "eviction.allkeys_s3fifo", Section: "eviction.allkeys_s3fifo", Package: root + "/modules/eviction/allkeyss3fifo"},
	{ID: "eviction.allkeys-sieve", Tag: "eviction.allkeys_sieve", Package: root + "/modules/eviction/allkeyssieve"},
	{ID: "eviction.noeviction", Tag: "eviction.noeviction", Package: root + "/modules/eviction/noeviction"},
	{ID: "eviction.volatile-lfu", Tag: "eviction.volatile_lfu", Section: "eviction.volatile_lfu", Package: root + "/modules/eviction/volatilelfu"},
	{ID: "eviction.volatile-lru", Tag: "eviction.volatile_lru", Section: "eviction.volatile_lru", Package: root + "/modules/eviction/volatilelru"},
	{ID: "eviction.volatile-random", Tag: "eviction.volatile_random", Package: root + "/modules/eviction/volatilerandom"},
	{ID: "eviction.volatile-ttl", Tag: "eviction.volatile_ttl", Section: "eviction.volatile_ttl", Package: root + "/modules/eviction/volatilettl"},
	{ID: "persistence.file", Tag: "persistence.file", Section: "persistence.file", Package: root + "/persistence/file"},
	{ID: "persistence.pebble", Tag: "persistence.pebble", Section: "persistence.pebble", Package: root + "/persistence/pebble"},
	{ID: "transport.tcp", Tag: "transport.tcp", Section: "transports.tcp", Package: root + "/transports/tcp", Switch: "listen", Default: "127.0.0.1:6379"},
	{ID: "transport.tls", Tag: "transport.tls", Section: "transports.tls", Package: root + "/transports/tls", Switch: "listen"},
	{ID: "transport.unix", Tag: "transport.unix", Section: "transports.unix", Package: root + "/transports/unix", Switch: "path"},
}
