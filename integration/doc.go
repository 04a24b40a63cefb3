// Package integration starts the real server and speaks to it with real
// clients: go-redis, redis-cli, redis-benchmark and raw sockets. Where Redis
// itself is the specification, the same bytes go to Debian's redis-server and
// the replies are compared.
//
// Most tests describe what any Redis does, and can be checked against the
// original:
//
//	go test ./integration -against redis-server
//
// They need redis-server, redis-cli and redis-benchmark on the PATH. The newest
// Redis and Valkey are compared with too where the environment variable PEERS names
// a directory that has them, as .ci/peers prints one:
//
//	PEERS=$(.ci/peers) go test ./integration
//
// What they answer to requests at the edges of every command, and say of the
// commands themselves, is recorded in testdata, which stands for them where they
// are not there; with -record it is written anew.
package integration
