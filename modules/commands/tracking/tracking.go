package tracking

import (
	"fmt"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/tracking"
)

func clientTrackingSpecs() []command.Spec {
	return []command.Spec{{Name: "client", Subcommands: []command.Spec{
		{
			Name: "caching", Handler: cmdClientCaching, Arity: 3, Flags: command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: "connection", Since: "6.0.0",
			Summary:    "Tell whether the keys of the next command are tracked, in OPTIN or OPTOUT mode",
			Complexity: "O(1)",
			Args:       arg.List(arg.OneOf("mode", arg.Tokens("YES", "NO")...)),
		}, {
			Name: "getredir", Handler: cmdClientGetRedir, Arity: 2, Flags: command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: "connection", Since: "6.0.0",
			Summary:    "Return the number of the connection that is told of changed keys instead of this one",
			Complexity: "O(1)",
		}, {
			Name: "tracking", Handler: cmdClientTracking, Arity: -3, Flags: command.NoScript | command.Loading | command.Stale,
			Work:       command.Work{PerArgument: tracking.PrefixCost / 2, Keeps: true},
			Categories: command.CatConnection, Group: "connection", Since: "6.0.0",
			Summary:    "Tell the connection of changes to the keys that its client caches",
			Complexity: "O(1). Some options may introduce additional complexity.",
			Args: arg.List(arg.OneOf("status", arg.Tokens("ON", "OFF")...),
				arg.Optional(arg.After("REDIRECT", arg.Integer("client-id"))),
				arg.Optional(arg.EachToken(arg.After("PREFIX", arg.String("prefix")))),
				arg.Optional(arg.Token("BCAST")), arg.Optional(arg.Token("OPTIN")), arg.Optional(arg.Token("OPTOUT")), arg.Optional(arg.Token("NOLOOP"))),
		}, {
			Name: "trackinginfo", Handler: cmdClientTrackingInfo, Arity: 2, Flags: command.NoScript | command.Loading | command.Stale,
			Categories: command.CatConnection, Group: "connection", Since: "6.2.0",
			Summary:    "Return how the connection tracks keys",
			Complexity: "O(1)",
		},
	}}}
}

// trackingOptions is what CLIENT TRACKING was asked for.
type trackingOptions struct {
	tracking.Options
	optIn, optOut bool
}

// parse reads the arguments and says what is wrong with them.
func (o *trackingOptions) parse(c *command.Ctx) (problem string) {
	for i := 3; i < len(c.Args); i++ {
		more := i+1 < len(c.Args)
		switch a := c.Args[i]; {
		case command.EqualFold(a, "redirect") && more:
			i++
			if o.Redirect != 0 {
				return "ERR A client can only redirect to a single other client"
			}
			id, ok := c.Integer(i)
			if !ok {
				return command.TextNotInteger
			}
			if c.Env.Clients.Find(id) == nil {
				return "ERR The client ID you want redirect to does not exist"
			}
			o.Redirect = id
		case command.EqualFold(a, "bcast"):
			o.Broadcast = true
		case command.EqualFold(a, "optin"):
			o.optIn = true
		case command.EqualFold(a, "optout"):
			o.optOut = true
		case command.EqualFold(a, "noloop"):
			o.NoLoop = true
		case command.EqualFold(a, "prefix") && more:
			i++
			o.Prefixes = append(o.Prefixes, string(c.Args[i]))
		default:
			return command.TextSyntax
		}
	}
	return ""
}

// check says what is wrong with the options taken together with each other and
// with what the client has.
func (o *trackingOptions) check(mode command.Mode, have []string) (problem string) {
	on := mode&command.ModeTracking != 0
	switch {
	case !o.Broadcast && len(o.Prefixes) > 0:
		return "ERR PREFIX option requires BCAST mode to be enabled"
	case on && o.Broadcast != (mode&command.ModeBroadcast != 0):
		return "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode."
	case o.Broadcast && (o.optIn || o.optOut):
		return "ERR OPTIN and OPTOUT are not compatible with BCAST"
	case o.optIn && o.optOut:
		return "ERR You can't specify both OPTIN mode and OPTOUT mode"
	case o.optIn && mode&command.ModeOptOut != 0 || o.optOut && mode&command.ModeOptIn != 0:
		return "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode."
	}
	if prefix, other, existing, found := tracking.Overlap(have, o.Prefixes); found {
		kind := "another provided"
		if existing {
			kind = "an existing"
		}
		return fmt.Sprintf("ERR Prefix '%s' overlaps with %s prefix '%s'. Prefixes for a single client must not overlap.", prefix, kind, other)
	}
	return ""
}

// mode is what the client is in with these options.
func (o *trackingOptions) mode() command.Mode {
	m := command.ModeTracking
	if o.Broadcast {
		m |= command.ModeBroadcast
	}
	if o.optIn {
		m |= command.ModeOptIn
	}
	if o.optOut {
		m |= command.ModeOptOut
	}
	return m
}

func cmdClientTracking(c *command.Ctx) {
	var o trackingOptions
	if problem := o.parse(c); problem != "" {
		c.W.Error(problem)
		return
	}
	switch {
	case command.EqualFold(c.Args[2], "off"):
		c.StopTracking()
	case command.EqualFold(c.Args[2], "on"):
		have, _, _ := c.Env.Tracking.Status(c.Client.ID)
		if problem := o.check(c.Client.Mode(), have.Prefixes); problem != "" {
			c.W.Error(problem)
			return
		}
		c.StartTracking(o.Options)
		c.Client.SetMode(o.mode(), command.ModeTracks&^command.ModeCaching)
	default:
		c.W.Error(command.TextSyntax)
		return
	}
	c.W.OK()
}

func cmdClientCaching(c *command.Ctx) {
	mode := c.Client.Mode()
	if mode&command.ModeTracking == 0 {
		c.W.Error("ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled")
		return
	}
	switch {
	case command.EqualFold(c.Args[2], "yes"):
		if mode&command.ModeOptIn == 0 {
			c.W.Error("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.")
			return
		}
	case command.EqualFold(c.Args[2], "no"):
		if mode&command.ModeOptOut == 0 {
			c.W.Error("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.")
			return
		}
	default:
		c.W.Error(command.TextSyntax)
		return
	}
	c.Client.SetMode(command.ModeCaching, 0)
	c.W.OK()
}

func cmdClientGetRedir(c *command.Ctx) { c.W.Int(c.Env.Redirect(c.Client.ID)) }

func cmdClientTrackingInfo(c *command.Ctx) {
	o, broken, on := c.Env.Tracking.Status(c.Client.ID)
	var flags []string
	add := func(yes bool, names ...string) {
		if yes {
			flags = append(flags, names...)
		}
	}
	mode := c.Client.Mode()
	add(!on, "off")
	add(on, "on")
	add(o.Broadcast, "bcast")
	add(mode&command.ModeOptIn != 0, "optin")
	add(mode&command.ModeOptIn != 0 && mode&command.ModeCaching != 0, "caching-yes")
	add(mode&command.ModeOptOut != 0, "optout")
	add(mode&command.ModeOptOut != 0 && mode&command.ModeCaching != 0, "caching-no")
	add(o.NoLoop, "noloop")
	add(broken, "broken_redirect")
	c.W.Map(3)
	c.W.BulkString("flags")
	c.W.Set(len(flags))
	for _, f := range flags {
		c.W.BulkString(f)
	}
	c.W.BulkString("redirect")
	c.W.Int(c.Env.Redirect(c.Client.ID))
	c.W.BulkString("prefixes")
	c.W.Array(len(o.Prefixes))
	for _, p := range o.Prefixes {
		c.W.BulkString(p)
	}
}
