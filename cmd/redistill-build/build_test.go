package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/modules/catalogue"
)

func TestChoose(t *testing.T) {
	for _, tt := range []struct {
		with, tags, ids string
	}{
		{"transport.tcp", "custom transport.tcp", "transport.tcp"},
		{"transport.tcp,transport.tcp", "custom transport.tcp", "transport.tcp"},
		{"eviction.allkeys-lru", "custom eviction.allkeys_lru", "eviction.allkeys-lru"},
		{"eviction.allkeys_lru", "custom eviction.allkeys_lru", "eviction.allkeys-lru"},
		{"transport,transport.tcp", "custom transport transport.tcp", "transport.tcp transport.tls transport.unix"},
		{"persistence.file, admin", "custom admin persistence.file", "admin.http persistence.file"},
	} {
		s, err := choose(strings.Split(tt.with, ","), catalogue.Tree)
		if err != nil || !slices.Equal(s.tags, strings.Fields(tt.tags)) || !slices.Equal(s.ids, strings.Fields(tt.ids)) {
			t.Errorf("--with %s: %v, %v", tt.with, s, err)
		}
	}
}

func TestChooseRefuses(t *testing.T) {
	for with, want := range map[string]string{
		"transport.tpc":   `there is no module "transport.tpc"; did you mean "transport.tcp"?`,
		"transports":      `there is no module "transports"; did you mean "transport"?`,
		"pebble":          `there is no module "pebble"; did you mean "persistence.pebble"?`,
		"frobnicate":      `there is no module "frobnicate"; there are: admin, admin.http, eviction,`,
		"":                `there is no module ""; there are:`,
		"tcp,transport.x": `did you mean "transport.tcp"?`,
	} {
		if s, err := choose(strings.Split(with, ","), catalogue.Tree); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("--with %q: %v, %v; want %s", with, s, err, want)
		}
	}
	if _, err := choose(nil, catalogue.Tree); err == nil || !strings.Contains(err.Error(), "no module is named") {
		t.Errorf("without --with: %v", err)
	}
}

// A small build has what was asked for, and the check notices when not.
func TestBuild(t *testing.T) {
	output := filepath.Join(t.TempDir(), "redistill")
	s, err := choose([]string{"transport.tcp"}, catalogue.Tree)
	if err != nil {
		t.Fatal(err)
	}
	if err := build(context.Background(), s, output); err != nil {
		t.Fatal(err)
	}
	got, err := modulesOf(context.Background(), output)
	if err != nil || !slices.Equal(got, []string{"transport.tcp"}) {
		t.Errorf("modules %v, %v", got, err)
	}
	s.ids = []string{"transport.tls"}
	if err := build(context.Background(), s, output); err == nil || !strings.Contains(err.Error(), "has the modules transport.tcp and not transport.tls") {
		t.Errorf("a build that lacks a module: %v", err)
	}
}
