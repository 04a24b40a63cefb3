package allcommands_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc64"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/commandtest"
	"github.com/redistill-go/redistill/core/store"
)

// added is what the requests below would add, and roomFor what there is for it.
const (
	added   = 6 << 20
	roomFor = 16 << 20
)

// adding is for each command that is refused when memory is full a request that
// adds added bytes, or any request where a command can't add many.
var adding = map[string][]string{
	"append":       {"APPEND", "string", strings.Repeat("v", added)},
	"bitfield":     {"BITFIELD", "new", "SET", "u8", "#6291456", "1"},
	"bitop":        {"BITOP", "NOT", "new", "long"},
	"copy":         {"COPY", "long", "new"},
	"getset":       {"GETSET", "new", strings.Repeat("v", added)},
	"hmset":        {"HMSET", "new", "f", strings.Repeat("v", added)},
	"hset":         {"HSET", "hash", "f", strings.Repeat("v", added)},
	"hsetex":       {"HSETEX", "hash", "FIELDS", "1", "f", strings.Repeat("v", added)},
	"hsetnx":       {"HSETNX", "hash", "new", strings.Repeat("v", added)},
	"mset":         {"MSET", "new", strings.Repeat("v", added)},
	"msetex":       {"MSETEX", "1", "new", strings.Repeat("v", added)},
	"msetnx":       {"MSETNX", "new", strings.Repeat("v", added)},
	"psetex":       {"PSETEX", "new", "1000", strings.Repeat("v", added)},
	"restore":      {"RESTORE", "new", "0", compressed(added)},
	"set":          {"SET", "new", strings.Repeat("v", added)},
	"setbit":       {"SETBIT", "new", "50331648", "1"},
	"setex":        {"SETEX", "new", "1", strings.Repeat("v", added)},
	"setnx":        {"SETNX", "new", strings.Repeat("v", added)},
	"setrange":     {"SETRANGE", "new", "6291456", "v"},
	"decr":         {"DECR", "number"},
	"decrby":       {"DECRBY", "number", "10"},
	"hincrby":      {"HINCRBY", "hash", "number", "1"},
	"hincrbyfloat": {"HINCRBYFLOAT", "hash", "number", "1"},
	"incr":         {"INCR", "number"},
	"incrby":       {"INCRBY", "number", "10"},
	"incrbyfloat":  {"INCRBYFLOAT", "number", "10"},
}

// compressed is a payload of a string of about n zeros, which is a hundredth as
// long: one zero, and references to the byte before of 264 bytes each.
func compressed(n int) string {
	refs := n / 264
	p := []byte{0, 0xC3, 0x80}
	p = binary.BigEndian.AppendUint32(p, uint32(2+3*refs))
	p = binary.BigEndian.AppendUint32(append(p, 0x80), uint32(1+264*refs))
	p = append(p, 0, 0)
	p = append(p, bytes.Repeat([]byte{0xE0, 255, 0}, refs)...)
	p = binary.LittleEndian.AppendUint16(p, 11)
	sum := ^crc64.Update(^uint64(0), crc64.MakeTable(0x95ac9329ac4bc9b5), p)
	return string(binary.LittleEndian.AppendUint64(p, sum))
}

// denied calls f for each command that is refused when memory is full, with its
// request.
func denied(t *testing.T, s *commandtest.Server, f func(name string, request []string)) {
	for i := range s.Env.Table.Len() {
		cmd := s.Env.Table.At(i)
		if !cmd.Flags.Has(command.DenyOOM) {
			continue
		}
		request, ok := adding[cmd.FullName]
		if !ok {
			t.Errorf("no request shows what %s adds", cmd.FullName)
			continue
		}
		f(cmd.FullName, request)
	}
}

const oom = "-OOM command not allowed when used memory > 'maxmemory'.\n"

const tooLarge = "more than the limit"

func fill(s *commandtest.Server) {
	s.Do("SET", "string", "v")
	s.Do("SET", "number", "1")
	s.Do("HSET", "hash", "number", "1")
	s.Do("SETRANGE", "long", "6291456", "v")
	s.Do("SETRANGE", "other", "6291456", "v")
}

// Where what a command adds does not fit, it is refused before it takes memory,
// and nothing is evicted for what can never fit.
func TestWhatDoesNotFitIsRefusedBeforeItTakesMemory(t *testing.T) {
	s := newServer(t)
	fill(s)
	before := s.Env.Store.Memory().Allocated
	refuse := func(limit int64, what string) {
		denied(t, s, func(name string, request []string) {
			if limit != before/2 && strings.Contains(name, "cr") {
				return // INCR, DECR and their like add little
			}
			if what == tooLarge && len(strings.Join(request, "")) >= store.PinMin {
				return // for a long argument room is made when it arrives
			}
			s.Env.Store.SetMaxMemory(limit)
			got := s.Do(request...)
			s.Env.Store.SetMaxMemory(0)
			if got != oom {
				t.Errorf("%s, %s: %.60q", what, name, got)
			}
			if n := s.Env.Store.Memory().Allocated; n != before {
				t.Fatalf("%s, %s: %d bytes are used, %d were before", what, name, n, before)
			}
			s.Do("MULTI")
			queued := s.Do(request...)
			s.Env.Store.SetMaxMemory(limit)
			got = s.Do("EXEC")
			s.Env.Store.SetMaxMemory(0)
			if !strings.HasPrefix(got, "-EXECABORT ") || queued != "+QUEUED\n" {
				t.Errorf("%s, EXEC of %s: %.60q, %.60q", what, name, queued, got)
			}
			if n := s.Env.Store.Memory().Allocated; n != before {
				t.Fatalf("%s, EXEC of %s: %d bytes are used, %d were before", what, name, n, before)
			}
		})
	}
	refuse(roomFor, "no room")
	refuse(before/2, "memory is full")
	s.Env.Store.SetPolicy(commandtest.EvictsAll{})
	refuse(added-1<<20, tooLarge)
}

// With room for it, each of the requests is executed.
func TestWhatFitsIsNotRefused(t *testing.T) {
	s := newServer(t)
	s.Env.Store.SetMaxMemory(1 << 30)
	denied(t, s, func(name string, request []string) {
		fill(s)
		if got := s.Do(request...); strings.HasPrefix(got, "-") {
			t.Errorf("%s: %.60q", name, got)
		}
		s.Do("FLUSHALL", "SYNC")
	})
}

// A compressed payload is decoded to where its value stays, and one that is
// damaged leaves the key as it was.
func TestRestoreOfALongCompressedString(t *testing.T) {
	s := newServer(t)
	s.Do("SET", "key", "v")
	p := compressed(added)
	before := s.Env.Store.Memory().Allocated
	if got := s.Do("RESTORE", "key", "0", p); got != "-BUSYKEY Target key name already exists.\n" {
		t.Errorf("%q", got)
	}
	body := []byte(p[:len(p)-8])
	body[len(body)-4]-- // the last reference is one byte too short
	sum := ^crc64.Update(^uint64(0), crc64.MakeTable(0x95ac9329ac4bc9b5), body)
	bad := string(binary.LittleEndian.AppendUint64(body, sum))
	if got := s.Do("RESTORE", "key", "0", bad, "REPLACE"); got != "-ERR Bad data format\n" {
		t.Errorf("damaged: %q", got)
	}
	if n := s.Env.Store.Memory().Allocated; n != before || s.Do("GET", "key") != "$1\nv\n" {
		t.Errorf("%d bytes are used, %d were before", n, before)
	}
	if got := s.Do("RESTORE", "key", "0", p, "REPLACE"); got != "+OK\n" {
		t.Errorf("%q", got)
	}
	if got := s.Do("STRLEN", "key"); got != fmt.Sprintf(":%d\n", 1+added/264*264) {
		t.Errorf("STRLEN says %q", got)
	}
	if got := s.Do("BITCOUNT", "key"); got != ":0\n" {
		t.Errorf("BITCOUNT says %q", got)
	}
}

// What a command reads is not evicted to make room for what it writes.
func TestWhatIsReadIsNotEvictedForWhatIsWritten(t *testing.T) {
	for _, request := range [][]string{
		{"COPY", "long", "new"}, {"BITOP", "NOT", "new", "long"}, {"APPEND", "long", "v"}, {"SETRANGE", "long", "10000000", "v"},
		{"SETBIT", "long", "80000000", "1"}, {"BITFIELD", "long", "SET", "u8", "#10000000", "1"},
	} {
		s := newServer(t)
		s.Env.Store.SetPolicy(commandtest.EvictsAll{})
		s.Do("SETRANGE", "long", "9000000", "v")
		s.Do("SET", "other", "v")
		s.Env.Store.SetMaxMemory(16 << 20)
		if got := s.Do(request...); got != oom {
			t.Errorf("%q: %.60q", request, got)
		}
		if got := s.Do("EXISTS", "long", "other", "new"); got != ":2\n" {
			t.Errorf("after %q, EXISTS says %q", request, got)
		}
	}
}
