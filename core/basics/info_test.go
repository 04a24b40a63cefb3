package basics_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/commandtest"
)

// info asks for sections of INFO and returns their names and fields.
func info(s *commandtest.Server, t *testing.T, sections ...string) (names []string, fields map[string]string) {
	t.Helper()
	reply := s.Do(append([]string{"INFO"}, sections...)...)
	fields = map[string]string{}
	for _, line := range strings.Split(reply, "\n")[1:] {
		if name, value, ok := strings.Cut(line, ":"); ok {
			if _, twice := fields[name]; twice {
				t.Errorf("INFO %q has %s twice", sections, name)
			}
			fields[name] = value
		} else if strings.HasPrefix(line, "# ") {
			names = append(names, line[2:])
		}
	}
	return names, fields
}

func TestInfoSections(t *testing.T) {
	s := newServer(t)
	s.Env.Info = []command.InfoSection{
		{Name: "persistence", Lines: func(add func(name, value string)) { add("rdb_more", "1") }},
		{Name: "modules", Lines: func(add func(name, value string)) { add("module", "x") }},
	}
	usual := "Server Clients Memory Persistence Stats Replication CPU Errorstats Cluster Keyspace Modules"
	all := "Server Clients Memory Persistence Stats Replication CPU Commandstats Errorstats Latencystats Cluster Keyspace Modules"
	for asked, want := range map[string]string{
		"":                usual,
		"default":         usual,
		"ALL":             all,
		"everything":      all,
		"server":          "Server",
		"MEMORY cpu":      "Memory CPU",
		"commandstats":    "Commandstats",
		"nonsense":        "",
		"nonsense stats":  "Stats",
		"default modules": usual,
	} {
		names, _ := info(s, t, strings.Fields(asked)...)
		if got := strings.Join(names, " "); got != want {
			t.Errorf("INFO %s: sections %q, want %q", asked, got, want)
		}
	}
	if _, fields := info(s, t, "persistence"); fields["rdb_more"] != "1" || fields["loading"] != "0" {
		t.Errorf("INFO persistence: %v", fields)
	}
}

// The fields that clients, frameworks and exporters look for.
func TestInfoFields(t *testing.T) {
	s := newServer(t)
	s.Do("SET", "a", "1")
	s.Do("SET", "b", "1", "EX", "100")
	s.Do("GET", "a")
	s.Do("GET", "none")
	s.Do("INCR", "a", "b")
	s.Do("APPEND", "b", "x")
	s.Do("INCR", "b")
	_, fields := info(s, t, "all")
	for name, pattern := range map[string]string{
		"redis_version":                `8\.0\.0`,
		"redis_mode":                   `standalone`,
		"server_name":                  `redistill`,
		"redistill_version":            `0\.0\.0`,
		"run_id":                       `0{40}`,
		"process_id":                   `\d+`,
		"tcp_port":                     `0`,
		"uptime_in_seconds":            `\d+`,
		"connected_clients":            `1`,
		"used_memory":                  `[1-9]\d*`,
		"used_memory_human":            `\d+(\.\d\d)?[BKM]`,
		"maxmemory":                    `0`,
		"maxmemory_human":              `0B`,
		"maxmemory_policy":             `noeviction`,
		"loading":                      `0`,
		"aof_enabled":                  `0`,
		"rdb_last_bgsave_status":       `ok`,
		"total_commands_processed":     `7`,
		"keyspace_hits":                `1`,
		"keyspace_misses":              `1`,
		"total_error_replies":          `2`,
		"errorstat_ERR":                `count=2`,
		"latency_percentiles_usec_set": `p50=\d+\.\d{3},p99=\d+\.\d{3},p99\.9=\d+\.\d{3}`,
		"instantaneous_ops_per_sec":    `\d+`,
		"used_memory_peak":             `[1-9]\d*`,
		"used_memory_peak_perc":        `\d+\.\d\d%`,
		"mem_fragmentation_ratio":      `\d+\.\d\d`,
		"total_system_memory":          `[1-9]\d*`,
		"rdb_changes_since_last_save":  `\d+`,
		"rdb_bgsave_in_progress":       `0`,
		"rdb_last_bgsave_time_sec":     `-1`,
		"executable":                   `/.+`,
		"expired_keys":                 `0`,
		"evicted_keys":                 `0`,
		"role":                         `master`,
		"connected_slaves":             `0`,
		"used_cpu_user":                `\d+\.\d{6}`,
		"cluster_enabled":              `0`,
		"cmdstat_set":                  `calls=2,usec=\d+,usec_per_call=\d+\.\d\d,rejected_calls=0,failed_calls=0`,
		"cmdstat_incr":                 `calls=1,usec=\d+,usec_per_call=\d+\.\d\d,rejected_calls=1,failed_calls=1`,
		"db0":                          `keys=2,expires=1,avg_ttl=\d+`,
	} {
		if got, ok := fields[name]; !ok || !regexp.MustCompile(`^`+pattern+`(\\r)?$`).MatchString(got) {
			t.Errorf("%s is %q, want %s", name, got, pattern)
		}
	}
	if t.Failed() {
		t.Logf("the fields are %q", slices.Sorted(maps.Keys(fields)))
	}
	s.Do("CONFIG", "RESETSTAT")
	if _, fields := info(s, t, "stats"); fields["total_error_replies"] != "0" || fields["keyspace_hits"] != "0" {
		t.Errorf("after CONFIG RESETSTAT: %v", fields)
	}
	s.Do("FLUSHALL")
	if _, fields := info(s, t, "keyspace"); len(fields) != 0 {
		t.Errorf("an empty database is listed: %v", fields)
	}
}

func TestResetStatKeepsWhatTheStoreCounts(t *testing.T) {
	s := newServer(t)
	expire := func() {
		s.Do("SET", "k", "v", "PX", "1")
		s.Now.Add(10)
		s.Do("GET", "k")
	}
	shown := func() string {
		_, fields := info(s, t, "stats")
		return strings.TrimSuffix(fields["expired_keys"], `\r`)
	}
	expire()
	expire()
	if got := shown(); got != "2" {
		t.Errorf("expired_keys is %s", got)
	}
	s.Do("CONFIG", "RESETSTAT")
	if got := shown(); got != "0" {
		t.Errorf("expired_keys is %s after CONFIG RESETSTAT", got)
	}
	expire()
	if got := shown(); got != "1" {
		t.Errorf("expired_keys is %s", got)
	}
}
