package process

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
)

// moduleInfo is what `redistill modules` tells of a module of this build.
type moduleInfo struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Doc     string `json:"doc"`
	Section string `json:"section,omitempty"`
	Package string `json:"package"`
	Version string `json:"version,omitempty"` // of its Go module, if it is not the server's
	// Active says whether the module does anything as the process is configured; nil:
	// that is not known, because the configuration has a problem.
	Active *bool `json:"active,omitempty"`
	// Instances are those that do something, where there is more than one.
	Instances []string `json:"instances,omitempty"`
}

// printModules lists the modules of this build, and those it was built without.
func printModules(cmd *cobra.Command, src config.Source) error {
	w := cmd.OutOrStdout()
	switch flag := func(name string) bool { yes, err := cmd.Flags().GetBool(name); return yes && err == nil }; {
	case flag("ids"):
		for _, d := range src.Modules {
			if _, err := fmt.Fprintln(w, d.ID); err != nil {
				return err
			}
		}
		return nil
	case flag("json"):
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(moduleInfos(src))
	}
	return listModules(w, moduleInfos(src), src.Known)
}

// moduleInfos tells of the modules that a configuration is for.
func moduleInfos(src config.Source) []moduleInfo {
	active := activeModules(src)
	build, _ := debug.ReadBuildInfo()
	infos := make([]moduleInfo, len(src.Modules))
	for i, d := range src.Modules {
		infos[i] = moduleInfo{
			ID: d.ID, Kind: string(d.Kind()), Doc: d.Doc, Section: d.Section,
			Package: d.Package, Version: versionOf(build, d.Package),
		}
		if active != nil {
			yes := len(active[d.ID]) > 0
			infos[i].Active = &yes
			if len(active[d.ID]) > 1 {
				infos[i].Instances = active[d.ID]
			}
		}
	}
	return infos
}

// activeModules are the modules that do something as the process is configured, by
// their IDs, each with the IDs of its instances that do; nil if the configuration has a
// problem, which `redistill check` shows.
func activeModules(src config.Source) map[string][]string {
	cfg, err := config.Load(src)
	if err != nil {
		return nil
	}
	var found transports
	g, err := moduleGraph(cfg, src.Modules)
	if err != nil {
		return nil
	}
	if _, err := g.build(fx.Invoke(func(t transports) { found = t })); err != nil {
		return nil
	}
	on := map[string]bool{} // by ID of the instance
	for _, l := range found.All {
		on[l.ID()] = l.Enabled()
	}
	active := map[string][]string{}
	for _, d := range src.Modules {
		for _, i := range cfg.Instances(d) {
			yes := on[i.ID]
			switch d.Kind() {
			case module.Eviction:
				yes = d.Name() == cfg.Memory.Eviction
			case module.Transport:
			default: // of persistence only the chosen one is built
				yes = d.Kind() != module.Persistence || d.Name() == cfg.Persistence.Backend
			}
			if switched, ok := i.Config.(module.Switched); ok {
				yes = switched.Enabled()
			}
			if yes {
				active[d.ID] = append(active[d.ID], i.ID)
			}
		}
	}
	return active
}

// listModules prints the modules of this build, and those it was built without.
func listModules(out io.Writer, infos []moduleInfo, known []config.Known) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	in := map[string]bool{}
	for _, m := range infos {
		in[m.ID] = true
		section, state := "", ""
		if m.Section != "" {
			section = "[" + m.Section + "]"
		}
		if m.Active != nil && *m.Active {
			state = "active"
		}
		if len(m.Instances) > 0 {
			state += fmt.Sprintf(" (%d)", len(m.Instances))
		}
		from := ""
		if !strings.HasPrefix(m.Package, root+"/") {
			from = m.Package + spaced(m.Version)
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", m.ID, state, m.Doc, section, from) // errors stick until Flush
	}
	for _, k := range known {
		if !in[k.ID] {
			_, _ = fmt.Fprintf(w, "%s\t\tnot in this build\tbuild tag %s\n", k.ID, k.Tag)
		}
	}
	return w.Flush()
}
