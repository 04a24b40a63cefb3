package command

import "fmt"

// Informer is a part of the process that has something to tell in INFO. A module whose
// policy, backend, transport or service implements it adds to the reply.
type Informer interface {
	// InfoSections is called once, before the first client is served. The sections'
	// Lines are called for each INFO, from any goroutine, perhaps while all shards are
	// locked: they must not wait for one.
	InfoSections() []InfoSection
}

// Check says what is wrong with a section; its name must be one that INFO can be
// asked for.
func (s InfoSection) Check() error {
	if s.Name == "" || s.Lines == nil {
		return fmt.Errorf("the INFO section %q lacks a name or its Lines; this is a mistake in the module", s.Name)
	}
	for _, c := range s.Name {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return fmt.Errorf("the INFO section %q has a name with other than lower-case letters, digits and _; rename it", s.Name)
		}
	}
	switch s.Name {
	case "all", "default", "everything":
		return fmt.Errorf("the INFO section %q has a name that INFO uses for several sections; rename it", s.Name)
	}
	return nil
}
