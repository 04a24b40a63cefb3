package command

// Flags say how a command may be used.
type Flags uint32

// The flags, in the order and with the meaning of Redis's COMMAND reply.
const (
	Write          Flags = 1 << iota // may change keys
	ReadOnly                         // reads keys only
	DenyOOM                          // refused while memory is full
	Admin                            // for operators
	PubSub                           // about publish/subscribe
	NoScript                         // not from scripts
	Blocking                         // may make its client wait
	Loading                          // allowed while a snapshot is being loaded
	Stale                            // allowed on a replica with stale data
	SkipMonitor                      // not shown by MONITOR
	SkipSlowlog                      // not entered in the slow log
	Fast                             // constant or logarithmic time
	NoAuth                           // allowed before authentication
	NoMulti                          // not inside MULTI
	MovableKeys                      // its keys are where other arguments say
	AllowBusy                        // allowed while a script holds the server
	NoAsyncLoading                   // not while data is loaded beside what is served
)

var flagNames = []string{
	"write", "readonly", "denyoom", "admin", "pubsub", "noscript", "blocking", "loading", "stale",
	"skip_monitor", "skip_slowlog", "fast", "no_auth", "no_multi", "movablekeys", "allow_busy",
	"no_async_loading",
}

// Has says whether all flags of x are set.
func (f Flags) Has(x Flags) bool { return f&x == x }

// Names returns the names of the flags that are set, as COMMAND INFO gives them.
func (f Flags) Names() []string { return bitNames(uint32(f), flagNames) }

// implied are the ACL categories that follow from the flags.
func (f Flags) implied() Categories {
	c := CatSlow
	if f.Has(Fast) {
		c = CatFast
	}
	if f.Has(Write) {
		c |= CatWrite
	}
	if f.Has(ReadOnly) {
		c |= CatRead
	}
	if f.Has(PubSub) {
		c |= CatPubSub
	}
	if f.Has(Admin) {
		c |= CatAdmin | CatDangerous
	}
	if f.Has(Blocking) {
		c |= CatBlocking
	}
	return c
}

// Categories are ACL categories.
type Categories uint32

// The ACL categories, in the order of Redis's COMMAND reply.
const (
	CatKeyspace Categories = 1 << iota
	CatRead
	CatWrite
	CatString
	CatHash
	CatBitmap
	CatPubSub
	CatAdmin
	CatFast
	CatSlow
	CatBlocking
	CatDangerous
	CatConnection
	CatTransaction
	CatScripting
)

var categoryNames = []string{
	"@keyspace", "@read", "@write", "@string", "@hash", "@bitmap", "@pubsub", "@admin", "@fast", "@slow",
	"@blocking", "@dangerous", "@connection", "@transaction", "@scripting",
}

// Has says whether all categories of x are set.
func (c Categories) Has(x Categories) bool { return c&x == x }

// Names returns the names of the categories, each with its leading @.
func (c Categories) Names() []string { return bitNames(uint32(c), categoryNames) }

// CategoryNamed finds a category by its name without the @, in any case.
func CategoryNamed(name []byte) (Categories, bool) {
	for i, n := range categoryNames {
		if EqualFold(name, n[1:]) {
			return 1 << i, true
		}
	}
	return 0, false
}

func bitNames(bits uint32, names []string) []string {
	var set []string
	for i, n := range names {
		if bits&(1<<i) != 0 {
			set = append(set, n)
		}
	}
	return set
}
