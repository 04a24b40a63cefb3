package config

// WithoutLines is the configuration without where the file has it.
func (c *Config) WithoutLines() *Config {
	without := *c
	without.lines = nil
	return &without
}
