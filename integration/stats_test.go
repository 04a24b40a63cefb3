package integration

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

// infoFields are the fields of INFO that exporters and dashboards show, all of
// them numbers.
var infoFields = strings.Fields(`
	uptime_in_seconds process_id tcp_port arch_bits
	connected_clients blocked_clients maxclients
	used_memory used_memory_rss used_memory_peak used_memory_overhead used_memory_dataset maxmemory mem_fragmentation_ratio
	used_memory_startup mem_clients_normal mem_clients_slaves mem_not_counted_for_evict mem_cluster_links mem_aof_buffer
	mem_replication_backlog mem_total_replication_buffers allocator_allocated allocator_active allocator_resident allocator_frag_ratio total_system_memory
	loading rdb_changes_since_last_save rdb_bgsave_in_progress rdb_last_save_time rdb_last_bgsave_time_sec rdb_current_bgsave_time_sec aof_enabled
	total_connections_received total_commands_processed instantaneous_ops_per_sec total_net_input_bytes total_net_output_bytes
	instantaneous_input_kbps instantaneous_output_kbps rejected_connections expired_keys evicted_keys keyspace_hits keyspace_misses total_error_replies
	connected_slaves master_repl_offset used_cpu_sys used_cpu_user cluster_enabled`)

// structured are the lines of INFO that hold several values.
var structured = []struct {
	prefix string
	value  *regexp.Regexp
}{
	{"cmdstat_", regexp.MustCompile(`^calls=\d+,usec=\d+,usec_per_call=\d+\.\d\d,rejected_calls=\d+,failed_calls=\d+$`)},
	{"errorstat_", regexp.MustCompile(`^count=\d+$`)},
	{"latency_percentiles_usec_", regexp.MustCompile(`^p50=\d+\.\d{3},p99=\d+\.\d{3},p99\.9=\d+\.\d{3}$`)},
	{"listener", regexp.MustCompile(`^name=\w+,bind=[^,]+(,port=\d+)?$`)},
	{"db", regexp.MustCompile(`^keys=\d+,expires=\d+,avg_ttl=\d+$`)},
}

// INFO is read line by line by exporters: name, colon, value. Redis has every
// field too, or it says that it is our own.
func TestInfoAsExportersReadIt(t *testing.T) {
	ours := newClient(t, &redis.Options{Addr: serve(t, harness.Options{}).TCP})
	peer := newClient(t, &redis.Options{Addr: harness.Redis(t, harness.Options{}).TCP})
	var fields [2]map[string]string
	for i, c := range []*redis.Client{ours, peer} {
		ctx := t.Context()
		c.Set(ctx, "k", "v", 0)
		c.Incr(ctx, "k") // an error
		text, err := c.Info(ctx, "all").Result()
		if err != nil {
			t.Fatal(err)
		}
		fields[i] = parseInfo(t, text)
	}
	for _, name := range infoFields {
		value, ok := fields[0][name]
		if _, err := strconv.ParseFloat(value, 64); !ok || err != nil {
			t.Errorf("%s is %q", name, value)
		}
	}
	own := []string{"go_version", "server_name", "redistill_version", "client_auth_timeout_disconnections"}
	later := []string{"acl_access_denied_auth", "client_output_buffer_limit_disconnections", "expired_subkeys", "allocator_muzzy", "mem_overhead_db_hashtable_rehashing",
		"pubsub_clients", "watching_clients", "total_watched_keys"} // than this redis-server
	for name, value := range fields[0] {
		if _, there := fields[1][name]; there || slices.Contains(own, name) || slices.Contains(later, name) || strings.HasPrefix(name, "redistill_memory_") {
			continue
		}
		if !isStructured(name, value) {
			t.Errorf("%s:%s is no field of Redis's", name, value)
		}
	}
	for _, name := range []string{"cmdstat_set", "errorstat_ERR", "latency_percentiles_usec_set", "db0"} {
		if !isStructured(name, fields[0][name]) {
			t.Errorf("%s:%s", name, fields[0][name])
		}
	}
}

func isStructured(name, value string) bool {
	for _, s := range structured {
		if strings.HasPrefix(name, s.prefix) {
			return s.value.MatchString(value)
		}
	}
	return false
}

// parseInfo takes INFO apart as an exporter does.
func parseInfo(t *testing.T, text string) map[string]string {
	t.Helper()
	fields := map[string]string{}
	for line := range strings.SplitSeq(text, "\r\n") {
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if _, twice := fields[name]; !ok || twice {
			t.Errorf("line %q, there before: %v", line, twice)
		}
		fields[name] = value
	}
	return fields
}

// The parameters of the slow log and the latency monitor work as in Redis,
// which both servers show by logging the same commands.
func TestSlowlogAndLatencyMonitor(t *testing.T) {
	s := harness.Redistill(t, harness.Options{Set: []string{"server.enable_debug_command=local"}})
	c := dial(t, s)
	bulks := func(command ...string) string {
		reply, err := c.Do(command...)
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(reply, "\r\n", " ")
	}
	for parameter, value := range map[string]string{"slowlog-log-slower-than": "10000", "slowlog-max-len": "128", "latency-monitor-threshold": "0", "enable-debug-command": "local"} {
		if got := bulks("CONFIG", "GET", parameter); !strings.HasSuffix(got, " "+value+" ") {
			t.Errorf("%s is %s", parameter, got)
		}
	}
	want(t, c, "-ERR CONFIG SET failed (possibly related to argument 'slowlog-max-len') - argument must be between 0 and 9223372036854775807 inclusive\r\n",
		"CONFIG", "SET", "slowlog-max-len", "-1")
	want(t, c, "-ERR CONFIG SET failed (possibly related to argument 'slowlog-log-slower-than') - argument must be between -1 and 9223372036854775807 inclusive\r\n",
		"CONFIG", "SET", "slowlog-log-slower-than", "-5")
	want(t, c, "+OK\r\n", "CONFIG", "SET", "slowlog-log-slower-than", "9223372036854775807", "latency-monitor-threshold", "9223372036854775807")
	want(t, c, "+OK\r\n", "CONFIG", "SET", "slowlog-log-slower-than", "20000", "latency-monitor-threshold", "20")
	want(t, c, "+OK\r\n", "DEBUG", "SLEEP", "0.03")
	if got := bulks("SLOWLOG", "GET"); !strings.Contains(got, " *3 $5 DEBUG $5 SLEEP $4 0.03 ") {
		t.Errorf("SLOWLOG GET: %s", got)
	}
	if got := bulks("LATENCY", "LATEST"); !strings.Contains(got, "*4 $7 command :") {
		t.Errorf("LATENCY LATEST: %s", got)
	}
	want(t, c, "+OK\r\n", "CONFIG", "SET", "slowlog-log-slower-than", "-1")
	want(t, c, "+OK\r\n", "SLOWLOG", "RESET")
	want(t, c, "+OK\r\n", "DEBUG", "SLEEP", "0.03")
	want(t, c, ":0\r\n", "SLOWLOG", "LEN")
	if got := bulks("CONFIG", "GET", "slowlog-log-slower-than"); !strings.HasSuffix(got, " -1 ") {
		t.Errorf("slowlog-log-slower-than is %s", got)
	}
}
