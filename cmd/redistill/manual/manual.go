// Package manual is the operator's manual, a topic a file, for the program's help.
package manual

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.md
var files embed.FS

// Topic is a part of the manual.
type Topic struct {
	Name  string // as in `redistill help memory`
	Title string
	Text  string // Markdown, the title included
}

// Topics are the parts, sorted by name.
func Topics() []Topic {
	names, err := fs.Glob(files, "*.md")
	if err != nil {
		panic(err) // the pattern is sound
	}
	topics := make([]Topic, len(names))
	for i, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err) // it is part of the program
		}
		title, _, _ := strings.Cut(strings.TrimPrefix(string(text), "# "), "\n")
		topics[i] = Topic{strings.TrimSuffix(name, ".md"), title, string(text)}
	}
	return topics
}
