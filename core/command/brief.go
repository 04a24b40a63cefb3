package command

// brief are the commands that do a small and fixed amount of work on one key
// or none, so that a pipeline of them need not be timed one by one. Left out is
// what may copy a large value, as APPEND or the first EXPIRE of a key does.
var brief = map[string]bool{
	"get": true, "set": true, "setnx": true, "setex": true, "psetex": true, "getset": true, "getdel": true,
	"strlen": true, "incr": true, "decr": true, "incrby": true, "decrby": true,
	"ttl": true, "pttl": true, "expiretime": true, "pexpiretime": true, "type": true,
	"hget": true, "hset": true, "hexists": true, "hlen": true, "hstrlen": true,
	"ping": true, "echo": true,
}
