//go:build !custom || persistence || persistence.file

package all

import _ "github.com/redistill-go/redistill/persistence/file" // persistence.file
