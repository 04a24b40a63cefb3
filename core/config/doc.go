// Package config turns a TOML file, the environment and command-line
// overrides into one typed config struct per section, and reports every
// problem it finds at once, each with its place and what to do about it.
//
// The core owns the sections server, auth, memory, persistence and log; every
// other section belongs to the module that registered it. A section is a plain
// struct whose fields carry two tags: `toml`, the key, and `doc`, one line for
// the reference. Fields are strings, booleans, numbers, Size, Duration, or lists of
// one of these.
//
// There may be several instances of a transport: a file has an array of tables, and
// the other layers number them, as in transports.tcp.2.listen. The first is the one
// without a number too.
//
// Layers apply in this order, a later one over an earlier one: the defaults,
// the file, the environment (the REDIS_* names first, then REDISTILL_*), and
// --set. Decoding is strict in every layer: a key that nobody owns is an error.
//
// Concurrency: Load may be called from any goroutine. What it returns is
// read-only by convention and may be shared.
package config
