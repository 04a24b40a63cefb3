package module

// Holder is a part that tells how many file descriptors it may have open at once,
// beside those of the clients that the server accepts. So many are kept back for
// it, however many clients there are. For a part that doesn't tell it is
// DefaultDescriptors.
type Holder interface {
	Descriptors() int
}

// DefaultDescriptors is enough for a listening socket or a few files.
const DefaultDescriptors = 8

// Descriptors is how many file descriptors are kept back for a part.
func Descriptors(part any) int {
	if h, ok := part.(Holder); ok {
		return h.Descriptors()
	}
	return DefaultDescriptors
}
