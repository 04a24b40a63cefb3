package process

import (
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/redistill-go/redistill/core/module"
)

// version is this server's own version, which INFO shows too, where neither Go nor
// who builds it knows a better one.
const version = "0.1.0"

// What a build can be stamped with, as in
//
//	go build -ldflags '-X github.com/redistill-go/redistill/cmd/redistill/process.stampedCommit=1a2b3c'
//
// Nothing else sets these. Without a stamp, what Go has noted of the source is told.
var stampedVersion, stampedCommit string

// root is the Go module that this package belongs to.
const root = "github.com/redistill-go/redistill"

// pseudoVersion is the end of a version that Go has made up for a commit, which is
// its last part.
var pseudoVersion = regexp.MustCompile(`[-.]\d{14}-([0-9a-f]{12})(\+|$)`)

// build is which source the binary was made from.
type build struct {
	version string // as in "0.1.0"
	commit  string // of the source tree, perhaps with "-dirty"; empty: not known
}

// thisBuild tells it of this binary.
func thisBuild() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return buildOf(info, build{stampedVersion, stampedCommit})
}

// buildOf tells it from what Go has noted. Where the main package is another
// module's, as in a server of one's own, what Go knows of the source tree is that
// one's, and this module is one of its dependencies.
func buildOf(info *debug.BuildInfo, stamped build) build {
	b := stamped
	at := info.Main
	if at.Path != root {
		for _, d := range info.Deps {
			if d.Path == root {
				at = *d
			}
		}
	}
	switch made := pseudoVersion.FindStringSubmatch(at.Version); {
	case made != nil && b.commit == "":
		b.commit = made[1]
	case made == nil && b.version == "" && strings.HasPrefix(at.Version, "v") && at.Replace == nil:
		b.version, _, _ = strings.Cut(at.Version[1:], "+")
	}
	if b.version == "" {
		b.version = version
	}
	if stamped.commit != "" || info.Main.Path != root {
		return b
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			b.commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true" && b.commit != "":
			b.commit += "-dirty"
		}
	}
	return b
}

// String is what `redistill version` prints.
func (b build) String() string {
	text := "redistill " + b.version
	if b.commit != "" {
		text += " " + b.commit
	}
	return fmt.Sprintf("%s %s %s/%s", text, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// printVersion prints the version, and the modules with theirs.
func printVersion(cmd *cobra.Command, _ []string) error {
	w := cmd.OutOrStdout()
	if _, err := fmt.Fprintln(w, thisBuild()); err != nil {
		return err
	}
	info, _ := debug.ReadBuildInfo()
	for _, d := range module.All() {
		if _, err := fmt.Fprintln(w, d.ID+spaced(versionOf(info, d.Package))); err != nil {
			return err
		}
	}
	return nil
}

// versionOf is the version of the Go module that a package is in; "" if it is the
// server's own, or one that the binary doesn't know.
func versionOf(info *debug.BuildInfo, pkg string) string {
	if info == nil {
		return ""
	}
	best := &debug.Module{}
	for _, m := range info.Deps {
		if (pkg == m.Path || strings.HasPrefix(pkg, m.Path+"/")) && len(m.Path) > len(best.Path) {
			best = m
		}
	}
	switch {
	case best.Path == root:
		return ""
	case best.Replace != nil && best.Replace.Version == "":
		return "from " + best.Replace.Path
	case best.Replace != nil:
		return best.Replace.Version
	}
	return best.Version
}

// origins say how redistill-build takes the packages of modules that are not of the
// tree, as far as that is known: from the directories that who built the binary told,
// or by the versions that it has noted.
func origins(modules []module.Descriptor, told []string) map[string]string {
	info, _ := debug.ReadBuildInfo()
	packages := map[string]string{}
	for _, d := range modules {
		if version := versionOf(info, d.Package); strings.HasPrefix(version, "v") {
			packages[d.Package] = d.Package + "@" + version
		}
	}
	for _, one := range told {
		name, _, _ := strings.Cut(one, "=")
		packages[name] = one
	}
	return packages
}

// spaced is s after a space, if there is any of it.
func spaced(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}
