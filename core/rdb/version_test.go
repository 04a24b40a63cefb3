package rdb

import "testing"

func TestBegins(t *testing.T) {
	for head, want := range map[string]bool{
		"": false, "R": true, "REDI": true, "REDIS": true, "REDIS0": true, "VALKE": true, "VALKEY": true, "VALKEY080": true,
		"REDUCE": false, "VALKEX": false, "redis0": false, "\x00": false, "RV": false,
	} {
		if got := Begins([]byte(head)); got != want {
			t.Errorf("%q: %v", head, got)
		}
	}
}
