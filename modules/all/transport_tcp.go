//go:build !custom || transport || transport.tcp

package all

import _ "github.com/redistill-go/redistill/transports/tcp" // transport.tcp
