// Command redistill is the cache server with the modules of the tree, or those that
// build tags select.
package main

import (
	"os"

	"github.com/redistill-go/redistill/cmd/redistill/process"
	"github.com/redistill-go/redistill/modules/all"
)

func main() { os.Exit(process.Main(all.Catalogue)) }
