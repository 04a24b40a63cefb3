// Package allkeyslru is the policy that evicts the key that was used the
// longest ago, among a few drawn at random; see package recency.
package allkeyslru

import (
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/modules/eviction/recency"
)

// ID is the module's ID.
const ID = "eviction.allkeys-lru"

func init() {
	eviction.Register(ID, "Full memory evicts the key used the longest ago, by sampling",
		"eviction.allkeys_lru", recency.NewConfig, New)
}

// New makes the policy of a valid config.
func New(c *recency.Config) *recency.Policy { return recency.New("allkeys-lru", false, c) }
