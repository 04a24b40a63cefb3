package session

import "github.com/redistill-go/redistill/core/resp"

// rest is what has arrived of a request that is not complete, while the
// session has no workspace.
type rest struct {
	in     []byte
	parser resp.Parser
	blob   *blob
	blobs  []*blob
}

// clear forgets what has another owner by now, and keeps room for the next time.
func (r *rest) clear() {
	clear(r.blobs)
	r.parser.Forget()
	*r = rest{parser: r.parser, blobs: r.blobs[:0]}
}

// Settle takes out of the workspace what is half done, so that it can be given
// back while the client sends no more: the session then holds what has arrived
// and little else. The output has been sent. Resume undoes it.
func (s *Session) Settle(ws *Workspace) {
	if ws.Idle() {
		return
	}
	r := ws.spare
	if ws.spare = nil; r == nil {
		r = new(rest)
	}
	ws.parser.Move(&r.parser)
	r.blob, r.blobs = ws.blob, append(r.blobs, ws.blobs...)
	if ws.filled <= len(ws.in)/2 {
		r.in = append(ws.buffers.Get(ws.filled), ws.in[:ws.filled]...)
	} else {
		r.in, ws.in = ws.in[:ws.filled], nil
		ws.equip()
	}
	clear(ws.blobs)
	ws.filled, ws.blob, ws.blobs = 0, nil, ws.blobs[:0]
	s.rest = r
}

// Resume puts into the workspace what Settle took out of one.
func (s *Session) Resume(ws *Workspace) {
	ws.large = s.large
	r := s.rest
	if r == nil {
		return
	}
	s.rest = nil
	r.parser.Move(&ws.parser)
	ws.blob, ws.blobs = r.blob, append(ws.blobs, r.blobs...)
	in := r.in
	r.clear()
	ws.spare = r
	if ws.filled = len(in); ws.filled+minRead <= len(ws.in) {
		copy(ws.in, in)
		ws.buffers.Put(in)
		return
	}
	ws.buffers.Put(ws.in)
	ws.in = in[:cap(in)]
}

// Resting is how many bytes of a request have arrived that Settle has put
// aside, and how many those take.
func (s *Session) Resting() (arrived, held int) {
	r := s.rest
	if r == nil {
		return 0, 0
	}
	const fixed = 256 // of the rest and the parser
	arrived, held = len(r.in), fixed+cap(r.in)+r.parser.Held()
	for _, b := range r.blobs {
		if b != nil {
			arrived += b.filled
			if b.staged != nil {
				held += b.length
			}
		}
	}
	return arrived, held
}

// Expecting says whether the rest of a large argument is what comes next.
func (s *Session) Expecting() bool { return s.rest != nil && s.rest.blob != nil }
