//go:build !custom || transport || transport.unix

package all

import _ "github.com/redistill-go/redistill/transports/unix" // transport.unix
