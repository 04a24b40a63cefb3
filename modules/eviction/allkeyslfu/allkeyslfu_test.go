package allkeyslfu

import (
	"testing"

	"github.com/redistill-go/redistill/core/eviction/evictiontest"
	"github.com/redistill-go/redistill/modules/eviction/frequency"
)

func TestConformance(t *testing.T) { evictiontest.Run(t, ID, New(frequency.NewConfig())) }
