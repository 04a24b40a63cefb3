package jsonlines

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/redistill-go/redistill/core/snapshot"
)

const firstLine = `{"format":"redistill-jsonlines","version":1}` + "\n"

// lastLine is what ends a snapshot of so many keys whose lines have this checksum.
func lastLine(keys int64, sum []byte) string {
	return fmt.Sprintf(`{"keys":%d,"sha256":"%x"}`+"\n", keys, sum)
}

// isLast says whether a line is one that ends a snapshot, which that of a key is not.
func isLast(line []byte) bool { return bytes.HasPrefix(line, []byte(`{"keys":`)) }

// line is that of a key. Bytes are in base64, as encoding/json has them.
type line struct {
	Key      []byte  `json:"key"`
	Value    []byte  `json:"value,omitempty"`
	Fields   []field `json:"fields,omitempty"` // of a hash, which has at least one
	ExpireAt int64   `json:"expire_at,omitempty"`
}

type field struct {
	Name     []byte `json:"name"`
	Value    []byte `json:"value,omitempty"`
	ExpireAt int64  `json:"expire_at,omitempty"`
}

// encode makes the line of a record.
func encode(r snapshot.Record) ([]byte, error) {
	l := line{Key: r.Key, Value: r.Value, ExpireAt: r.ExpireAt}
	for _, f := range r.Fields {
		l.Fields = append(l.Fields, field(f))
	}
	text, err := json.Marshal(l)
	return append(text, '\n'), err
}

// decode is the opposite.
func decode(text []byte) (snapshot.Record, error) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return snapshot.Record{}, err
	}
	r := snapshot.Record{Key: l.Key, Value: l.Value, ExpireAt: l.ExpireAt}
	for _, f := range l.Fields {
		r.Fields = append(r.Fields, snapshot.Field(f))
	}
	return r, nil
}
