package command

// What of each field a reply has.
const (
	fieldNames = 1 << iota
	fieldValues
)

func cmdHGetAll(c *Ctx) { c.replyFields(fieldNames | fieldValues) }
func cmdHKeys(c *Ctx)   { c.replyFields(fieldNames) }
func cmdHVals(c *Ctx)   { c.replyFields(fieldValues) }

func (c *Ctx) replyFields(what int) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := c.readFields(sh, k)
	if !ok {
		return
	}
	if what == fieldNames|fieldValues {
		c.W.Map(f.Live())
	} else {
		c.W.Array(f.Live())
	}
	f.Each(func(field, value []byte, _ int64) bool {
		if what&fieldNames != 0 {
			c.W.Bulk(field)
		}
		if what&fieldValues != 0 {
			c.W.Bulk(value)
		}
		return !c.W.Overflow
	})
}
