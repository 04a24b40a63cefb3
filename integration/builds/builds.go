package main

import (
	"strings"

	"github.com/redistill-go/redistill/modules/catalogue"
)

// build is one way to build a server.
type build struct {
	name string
	args []string // of redistill-build; none: go build with the tag custom, which has nothing
	// alone is the module that the build is there for; "": none is more than others.
	alone string
}

// builds are all that are tried.
func builds() []build {
	list := []build{{name: "bare"}}
	for _, preset := range []string{"minimal", "cache", "full"} {
		list = append(list, build{name: preset, args: []string{"--preset", preset}})
	}
	for _, k := range catalogue.Tree {
		only := k.ID
		if !strings.HasPrefix(k.ID, "transport.") {
			only = "transport.tcp," + k.ID
		}
		list = append(list, build{name: k.ID, args: []string{"--only", only}, alone: k.ID})
	}
	return list
}
