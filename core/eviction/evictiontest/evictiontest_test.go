package evictiontest

import (
	"bytes"
	"testing"

	"github.com/redistill-go/redistill/core/eviction"
)

// cacheOnly is a policy such as somebody else may write: it evicts the largest of the
// keys that begin with "cache:", and no other.
type cacheOnly struct{}

func (cacheOnly) Name() string                                       { return "cache-only" }
func (cacheOnly) Samples() int                                       { return 10 }
func (cacheOnly) ReadSampling() uint32                               { return 0 }
func (cacheOnly) Insert(int64) eviction.Recency                      { return 0 }
func (cacheOnly) Touch(r eviction.Recency, _ int64) eviction.Recency { return r }

func (cacheOnly) Rank(c eviction.Candidate, _ int64) (rank uint64, ok bool) {
	return uint64(c.Size()), bytes.HasPrefix(c.Key(), []byte("cache:"))
}

func TestAPolicyThatGoesByKeyAndSize(t *testing.T) {
	Run(t, "eviction.cache-only", cacheOnly{}, "cache:1", "cache:some")
}
