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
)

// infoSections are the built-in sections in their order in the reply. What
// Env.Info has under one of these names is added to it; its other sections
// come last.
func (e *Env) infoSections() []InfoSection {
	sections := []InfoSection{
		{"server", e.serverInfo},
		{"clients", e.clientsInfo},
		{"memory", e.memoryInfo},
		{"persistence", e.persistenceInfo},
		{"stats", e.statsInfo},
		{"replication", e.replicationInfo},
		{"cpu", cpuInfo},
		{commandStats, e.commandInfo},
		{"cluster", func(add adder) { add("cluster_enabled", "0") }},
		{"keyspace", e.keyspaceInfo},
	}
	for _, extra := range e.Info {
		i := slices.IndexFunc(sections, func(s InfoSection) bool { return s.Name == extra.Name })
		if i < 0 {
			sections = append(sections, extra)
			continue
		}
		builtIn := sections[i].Lines
		sections[i].Lines = func(add func(name, value string)) { builtIn(add); extra.Lines(add) }
	}
	return sections
}

type adder = func(name, value string)

// commandStats is the section that is shown only when asked for.
const commandStats = "commandstats"

func cmdInfo(c *Ctx) {
	asked := func(word string) bool {
		return slices.ContainsFunc(c.Args[1:], func(a []byte) bool { return equalFold(a, word) })
	}
	all := asked("all") || asked("everything")
	usual := all || len(c.Args) == 1 || asked("default")
	var b strings.Builder
	for _, s := range c.Env.infoSections() {
		if !asked(s.Name) && (!usual || s.Name == commandStats && !all) {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString("# " + strings.ToUpper(s.Name[:1]) + s.Name[1:] + "\r\n")
		s.Lines(func(name, value string) { b.WriteString(name + ":" + value + "\r\n") })
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
	add("os", runtime.GOOS)
	add("arch_bits", strconv.Itoa(strconv.IntSize))
	add("go_version", runtime.Version())
	add("process_id", strconv.Itoa(os.Getpid()))
	add("run_id", e.RunID)
	add("tcp_port", strconv.Itoa(port))
	add("server_time_usec", itoa(time.Now().UnixMicro()))
	add("uptime_in_seconds", itoa(seconds(up)))
	add("uptime_in_days", itoa(seconds(up)/86400))
}

func (e *Env) clientsInfo(add adder) {
	add("connected_clients", strconv.Itoa(e.Clients.Count()))
	add("maxclients", e.configValue("maxclients"))
	add("blocked_clients", "0")
}

func (e *Env) memoryInfo(add adder) {
	m := e.Store.Memory()
	used := m.Allocated + m.Overhead
	add("used_memory", itoa(used))
	add("used_memory_human", human(used))
	if rss, ok := residentBytes(); ok {
		add("used_memory_rss", itoa(rss))
		add("used_memory_rss_human", human(rss))
		add("mem_fragmentation_ratio", strconv.FormatFloat(float64(rss)/float64(max(used, 1)), 'f', 2, 64))
	}
	add("used_memory_dataset", itoa(m.Allocated))
	add("maxmemory", itoa(m.Limit))
	add("maxmemory_human", human(m.Limit))
	add("maxmemory_policy", e.configValue("maxmemory-policy"))
}

// residentBytes is how much memory the process holds, where the system tells.
func residentBytes() (int64, bool) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err == nil
}

// human is a number of bytes as INFO has it beside the exact one.
func human(n int64) string {
	f, units := float64(n), "BKMGT"
	for f >= 1024 && len(units) > 1 {
		f, units = f/1024, units[1:]
	}
	if units[0] == 'B' {
		return fmt.Sprintf("%dB", n)
	}
	return fmt.Sprintf("%.2f%c", f, units[0])
}

func (e *Env) persistenceInfo(add adder) {
	loading := "0"
	if e.Loading != nil && e.Loading.Load() {
		loading = "1"
	}
	status := "ok"
	if e.Stats.SnapshotsFailed.Load() > 0 && e.Stats.SnapshotsSaved.Load() == 0 {
		status = "err"
	}
	add("loading", loading)
	add("rdb_last_save_time", itoa(e.Stats.SnapshotLastUnixMs.Load()/1000))
	add("rdb_last_bgsave_status", status)
	add("rdb_last_bgsave_time_sec", itoa(e.Stats.SnapshotLastDuration.Load()/int64(time.Second)))
	add("rdb_saves", itoa(e.Stats.SnapshotsSaved.Load()))
	add("aof_enabled", "0")
}

func (e *Env) statsInfo(add adder) {
	s, t := e.Stats, e.Store.Totals()
	add("total_connections_received", itoa(s.ConnectionsReceived.Load()))
	add("total_commands_processed", itoa(s.Commands.Load()))
	add("total_net_input_bytes", itoa(s.NetInput.Load()))
	add("total_net_output_bytes", itoa(s.NetOutput.Load()))
	add("rejected_connections", itoa(s.ConnectionsRejected.Load()))
	add("expired_keys", itoa(t.Expired))
	add("evicted_keys", itoa(t.Evicted))
	add("keyspace_hits", itoa(s.KeyspaceHits.Load()))
	add("keyspace_misses", itoa(s.KeyspaceMisses.Load()))
	add("total_error_replies", itoa(s.ErrorReplies.Load()))
	add("acl_access_denied_auth", itoa(s.AuthFailures.Load()))
	add("client_output_buffer_limit_disconnections", itoa(s.OutputLimitCloses.Load()))
}

func (e *Env) replicationInfo(add adder) {
	add("role", "master")
	add("connected_slaves", "0")
	add("master_replid", e.RunID)
	add("master_repl_offset", "0")
}

func cpuInfo(add adder) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return
	}
	add("used_cpu_sys", cpuSeconds(u.Stime))
	add("used_cpu_user", cpuSeconds(u.Utime))
}

func cpuSeconds(t syscall.Timeval) string {
	return strconv.FormatFloat(float64(t.Nano())/1e9, 'f', 6, 64)
}

// commandInfo has one line for each command that was used. Time is not
// measured per command: the fields for it are there because they are expected.
func (e *Env) commandInfo(add adder) {
	for i := range e.Table.Len() {
		calls, failed, rejected := e.Stats.Command(i)
		if calls+rejected == 0 {
			continue
		}
		add("cmdstat_"+e.Table.At(i).FullName, fmt.Sprintf("calls=%d,usec=0,usec_per_call=0.00,rejected_calls=%d,failed_calls=%d",
			calls, rejected, failed))
	}
}

func (e *Env) keyspaceInfo(add adder) {
	if t := e.Store.Totals(); t.Keys > 0 {
		add("db0", fmt.Sprintf("keys=%d,expires=%d,avg_ttl=0", t.Keys, t.Expiring))
	}
}
