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
func (p *process) RSS() (int64, error) { return p.status("VmRSS:") }

// Anonymous is the part of it that is no file's, as the binary's own text is.
func (p *process) Anonymous() (int64, error) { return p.status("RssAnon:") }

func (p *process) status(field string) (int64, error) {
	path := fmt.Sprintf("/proc/%d/status", p.PID())
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("harness: resident memory: %w", err)
	}
	return parseKB(string(text), field)
}

func parseKB(status, field string) (int64, error) {
	kb, err := parseField(status, field, " kB")
	return kb << 10, err
}

// parseField reads the number of a line of the form "name number unit".
func parseField(text, name, unit string) (int64, error) {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), unit), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("harness: %s %w", name, err)
			}
			return n, nil
		}
	}
	return 0, fmt.Errorf("harness: no %s the process has ended", name)
}

// DiskWrites is how many bytes the process has caused to be written to disks
// since it started, counted when it writes and not when the disk does.
func (p *process) DiskWrites() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", p.PID()))
	if err != nil {
		return 0, fmt.Errorf("harness: bytes written: %w", err)
	}
	return parseField(string(text), "write_bytes:", "")
}

// CPU is the user and system time the process has used since it started, all
// threads together, to 10 ms.
func (p *process) CPU() (time.Duration, error) { return p.cpu(parseCPU) }

// CPUOfAll is CPU with that of its child processes which have ended.
func (p *process) CPUOfAll() (time.Duration, error) { return p.cpu(parseCPUOfAll) }

func (p *process) cpu(parse func(stat string) (time.Duration, error)) (time.Duration, error) {
	path := fmt.Sprintf("/proc/%d/stat", p.PID())
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("harness: cpu time: %w", err)
	}
	return parse(string(text))
}

func parseCPU(stat string) (time.Duration, error) { return sumTicks(stat, 14, 15) }

func parseCPUOfAll(stat string) (time.Duration, error) { return sumTicks(stat, 14, 17) }

// sumTicks adds up fields of /proc/PID/stat, which are numbered from 1: utime,
// stime, cutime and cstime are 14 to 17.
func sumTicks(stat string, first, last int) (time.Duration, error) {
	// The second field is the command in parentheses and may itself hold
	// spaces and parentheses.
	_, rest, ok := strings.Cut(stat[max(strings.LastIndexByte(stat, ')'), 0):], ") ")
	fields := strings.Fields(rest) // from the third on
	if !ok || len(fields) <= last-3 {
		return 0, fmt.Errorf("harness: cpu time: cannot read %q", stat)
	}
	var ticks int64
	for _, f := range fields[first-3 : last-2] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("harness: cpu time: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}
