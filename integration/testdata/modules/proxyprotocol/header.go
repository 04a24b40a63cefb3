package proxyprotocol

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/netip"
	"strconv"
	"strings"
)

// ends are a client's address and the one that it connected to. Both are invalid
// where the load balancer speaks for itself, as for a health check, or doesn't know.
type ends struct{ client, server netip.AddrPort }

const (
	signature1 = "PROXY "
	signature2 = "\r\n\r\n\x00\r\nQUIT\n"
	max1       = 107     // bytes of a header of version 1, its end included
	max2       = 4 << 10 // bytes behind the first 16 of one of version 2, which may say 65535
)

// readHeader reads the header of either version, and not a byte more.
func readHeader(r io.Reader) (ends, error) {
	start := make([]byte, len(signature2), max1)
	for n := 0; n < len(start); {
		m, err := r.Read(start[n:])
		n += m
		// Who speaks something else is closed at once and not when his time is up.
		if head := string(start[:n]); !strings.HasPrefix(signature2, head) && !begins(head, signature1) {
			return ends{}, fmt.Errorf("it begins with %q, which is no header", head)
		}
		if err != nil && n < len(start) {
			return ends{}, fmt.Errorf("after %d bytes: %w", n, err)
		}
	}
	if string(start) == signature2 {
		return read2(r)
	}
	return read1(r, start)
}

// begins says whether one of both texts begins with the other.
func begins(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

// read1 reads the rest of a line of text. What follows it is the server's, so that it
// is read byte by byte.
func read1(r io.Reader, line []byte) (ends, error) {
	for !bytes.HasSuffix(line, []byte("\r\n")) {
		if len(line) == max1 {
			return ends{}, fmt.Errorf("the line has no end within %d bytes", max1)
		}
		line = line[:len(line)+1]
		if _, err := io.ReadFull(r, line[len(line)-1:]); err != nil {
			return ends{}, fmt.Errorf("after %d bytes: %w", len(line)-1, err)
		}
	}
	return parse1(string(line[:len(line)-2]))
}

// parse1 reads a line as in "PROXY TCP4 192.0.2.1 192.0.2.2 56324 6379".
func parse1(line string) (e ends, err error) {
	words := strings.Split(line, " ")
	if words[1] == "UNKNOWN" {
		return ends{}, nil
	}
	if len(words) != 6 || words[1] != "TCP4" && words[1] != "TCP6" {
		return ends{}, fmt.Errorf("%q is not of the form PROXY TCP4|TCP6 source destination port port", line)
	}
	v4 := words[1] == "TCP4"
	if e.client, err = parseEnd(words[2], words[4], v4); err != nil {
		return ends{}, err
	}
	e.server, err = parseEnd(words[3], words[5], v4)
	return e, err
}

func parseEnd(address, port string, v4 bool) (netip.AddrPort, error) {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Is4() != v4 || a.Zone() != "" {
		return netip.AddrPort{}, fmt.Errorf("%q is no address of that kind", address)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || strconv.FormatUint(n, 10) != port {
		return netip.AddrPort{}, fmt.Errorf("%q is no port", port)
	}
	return netip.AddrPortFrom(a, uint16(n)), nil
}

// The second 4 bytes behind the signature of version 2.
const (
	local, proxy = 0x20, 0x21 // version and command
	unknown      = 0x00       // family and protocol
	tcp4, tcp6   = 0x11, 0x21
)

// read2 reads a binary header behind its signature.
func read2(r io.Reader) (ends, error) {
	var fixed [4]byte
	if _, err := io.ReadFull(r, fixed[:]); err != nil {
		return ends{}, fmt.Errorf("behind the signature: %w", err)
	}
	command, family, n := fixed[0], fixed[1], int(binary.BigEndian.Uint16(fixed[2:]))
	if command != local && command != proxy {
		return ends{}, fmt.Errorf("version and command are %#02x, want %#02x or %#02x", command, local, proxy)
	}
	if n > max2 {
		return ends{}, fmt.Errorf("it says that %d bytes follow, more than %d", n, max2)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return ends{}, fmt.Errorf("in the %d bytes that follow: %w", n, err)
	}
	if command == local || family == unknown {
		return ends{}, nil
	}
	var size int // of an address
	switch family {
	case tcp4:
		size = 4
	case tcp6:
		size = 16
	default:
		return ends{}, fmt.Errorf("family and protocol are %#02x, want TCP over IPv4 or IPv6", family)
	}
	if n < 2*size+4 {
		return ends{}, fmt.Errorf("%d bytes are too few for the addresses", n)
	}
	end := func(i int) netip.AddrPort {
		a, _ := netip.AddrFromSlice(body[i*size:][:size])
		return netip.AddrPortFrom(a, binary.BigEndian.Uint16(body[2*size+2*i:]))
	}
	e := ends{end(0), end(1)}
	if err := checkRest(append([]byte(signature2), fixed[:]...), body, 2*size+4); err != nil {
		return ends{}, err
	}
	return e, nil
}

// checksum is the type of the value that has the CRC-32C of the header.
const checksum = 0x03

// checkRest looks at the values behind the addresses: types and lengths in front of
// each. One may be a checksum of the whole header, with zeroes in its own place; the
// others say nothing that this server asks for.
func checkRest(start, body []byte, from int) error {
	for rest := body[from:]; len(rest) > 0; {
		if len(rest) < 3 || len(rest) < 3+int(binary.BigEndian.Uint16(rest[1:])) {
			return errors.New("a value behind the addresses is cut off")
		}
		value := rest[3:][:binary.BigEndian.Uint16(rest[1:])]
		if rest[0] == checksum {
			if len(value) != 4 {
				return errors.New("the checksum has not 4 bytes")
			}
			told := binary.BigEndian.Uint32(value)
			clear(value)
			if crc32.Update(crc32.Checksum(start, castagnoli), castagnoli, body) != told {
				return errors.New("the checksum is wrong")
			}
		}
		rest = rest[3+len(value):]
	}
	return nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)
