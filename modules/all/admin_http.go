//go:build !custom || admin || admin.http

package all

import _ "github.com/redistill-go/redistill/modules/admin" // admin.http
