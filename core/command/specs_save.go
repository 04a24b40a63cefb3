package command

import "github.com/redistill-go/redistill/core/command/arg"

func saveSpecs() []Spec {
	const group = "server"
	return []Spec{
		{
			Name: "bgsave", Handler: cmdBGSave, Arity: -1, Flags: Admin | NoScript | NoAsyncLoading,
			Group: group, Since: "1.0.0",
			Summary:    "Save a snapshot of this moment in the background",
			Complexity: "O(1)",
			Args:       arg.List(arg.Optional(arg.Token("SCHEDULE"))),
		}, {
			Name: "lastsave", Handler: cmdLastSave, Arity: 1, Flags: Loading | Stale | Fast,
			Categories: CatAdmin | CatDangerous, Group: group, Since: "1.0.0",
			Summary:    "Return when the last snapshot was complete, in Unix seconds",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output"},
		}, {
			Name: "save", Handler: cmdSave, Arity: 1, Flags: Admin | NoScript | NoMulti | NoAsyncLoading,
			Group: group, Since: "1.0.0",
			Summary:    "Save a snapshot of this moment and wait until it is complete",
			Complexity: "O(N) with N being the number of keys",
		},
	}
}
