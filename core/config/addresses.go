package config

import (
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
)

// Binder is a config that says which addresses its module binds as it stands. The
// config is filled in and valid.
type Binder interface {
	Binds() []Bind
}

// Bind is an address that is bound.
type Bind struct {
	Key     string // of the section, as in "listen"
	Address string // as it is configured
	// Network and Bound are what is asked of the system: "tcp4" or "tcp6", or "tcp" for
	// both where Bound has no host, else for one of the two, and host:port; or "unix" and
	// a path.
	Network, Bound string
}

// Bound is an address and which instance of a module binds it.
type Bound struct {
	ID  string // as in Place.ID; of a module without instances its ID
	Key string // dotted
	Bind
}

// Binds are the addresses that the process will bind, as far as its parts tell.
func (c *Config) Binds() []Bound { return c.binds }

// checkAddresses gathers the addresses to be bound and reports those that two parts
// want.
func (l *loader) checkAddresses() (all []Bound) {
	for _, instance := range l.schema.instances() {
		binder, ok := instance.Config.(Binder)
		if !ok {
			continue
		}
		for _, b := range binder.Binds() {
			key := instance.Section + "." + b.Key
			if !l.broken[key] {
				all = append(all, Bound{instance.ID, key, b})
			}
		}
	}
	for i, b := range all {
		for _, a := range all[:i] {
			if !overlap(a.Bind, b.Bind) {
				continue
			}
			// The one that somebody has set is at fault rather than one that is there anyway.
			if _, set := l.places[b.Key]; !set {
				if _, set := l.places[a.Key]; set {
					a, b = b, a
				}
			}
			problem := fmt.Sprintf("%s is the address of %s too", b.Address, a.Key)
			if a.Address != b.Address {
				problem = fmt.Sprintf("%s can't be bound beside %s, which is the address of %s", b.Address, a.Address, a.Key)
			}
			l.report(l.placeOf(b.Key), b.Key, problem, `give each its own, or set one to "" to switch it off`)
			break
		}
	}
	return all
}

// instances are those of all modules, in the order of the schema.
func (s *schema) instances() (all []Instance) {
	done := map[string]bool{}
	for _, sec := range s.sections {
		if id := sec.owner.ID; id != "" && !done[id] {
			done[id] = true
			all = append(all, s.config.modules[id]...)
		}
	}
	return all
}

// overlap says whether it is certain that not both can be bound. Names are not looked
// up, so that one which turns out to be another's address is found when it is bound.
func overlap(a, b Bind) bool {
	if a.Network == "unix" || b.Network == "unix" {
		return a.Network == b.Network && absolute(a.Bound) == absolute(b.Bound)
	}
	hostA, portA, errA := net.SplitHostPort(a.Bound)
	hostB, portB, errB := net.SplitHostPort(b.Bound)
	if errA != nil || errB != nil || portA != portB || portA == "0" {
		return false
	}
	if hostA == hostB || hostA == "" || hostB == "" {
		return true
	}
	return a.Network == b.Network && a.Network != "tcp" && (everywhere(hostA) || everywhere(hostB))
}

// everywhere says whether a host stands for all addresses of its family.
func everywhere(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsUnspecified()
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
