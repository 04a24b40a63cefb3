// Package volatilelfu is the policy that evicts, among a few keys with an
// expiry drawn at random, the one that is used the least often; see package
// frequency.
package volatilelfu

import (
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/modules/eviction/frequency"
)

// ID is the module's ID.
const ID = "eviction.volatile-lfu"

func init() {
	eviction.Register(ID, "Full memory evicts the key with an expiry used the least often, by sampling",
		"eviction.volatile_lfu", frequency.NewConfig, New)
}

// New makes the policy of a valid config.
func New(c *frequency.Config) *frequency.Policy { return frequency.New("volatile-lfu", true, c) }
