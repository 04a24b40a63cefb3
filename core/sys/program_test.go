package sys

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// resident is the resident memory of files in bytes.
func residentFiles(t *testing.T) int64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var size, resident, shared int64
	if _, err := fmt.Sscan(string(text), &size, &resident, &shared); err != nil {
		t.Fatal(err)
	}
	return shared * int64(os.Getpagesize())
}

// The program runs on without the pages it has given back.
func TestDropProgram(t *testing.T) {
	before := residentFiles(t)
	dropped, err := DropProgram()
	if err != nil {
		t.Fatal(err)
	}
	after := residentFiles(t)
	if dropped < 256<<10 || after >= before {
		t.Errorf("%d bytes of files are resident, %d given back, then %d", before, dropped, after)
	}
	if got := strings.ToUpper(fmt.Sprint(t.Name(), after > 0)); got != "TESTDROPPROGRAMTRUE" {
		t.Error(got)
	}
}
