package sys

import "testing"

// constant is in the program's file.
var constant = map[string]int{"one": 1, "two": 2}

func TestReleasedCodeAndConstantsComeBack(t *testing.T) {
	for range 3 {
		if err := ReleaseImage(); err != nil {
			t.Fatal(err)
		}
		if constant["one"]+constant["two"] != 3 {
			t.Fatal("a constant changed")
		}
	}
}
