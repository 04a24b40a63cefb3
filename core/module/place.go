package module

// Place is where a module, or one of several instances of it, stands in the
// configuration. Errors name it.
type Place struct {
	ID      string // the module's; of the second instance with its number, as in "transport.tcp.2"
	Section string // dotted, as in "transports.tcp", or "transports.tcp.2"
}

// Key is the dotted key of one of the section's, as in "transports.tcp.listen".
func (p Place) Key(name string) string { return p.Section + "." + name }
