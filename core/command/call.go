package command

// Caller executes a command whose arguments are in place in Ctx, and counts and
// times it, for EXEC, which does so in the midst of its own call.
type Caller interface {
	Call(cmd *Command)
}
