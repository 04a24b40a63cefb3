package all

import "github.com/redistill-go/redistill/core/config"

// Catalogue is every module of the tree, sorted by ID.
var Catalogue = []config.Known{
	{ID: "admin.http", Tag: "admin.http", Section: "admin"},
	{ID: "eviction.allkeys-adaptive", Tag: "eviction.allkeys_adaptive", Section: "eviction.allkeys_adaptive"},
	{ID: "eviction.allkeys-lfu", Tag: "eviction.allkeys_lfu", Section: "eviction.allkeys_lfu"},
	{ID: "eviction.allkeys-lru", Tag: "eviction.allkeys_lru", Section: "eviction.allkeys_lru"},
	{ID: "eviction.allkeys-random", Tag: "eviction.allkeys_random"},
	{ID: "eviction.allkeys-s3fifo", Tag: "eviction.allkeys_s3fifo", Section: "eviction.allkeys_s3fifo"},
	{ID: "eviction.allkeys-sieve", Tag: "eviction.allkeys_sieve"},
	{ID: "eviction.noeviction", Tag: "eviction.noeviction"},
	{ID: "eviction.volatile-lfu", Tag: "eviction.volatile_lfu", Section: "eviction.volatile_lfu"},
	{ID: "eviction.volatile-lru", Tag: "eviction.volatile_lru", Section: "eviction.volatile_lru"},
	{ID: "eviction.volatile-random", Tag: "eviction.volatile_random"},
	{ID: "eviction.volatile-ttl", Tag: "eviction.volatile_ttl", Section: "eviction.volatile_ttl"},
	{ID: "persistence.file", Tag: "persistence.file", Section: "persistence.file"},
	{ID: "persistence.pebble", Tag: "persistence.pebble", Section: "persistence.pebble"},
	{ID: "transport.tcp", Tag: "transport.tcp", Section: "transports.tcp"},
	{ID: "transport.tls", Tag: "transport.tls", Section: "transports.tls"},
	{ID: "transport.unix", Tag: "transport.unix", Section: "transports.unix"},
}
