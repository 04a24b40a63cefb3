package basics

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redistill-go/redistill/core/command"
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
func infoSections(e *command.Env, w store.Whole) []infoSection {
	sections := []infoSection{
		{"server", "Server", true, func(add adder) { serverInfo(e, add) }},
		{"clients", "Clients", true, func(add adder) { clientsInfo(e, add) }},
		{"memory", "Memory", true, func(add adder) { memoryInfo(e, add) }},
		{"persistence", "Persistence", true, func(add adder) { persistenceInfo(e, add) }},
		{"stats", "Stats", true, func(add adder) { statsInfo(e, add) }},
		{"replication", "Replication", true, func(add adder) { replicationInfo(e, add) }},
		{"cpu", "CPU", true, cpuInfo},
		{"commandstats", "Commandstats", false, func(add adder) { commandInfo(e, add) }},
		{"errorstats", "Errorstats", true, func(add adder) { errorInfo(e, add) }},
		{"latencystats", "Latencystats", false, func(add adder) { latencyInfo(e, add) }},
		{"cluster", "Cluster", true, func(add adder) { add("cluster_enabled", "0") }},
		{"keyspace", "Keyspace", true, func(add adder) { keyspaceInfo(e, w, add) }},
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

func cmdInfo(c *command.Ctx) {
	asked := func(word string) bool {
		return slices.ContainsFunc(c.Args[1:], func(a []byte) bool { return command.EqualFold(a, word) })
	}
	all := asked("all") || asked("everything")
	usual := len(c.Args) == 1 || asked("default")
	var b strings.Builder
	for _, s := range infoSections(c.Env, c.Whole()) {
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

func serverInfo(e *command.Env, add adder) {
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
	add("uptime_in_seconds", itoa(command.Seconds(up)))
	add("uptime_in_days", itoa(command.Seconds(up)/86400))
	if path, err := os.Executable(); err == nil {
		add("executable", path)
	}
	add("config_file", e.ConfigFile)
	if e.Listeners != nil {
		for i, l := range e.Listeners() {
			add("listener"+strconv.Itoa(i), l.String())
		}
	}
}

// systemName is the system's name, its release where it tells, and the machine.
func systemName() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return runtime.GOOS + " " + runtime.GOARCH
	}
	return "Linux " + strings.TrimSpace(string(release)) + " " + runtime.GOARCH
}

func clientsInfo(e *command.Env, add adder) {
	add("connected_clients", strconv.Itoa(e.Clients.Count()))
	add("maxclients", configValue(e, "maxclients"))
	add("blocked_clients", strconv.FormatInt(e.Blocked.Load(), 10))
	add("tracking_clients", strconv.Itoa(e.Tracking.Totals().Clients))
	add("pubsub_clients", strconv.Itoa(e.Subscribers()))
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func replicationInfo(e *command.Env, add adder) {
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

func keyspaceInfo(e *command.Env, w store.Whole, add adder) {
	if t := e.Store.Totals(); t.Keys > 0 {
		ttl := w.MeanTTL(time.Now().UnixMilli())
		add("db0", fmt.Sprintf("keys=%d,expires=%d,avg_ttl=%d", t.Keys, t.Expiring, ttl))
	}
}
