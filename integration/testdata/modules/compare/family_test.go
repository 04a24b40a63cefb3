package compare

import (
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/commandtest"
	"github.com/redistill-go/redistill/modules/commands/hashes"
	"github.com/redistill-go/redistill/modules/commands/keys"
	"github.com/redistill-go/redistill/modules/commands/strings"
)

// families are this one and those that its tests need besides.
func families() []command.Family {
	return []command.Family{Family(), hashes.Family(), keys.Family(), strings.Family()}
}

// The family keeps the rules that all do.
func TestFamily(t *testing.T) { commandtest.Run(t, Family(), families()[1:]...) }

func TestReplies(t *testing.T) { commandtest.Scripts(t, "testdata/replies", families()...) }

// Neither command changes when its key expires.
func TestExpiryStays(t *testing.T) {
	s := commandtest.New(t, families()...)
	s.Walk(t, []commandtest.Step{
		{At: 0, Args: []string{"SET", "k", "1", "PX", "1000"}, Reply: "+OK\n"},
		{At: 300, Args: []string{"CAS", "k", "1", "2"}, Reply: ":1\n"},
		{At: 300, Args: []string{"PTTL", "k"}, Reply: ":700\n"},
		{At: 400, Args: []string{"SETMAX", "k", "33"}, Reply: ":33\n"},
		{At: 400, Args: []string{"PTTL", "k"}, Reply: ":600\n"},
		{At: 1001, Args: []string{"CAS", "k", "33", "4"}, Reply: ":-1\n"},
		{At: 1001, Args: []string{"SETMAX", "k", "-4"}, Reply: ":-4\n"},
	})
}

func TestUsage(t *testing.T) {
	table := command.MustTable(families()...)
	for name, usage := range map[string]string{"CAS": "CAS key expected value", "setmax": "SETMAX key number"} {
		if got := command.Usage(table.Lookup([]byte(name))); got != usage {
			t.Errorf("usage %q, want %q", got, usage)
		}
	}
}
