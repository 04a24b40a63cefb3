package tls

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/transport"
	"github.com/redistill-go/redistill/core/transport/transporttest"
)

// here is where the module stands in a configuration without instances of it.
var here = module.Place{ID: ID, Section: "transports.tls"}

func TestConformance(t *testing.T) {
	ca := newAuthority(t)
	transporttest.Run(t, transporttest.Kit{
		New: func(t *testing.T, address string) (transport.Listener, transporttest.Dial) {
			c := ca.configured(t)
			if address != "" {
				c.Listen = address
			}
			tr := New(c, here)
			return tr, func() (net.Conn, error) { return tls.Dial("tcp", tr.Addr().String(), ca.trust()) }
		},
		Off: func(*testing.T) transport.Listener { return New(NewConfig(), here) },
	})
}

func TestValidate(t *testing.T) {
	if err := NewConfig().Validate(); err != nil {
		t.Errorf("the defaults are not valid: %v", err)
	}
	err := (&Config{Listen: "6380"}).Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"listen: \"6380\" is not an address", "cert: TLS needs a certificate", "key: TLS needs a private key"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
}

// start starts a transport and returns its address.
func start(t *testing.T, c *Config) string {
	t.Helper()
	tr, srv := New(c, here), &transporttest.Echo{}
	if err := tr.Start(t.Context(), srv); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		if err := tr.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		srv.Close()
	})
	return tr.Addr().String()
}

// greet shakes hands and sees a byte echoed.
func greet(address string, c *tls.Config) (tls.ConnectionState, error) {
	conn, err := tls.Dial("tcp", address, c)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer func() { _ = conn.Close() }()
	b := []byte{'?'}
	if _, err := conn.Write(b); err != nil {
		return tls.ConnectionState{}, err
	}
	if _, err := conn.Read(b); err != nil {
		return tls.ConnectionState{}, err
	}
	return conn.ConnectionState(), nil
}

func TestVersions(t *testing.T) {
	ca := newAuthority(t)
	address := start(t, ca.configured(t))
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		c := ca.trust()
		c.MinVersion, c.MaxVersion = version, version
		if state, err := greet(address, c); err != nil || state.Version != version {
			t.Errorf("%s: version %s, error %v", tls.VersionName(version), tls.VersionName(state.Version), err)
		}
	}
	c := ca.trust()
	c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if _, err := greet(address, c); err == nil {
		t.Error("TLS 1.1 is accepted")
	}
}

func TestClientCertificates(t *testing.T) {
	ca, clients := newAuthority(t), newAuthority(t)
	c := ca.configured(t)
	c.ClientCA = write(t, t.TempDir(), "clients.pem", clients.pem())
	address := start(t, c)
	for name, from := range map[string]*authority{"none": nil, "of another authority": ca, "of the right one": clients} {
		with := ca.trust()
		if from != nil {
			pair, err := tls.X509KeyPair(from.sign(t, 3))
			if err != nil {
				t.Fatal(err)
			}
			// Unlike Certificates, this sends it whatever the server asks for.
			with.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
		}
		if _, err := greet(address, with); (err == nil) != (from == clients) {
			t.Errorf("client certificate %s: error %v", name, err)
		}
	}
}

// A client that connects and stays silent must not keep others from being
// accepted.
func TestHandshakeDoesNotBlockAccepting(t *testing.T) {
	ca := newAuthority(t)
	address := start(t, ca.configured(t))
	silent, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	if _, err := greet(address, ca.trust()); err != nil {
		t.Error(err)
	}
}

func TestStartErrorsNameTheFile(t *testing.T) {
	ca := newAuthority(t)
	dir := t.TempDir()
	junk := write(t, dir, "junk.pem", []byte("not PEM"))
	absent := filepath.Join(dir, "absent.pem")
	_, stray := ca.sign(t, 9)
	strayKey := write(t, dir, "stray.pem", stray)
	for name, c := range map[string]struct {
		change func(*Config)
		says   []string
	}{
		"no certificate":  {func(c *Config) { c.Cert = absent }, []string{absent, "no such file", "transports.tls.cert"}},
		"no key":          {func(c *Config) { c.Key = absent }, []string{absent, "no such file", "transports.tls.key"}},
		"no authority":    {func(c *Config) { c.ClientCA = absent }, []string{absent, "no such file", "transports.tls.client_ca"}},
		"bad certificate": {func(c *Config) { c.Cert = junk }, []string{junk, "PEM"}},
		"bad key":         {func(c *Config) { c.Key = junk }, []string{junk, "PEM"}},
		"bad authority":   {func(c *Config) { c.ClientCA = junk }, []string{junk, "holds no certificate"}},
		"another's key":   {func(c *Config) { c.Key = strayKey }, []string{strayKey, "does not match"}},
	} {
		config := ca.configured(t)
		c.change(config)
		tr := New(config, here)
		err := tr.Start(t.Context(), &transporttest.Echo{})
		if err == nil {
			t.Errorf("%s: started", name)
			continue
		}
		for _, part := range append(c.says, ID+": ", "; ") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q lacks %q", name, err, part)
			}
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error has several lines: %q", name, err)
		}
	}
}

// clock is a time that a test sets.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func TestReload(t *testing.T) {
	ca := newAuthority(t)
	config := ca.configured(t)
	creds, err := newCredentials(config, here)
	if err != nil {
		t.Fatal(err)
	}
	clock := &clock{creds.checked}
	creds.now = clock.now
	serial := func() int64 {
		return creds.current().Certificates[0].Leaf.SerialNumber.Int64()
	}
	expect := func(when string, want int64) {
		t.Helper()
		if got := serial(); got != want {
			t.Errorf("%s: certificate %d, want %d", when, got, want)
		}
	}
	expect("at the start", 2)

	cert, key := ca.sign(t, 3)
	replace(t, config.Cert, cert)
	clock.at = clock.at.Add(recheck)
	expect("with half of a renewal", 2)
	replace(t, config.Key, key)
	expect("before it is time to look again", 2)
	clock.at = clock.at.Add(recheck)
	expect("renewed", 3)

	if err := os.Remove(config.Cert); err != nil {
		t.Fatal(err)
	}
	clock.at = clock.at.Add(recheck)
	expect("with the certificate gone", 3)
	cert, key = ca.sign(t, 4)
	replace(t, config.Cert, cert)
	replace(t, config.Key, key)
	clock.at = clock.at.Add(recheck)
	expect("back again", 4)

	before := creds.current()
	clock.at = clock.at.Add(recheck)
	if creds.current() != before {
		t.Error("files that have not changed are read again")
	}
}

// replace puts a new file in the place of the one at path, as renewals do, so
// that the change shows whatever the resolution of file times is.
func replace(t *testing.T, path string, data []byte) {
	t.Helper()
	fresh := write(t, filepath.Dir(path), "fresh", data)
	if err := os.Rename(fresh, path); err != nil {
		t.Fatal(err)
	}
}

func TestRenewalIsServed(t *testing.T) {
	ca := newAuthority(t)
	config := ca.configured(t)
	creds, err := newCredentials(config, here)
	if err != nil {
		t.Fatal(err)
	}
	cert, key := ca.sign(t, 5)
	replace(t, config.Cert, cert)
	replace(t, config.Key, key)
	creds.now = (&clock{creds.checked.Add(recheck)}).now
	ours, theirs := net.Pipe()
	defer func() { _ = ours.Close() }()
	defer func() { _ = theirs.Close() }()
	shaken := make(chan error, 1)
	go func() { shaken <- tls.Server(theirs, serving(creds)).Handshake() }()
	c := ca.trust()
	c.ServerName = "127.0.0.1"
	client := tls.Client(ours, c)
	if err := client.Handshake(); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = client.Read(make([]byte, 1)) }() // takes the session tickets
	if err := <-shaken; err != nil {
		t.Fatal(err)
	}
	if serial := client.ConnectionState().PeerCertificates[0].SerialNumber.Int64(); serial != 5 {
		t.Errorf("certificate %d, want 5", serial)
	}
}
