package basics

import (
	"slices"
	"strconv"
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/glob"
)

func cmdDBSize(c *command.Ctx) { c.W.Int(int64(c.Store.Totals().Keys)) }

// cmdFlush empties the one database. The keys are gone at once for everybody,
// and the memory is given back while other clients are served. SYNC waits for
// that, except in a transaction, where others would wait too.
func cmdFlush(c *command.Ctx) {
	if len(c.Args) > 2 || len(c.Args) == 2 && !command.EqualFold(c.Args[1], "sync") && !command.EqualFold(c.Args[1], "async") {
		c.W.Error(command.TextSyntax)
		return
	}
	release := c.Whole().Flush()
	if c.InExec() || len(c.Args) == 2 && command.EqualFold(c.Args[1], "async") {
		c.Store.Background(release)
	} else {
		release()
	}
	c.W.OK()
}

func cmdTime(c *command.Ctx) {
	now := time.Now()
	c.W.Array(2)
	c.W.BulkInt(now.Unix())
	c.W.BulkInt(int64(now.Nanosecond() / 1000))
}

func cmdConfigGet(c *command.Ctx) {
	asked := c.Args[2:]
	var found [][2]string
	patterns := make([]glob.Pattern, len(asked))
	for i, a := range asked {
		patterns[i] = glob.New(a, true)
	}
	c.Env.Config.Get(func(name string) bool {
		return slices.ContainsFunc(patterns, func(p glob.Pattern) bool { return p.Match([]byte(name), nil) })
	}, func(name, value string) { found = append(found, [2]string{name, value}) })
	c.W.Map(len(found))
	for _, f := range found {
		c.W.BulkString(asWritten(f[0], asked))
		c.W.BulkString(f[1])
	}
}

// asWritten is the name as the client wrote it, if it did write it out.
func asWritten(name string, asked [][]byte) string {
	for _, a := range asked {
		if command.EqualFold(a, name) {
			return string(a)
		}
	}
	return name
}

func cmdConfigSet(c *command.Ctx) {
	if len(c.Args)%2 != 0 {
		c.W.Error(command.TextSyntax)
		return
	}
	var pairs [][2]string
	for i := 2; i < len(c.Args); i += 2 {
		// What is longer is not the name of a parameter: the error shows how it begins.
		name := c.Args[i][:min(len(c.Args[i]), command.MaxEchoed)]
		pairs = append(pairs, [2]string{string(name), string(c.Args[i+1])})
	}
	if err := c.Env.Config.Set(pairs); err != nil {
		c.W.Error(err.Error())
		return
	}
	c.W.OK()
}

func cmdConfigResetStat(c *command.Ctx) {
	t := c.Store.Totals()
	c.Env.Stats.Reset(t.Expired, t.Evicted)
	c.W.OK()
}

// configValue is a parameter's value, "" if there is no such parameter.
func configValue(e *command.Env, name string) (value string) {
	e.Config.Get(func(n string) bool { return n == name }, func(_, v string) { value = v })
	return value
}

func itoa[T int | int64](n T) string { return strconv.FormatInt(int64(n), 10) }
