// Package session is one client's side of the conversation, free of I/O:
// request bytes in, reply bytes out. Whoever has the bytes drives it: a
// goroutine per connection, an event loop, a fuzzer or a test.
//
// What a connection always needs is in Session, which is small. What it needs
// only while there is something to do, the buffers above all, is in a
// Workspace, which is lent from a Pool and given back when the connection
// falls idle: ten thousand idle clients cost ten thousand Sessions and a
// handful of Workspaces.
//
// A pipeline batch is the unit of work. Its requests are parsed and their keys
// hashed; then the index and the entries of all keys are touched, so that the
// cache misses of one batch overlap; then the requests are executed. Replies
// gather in one buffer that the driver sends with one write.
//
// The driver's loop is
//
//	n := read(ws.ReadBuf())
//	ws.Filled(n)
//	for {
//		st := s.Run(ws)
//		write(ws.Output()); ws.Sent()
//		if st != session.Flush { break }
//	}
//
// Concurrency: a Session and the Workspace lent to it belong to one goroutine
// at a time. Pool and Shared are for all.
package session
