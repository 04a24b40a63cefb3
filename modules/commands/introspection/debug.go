package introspection

import (
	"fmt"
	"math"
	"net"
	"strconv"
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func debugSpecs() []command.Spec {
	return []command.Spec{{
		Name: "debug", Handler: cmdDebug, Arity: -2, Flags: command.Admin | command.NoScript | command.Loading | command.Stale,
		Group: "server", Since: "1.0.0",
		Summary:    "Help with testing, where server.enable_debug_command allows it",
		Complexity: "Depends on the subcommand",
		Args:       arg.List(arg.String("subcommand"), arg.Optional(arg.Multiple(arg.String("arg")))),
	}}
}

const errNoDebug = "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server."

// cmdDebug has what tests of clients use, where the configuration allows it.
func cmdDebug(c *command.Ctx) {
	if c.Env.Debug != "yes" && (c.Env.Debug != "local" || !local(c.Client)) {
		c.W.Error(errNoDebug)
		return
	}
	switch sub := c.Args[1]; {
	case command.EqualFold(sub, "sleep") && len(c.Args) == 3:
		f, err := strconv.ParseFloat(string(c.Args[2]), 64)
		if err != nil || math.IsNaN(f) || f > maxSleep {
			c.W.Error(command.TextNotFloat)
			return
		}
		time.Sleep(time.Duration(f * float64(time.Second)))
		c.W.OK()
	case command.EqualFold(sub, "set-active-expire") && len(c.Args) == 3:
		c.Env.SweepPaused.Store(string(c.Args[2]) == "0")
		c.W.OK()
	case command.EqualFold(sub, "object") && len(c.Args) == 3:
		debugObject(c)
	case command.EqualFold(sub, "help") && len(c.Args) == 2:
		c.W.Array(len(debugHelp))
		for _, line := range debugHelp {
			c.W.Simple(line)
		}
	default:
		c.W.Error(c.SubcommandError())
	}
}

// maxSleep bounds DEBUG SLEEP, in seconds.
const maxSleep = 3600

var debugHelp = []string{
	"DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
	"HELP", "    List the subcommands.",
	"OBJECT <key>", "    Describe how the value of a key is kept.",
	"SET-ACTIVE-EXPIRE <0|1>", "    Switch the expiry sweep off or on.",
	"SLEEP <seconds>", "    Answer after so many seconds.",
}

func debugObject(c *command.Ctx) {
	k := c.Store.Key(c.Args[2])
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, ok := sh.Peek(k, c.Now)
	if !ok {
		c.W.Error("ERR no such key")
		return
	}
	c.W.Simple(describeEntry(sh, e, c.Now))
}

func describeEntry(sh *store.Shard, e store.Entry, now int64) string {
	text := fmt.Sprintf("refcount:1 encoding:%s bytes:%d", encoding(e), e.Footprint())
	if idle, ok := sh.Idle(e, now); ok {
		text += fmt.Sprintf(" lru_seconds_idle:%d", command.Seconds(idle))
	}
	return text
}

// local says whether the client is on this machine: what is no address of a
// network is a unix socket.
func local(c *command.Client) bool {
	host, _, _ := net.SplitHostPort(c.Addr)
	ip := net.ParseIP(host)
	return ip == nil || ip.IsLoopback()
}
