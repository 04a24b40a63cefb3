package config_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
)

// listens are the addresses of the instances of TCP, each with where it stands.
func listens(c *config.Config) (all []string) {
	for _, i := range c.Instances(module.Descriptor{ID: "transport.tcp"}) {
		all = append(all, i.ID+" "+i.Key("listen")+" "+i.Config.(*tcp).Listen)
	}
	return all
}

// All layers reach each instance, and the first by its name with and without a number.
func TestInstances(t *testing.T) {
	const (
		first  = "transport.tcp transports.tcp.listen "
		second = "transport.tcp.2 transports.tcp.2.listen "
		third  = "transport.tcp.3 transports.tcp.3.listen "
	)
	for name, tt := range map[string]struct {
		file string
		env  []string
		set  []string
		want []string
	}{
		"none":          {want: []string{first + "127.0.0.1:6379"}},
		"one table":     {file: "[transports.tcp]\nlisten = 'a:1'", want: []string{first + "a:1"}},
		"one of a list": {file: "[[transports.tcp]]\nlisten = 'a:1'", want: []string{first + "a:1"}},
		"two tables": {
			file: "[[transports.tcp]]\nlisten = 'a:1'\n[[transports.tcp]]\nlisten = 'b:2'",
			want: []string{first + "a:1", second + "b:2"},
		},
		"inline": {
			file: "transports.tcp = [\n{listen = 'a:1'},\n{listen = 'b:2'}]",
			want: []string{first + "a:1", second + "b:2"},
		},
		"the environment alone": {
			env:  []string{"REDISTILL_TRANSPORTS_TCP_2_LISTEN=b:2", "REDISTILL_TRANSPORTS_TCP_3_LISTEN=c:3"},
			want: []string{first + "127.0.0.1:6379", second + "b:2", third + "c:3"},
		},
		"the highest first": {
			set:  []string{"transports.tcp.3.listen=c:3", "transports.tcp.2.listen=b:2", "transports.tcp.1.listen=a:1"},
			want: []string{first + "a:1", second + "b:2", third + "c:3"},
		},
		"each layer over the one before": {
			file: "[[transports.tcp]]\nlisten = 'a:1'\n[[transports.tcp]]\nlisten = 'b:2'\n[[transports.tcp]]\nlisten = 'c:3'",
			env:  []string{"REDIS_PORT=11", "REDISTILL_TRANSPORTS_TCP_2_LISTEN=b:22", "REDISTILL_TRANSPORTS_TCP_1_NODELAY=no"},
			set:  []string{"transports.tcp.3.listen=c:33"},
			want: []string{first + "a:11", second + "b:22", third + "c:33"},
		},
		"one more than the file has": {
			file: "[[transports.tcp]]\nlisten = 'a:1'",
			set:  []string{"transports.tcp.2.listen=b:2"},
			want: []string{first + "a:1", second + "b:2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			src := source(t, tt.file)
			src.Environ, src.Set = tt.env, tt.set
			c := load(t, src)
			if got := listens(c); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if c.Module("transport.tcp") != c.Instances(module.Descriptor{ID: "transport.tcp"})[0].Config {
				t.Error("the module's config is not that of the first instance")
			}
		})
	}
}

// What an instance is not told is as the defaults, and not as another instance has it.
func TestInstancesHaveTheirOwnDefaults(t *testing.T) {
	c := load(t, source(t, "[[transports.tcp]]\nlisten = 'a:1'\nkeepalive = 1\nnodelay = false\n[[transports.tcp]]\nlisten = 'b:2'"))
	second := c.Instances(module.Descriptor{ID: "transport.tcp"})[1].Config
	if want := (&tcp{"b:2", config.Duration(300 * time.Second), true}); !reflect.DeepEqual(second, want) {
		t.Errorf("%+v, want %+v", second, want)
	}
}

func TestLinesOfInstances(t *testing.T) {
	c := load(t, source(t, "[[transports.tcp]]\nlisten = 'a:1'\n\n[[transports.tcp]]\nlisten = 'b:2'\n[log]\n[[transports.tcp]]\nlisten = 'c:3'"))
	for section, want := range map[string]int{"transports.tcp": 1, "transports.tcp.2": 4, "transports.tcp.3": 7} {
		if got := c.Line(section); got != want {
			t.Errorf("%s is at line %d, want %d", section, got, want)
		}
	}
}

// A module without a config stands in its place all the same.
func TestInstancesOfAModuleWithoutConfig(t *testing.T) {
	got := load(t, source(t, "")).Instances(module.Descriptor{ID: "transport.odd"})
	if want := []config.Instance{{Place: module.Place{ID: "transport.odd"}}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// The file has one address, the environment another that takes it in.
func TestAddressesOfTwoParts(t *testing.T) {
	for name, tt := range map[string]struct {
		first, second, third string
		problem              string
	}{
		"all apart":             {first: "127.0.0.1:1", second: "127.0.0.1:2", third: "127.0.0.2:1"},
		"any free port":         {first: "127.0.0.1:0", second: "127.0.0.1:0", third: "0.0.0.0:0"},
		"off":                   {first: "127.0.0.1:1", second: "", third: ""},
		"the same":              {first: "127.0.0.1:1", second: "127.0.0.1:2", third: "127.0.0.1:1", problem: "--set: transports.tcp.3.listen: 127.0.0.1:1 is the address of transports.tcp.listen too; "},
		"every address":         {first: "0.0.0.0:1", second: "127.0.0.1:1", third: "", problem: "--set: transports.tcp.2.listen: 127.0.0.1:1 can't be bound beside 0.0.0.0:1, which is the address of transports.tcp.listen; "},
		"every address, behind": {first: "127.0.0.1:1", second: "0.0.0.0:1", third: "", problem: "--set: transports.tcp.2.listen: 0.0.0.0:1 can't be bound beside 127.0.0.1:1, which is the address of transports.tcp.listen; "},
		"the default":           {first: "127.0.0.1:6379", second: "127.0.0.1:2", third: "127.0.0.1:6379", problem: "--set: transports.tcp.3.listen: 127.0.0.1:6379 is the address of transports.tcp.listen too; "},
		"names are not looked up, and the same one is one": {first: "localhost:1", second: "127.0.0.1:1", third: "localhost:1", problem: "--set: transports.tcp.3.listen: localhost:1 is the address of transports.tcp.listen too; "},
	} {
		t.Run(name, func(t *testing.T) {
			src := source(t, "")
			src.Set = []string{"transports.tcp.listen=" + tt.first, "transports.tcp.2.listen=" + tt.second, "transports.tcp.3.listen=" + tt.third}
			c, err := config.Load(src)
			switch {
			case tt.problem == "" && err == nil:
				var bound []string
				for _, b := range c.Binds() {
					bound = append(bound, b.Address)
				}
				want := slices.DeleteFunc([]string{tt.first, tt.second, tt.third}, func(s string) bool { return s == "" })
				if !slices.Equal(bound, want) {
					t.Errorf("bound %q, want %q", bound, want)
				}
			case tt.problem == "" || err == nil || !strings.HasPrefix(err.Error(), tt.problem) || strings.Contains(err.Error(), "\n"):
				t.Errorf("error %v\nwant  %s", err, tt.problem)
			}
		})
	}
}

// The one that somebody has set is at fault, not the one that is there by default.
func TestAddressThatIsThereAnyway(t *testing.T) {
	src := source(t, "")
	src.Modules = slices.Insert(src.Modules, 0, module.Descriptor{ID: "admin.early", Section: "early", NewConfig: func() any { return &tcp{Listen: "127.0.0.1:9000"} }})
	src.Set = []string{"early.listen=127.0.0.1:6379"}
	_, err := config.Load(src)
	if want := "--set: early.listen: 127.0.0.1:6379 is the address of transports.tcp.listen too; "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v\nwant  %s", err, want)
	}
}
