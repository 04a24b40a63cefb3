// Package volatilelru is the policy that evicts, among a few keys with an
// expiry drawn at random, the one that was used the longest ago; see package
// recency.
package volatilelru

import (
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/modules/eviction/recency"
)

// ID is the module's ID.
const ID = "eviction.volatile-lru"

func init() {
	eviction.Register(ID, "Full memory evicts the key with an expiry used the longest ago, by sampling",
		"eviction.volatile_lru", recency.NewConfig, New)
}

// New makes the policy of a valid config.
func New(c *recency.Config) *recency.Policy { return recency.New("volatile-lru", true, c) }
