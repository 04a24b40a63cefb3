package allcommands_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command"
)

// info asks for sections of INFO and returns their names and fields.
func (s *server) info(t *testing.T, sections ...string) (names []string, fields map[string]string) {
	t.Helper()
	reply := s.do(append([]string{"INFO"}, sections...)...)
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
	s.env.Info = []command.InfoSection{
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
		names, _ := s.info(t, strings.Fields(asked)...)
		if got := strings.Join(names, " "); got != want {
			t.Errorf("INFO %s: sections %q, want %q", asked, got, want)
		}
	}
	if _, fields := s.info(t, "persistence"); fields["rdb_more"] != "1" || fields["loading"] != "0" {
		t.Errorf("INFO persistence: %v", fields)
	}
}

// The fields that clients, frameworks and exporters look for.
func TestInfoFields(t *testing.T) {
	s := newServer(t)
	s.do("SET", "a", "1")
	s.do("SET", "b", "1", "EX", "100")
	s.do("GET", "a")
	s.do("GET", "none")
	s.do("INCR", "a", "b")
	s.do("APPEND", "b", "x")
	s.do("INCR", "b")
	_, fields := s.info(t, "all")
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
	s.do("CONFIG", "RESETSTAT")
	if _, fields := s.info(t, "stats"); fields["total_error_replies"] != "0" || fields["keyspace_hits"] != "0" {
		t.Errorf("after CONFIG RESETSTAT: %v", fields)
	}
	s.do("FLUSHALL")
	if _, fields := s.info(t, "keyspace"); len(fields) != 0 {
		t.Errorf("an empty database is listed: %v", fields)
	}
}
