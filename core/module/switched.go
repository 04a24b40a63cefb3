package module

// Switched is a module's config that may leave the module with nothing to do, for who
// lists the modules. One without it always does something. Transports tell themselves.
type Switched interface {
	// Enabled says whether the module does anything. The config is filled in and valid.
	Enabled() bool
}
