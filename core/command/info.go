package command

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redistill-go/redistill/core/store"
)

// infoSection is a section and whether it is shown without being asked for.
type infoSection struct {
	name, title string
	usual       bool
	lines       func(adder)
}

type adder = func(name, value string)

// infoSections are the sections in their order in the reply. What Env.Info has
// under one of these names is added to it; its other sections come last.
func (e *Env) infoSections(w store.Whole) []infoSection {
	sections := []infoSection{
		{"server", "Server", true, e.serverInfo},
		{"clients", "Clients", true, e.clientsInfo},
		{"memory", "Memory", true, e.memoryInfo},
		{"persistence", "Persistence", true, e.persistenceInfo},
		{"stats", "Stats", true, e.statsInfo},
		{"replication", "Replication", true, e.replicationInfo},
		{"cpu", "CPU", true, cpuInfo},
		{"commandstats", "Commandstats", false, e.commandInfo},
		{"errorstats", "Errorstats", true, e.errorInfo},
		{"latencystats", "Latencystats", false, e.latencyInfo},
		{"cluster", "Cluster", true, func(add adder) { add("cluster_enabled", "0") }},
		{"keyspace", "Keyspace", true, func(add adder) { e.keyspaceInfo(w, add) }},
	}
	for _, extra := range e.Info {
		i := slices.IndexFunc(sections, func(s infoSection) bool { return s.name == extra.Name })
		if i < 0 {
			title := strings.ToUpper(extra.Name[:1]) + extra.Name[1:]
			sections = append(sections, infoSection{extra.Name, title, true, extra.Lines})
			continue
		}
		builtIn := sections[i].lines
		sections[i].lines = func(add adder) { builtIn(add); extra.Lines(add) }
	}
	return sections
}

func cmdInfo(c *Ctx) {
	asked := func(word string) bool {
		return slices.ContainsFunc(c.Args[1:], func(a []byte) bool { return equalFold(a, word) })
	}
	all := asked("all") || asked("everything")
	usual := len(c.Args) == 1 || asked("default")
	var b strings.Builder
	for _, s := range c.Env.infoSections(c.Whole()) {
		if !all && (!usual || !s.usual) && !asked(s.name) {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString("# " + s.title + "\r\n")
		s.lines(func(name, value string) { b.WriteString(name + ":" + value + "\r\n") })
	}
	c.W.Verbatim("txt", b.String())
}

func (e *Env) serverInfo(add adder) {
	up := time.Since(e.Stats.Started)
	port := 0
	if e.Port != nil {
		port = e.Port()
	}
	add("redis_version", RedisVersion)
	add("redis_mode", "standalone")
	add("server_name", "redistill")
	add("redistill_version", e.Version)
	add("os", systemName())
	add("arch_bits", strconv.Itoa(strconv.IntSize))
	add("go_version", runtime.Version())
	add("process_id", strconv.Itoa(os.Getpid()))
	add("run_id", e.RunID)
	add("tcp_port", strconv.Itoa(port))
	add("server_time_usec", itoa(time.Now().UnixMicro()))
	add("uptime_in_seconds", itoa(seconds(up)))
	add("uptime_in_days", itoa(seconds(up)/86400))
	if path, err := os.Executable(); err == nil {
		add("executable", path)
	}
	add("config_file", e.ConfigFile)
}

// systemName is the system's name, its release where it tells, and the machine.
func systemName() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return runtime.GOOS + " " + runtime.GOARCH
	}
	return "Linux " + strings.TrimSpace(string(release)) + " " + runtime.GOARCH
}

func (e *Env) clientsInfo(add adder) {
	add("connected_clients", strconv.Itoa(e.Clients.Count()))
	add("maxclients", e.configValue("maxclients"))
	add("blocked_clients", strconv.FormatInt(e.Blocked.Load(), 10))
	add("tracking_clients", strconv.Itoa(e.Tracking.Totals().Clients))
	add("pubsub_clients", strconv.Itoa(e.subscribers()))
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func (e *Env) replicationInfo(add adder) {
	add("role", "master")
	add("connected_slaves", "0")
	add("master_failover_state", "no-failover")
	add("master_replid", e.RunID)
	add("master_repl_offset", "0")
	add("repl_backlog_active", "0")
}

func cpuInfo(add adder) {
	for _, who := range []struct {
		id     int
		suffix string
	}{{syscall.RUSAGE_SELF, ""}, {syscall.RUSAGE_CHILDREN, "_children"}} {
		var u syscall.Rusage
		if syscall.Getrusage(who.id, &u) != nil {
			return
		}
		add("used_cpu_sys"+who.suffix, cpuSeconds(u.Stime))
		add("used_cpu_user"+who.suffix, cpuSeconds(u.Utime))
	}
}

func cpuSeconds(t syscall.Timeval) string {
	return strconv.FormatFloat(float64(t.Nano())/1e9, 'f', 6, 64)
}

func (e *Env) keyspaceInfo(w store.Whole, add adder) {
	if t := e.Store.Totals(); t.Keys > 0 {
		ttl := w.MeanTTL(time.Now().UnixMilli())
		add("db0", fmt.Sprintf("keys=%d,expires=%d,avg_ttl=%d", t.Keys, t.Expiring, ttl))
	}
}
