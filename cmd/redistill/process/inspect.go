package process

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/service"
	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/transport"
)

// check looks whether the modules fit together, and builds those that the
// configuration is for, without starting them.
func check(cmd *cobra.Command, cfg *config.Config) error {
	var found transports
	g, err := processGraph(cfg, module.All())
	if err != nil {
		return err
	}
	if err := g.findFault([]fx.Option{live(cmd.Context(), func() {})}); err != nil {
		return err
	}
	if g, err = moduleGraph(cfg, module.All()); err != nil {
		return err
	}
	if _, err := g.build(fx.Invoke(func(t transports) { found = t })); err != nil {
		return err
	}
	if err := anyEnabled(cfg, found.All); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "the configuration is valid\n%s\n%s%s", container(cfg), bound(cfg), ignored(cfg))
	return err
}

// bound says where the process can be reached, a line for each of its parts.
func bound(cfg *config.Config) string {
	var b strings.Builder
	for _, at := range cfg.Binds() {
		fmt.Fprintf(&b, "listens: %s on %s (%s)\n", at.ID, at.Address, at.Key)
	}
	return b.String()
}

// ignored says what of the configuration has no effect in this build, a line for each
// section, and how to have a build where it has.
func ignored(cfg *config.Config) string {
	var b strings.Builder
	var missing []string
	for _, i := range cfg.Ignored() {
		missing = append(missing, i.Module)
		fmt.Fprintf(&b, "ignored: %s: [%s], since module %s is not in this build\n", i.Place, i.Section, i.Module)
	}
	if len(missing) > 0 {
		fmt.Fprintf(&b, "ignored: to have what is ignored, %s\n", cfg.BuildCommand(missing...))
	}
	return b.String()
}

// container says how much memory the process may come to hold.
func container(cfg *config.Config) string {
	if cfg.Memory.Max == 0 {
		return "memory: data has no limit; set memory.max to know what a container must have"
	}
	data, clients := cfg.MostResident()
	if clients == 0 {
		return fmt.Sprintf("memory: give a container %s and what clients take, which has no limit; set server.client_memory to know it", data)
	}
	return fmt.Sprintf("memory: give a container %s: %s for data (memory.max %s, a tenth of it and 16mb), and %s for clients (server.client_memory %s)",
		data+clients, data, cfg.Memory.Max, clients, cfg.Server.ClientMemory)
}

type transports struct {
	fx.In
	All []transport.Listener `group:"transports"`
}

// anyEnabled refuses a server that nobody could reach.
func anyEnabled(cfg *config.Config, listeners []transport.Listener) error {
	if len(listeners) == 0 {
		return fmt.Errorf("transports: this build has no transport; rebuild with %s", cfg.BuildCommand("transport.tcp"))
	}
	for _, l := range listeners {
		if l.Enabled() {
			return nil
		}
	}
	return errors.New("transports: none is enabled, so that no client could connect; set one, as in transports.tcp.listen=127.0.0.1:6379")
}

// printGraph prints the dependency graph. Nothing in it is constructed.
func printGraph(cmd *cobra.Command, cfg *config.Config) error {
	g, err := processGraph(cfg, module.All())
	if err != nil {
		return err
	}
	var dot fx.DotGraph
	if _, err := g.build(fx.Populate(&dot)); err != nil {
		return err
	}
	_, err = fmt.Fprint(cmd.OutOrStdout(), withNames(string(dot), cfg, module.All()))
	return err
}

// withNames adds the modules to a graph in DOT, which knows the members of a group by
// numbers alone: each instance of each module that is part of it, beside its group.
func withNames(dot string, cfg *config.Config, modules []module.Descriptor) string {
	var b strings.Builder
	for _, d := range modules {
		node := ""
		switch d.Factory.(type) {
		case transport.Factory:
			node = "[type=transport.Listener group=transports]"
		case eviction.Factory:
			node = "[type=eviction.Policy group=policies]"
		case service.Factory:
			node = "[type=service.Service group=services]"
		case command.Factory:
			node = "[type=command.Family group=families]"
		case snapshot.Factory:
			node = "snapshot.Backend"
		}
		if !strings.Contains(dot, fmt.Sprintf("%q", node)) || d.Kind() == module.Persistence && d.Name() != cfg.Persistence.Backend {
			continue
		}
		for _, i := range cfg.Instances(d) {
			fmt.Fprintf(&b, "\t%q [shape=box];\n\t%q -> %q;\n", i.ID, node, i.ID)
		}
	}
	last := strings.LastIndexByte(dot, '}')
	return dot[:last] + b.String() + dot[last:]
}

func printReference(cmd *cobra.Command, _ []string) error {
	_, err := fmt.Fprint(cmd.OutOrStdout(), config.Reference(module.All()))
	return err
}
