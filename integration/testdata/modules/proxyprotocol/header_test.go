package proxyprotocol

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// binary2 is a header of version 2.
func binary2(command, family byte, body string) string {
	return signature2 + string([]byte{command, family, byte(len(body) >> 8), byte(len(body))}) + body
}

const (
	addresses4 = "\xc0\x00\x02\x01\xc0\x00\x02\x02\xdc\x04\x18\xeb"
	addresses6 = "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01" +
		"\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\xdc\x04\x18\xeb"
)

// summed is a header of version 2 with its checksum among its values.
func summed(flip byte) string {
	h := []byte(binary2(proxy, tcp4, addresses4+"\x04\x00\x02ab\x03\x00\x04\x00\x00\x00\x00\x04\x00\x00"))
	sum := crc32.Checksum(h, castagnoli)
	binary.BigEndian.PutUint32(h[len(h)-7:], sum)
	h[len(h)-8+1] ^= flip
	return string(h)
}

func TestHeaders(t *testing.T) {
	const from4, from6 = "192.0.2.1:56324 192.0.2.2:6379", "[2001:db8::1]:56324 [2001:db8::2]:6379"
	long := "PROXY UNKNOWN " + strings.Repeat("f", max1-16) + "\r\n"
	for header, want := range map[string]string{
		introduction: from4,
		"PROXY TCP6 2001:db8::1 2001:db8::2 56324 6379\r\n": from6,
		"PROXY UNKNOWN\r\n":                             "",
		"PROXY UNKNOWN ff:: 1 2 anything\r\n":           "",
		long:                                            "",
		binary2(proxy, tcp4, addresses4):                from4,
		binary2(proxy, tcp6, addresses6):                from6,
		binary2(proxy, tcp4, addresses4+"\x04\x00\x00"): from4,
		binary2(local, unknown, ""):                     "",
		binary2(local, tcp4, addresses4):                "",
		binary2(proxy, unknown, "anything"):             "",
		summed(0):                                       from4,
	} {
		for name, r := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader,
		} {
			in := strings.NewReader(header + "PING\r\n")
			e, err := readHeader(r(in))
			got := ""
			if e.client.IsValid() {
				got = e.client.String() + " " + e.server.String()
			}
			if err != nil || got != want {
				t.Errorf("%s, %q: %q, %v; want %q", name, header, got, err, want)
			}
			if rest, _ := io.ReadAll(in); string(rest) != "PING\r\n" {
				t.Errorf("%s, %q: leaves %q", name, header, rest)
			}
		}
	}
}

func TestHeadersThatAreRefused(t *testing.T) {
	for _, header := range []string{
		"", "P", "PROXX ", "PING\r\n\r\n\r\n\r\n", "proxy TCP4 1.2.3.4 1.2.3.4 1 1\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.2 56324\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.2 56324 6379 \r\n",
		"PROXY TCP4  192.0.2.1 192.0.2.2 56324 6379\r\n",
		"PROXY TCP5 192.0.2.1 192.0.2.2 56324 6379\r\n",
		"PROXY TCP4 192.0.2.01 192.0.2.2 56324 6379\r\n",
		"PROXY TCP4 2001:db8::1 2001:db8::2 56324 6379\r\n",
		"PROXY TCP6 192.0.2.1 192.0.2.2 56324 6379\r\n",
		"PROXY TCP6 fe80::1%eth0 fe80::2 56324 6379\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.2 65536 6379\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.2 +1 6379\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.2 01 6379\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.2 56324 6379\n" + strings.Repeat(" ", max1),
		"PROXY UNKNOWN " + strings.Repeat("f", max1-15) + "\r\n",
		binary2(0x31, tcp4, addresses4),                     // version 3
		binary2(0x22, tcp4, addresses4),                     // a command that there is none of
		binary2(proxy, 0x12, addresses4),                    // UDP
		binary2(proxy, tcp4, addresses4[:11]),               // too short
		binary2(proxy, tcp6, addresses4),                    // too short for that family
		binary2(proxy, tcp4, addresses4+"\x04\x00"),         // a value without its length
		binary2(proxy, tcp4, addresses4+"\x04\x00\x05abcd"), // and one that is cut off
		binary2(proxy, tcp4, addresses4+"\x03\x00\x03abc"),  // a checksum of 3 bytes
		binary2(proxy, tcp4, addresses4+strings.Repeat("\x04\x00\x01x", max2/4)),
		binary2(proxy, tcp4, addresses4)[:20], // cut off
		summed(1),
	} {
		if e, err := readHeader(strings.NewReader(header)); err == nil {
			t.Errorf("%q is taken for %v", header, e)
		}
	}
}

// Whatever comes is a header or an error, of a bounded length.
func FuzzHeader(f *testing.F) {
	for _, seed := range []string{introduction, binary2(proxy, tcp4, addresses4), binary2(local, unknown, ""), summed(0)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bytes.NewReader(b)
		e, err := readHeader(in)
		if read := len(b) - in.Len(); read > 16+max2 {
			t.Errorf("%d bytes were read", read)
		}
		if err != nil && e != (ends{}) || e.client.IsValid() != e.server.IsValid() {
			t.Errorf("%v, %v", e, err)
		}
	})
}
