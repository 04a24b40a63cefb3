// Package endpoint is what parts of the process may add to the admin endpoint: pages
// and metrics. Only the admin endpoint, and modules that add to it, import this package:
// it needs net/http, which a build without them does not have.
//
// Invariants: a path, and a metric's name, has one owner; the start fails if two want it,
// and names both.
//
// Concurrency: Handlers and Metrics are called once, before the endpoint opens. The
// handlers, and the metrics, are used by several goroutines at once, while the process
// starts, serves and stops.
package endpoint

import (
	"net/http"

	"github.com/VictoriaMetrics/metrics"
)

// Handlers is a part that has pages of its own.
type Handlers interface {
	// Handlers are the pages by pattern, as http.ServeMux has them: "GET /proxy/peers".
	Handlers() map[string]http.Handler
}

// Metered is a part that has metrics of its own.
type Metered interface {
	// Metrics is what /metrics shows beside the server's own. Names that begin with
	// "redistill_" are the server's.
	Metrics() *metrics.Set
}
