package rdb

import "fmt"

// Lengths of a sorted set's score in text, which stand for no text.
const (
	scoreNaN = 253 // and the two infinities above
)

// What a value of a module consists of.
const (
	moduleEnd = iota
	moduleSigned
	moduleUnsigned
	moduleFloat
	moduleDouble
	moduleString
)

// skipValue passes a value of any type; at is where that stands.
func (c *cursor) skipValue(t Type, at int64) error {
	switch t {
	case String, hashZiplist, hashListpack, listpackExpiry, 9, 10, 11, 12, 17, 20: // packed into one string
		return c.skipStrings(1)
	case hashListpackEx:
		if _, err := c.take(8); err != nil {
			return err
		}
		return c.skipStrings(1)
	case hashValkey: // and hashExpiry1
		if !c.format.asValkey() {
			return c.skipExpiringFields()
		}
		return c.skipEach(func() error {
			if err := c.skipStrings(2); err != nil {
				return err
			}
			_, err := c.take(8)
			return err
		})
	case HashExpiry:
		if _, err := c.take(8); err != nil {
			return err
		}
		return c.skipExpiringFields()
	case Hash:
		return c.skipEach(func() error { return c.skipStrings(2) })
	case 1, 2, 14: // list, set, list of packed lists
		return c.skipEach(func() error { return c.skipStrings(1) })
	case 18: // list of packed lists and large elements
		return c.skipEach(func() error {
			if err := c.skipLengths(1); err != nil {
				return err
			}
			return c.skipStrings(1)
		})
	case 3:
		return c.skipEach(c.skipTextScore)
	case 5:
		return c.skipEach(func() error {
			if err := c.skipStrings(1); err != nil {
				return err
			}
			_, err := c.take(8)
			return err
		})
	case 7:
		return c.skipModule()
	case 15, 19, 21, 26:
		return c.skipStream(t)
	}
	return &Error{Offset: at, Problem: fmt.Sprintf("a value of type %v in encoding %d cannot be passed, since this server does not know where it ends", t, byte(t)), Fix: fixFeature}
}

// skipExpiringFields passes fields that each come after their expiry.
func (c *cursor) skipExpiringFields() error {
	return c.skipEach(func() error {
		if err := c.skipLengths(1); err != nil {
			return err
		}
		return c.skipStrings(2)
	})
}

// skipEach reads how many elements there are, and passes them.
func (c *cursor) skipEach(element func() error) error {
	n, err := c.length()
	for ; err == nil && n > 0; n-- {
		err = element()
	}
	return err
}

// skipTextScore passes an element of a sorted set up to Redis 3.2.
func (c *cursor) skipTextScore() error {
	if err := c.skipStrings(1); err != nil {
		return err
	}
	n, err := c.byte()
	if err == nil && n < scoreNaN {
		_, err = c.take(int(n))
	}
	return err
}

// skipModule passes the value of a module, or what it wrote outside of keys.
func (c *cursor) skipModule() error {
	if err := c.skipLengths(1); err != nil { // the module's name and version
		return err
	}
	return c.skipModuleParts()
}

// skipModuleParts passes what a module has written, up to its end.
func (c *cursor) skipModuleParts() error {
	for {
		at := c.offset()
		op, err := c.length()
		if err != nil {
			return err
		}
		switch op {
		case moduleEnd:
			return nil
		case moduleSigned, moduleUnsigned:
			err = c.skipLengths(1)
		case moduleFloat:
			_, err = c.take(4)
		case moduleDouble:
			_, err = c.take(8)
		case moduleString:
			err = c.skipStrings(1)
		default:
			err = &Error{Offset: at, Problem: fmt.Sprintf("%d is no part of a module's value", op), Fix: fixDamaged}
		}
		if err != nil {
			return err
		}
	}
}

// skipStream passes a stream: nodes, its length and last ID, and consumer
// groups with entries that were delivered and not acknowledged.
func (c *cursor) skipStream(t Type) error {
	if err := c.skipEach(func() error { return c.skipStrings(2) }); err != nil {
		return err
	}
	lengths, group := 3, 2
	if t >= 19 { // the first ID, the largest deleted one, entries ever added; read by the group
		lengths, group = 8, 3
	}
	if err := c.skipLengths(lengths); err != nil {
		return err
	}
	if err := c.skipGroups(t, group); err != nil || t < 26 {
		return err
	}
	return c.skipProducers()
}

// skipProducers passes what Redis 8.6 remembers of the messages of producers:
// how long and how many, the IDs by producer, and two counters.
func (c *cursor) skipProducers() error {
	if err := c.skipLengths(2); err != nil {
		return err
	}
	if err := c.skipEach(func() error {
		if err := c.skipStrings(1); err != nil {
			return err
		}
		return c.skipEach(func() error {
			if err := c.skipStrings(1); err != nil {
				return err
			}
			return c.skipLengths(2)
		})
	}); err != nil {
		return err
	}
	return c.skipLengths(2)
}

// skipGroups passes a stream's consumer groups, each with its name, some
// lengths, its entries that nobody has acknowledged, and its consumers.
func (c *cursor) skipGroups(t Type, lengths int) error {
	return c.skipEach(func() error {
		if err := c.skipStrings(1); err != nil {
			return err
		}
		if err := c.skipLengths(lengths); err != nil {
			return err
		}
		if err := c.skipEach(func() error { // ID, time, count
			if _, err := c.take(16 + 8); err != nil {
				return err
			}
			return c.skipLengths(1)
		}); err != nil {
			return err
		}
		return c.skipEach(func() error { return c.skipConsumer(t) })
	})
}

// skipConsumer passes a consumer's name, when it was seen, since version 21
// when it was active, and the IDs of its entries.
func (c *cursor) skipConsumer(t Type) error {
	if err := c.skipStrings(1); err != nil {
		return err
	}
	times := 8
	if t >= 21 {
		times = 16
	}
	if _, err := c.take(times); err != nil {
		return err
	}
	return c.skipEach(func() error {
		_, err := c.take(16)
		return err
	})
}
