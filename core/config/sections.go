package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redistill-go/redistill/core/resp"
)

// Server is the section [server].
type Server struct {
	MaxClients              int          `toml:"max_clients" doc:"most clients at once; more are told so and closed, but for one administrator on this machine"`
	IdleTimeout             Duration     `toml:"idle_timeout" doc:"close a client that is silent for so long; 0: never"`
	AuthTimeout             Duration     `toml:"auth_timeout" doc:"close a connection that takes longer to complete its TLS handshake and, where a password is set, to authenticate; 0: never"`
	ShutdownGrace           Duration     `toml:"shutdown_grace" doc:"how long a stop waits for clients to finish what they sent, and takes no notice of another SIGTERM"`
	Shards                  int          `toml:"shards" doc:"shards of the store, a power of two, 1 to 65536; 0: chosen by the machine"`
	MaxBulkLength           Size         `toml:"max_bulk_length" doc:"longest key, value or other argument that is accepted, 1kb to 512mb"`
	ClientMemory            ClientMemory `toml:"client_memory" doc:"what all clients together may hold, beside memory.max: a size, a percentage of memory.max as in 25%, auto (25%, and 64mb at least), or 0: no limit; over it those that hold most are closed"`
	OutputBufferLimit       OutputLimit  `toml:"output_buffer_limit" doc:"most that a client may leave unread before it is closed, at least 64kb; or with a soft limit and how long that may be exceeded, as in 64mb 16mb 60s; 0: no limit"`
	PubsubOutputBufferLimit OutputLimit  `toml:"pubsub_output_buffer_limit" doc:"the same for clients that are subscribed to a channel"`
	EnableDebug             string       `toml:"enable_debug_command" doc:"who may use DEBUG, which is for tests: no, yes, or local for clients on this machine"`
}

// Validate reports all that is wrong with the section.
func (s *Server) Validate() error {
	var errs []error
	if s.MaxClients < 1 || s.MaxClients > 1_000_000 {
		errs = append(errs, &FieldError{"max_clients", fmt.Sprintf("%d is not in the range 1 to 1000000", s.MaxClients), "use the number of connections to allow"})
	}
	if s.Shards < 0 || s.Shards > 65536 || s.Shards&(s.Shards-1) != 0 {
		errs = append(errs, &FieldError{"shards", fmt.Sprintf("%d is not a power of two from 1 to 65536", s.Shards), "use 0 to let the server choose"})
	}
	if s.MaxBulkLength < 1<<10 || s.MaxBulkLength > 512<<20 {
		errs = append(errs, &FieldError{"max_bulk_length", fmt.Sprintf("%s is not in the range 1kb to 512mb", s.MaxBulkLength), "use 512mb, as Redis does"})
	}
	errs = append(errs, s.OutputBufferLimit.problem("output_buffer_limit"), s.PubsubOutputBufferLimit.problem("pubsub_output_buffer_limit"))
	errs = append(errs, oneOf("enable_debug_command", s.EnableDebug, "no", "yes", "local"))
	return errors.Join(errs...)
}

// Auth is the section [auth].
type Auth struct {
	Password string `toml:"password" doc:"what clients must send with AUTH, at most 16384 bytes; empty: no authentication"`
}

// CheckPassword says why no client could send the password, which is the value of
// key, or returns nil: an argument is not longer than maxBulk, nor, before a client
// has authenticated, than resp.AuthBulk.
func CheckPassword(key, password string, maxBulk Size) error {
	most := min(int64(resp.AuthBulk), int64(maxBulk))
	if int64(len(password)) <= most {
		return nil
	}
	return &FieldError{
		Key:     key,
		Problem: fmt.Sprintf("it is %d bytes long, and the password that a client can send is of at most %d", len(password), most),
		Fix:     "use a shorter one",
	}
}

// Memory is the section [memory].
type Memory struct {
	Max      Size   `toml:"max" doc:"limit of memory for data, and for what the process itself takes when it starts; clients have a limit of their own; 0: no limit"`
	Eviction string `toml:"eviction" doc:"eviction policy when the limit is reached: an eviction module, by its name"`
}

// NoEviction is the value of memory.eviction that every build accepts: writes
// are refused when memory is full.
const NoEviction = "noeviction"

// Persistence is the section [persistence].
type Persistence struct {
	Backend        string   `toml:"backend" doc:"where snapshots are kept: none, or a persistence module by its name"`
	Interval       Duration `toml:"interval" doc:"time between snapshots; 0: no periodic snapshots"`
	SaveOnShutdown bool     `toml:"save_on_shutdown" doc:"take a last snapshot when the server stops, which it does not do if that fails"`
}

// NoBackend is the value of persistence.backend that every build accepts: no
// snapshots are kept.
const NoBackend = "none"

// Log is the section [log].
type Log struct {
	Level  string `toml:"level" doc:"debug, info, warn or error"`
	Format string `toml:"format" doc:"text or json"`
}

// Validate reports all that is wrong with the section.
func (l *Log) Validate() error {
	return errors.Join(
		oneOf("level", l.Level, "debug", "info", "warn", "error"),
		oneOf("format", l.Format, "text", "json"))
}

// oneOf is nil if v is among the names.
func oneOf(key, v string, names ...string) error {
	if slices.Contains(names, v) {
		return nil
	}
	fix := "use one of: " + strings.Join(names, ", ")
	if near, ok := Nearest(v, names); ok {
		fix = fmt.Sprintf("did you mean %q?", near)
	}
	return &FieldError{key, fmt.Sprintf("%q is not known", v), fix}
}

// defaults is the configuration of a server that was told nothing.
func defaults() *Config {
	return &Config{
		Server: Server{
			MaxClients:              10000,
			AuthTimeout:             Duration(10 * time.Second),
			ShutdownGrace:           Duration(10 * time.Second),
			MaxBulkLength:           512 << 20,
			ClientMemory:            AutoClientMemory,
			OutputBufferLimit:       OutputLimit{Hard: 256 << 20},
			PubsubOutputBufferLimit: OutputLimit{Hard: 32 << 20, Soft: 8 << 20, For: Duration(time.Minute)},
			EnableDebug:             "no",
		},
		Memory:      Memory{Eviction: NoEviction},
		Persistence: Persistence{Backend: NoBackend, SaveOnShutdown: true},
		Log:         Log{Level: "info", Format: "text"},
		modules:     map[string][]Instance{},
	}
}
