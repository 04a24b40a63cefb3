package arg

import "testing"

func TestSyntax(t *testing.T) {
	for want, list := range map[string][]Arg{
		"key":                                 List(Key("key")),
		"key [key ...]":                       List(Multiple(Key("key"))),
		"key [NX | XX]":                       List(Key("key"), Choice("condition", "NX", "XX")),
		"<ON | OFF>":                          List(OneOf("status", Tokens("ON", "OFF")...)),
		"[PREFIX prefix [PREFIX prefix ...]]": List(Optional(EachToken(After("PREFIX", String("prefix"))))),
		"[FIELDS numfields field [field ...]]": List(Optional(After("FIELDS",
			Block("fields", Integer("numfields"), Multiple(String("field")))))),
		"TYPE <NORMAL | REPLICA>": List(After("TYPE", OneOf("type", Tokens("NORMAL", "REPLICA")...))),
		"increment MATCH pattern EXAT unix-time": List(Double("increment"), After("MATCH", Pattern("pattern")),
			After("EXAT", UnixTime("unix-time"))),
	} {
		if got := Syntax(list); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
