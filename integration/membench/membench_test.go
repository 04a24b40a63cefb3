package main

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/churn"
	"github.com/redistill-go/redistill/integration/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// tables runs scenarios of a size that takes seconds and returns the tables. The
// server is one without the race detector, as it is for those who measure.
func tables(t *testing.T, args ...string) string {
	t.Helper()
	o, err := parseFlags(append(args, "-binary="+harness.PlainBinary(t), "-limit=40mb", "-writers=2", "-rounds=1"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), o, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	return out.String()
}

func TestChurnMeasuresEveryPhaseAndPolicy(t *testing.T) {
	t.Parallel()
	out := tables(t, "-only=churn", "-times=1", "-shift=0.1", "-policies=allkeys-lru,noeviction")
	for _, policy := range []string{"allkeys-lru", "noeviction"} {
		for _, p := range churn.Phases {
			row := regexp.MustCompile(`(?m)^` + policy + ` +40M +` + p.Name + ` +\d+ +\d+ +\d+ +\d+ +\d+ +60 (met|MISSED) +[\d.]+ +[\d.]+ (met|MISSED)$`)
			if !row.MatchString(out) {
				t.Errorf("no row for %s, %s in\n%s", policy, p.Name, out)
			}
		}
		if !regexp.MustCompile(`(?m)^` + policy + ` +40M +commands made room \d+ times, \d+ of them longer than 0.002 s`).MatchString(out) {
			t.Errorf("no row for the waits of %s in\n%s", policy, out)
		}
	}
}

func TestCostComparesEveryLoad(t *testing.T) {
	t.Parallel()
	out := tables(t, "-only=cost", "-sets=10000", "-policies=allkeys-random,noeviction")
	for _, l := range setLoads {
		row := regexp.MustCompile(`(?m)^allkeys-random +40M +` + l.name + ` +[\d.]+ `)
		if !row.MatchString(out) {
			t.Errorf("no row for %s in\n%s", l.name, out)
		}
	}
	if strings.Contains(out, "noeviction") {
		t.Errorf("a policy that evicts nothing was measured:\n%s", out)
	}
}

func TestExpiryMeasuresGetsAndMemory(t *testing.T) {
	t.Parallel()
	out := tables(t, "-only=expiry", "-keys=20000", "-rate=1000", "-policies=noeviction")
	for _, row := range []string{`round 1: GET p50 / p99 / longest before`, `memory without a client: \d+ MiB when loaded`} {
		if !regexp.MustCompile(row).MatchString(out) {
			t.Errorf("no %q in\n%s", row, out)
		}
	}
}

func TestClientsAttacksEveryServer(t *testing.T) {
	t.Parallel()
	attacks := []string{"half-before-auth", "hgetall-40mb"}
	out := tables(t, "-only=clients", "-shrink=500", "-hold=50ms", "-peers=", "-attack="+strings.Join(attacks, ","))
	for _, a := range attacks {
		for _, row := range []string{
			` +redistill( +-?[\d.]+){6} +>?[\d.]+( +-?[\d.]+){7}  (met|MISSED: )`,
			` +redis-server( +-?[\d.]+){5} +>?[\d.]+( +-?[\d.]+){7}`,
		} {
			if !regexp.MustCompile(`(?m)^` + a + row).MatchString(out) {
				t.Errorf("no row %s for %s in\n%s", row, a, out)
			}
		}
	}
}

func TestAttacksHaveNamesOfTheirOwn(t *testing.T) {
	b := &bench{options: options{shrink: 1000}}
	seen := map[string]bool{}
	for _, a := range b.attacks() {
		if seen[a.Name] || a.Name == "" || a.Keys == 0 || a.Scenario.Clients() == 0 {
			t.Errorf("%+v", a)
		}
		seen[a.Name] = true
	}
	b.chosen = []string{"no such"}
	b.out = io.Discard
	if err := b.measureClients(t.Context()); err == nil {
		t.Error("an attack that is not there: no error")
	}
}

func TestFlags(t *testing.T) {
	for _, bad := range []string{"-rounds=0", "-only=nothing", "-limit=1mb", "-limit=x", "-times=0", "-writers=0", "-shrink=0", "-hold=-1s", "rest"} {
		var out bytes.Buffer
		if _, err := parseFlags([]string{bad}, &out); err == nil || out.Len() == 0 {
			t.Errorf("%s: error %v, message %q", bad, err, &out)
		}
	}
	o, err := parseFlags([]string{"-only", "churn,cost", "-limit", "64mb,1gb"}, io.Discard)
	if err != nil || !o.wants("cost") || o.wants("expiry") || len(o.limits) != 2 || o.limits[1] != 1<<30 {
		t.Errorf("options %+v, %v", o, err)
	}
}

func TestAPolicyThatTheBinaryLacksIsRefused(t *testing.T) {
	b := &bench{options: options{policies: []string{"allkeys-nothing"}}, binary: harness.Binary(t)}
	if err := b.choosePolicies(t.Context()); err == nil || !strings.Contains(err.Error(), "allkeys-nothing") {
		t.Errorf("error %v", err)
	}
	b.policies = nil
	if err := b.choosePolicies(t.Context()); err != nil || len(b.policies) < 3 {
		t.Errorf("policies %v, %v", b.policies, err)
	}
}
