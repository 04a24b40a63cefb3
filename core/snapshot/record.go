package snapshot

// Record is one key with its value as it travels between the store and a
// persistence backend.
type Record struct {
	Key []byte
	// Value is the string value, 0 bytes to 512 MiB, unless Fields is not nil.
	Value []byte
	// Fields are the fields of a hash, in no particular order and each once;
	// nil: the value is a string.
	Fields []Field
	// ExpireAt is the expiry in milliseconds since the Unix epoch; 0: none.
	ExpireAt int64
}

// Field is one field of a hash.
type Field struct {
	Name, Value []byte // 0 bytes to 512 MiB each
	// ExpireAt is the expiry in milliseconds since the Unix epoch; 0: none.
	ExpireAt int64
}
