package admin

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/VictoriaMetrics/metrics"

	"github.com/redistill-go/redistill/core/service"
)

// Handler serves the endpoints. /health is 200 as long as the process answers;
// /ready is 200 while clients are served and else 503 with the reason;
// /metrics is the Prometheus text format.
func Handler(host service.Host) http.Handler {
	return newPages(host).mux
}

func newPages(host service.Host) *pages {
	mux := http.NewServeMux()
	p := &pages{mux: mux, sets: []*metrics.Set{newSet(host)}}
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
	})
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) {
		if err := host.Health.Ready(); err != nil {
			reply(w, http.StatusServiceUnavailable, "text/plain; charset=utf-8", fmt.Appendln(nil, err))
			return
		}
		reply(w, http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		var page bytes.Buffer
		for _, set := range p.sets {
			set.WritePrometheus(&page)
		}
		metrics.WriteProcessMetrics(&page)
		reply(w, http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", page.Bytes())
	})
	return p
}

func reply(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // it fails only when the client has gone
}
