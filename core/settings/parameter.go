package settings

// Parameter is one name of CONFIG GET and CONFIG SET.
type Parameter struct {
	// Name is in lower case with hyphens, as in "maxmemory-policy".
	Name string
	// Doc is what it is, in one line of Markdown.
	Doc string
	// Get returns the value in force. It must not wait for a client or a shard.
	Get func() string
	// Set judges a value and returns what applies it; its error is what a client
	// reads behind "CONFIG SET failed (possibly related to argument ...) - ". Nil:
	// the parameter is fixed, and what can be set is only the value that it has.
	Set func(value string) (apply func(), err error)
}

// Fixed is a parameter that always has the same value.
func Fixed(name, doc, value string) Parameter {
	return Parameter{Name: name, Doc: doc, Get: func() string { return value }}
}

// Owner is a part of the process that has parameters of its own. A module whose
// policy, backend, transport or service implements it adds them to CONFIG.
type Owner interface {
	// Settings is called once, before the first client is served.
	Settings() []Parameter
}
