package harness

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of cpu times in /proc, which Linux fixes at 1/100 s
// for user space on every architecture Go runs on.
const clockTick = 10 * time.Millisecond

// RSS is the resident memory of the process in bytes.
func (p *process) RSS() (int64, error) {
	path := fmt.Sprintf("/proc/%d/status", p.PID())
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("harness: resident memory: %w", err)
	}
	return parseRSS(string(text))
}

func parseRSS(status string) (int64, error) {
	for line := range strings.Lines(status) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("harness: VmRSS: %w", err)
			}
			return kb << 10, nil
		}
	}
	return 0, fmt.Errorf("harness: no VmRSS: the process has ended")
}

// CPU is the user and system time the process has used since it started, all
// threads together, to 10 ms.
func (p *process) CPU() (time.Duration, error) {
	path := fmt.Sprintf("/proc/%d/stat", p.PID())
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("harness: cpu time: %w", err)
	}
	return parseCPU(string(text))
}

func parseCPU(stat string) (time.Duration, error) {
	// The second field is the command in parentheses and may itself hold
	// spaces and parentheses. utime and stime are fields 14 and 15.
	_, rest, ok := strings.Cut(stat[max(strings.LastIndexByte(stat, ')'), 0):], ") ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 13 {
		return 0, fmt.Errorf("harness: cpu time: cannot read %q", stat)
	}
	var ticks int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("harness: cpu time: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}
