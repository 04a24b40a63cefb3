package volatilerandom

import (
	"testing"

	"github.com/redistill-go/redistill/core/eviction/evictiontest"
)

func TestConformance(t *testing.T) { evictiontest.Run(t, ID, New()) }
