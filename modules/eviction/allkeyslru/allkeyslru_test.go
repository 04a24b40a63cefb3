package allkeyslru

import (
	"testing"

	"github.com/redistill-go/redistill/core/eviction/evictiontest"
	"github.com/redistill-go/redistill/modules/eviction/recency"
)

func TestConformance(t *testing.T) { evictiontest.Run(t, ID, New(recency.NewConfig())) }
