package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/modules/catalogue"
)

func TestChoose(t *testing.T) {
	var all, transports []string
	for _, k := range catalogue.Tree {
		all = append(all, k.ID)
		if strings.HasPrefix(k.ID, "transport.") {
			transports = append(transports, k.ID)
		}
	}
	without := func(prefix string) (ids []string) {
		for _, id := range all {
			if !strings.HasPrefix(id, prefix) {
				ids = append(ids, id)
			}
		}
		return ids
	}
	for name, tt := range map[string]struct {
		r   request
		ids []string
	}{
		"nothing":      {request{}, all},
		"full":         {request{preset: "full"}, all},
		"cache":        {request{preset: "cache"}, without("persistence.")},
		"only":         {request{only: []string{"transport.tcp", " transport.tcp"}}, []string{"transport.tcp"}},
		"a kind":       {request{only: []string{"transport"}}, transports},
		"a tag":        {request{only: []string{"transport.tcp", "eviction.allkeys_lru"}}, []string{"eviction.allkeys-lru", "transport.tcp"}},
		"with":         {request{only: []string{"transport.tcp"}, with: []string{"admin"}}, []string{"admin.http", "transport.tcp"}},
		"without":      {request{without: []string{"persistence"}}, without("persistence.")},
		"with, not of": {request{with: []string{"transport"}, without: []string{"persistence", "admin.http"}}, slices.DeleteFunc(without("persistence."), func(id string) bool { return id == "admin.http" })},
	} {
		s, err := choose(tt.r, catalogue.Tree)
		if err != nil || !slices.Equal(s.ids(), tt.ids) {
			t.Errorf("%s: %v, %v, want %v", name, s.ids(), err, tt.ids)
		}
	}
}

func TestChooseRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.org/other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, r := range map[string]request{
		`--only: there is no module "transport.tpc"; did you mean "transport.tcp"?`:  {only: []string{"transport.tpc"}},
		`--with: there is no module "transports"; did you mean "transport"?`:         {with: []string{"transports"}},
		`--without: there is no module "pebble"; did you mean "persistence.pebble"?`: {without: []string{"pebble"}},
		`there is no module "frobnicate"; there are: admin, admin.http,`:             {with: []string{"frobnicate"}},
		`there is no module ""`:      {only: []string{""}},
		`the build has no transport`: {without: []string{"transport"}},
		`--preset: there is no preset "tiny"; there are: minimal, cache, full`: {preset: "tiny"},
		`give one of them`: {preset: "full", only: []string{"admin"}},
		`say which version, as in example.org/x@v1.2.3`:            {with: []string{"example.org/x"}},
		`there is no version behind the @`:                         {with: []string{"example.org/x@"}},
		`malformed import path`:                                    {with: []string{"example.org/../x@v1.0.0"}},
		`no such file or directory`:                                {with: []string{"example.org/x=/nowhere/at/all"}},
		`is example.org/other, which has no package example.org/x`: {with: []string{"example.org/x=" + dir}},
		"no such file": {file: filepath.Join(dir, "none.toml")},
	} {
		if s, err := choose(r, catalogue.Tree); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, %v\nwant %s", r, s, err, want)
		}
	}
}

// What a configuration needs is what it names, and what is on without being named.
func TestNeeds(t *testing.T) {
	for text, want := range map[string]string{
		"": "admin.http transport.tcp",
		"[admin]\nlisten = \"\"\n[transports.tcp]\nlisten = \"\"\n[transports.unix]\npath = \"/tmp/s\"\n":                "transport.unix",
		"[memory]\neviction = \"allkeys-lru\"\n[persistence]\nbackend = \"pebble\"\n[admin]\nlisten = \"127.0.0.1:1\"\n": "admin.http eviction.allkeys-lru persistence.pebble transport.tcp",
		"[eviction.allkeys_lfu]\n[transports.tls]\nlisten = \"\"\n":                                                      "admin.http eviction.allkeys-lfu transport.tcp",
	} {
		file := filepath.Join(t.TempDir(), "redistill.toml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := needs(file, catalogue.Tree)
		got = slices.DeleteFunc(got, func(id string) bool { return strings.HasPrefix(id, "commands.") })
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s\nneeds %v, %v, want %s", text, got, err, want)
		}
	}
	file := filepath.Join(t.TempDir(), "redistill.toml")
	if err := os.WriteFile(file, []byte("[memory"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := needs(file, catalogue.Tree); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a file that is not TOML: %v", err)
	}
}
