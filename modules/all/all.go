// Package all is the set of modules in this build: importing it registers
// them.
//
// Each module has one file here whose only content is a blank import and a
// build line. Without build tags the build has every module. With the tag
// custom it has none but those whose kind ("transport") or whose kind and name
// ("transport.tcp", hyphens written as underscores) is a tag too.
//
// Package catalogue has no build tags: it knows every module of the tree, so that
// a module that was left out can be told from one that does not exist.
package all
