package listen

import (
	"fmt"
	"net"
	"strconv"

	"github.com/redistill-go/redistill/core/config"
)

// CheckAddress says what is wrong with a host:port that is the value of key,
// or returns nil. The port is a number from 0 (any free one) to 65535; an
// empty host means every address of the machine. Names are not looked up.
func CheckAddress(key, address string) error {
	const fix = "use host:port, as in 127.0.0.1:6379, or \"\" to switch it off"
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return &config.FieldError{Key: key, Problem: fmt.Sprintf("%q is not an address", address), Fix: fix}
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return &config.FieldError{Key: key, Problem: fmt.Sprintf("port %q is not in the range 0 to 65535", port), Fix: fix}
	}
	return nil
}
