package sys

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// DropProgram gives back the resident pages of the program's own code and
// constants, of which starting has touched most and running needs few, and says
// how many bytes they were. They come back from the file when they are needed,
// mostly from the system's cache of it. Mappings that have pages of their own,
// as relocations leave them, stay as they are.
func DropProgram() (dropped int64, err error) {
	name, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return 0, fmt.Errorf("program's pages: %w", err)
	}
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return 0, fmt.Errorf("program's pages: %w", err)
	}
	defer func() { _ = maps.Close() }()
	var m mapping
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		if !strings.HasSuffix(fields[0], ":") {
			m = mapping{}
			if len(fields) == 6 && fields[5] == name && (fields[1] == "r-xp" || fields[1] == "r--p") {
				m.parse(fields[0])
			}
			continue
		}
		if m.size == 0 {
			continue
		}
		kib, _ := strconv.ParseInt(fields[1], 10, 64)
		switch fields[0] {
		case "Rss:":
			m.resident = kib << 10
		case "Anonymous:":
			if kib == 0 && m.drop() == nil {
				dropped += m.resident
			}
			m = mapping{}
		}
	}
	return dropped, nil
}

// mapping is a range of addresses that a file is mapped to.
type mapping struct {
	start, size uintptr
	resident    int64
}

// parse reads the range as "start-end" in hexadecimal.
func (m *mapping) parse(text string) {
	from, to, _ := strings.Cut(text, "-")
	start, err1 := strconv.ParseUint(from, 16, 64)
	end, err2 := strconv.ParseUint(to, 16, 64)
	if err1 == nil && err2 == nil && end > start {
		m.start, m.size = uintptr(start), uintptr(end-start)
	}
}

func (m *mapping) drop() error {
	if _, _, errno := unix.Syscall(unix.SYS_MADVISE, m.start, m.size, unix.MADV_DONTNEED); errno != 0 {
		return errno
	}
	return nil
}
