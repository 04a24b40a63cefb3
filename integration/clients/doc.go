// Command clients runs the client matrix: one script per client library, in
// the library's own language, against a server started for it. The last line
// is "N passed, N failed", and the exit code is 1 when a check failed.
//
//	go run ./integration/clients                        # all clients
//	go run ./integration/clients -only jedis,lettuce    # some of them
//	go run ./integration/clients -against redis-server  # what Redis does
//
// A script reads where the servers are from its environment and tells one
// fact a line on its standard output:
//
//	ok NAME             a check passed
//	not ok NAME: WHY    a check failed
//	restart             asks for a restart; the answer is a line on standard input
//	end                 nothing was left out
//
// Anything else is kept and shown if the script fails. Plain connections pass
// through a proxy that keeps what was said since the last check: a failure
// shows the requests and replies as they were on the wire.
//
// The clients are installed below the user's cache directory, from the lock
// files beside the scripts, and again only when those change.
package main
