package tls

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
)

// recheck is how long credentials are used before their files are looked at
// again.
const recheck = time.Second

// credentials are the certificate files and what they held when they were last
// read.
//
// Concurrency: current may be called from any goroutine, and one of them reads
// the files while the others go on with what there is.
type credentials struct {
	config *Config
	at     module.Place
	now    func() time.Time // the clock, for tests
	inUse  atomic.Pointer[tls.Config]

	mu      sync.Mutex // guards what follows
	checked time.Time
	seen    [3]fs.FileInfo // of cert, key and client_ca; nil: not there
}

// newCredentials reads the files. Its error names the one at fault.
func newCredentials(c *Config, at module.Place) (*credentials, error) {
	creds := &credentials{config: c, at: at, now: time.Now}
	creds.seen = creds.stat()
	loaded, err := load(c, at)
	if err != nil {
		return nil, err
	}
	creds.checked = creds.now()
	creds.inUse.Store(loaded)
	return creds, nil
}

// current is the configuration for a handshake. It reads the files again if
// they have changed; when they can't be used, it logs why, once for each
// change, and keeps to what it has.
func (c *credentials) current() *tls.Config {
	if c.mu.TryLock() {
		defer c.mu.Unlock()
		if now := c.now(); now.Sub(c.checked) >= recheck {
			c.checked = now
			c.reload()
		}
	}
	return c.inUse.Load()
}

// reload is called with mu held.
func (c *credentials) reload() {
	// Looking comes before reading: a file that changes in between differs
	// from what was seen, and is read again the next time.
	found := c.stat()
	if same(found, c.seen) {
		return
	}
	c.seen = found
	loaded, err := load(c.config, c.at)
	if err != nil {
		slog.Warn("changed certificates not taken, the previous ones stay in use", "module", c.at.ID, "error", err)
		return
	}
	c.inUse.Store(loaded)
	slog.Info("certificates reloaded", "module", c.at.ID, "cert", c.config.Cert)
}

func (c *credentials) stat() (infos [3]fs.FileInfo) {
	for i, name := range []string{c.config.Cert, c.config.Key, c.config.ClientCA} {
		if info, err := os.Stat(name); err == nil {
			infos[i] = info
		}
	}
	return infos
}

func same(a, b [3]fs.FileInfo) bool {
	for i := range a {
		if a[i] == nil || b[i] == nil {
			if a[i] != b[i] {
				return false
			}
			continue
		}
		if !os.SameFile(a[i], b[i]) || !a[i].ModTime().Equal(b[i].ModTime()) || a[i].Size() != b[i].Size() {
			return false
		}
	}
	return true
}

// load reads the files.
func load(c *Config, at module.Place) (*tls.Config, error) {
	cert, err := read(at, "cert", c.Cert)
	if err != nil {
		return nil, err
	}
	key, err := read(at, "key", c.Key)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("%s: certificate %s with key %s: %w; %s and .key must name PEM files that belong together", at.ID, c.Cert, c.Key, err, at.Key("cert"))
	}
	if !pair.Leaf.NotAfter.After(time.Now()) {
		// It is served all the same: some clients look at the key alone.
		slog.Warn("the certificate has expired", "module", at.ID, "cert", c.Cert, "expired", pair.Leaf.NotAfter)
	}
	loaded := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if c.ClientCA == "" {
		return loaded, nil
	}
	authorities, err := read(at, "client_ca", c.ClientCA)
	if err != nil {
		return nil, err
	}
	loaded.ClientCAs = x509.NewCertPool()
	if !loaded.ClientCAs.AppendCertsFromPEM(authorities) {
		return nil, fmt.Errorf("%s: %s holds no certificate; %s must name a PEM file with one or more", at.ID, c.ClientCA, at.Key("client_ca"))
	}
	loaded.ClientAuth = tls.RequireAndVerifyClientCert
	// A resumed session would outlive the authority it was admitted by.
	loaded.SessionTicketsDisabled = true
	return loaded, nil
}

func read(at module.Place, key, name string) ([]byte, error) {
	data, err := config.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot read %s: %w; %s must name a PEM file that the server may read", at.ID, name, err, at.Key(key))
	}
	return data, nil
}
