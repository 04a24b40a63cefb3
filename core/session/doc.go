// Package session is one client's side of the conversation, free of I/O:
// request bytes in, reply bytes out. Whoever has the bytes drives it: a
// goroutine per connection, an event loop, a fuzzer or a test.
//
// What a connection always needs is in Session, which is small. What it needs
// only while there is something to do, the buffers above all, is in a
// Workspace, which is lent from a Pool and given back when the connection
// waits for its client to send: ten thousand idle clients cost ten thousand
// Sessions and a handful of Workspaces. What has arrived of a request that is not
// complete stays with the Session meanwhile, in a buffer of its own size (rest.go).
//
// A pipeline batch is the unit of work. Its requests are parsed and their keys
// hashed; then the index and the entries of all keys are touched, so that the
// cache misses of one batch overlap; then the requests are executed. Replies
// gather in one buffer that the driver sends with one write; long ones in a chain
// of such buffers, each of which is given back when it was sent (resp.Writer).
//
// The driver's loop is
//
//	ws := pool.Get(); s.Resume(ws)
//	n := read(ws.ReadBuf())
//	ws.Filled(n)
//	for {
//		st := s.Run(ws)
//		write(ws.Output()); s.Sent(ws)
//		if st != session.Flush { break }
//	}
//	s.Settle(ws); pool.Put(ws)
//
// Concurrency: a Session and the Workspace lent to it belong to one goroutine
// at a time. Pool and Shared are for all.
package session
