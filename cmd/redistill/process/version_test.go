package process

import (
	"runtime/debug"
	"testing"
)

// What a build says of itself, in the source tree and as a part of another.
func TestVersionOfABuild(t *testing.T) {
	git := func(modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs.revision", Value: "1234567890abcdef"}, {Key: "vcs.modified", Value: modified}}
	}
	mine := debug.Module{Path: "example.org/server", Version: "v3.2.1"}
	within := func(version string, replace *debug.Module) debug.BuildInfo {
		return debug.BuildInfo{Main: mine, Settings: git("false"), Deps: []*debug.Module{
			{Path: "example.org/else", Version: "v9.9.9"}, {Path: root, Version: version, Replace: replace}}}
	}
	for name, tt := range map[string]struct {
		info          debug.BuildInfo
		stamped, want build
	}{
		"nothing known":      {debug.BuildInfo{}, build{}, build{"0.1.0", ""}},
		"source tree":        {debug.BuildInfo{Main: debug.Module{Path: root, Version: "(devel)"}, Settings: git("false")}, build{}, build{"0.1.0", "1234567890abcdef"}},
		"changed":            {debug.BuildInfo{Main: debug.Module{Path: root, Version: "v0.0.0-20260102030405-1234567890ab+dirty"}, Settings: git("true")}, build{}, build{"0.1.0", "1234567890abcdef-dirty"}},
		"tagged":             {debug.BuildInfo{Main: debug.Module{Path: root, Version: "v1.4.0"}, Settings: git("false")}, build{}, build{"1.4.0", "1234567890abcdef"}},
		"installed":          {debug.BuildInfo{Main: debug.Module{Path: root, Version: "v1.4.0"}}, build{}, build{"1.4.0", ""}},
		"in another":         {within("v1.4.0", nil), build{}, build{"1.4.0", ""}},
		"a commit":           {within("v0.0.0-20260102030405-1234567890ab", nil), build{}, build{"0.1.0", "1234567890ab"}},
		"after a tag":        {within("v1.4.1-0.20260102030405-1234567890ab", nil), build{}, build{"0.1.0", "1234567890ab"}},
		"from a directory":   {within("v1.4.0", &debug.Module{Path: "../redistill"}), build{}, build{"0.1.0", ""}},
		"stamped":            {within("v0.0.0-20260102030405-1234567890ab", nil), build{"1.5.0", "abc"}, build{"1.5.0", "abc"}},
		"stamped over a tag": {within("v1.4.0", nil), build{"1.5.0", ""}, build{"1.5.0", ""}},
		"stamped in a tree":  {debug.BuildInfo{Main: debug.Module{Path: root}, Settings: git("true")}, build{"1.5.0", "abc"}, build{"1.5.0", "abc"}},
	} {
		if got := buildOf(&tt.info, tt.stamped); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}
