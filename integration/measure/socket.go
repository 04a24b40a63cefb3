package measure

import (
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// Connect opens a blocking socket that Go's own poller knows nothing of. The
// network is "tcp", with an address of IPv4, or "unix".
func Connect(network, address string) (int, error) {
	var addr unix.Sockaddr = &unix.SockaddrUnix{Name: address}
	family := unix.AF_UNIX
	if network == "tcp" {
		tcp, err := net.ResolveTCPAddr("tcp4", address)
		if err != nil {
			return -1, fmt.Errorf("connect: %w", err)
		}
		addr, family = &unix.SockaddrInet4{Port: tcp.Port, Addr: [4]byte(tcp.IP.To4())}, unix.AF_INET
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	if network == "tcp" {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	if err == nil {
		err = unix.Connect(fd, addr)
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, fmt.Errorf("connect to %s: %w", address, err)
	}
	return fd, nil
}
