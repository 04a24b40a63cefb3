// Package allkeyslfu is the policy that evicts the key that is used the least
// often, among a few drawn at random; see package frequency.
package allkeyslfu

import (
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/modules/eviction/frequency"
)

// ID is the module's ID.
const ID = "eviction.allkeys-lfu"

func init() {
	eviction.Register(ID, "Full memory evicts the key used the least often, by sampling",
		"eviction.allkeys_lfu", frequency.NewConfig, New)
}

// New makes the policy of a valid config.
func New(c *frequency.Config) *frequency.Policy { return frequency.New("allkeys-lfu", false, c) }
