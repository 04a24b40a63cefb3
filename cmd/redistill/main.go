// Command redistill is the cache server with the modules of the tree, or those that
// build tags select.
package main

import (
	"os"

	"github.com/redistill-go/redistill/cmd/redistill/process"
	_ "github.com/redistill-go/redistill/modules/all"
	"github.com/redistill-go/redistill/modules/catalogue"
)

func main() { os.Exit(process.Main(catalogue.Tree)) }
