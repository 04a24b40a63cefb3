package sys

import (
	"bytes"
	"errors"
	"syscall"
	"testing"
)

// pair returns the two ends of a non-blocking stream socket.
func pair(t *testing.T) (a, b int) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The far end may have been closed by the test.
		_, _ = syscall.Close(fds[0]), syscall.Close(fds[1])
	})
	return fds[0], fds[1]
}

func TestReadReturnsWhatWriteSent(t *testing.T) {
	a, b := pair(t)
	if n, err := Write(a, []byte("hello")); n != 5 || err != nil {
		t.Fatalf("wrote %d, %v", n, err)
	}
	buf := make([]byte, 16)
	if n, err := Read(b, buf); err != nil || string(buf[:n]) != "hello" {
		t.Fatalf("read %q, %v", buf[:n], err)
	}
}

func TestReadAndWriteNeverWait(t *testing.T) {
	a, b := pair(t)
	if _, err := Read(b, make([]byte, 1)); !errors.Is(err, syscall.EAGAIN) {
		t.Fatalf("reading an empty socket: %v", err)
	}
	chunk := bytes.Repeat([]byte{'x'}, 1<<16)
	for range 1000 {
		if _, err := Write(a, chunk); err != nil {
			if !errors.Is(err, syscall.EAGAIN) {
				t.Fatalf("writing to a full socket: %v", err)
			}
			return
		}
	}
	t.Fatal("the socket took 64 MB without a reader")
}

func TestReadTellsTheEnd(t *testing.T) {
	a, b := pair(t)
	if err := syscall.Close(a); err != nil {
		t.Fatal(err)
	}
	if n, err := Read(b, make([]byte, 1)); n != 0 || err != nil {
		t.Fatalf("reading after the end: %d, %v", n, err)
	}
}
