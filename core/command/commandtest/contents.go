package commandtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redistill-go/redistill/core/store"
)

// field is one that all hashes have.
const field = "f"

// manyFields is so many that a hash of them has its large form.
const manyFields = 600

// setUp empties the store and puts the keys there that a request is about, or, if it
// names none, a few.
func setUp(s *Server, request []string) {
	s.Store.Whole().Flush()()
	// There is a limit far away, so that commands are asked what they add.
	s.Store.SetMaxMemory(1 << 30)
	if !slices.ContainsFunc(request, func(a string) bool { return slices.Contains(keyNames, a) }) {
		request = []string{keyString, keyHash}
	}
	for _, key := range keyNames {
		if slices.Contains(request, key) {
			putKey(s, key)
		}
	}
}

// putKey puts what the key is named after under it.
func putKey(s *Server, key string) {
	now := s.Now.Load()
	k := s.Store.Key([]byte(key))
	sh := s.Store.Lock(k)
	defer sh.Unlock()
	fields := 2
	switch key {
	case keyString:
		must(sh.Set(k, []byte("text"), 0, now))
		return
	case keyNumber:
		must(sh.Set(k, []byte("10"), 0, now))
		return
	case keyExpired:
		must(sh.Set(k, []byte("text"), now-1, now))
		return
	case keyNone:
		return
	case keyLarge:
		fields = manyFields
	}
	f, err := sh.Fields(k, now)
	must(err)
	for i := range fields {
		name := field
		if i > 0 {
			name += strconv.Itoa(i)
		}
		_, err := f.Set([]byte(name), []byte("1"), 0)
		must(err)
	}
	f.Done()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// contents is all that the keys hold which requests are about.
func contents(s *Server) string {
	var b strings.Builder
	now := s.Now.Load()
	for _, name := range append(slices.Clone(keyNames), "f", "1", "", "x y", "text") {
		k := s.Store.Key([]byte(name))
		sh := s.Store.Lock(k)
		if e, ok := sh.Peek(k, now); ok {
			fmt.Fprintf(&b, "%q until %d: ", name, e.ExpireAt())
			if e.Type() == store.Hash {
				f := sh.FieldsOf(e, now)
				var list []string
				f.Each(func(name, value []byte, expireAt int64) bool {
					list = append(list, fmt.Sprintf("%s=%s until %d", name, value, expireAt))
					return true
				})
				slices.Sort(list)
				fmt.Fprintf(&b, "%.300q\n", list)
			} else {
				fmt.Fprintf(&b, "%.300q\n", e.Value())
			}
		}
		sh.Unlock()
	}
	return b.String()
}
