package rdb

import "fmt"

// maxKeyMeta is how many modules can have metadata of one key.
const maxKeyMeta = 7

// mayIgnore is the flag of metadata that a server without the module passes.
const mayIgnore = 1

// skipKeyMeta passes what modules of Redis 8.6 and later keep with a key. It is
// an error where a module has not allowed it, unless it is forced.
func (c *cursor) skipKeyMeta(force bool) error {
	at := c.offset()
	n, err := c.length()
	if err == nil && n > maxKeyMeta {
		err = &Error{Offset: at, Problem: fmt.Sprintf("%d modules can't have metadata of one key", n), Fix: fixDamaged}
	}
	for ; err == nil && n > 0; n-- {
		var class []byte // four letters and five bits of version before three flags
		if class, err = c.take(4); err != nil {
			break
		}
		if !force && class[0]&mayIgnore == 0 {
			return &Error{Offset: at, Problem: "a key has metadata of a Redis module, which this server does not have", Fix: fixFeature}
		}
		err = c.skipModuleParts()
	}
	return err
}

// skipSlotImport passes what a node of a Valkey cluster was about to take over:
// a name and ranges of slots.
func (c *cursor) skipSlotImport() error {
	if err := c.skipStrings(1); err != nil {
		return err
	}
	return c.skipEach(func() error { return c.skipLengths(2) })
}
