package sys

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ReleaseImage lets go of the pages of the program's own file that the process
// holds: its code and constants. Those that are needed come back when they are
// touched, from the system's cache. It makes what only the start needed not
// count as resident memory. It does nothing where /proc is missing.
func ReleaseImage() error {
	path, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return nil
	}
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return nil
	}
	var part []byte // the mapping that the lines are about, nil if it is to stay
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		switch {
		case len(fields) >= 5 && !strings.HasSuffix(fields[0], ":"):
			// 00400000-01234000 r-xp 00000000 08:01 1234   /path
			part = nil
			if len(fields) == 6 && fields[5] == path && strings.HasPrefix(fields[1], "r-") {
				if part, err = mapping(fields[0]); err != nil {
					return err
				}
			}
		case part != nil && fields[0] == "Anonymous:":
			// What the linker changed before it was protected is not in the file.
			if fields[1] != "0" {
				break
			}
			if err := unix.Madvise(part, unix.MADV_DONTNEED); err != nil && !errors.Is(err, unix.EINVAL) {
				return fmt.Errorf("release the program's pages: %w", err)
			}
		}
	}
	return nil
}

// mapping is the memory that a line of smaps names.
func mapping(name string) ([]byte, error) {
	var from, to uintptr
	if _, err := fmt.Sscanf(name, "%x-%x", &from, &to); err != nil {
		return nil, fmt.Errorf("read /proc/self/smaps: %q: %w", name, err)
	}
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&from))), to-from), nil
}
