package storagetest_test

// Histories in words.

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/lairchat/lair/storage"
)

// words is a text that is made when it is needed.
type words func() string

// String returns the text.
func (w words) String() string { return w() }

// say returns a text of which each argument is described.
func say(format string, args ...any) words {
	return func() string {
		described := make([]any, len(args))
		for i, arg := range args {
			described[i] = describe(arg)
		}
		return fmt.Sprintf(format, described...)
	}
}

// describe writes a value short: of a struct only what is set, identifiers by
// their number, times as what has passed since the history began.
func describe(v any) string { return describeValue(reflect.ValueOf(v)) }

func describeValue(v reflect.Value) string {
	if !v.IsValid() {
		return "nothing"
	}
	if v.CanInterface() {
		if text, ok := describeKnown(v.Interface()); ok {
			return text
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return "nothing"
		}
		return describeValue(v.Elem())
	case reflect.Slice:
		var items []string
		for i := range v.Len() {
			items = append(items, describeValue(v.Index(i)))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case reflect.Struct:
		var fields []string
		for i := range v.NumField() {
			if !v.Field(i).IsZero() {
				fields = append(fields, v.Type().Field(i).Name+": "+describeValue(v.Field(i)))
			}
		}
		return "{" + strings.Join(fields, ", ") + "}"
	case reflect.String:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(v)
}

// describeKnown describes values that have a form of their own.
func describeKnown(v any) (string, bool) {
	switch v := v.(type) {
	case storage.UserID:
		return numbered("user", v), true
	case storage.RoomID:
		return numbered("room", v), true
	case storage.MessageID:
		return numbered("message", v), true
	case storage.AttachmentID:
		return numbered("file", v), true
	case storage.InviteID:
		return numbered("invite", v), true
	case storage.SanctionID:
		return numbered("sanction", v), true
	case time.Time:
		return "T+" + v.Sub(modelStart).String(), true
	case fmt.Stringer:
		if reflect.ValueOf(v).Kind() != reflect.Struct && !(reflect.ValueOf(v).Kind() == reflect.Pointer) {
			return v.String(), true
		}
	case []byte:
		return string(v), true
	}
	return "", false
}

func numbered(kind string, id [16]byte) string {
	if id == ([16]byte{}) {
		return "no " + kind
	}
	return fmt.Sprintf("%s %d", kind, int(id[14])<<8|int(id[15]))
}
