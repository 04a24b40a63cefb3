package integration

import "strings"

// relativePrefix begins the keys that may get an expiry relative to now, and
// whose expiry can therefore not be compared to the millisecond.
const relativePrefix = "rel:"

var (
	relativeKeys = []string{relativePrefix + "1", relativePrefix + "2"}
	otherKeys    = []string{"a", "b", "c", "d", "key:1", "key:2", "n1", "n2", "", "bin\x00\r\n\xff", "[x]*", strings.Repeat("long", 100)}

	edgeIntegers = []string{"0", "1", "-1", "2", "-2", "3", "5", "10", "-10", "100", "536870911", "536870912", "-536870912",
		"2147483647", "2147483648", "4294967296", "9223372036854775806", "9223372036854775807", "9223372036854775808",
		"-9223372036854775807", "-9223372036854775808", "-9223372036854775809", "18446744073709551615",
		"", " 1", "1 ", "+1", "-0", "01", "1.0", "1e3", "0x10", "abc", "1\x00"}
	edgeFloats = []string{"0.1", "0.2", "-0.1", "1.5", "3", "1e3", "1.5E-3", "5.0e3", ".5", "5.", "-.5", "+0.5", "1e308", "-1e308", "1e-20", "1e17",
		"123456789.123456789", "3.0e0", "inf", "-inf", "+INF", "infinity", "nan", "1e400", "0x1p3", "1.5x", " 1.5", "1.5 "}
	values = []string{"", "a", "abc", "0", "-0", "10", "-17", "007", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
		"3.14", "1e5", "not a number", "\x00\xff\r\n", "$5\r\nabcde\r\n", strings.Repeat("e", 44), strings.Repeat("r", 45), strings.Repeat("v", 300), strings.Repeat("x", 5000)}
	patterns = []string{"*", "?", "a", "[ab]", "[^a]", "[a-c]", "[c-a]", "key:*", "key:?", "*:*", "**", "", "[", "[a", "\\[x]\\*", "\\", "*\\", "n[0-9]", "*1*", "rel:*", "[^", "b?n*", "*g"}
	// pastOrWrong are relative times that never let a key expire a little
	// later, which the two servers would see at different commands.
	pastOrWrong = []string{"0", "-1", "-100", "9223372036854775807", "9223372036854775", "-9223372036854775808", "9223372036854775808", "abc", "", "1.5"}
)
