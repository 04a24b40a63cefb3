package basics

import (
	"strconv"
	"time"

	"github.com/redistill-go/redistill/core/command"
)

func persistenceInfo(e *command.Env, add adder) {
	s := e.Stats
	loading := e.Loading != nil && e.Loading.Load()
	add("loading", bit(loading))
	if loading {
		loadingInfo(e, add)
	}
	add("async_loading", "0")
	var saving command.SnapshotFigures
	if e.Snapshots != nil {
		saving = e.Snapshots.Figures()
	}
	running, status := int64(-1), "ok"
	if !saving.Began.IsZero() {
		running = command.Seconds(time.Since(saving.Began))
	}
	if s.SnapshotLastFailed.Load() != 0 {
		status = "err"
	}
	took := int64(-1)
	if s.SnapshotLastUnixMs.Load() != 0 {
		took = command.Seconds(time.Duration(s.SnapshotLastDuration.Load()))
	}
	add("current_cow_size", itoa(e.Store.Kept()))
	add("current_save_keys_processed", itoa(saving.Keys))
	add("current_save_keys_total", itoa(saving.Total))
	add("rdb_changes_since_last_save", itoa(e.Store.Totals().Changes-s.SnapshotLastChanges.Load()))
	add("rdb_bgsave_in_progress", bit(running >= 0))
	add("rdb_last_save_time", itoa(lastSave(e)))
	add("rdb_last_bgsave_status", status)
	add("rdb_last_bgsave_time_sec", itoa(took))
	add("rdb_current_bgsave_time_sec", itoa(running))
	add("rdb_saves", itoa(s.SnapshotsSaved.Load()))
	add("rdb_last_cow_size", itoa(s.SnapshotLastCopied.Load()))
	add("rdb_last_load_keys_expired", itoa(s.SnapshotKeysExpired.Load()))
	add("rdb_last_load_keys_loaded", itoa(s.SnapshotKeysLoaded.Load()))
	add("aof_enabled", "0")
}

// loadingInfo tells how far the load of a snapshot is.
func loadingInfo(e *command.Env, add adder) {
	s := e.Stats
	began := time.UnixMilli(s.SnapshotLoadBeganUnixMs.Load())
	done, total := s.SnapshotLoadDone.Load(), s.SnapshotLoadTotal.Load()
	share, left := 0.0, int64(-1)
	if total > 0 {
		share = float64(done) / float64(total)
	}
	if share > 0 {
		left = int64(time.Since(began).Seconds() / share * (1 - share))
	}
	add("loading_start_time", itoa(began.Unix()))
	add("loading_total_bytes", itoa(total))
	add("loading_loaded_bytes", itoa(done))
	add("loading_loaded_perc", strconv.FormatFloat(share*100, 'f', 2, 64))
	add("loading_eta_seconds", itoa(left))
	add("loading_keys", strconv.Itoa(e.Store.Totals().Keys))
}
