package module

// Location says where a persistence module keeps its snapshots, for tools that
// are pointed at one by its path.
type Location struct {
	// Key is the key of the module's section that holds the path.
	Key string
	// Recognises says whether what is at the path looks like a snapshot of
	// this module, sound or damaged. It only looks.
	Recognises func(path string) bool
}
