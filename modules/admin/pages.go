package admin

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/VictoriaMetrics/metrics"

	"github.com/redistill-go/redistill/core/endpoint"
	"github.com/redistill-go/redistill/core/part"
)

// pages are what the endpoint serves: its own pages and those of other parts. They are
// complete before the endpoint opens.
type pages struct {
	mux  *http.ServeMux
	sets []*metrics.Set // of /metrics
}

var _ part.Surveyor = (*Server)(nil)

// Survey takes up the pages and the metrics that other parts have.
func (s *Server) Survey(parts []part.Part) error {
	paths := owners{"GET /health": ID, "GET /ready": ID, "GET /metrics": ID}
	names := owners{}
	for _, at := range parts {
		if h, ok := at.Value.(endpoint.Handlers); ok {
			if err := s.pages.addHandlers(at.ID, h.Handlers(), paths); err != nil {
				return err
			}
		}
		if m, ok := at.Value.(endpoint.Metered); ok {
			if err := s.pages.addMetrics(at.ID, m.Metrics(), names); err != nil {
				return err
			}
		}
	}
	return nil
}

// owners are the IDs of parts by what they have.
type owners map[string]string

func (p *pages) addHandlers(id string, handlers map[string]http.Handler, paths owners) error {
	for _, pattern := range slices.Sorted(maps.Keys(handlers)) {
		handler := handlers[pattern]
		if handler == nil {
			return fmt.Errorf("%s: the page %q has no handler; this is a mistake in the module", id, pattern)
		}
		if problem := register(http.NewServeMux(), pattern); problem != "" {
			return fmt.Errorf("%s: the page %q is no pattern of http.ServeMux: %s; correct the pattern", id, pattern, problem)
		}
		for _, other := range slices.Sorted(maps.Keys(paths)) {
			if register(http.NewServeMux(), other, pattern) != "" {
				return fmt.Errorf("%s: the page %q is in conflict with %q of %s; choose another path, or leave one of the two modules out",
					id, pattern, other, paths[other])
			}
		}
		p.mux.Handle(pattern, handler)
		paths[pattern] = id
	}
	return nil
}

// register says why the patterns can't be those of one mux, which it tells by a panic.
func register(mux *http.ServeMux, patterns ...string) (problem string) {
	defer func() {
		if p := recover(); p != nil {
			problem = fmt.Sprint(p)
		}
	}()
	for _, pattern := range patterns {
		mux.Handle(pattern, http.NotFoundHandler())
	}
	return ""
}

// serverPrefix is what names of the server's own metrics begin with.
const serverPrefix = "redistill_"

func (p *pages) addMetrics(id string, set *metrics.Set, names owners) error {
	if set == nil {
		return fmt.Errorf("%s: Metrics returned nil; this is a mistake in the module", id)
	}
	for _, name := range set.ListMetricNames() {
		if strings.HasPrefix(name, serverPrefix) {
			return fmt.Errorf("%s: the metric %s begins with %s, as the server's own do; rename it", id, name, serverPrefix)
		}
		if other, taken := names[name]; taken {
			return fmt.Errorf("%s: the metric %s is one of %s already; rename it, or leave one of the two modules out", id, name, other)
		}
		names[name] = id
	}
	p.sets = append(p.sets, set)
	return nil
}
