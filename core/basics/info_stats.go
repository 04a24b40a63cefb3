package basics

import (
	"fmt"
	"strconv"
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/stats"
)

func statsInfo(e *command.Env, add adder) {
	s, t, r := e.Stats, e.Store.Totals(), e.Stats.Rates()
	expired, evicted := s.Removed(t.Expired, t.Evicted)
	add("total_connections_received", itoa(s.ConnectionsReceived.Load()))
	add("total_commands_processed", itoa(s.Commands.Load()))
	add("instantaneous_ops_per_sec", itoa(int64(r.Commands)))
	add("total_net_input_bytes", itoa(s.NetInput.Load()))
	add("total_net_output_bytes", itoa(s.NetOutput.Load()))
	add("instantaneous_input_kbps", decimals(r.NetInput/1024, 2))
	add("instantaneous_output_kbps", decimals(r.NetOutput/1024, 2))
	add("rejected_connections", itoa(s.ConnectionsRejected.Load()))
	add("expired_keys", itoa(expired))
	add("expired_subkeys", itoa(t.ExpiredFields))
	add("evicted_keys", itoa(evicted))
	add("keyspace_hits", itoa(s.KeyspaceHits.Load()))
	add("keyspace_misses", itoa(s.KeyspaceMisses.Load()))
	add("total_error_replies", itoa(s.ErrorReplies.Load()))
	tracked := e.Tracking.Totals()
	add("tracking_total_keys", itoa(tracked.Keys))
	add("tracking_total_items", itoa(tracked.Items))
	add("tracking_total_prefixes", strconv.Itoa(tracked.Prefixes))
	add("acl_access_denied_auth", itoa(s.AuthFailures.Load()))
	add("evicted_clients", itoa(s.EvictedClients.Load()))
	add("client_output_buffer_limit_disconnections", itoa(s.OutputLimitCloses.Load()))
	add("client_auth_timeout_disconnections", itoa(s.AuthTimeouts.Load()))
}

// commandInfo has one line for each command that was used.
func commandInfo(e *command.Env, add adder) {
	for i := range e.Table.Len() {
		calls, failed, rejected := e.Stats.Command(i)
		if calls+rejected == 0 {
			continue
		}
		t := e.Stats.Timing(i)
		perCall := 0.0
		if t.Calls > 0 {
			perCall = micros(t.Total) / float64(t.Calls)
		}
		// The total is that of all calls, those that were not timed included.
		add("cmdstat_"+e.Table.At(i).FullName, fmt.Sprintf("calls=%d,usec=%d,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d",
			calls, int64(perCall*float64(calls)+0.5), perCall, rejected, failed))
	}
}

// errorInfo has one line for each code that an error reply began with.
func errorInfo(e *command.Env, add adder) {
	e.Stats.EachError(func(code string, count int64) { add("errorstat_"+code, "count="+itoa(count)) })
}

// latencyInfo has one line for each command that was used: the times that
// half, 99 % and 99.9 % of its calls stayed below.
func latencyInfo(e *command.Env, add adder) {
	for i := range e.Table.Len() {
		if t := e.Stats.Timing(i); t.Calls > 0 {
			add("latency_percentiles_usec_"+e.Table.At(i).FullName, percentiles(&t))
		}
	}
}

func percentiles(t *stats.Timing) string {
	return "p50=" + decimals(micros(t.Quantile(0.5)), 3) +
		",p99=" + decimals(micros(t.Quantile(0.99)), 3) +
		",p99.9=" + decimals(micros(t.Quantile(0.999)), 3)
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func decimals(f float64, n int) string { return strconv.FormatFloat(f, 'f', n, 64) }
