package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// text is a value from the environment or from --set. It has no type of its
// own, whereas a value from the file has the type it was written as.
type text string

// assign sets the field to v, or says why it can't.
func assign(to reflect.Value, v any) *FieldError {
	if s, ok := v.(text); ok {
		return assignText(to, string(s))
	}
	_, custom := to.Addr().Interface().(encoding.TextUnmarshaler)
	unit := isUnit(to)
	switch v := v.(type) {
	case string:
		if custom || to.Kind() == reflect.String {
			return assignText(to, v)
		}
		return &FieldError{Problem: "is a string", Fix: "write " + wanted(to) + ", without quotes"}
	case int64:
		if unit || !custom && (to.CanInt() || to.CanUint() || to.CanFloat()) {
			return assignText(to, strconv.FormatInt(v, 10))
		}
		return mismatch(to, "a number")
	case float64:
		if !custom && to.CanFloat() {
			to.SetFloat(v)
			return nil
		}
		return mismatch(to, "a number with a fraction")
	case bool:
		if to.Kind() == reflect.Bool {
			to.SetBool(v)
			return nil
		}
		return mismatch(to, "a boolean")
	case []any:
		if !custom && to.Kind() == reflect.Slice {
			return assignList(to, v)
		}
		return mismatch(to, "a list")
	case map[string]any:
		return mismatch(to, "a table")
	}
	return mismatch(to, "a date")
}

func isUnit(to reflect.Value) bool {
	switch to.Addr().Interface().(type) {
	case *Size, *Duration, *ClientMemory, *OutputLimit:
		return true
	}
	return false
}

func mismatch(to reflect.Value, is string) *FieldError {
	return &FieldError{Problem: "is " + is, Fix: "write " + wanted(to)}
}

func assignText(to reflect.Value, s string) *FieldError {
	if u, ok := to.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(s)); err != nil {
			return &FieldError{Problem: err.Error(), Fix: "write " + wanted(to)}
		}
		return nil
	}
	switch to.Kind() {
	case reflect.String:
		to.SetString(s)
		return nil
	case reflect.Slice:
		return assignListText(to, s)
	}
	var err error
	s = strings.TrimSpace(s)
	switch {
	case to.Kind() == reflect.Bool:
		var b bool
		if b, err = parseBool(s); err == nil {
			to.SetBool(b)
		}
	case to.CanInt():
		var n int64
		if n, err = strconv.ParseInt(s, 10, to.Type().Bits()); err == nil {
			to.SetInt(n)
		}
	case to.CanUint():
		var n uint64
		if n, err = strconv.ParseUint(s, 10, to.Type().Bits()); err == nil {
			to.SetUint(n)
		}
	case to.CanFloat():
		var n float64
		if n, err = strconv.ParseFloat(s, to.Type().Bits()); err == nil {
			to.SetFloat(n)
		}
	}
	if errors.Is(err, strconv.ErrRange) {
		return &FieldError{Problem: fmt.Sprintf("%q is out of range", s), Fix: "write " + wanted(to)}
	}
	if err != nil {
		return &FieldError{Problem: fmt.Sprintf("%q is not %s", s, wanted(to)), Fix: "correct the value"}
	}
	return nil
}

// parseBool takes what people write into environment variables.
func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "true", "yes", "on", "1":
		return true, nil
	case "false", "no", "off", "0":
		return false, nil
	}
	return false, strconv.ErrSyntax
}
