package config

// beside is what the process may hold beside memory.max and a tenth of it, in
// bytes: its code and what it is started with, as far as that does not count.
const beside = 16 << 20

// MostResident is how much of the machine's memory the process may come to hold,
// each in whole MiB: for data and all that the process itself needs, and for
// clients. 0 for one is no limit, and it has none then.
func (c *Config) MostResident() (data, clients Size) {
	const mib = 1 << 20
	whole := func(n int64) Size { return Size((n + mib - 1) / mib * mib) }
	if limit := int64(c.Memory.Max); limit > 0 {
		data = whole(limit + limit/10 + beside)
	}
	return data, whole(c.Server.ClientMemory.Under(int64(c.Memory.Max)))
}
