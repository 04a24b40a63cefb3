package admin

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/service"
	"github.com/redistill-go/redistill/core/service/servicetest"
)

func TestConformance(t *testing.T) {
	servicetest.Run(t, servicetest.Kit{
		New: func(_ *testing.T, host service.Host) (service.Service, func(*testing.T)) {
			s := New(&Config{Listen: "127.0.0.1:0"}, host)
			return s, func(t *testing.T) { scrapes(t, s) }
		},
		Off: func(_ *testing.T, host service.Host) service.Service { return New(&Config{}, host) },
		Broken: func(_ *testing.T, host service.Host) service.Service {
			return New(&Config{Listen: "256.0.0.1:0"}, host)
		},
	})
}

// scrapes fetches the page of metrics, as a scraper does.
func scrapes(t *testing.T, s *Server) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + s.Addr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "redistill_keys ") {
		t.Error("the page lacks redistill_keys")
	}
}
