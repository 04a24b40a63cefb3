package store

// checkHash asserts what must hold of a hash between commands, and returns what
// it holds outside its entry's own block.
func checkHash(t fataler, sh *Shard, e Entry) (allocated int64) {
	t.Helper()
	allocated, err := sh.hashes.Check(e.hash())
	if err != nil {
		t.Fatalf("%v", err)
	}
	return allocated
}
