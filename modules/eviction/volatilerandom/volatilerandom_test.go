package volatilerandom

import (
	"testing"

	"github.com/redistill-go/redistill/modules/eviction/evictiontest"
)

func TestConformance(t *testing.T) { evictiontest.Run(t, ID, New()) }
