package command

import (
	"strings"
	"testing"
)

func TestParseFloat(t *testing.T) {
	for s, want := range map[string]string{
		"0": "0", "-0": "0", "1": "1", "+1": "1", "-1.50": "-1.5", ".5": "0.5", "5.": "5", "010": "10",
		"1e3": "1000", "1E-3": "0.001", "0x10": "16", "0X.8p1": "1", "-0x1p-1": "-0.5", "0xb": "11",
		"1e-18": "0", "-1e-18": "0", "1e-17": "0.00000000000000001",
	} {
		if f, ok := ParseFloat([]byte(s)); !ok || FormatFloat(f) != want {
			t.Errorf("parseFloat(%q) = %v, %v, want %s", s, f, ok, want)
		}
	}
	for _, s := range []string{
		"", "+", "-", ".", "e1", "1e", "1e+", "0x", "0xg", "1_0", "0b1", "0o7", "1p3", "nan", "-nan", " 1", "1 ",
		"1\x00", "1,5", "--1", "+-1", "0x-1", "1e5000", "-1e5000", "1e-5000", "0x1p16384", "1e99999999999999999999",
		"in", "infx", strings.Repeat("1", maxFloatLength+1),
	} {
		if f, ok := ParseFloat([]byte(s)); ok {
			t.Errorf("parseFloat(%q) = %v, want it refused", s, f)
		}
	}
	for _, s := range []string{"inf", "-INF", "+infinity"} {
		if f, ok := ParseFloat([]byte(s)); !ok || !f.IsInf() {
			t.Errorf("parseFloat(%q) = %v, %v, want infinity", s, f, ok)
		}
	}
}

func TestAddFloat(t *testing.T) {
	for _, c := range []struct {
		a, b, want string
	}{
		{"0.1", "0.2", "0.3"},
		{"5.0e3", "2.0e2", "5200"},
		{"1", "-1", "0"},
		{"123456789.123456789", "987654321.987654321", "1111111111.11111110995989293"},
		{"1e4932", "1e4932", ""},
		{"inf", "-inf", ""},
		{"1", "inf", ""},
	} {
		a, _ := ParseFloat([]byte(c.a))
		b, _ := ParseFloat([]byte(c.b))
		sum, ok := AddFloat(a, b)
		if ok != (c.want != "") || ok && FormatFloat(sum) != c.want {
			t.Errorf("%s + %s = %v, %v, want %q", c.a, c.b, sum, ok, c.want)
		}
	}
}
