// Package leak looks for secrets that show where values are printed, logged or
// written as JSON. Tests plant a secret and try.
package leak

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
)

// Planted is the secret to plant.
const Planted = "planted/hunter2#secret"

// Shows reports whether a text tells the secret, in some form.
func Shows(text string) bool {
	const part = "hunter2"
	bytes := []byte(part)
	return slices.ContainsFunc([]string{
		part, fmt.Sprintf("%x", part), fmt.Sprintf("%X", part), fmt.Sprintf("% x", part),
		strings.Trim(fmt.Sprint(bytes), "[]"), strings.ReplaceAll(strings.Trim(fmt.Sprint(bytes), "[]"), " ", ","),
		strings.Trim(fmt.Sprintf("%#v", bytes), "[]byte{}"), strings.Trim(fmt.Sprintf("%o", bytes), "[]"),
		strings.Trim(fmt.Sprintf("%b", bytes), "[]"), strings.Trim(fmt.Sprintf("%U", bytes), "[]"),
	}, func(form string) bool { return strings.Contains(text, form) })
}

// Forms are a value as it may be printed: itself, where it points, and in what
// else it may be.
func Forms(v any) map[string]any {
	p := reflect.New(reflect.TypeOf(v))
	p.Elem().Set(reflect.ValueOf(v))
	list := reflect.Append(reflect.MakeSlice(reflect.SliceOf(p.Type().Elem()), 0, 1), p.Elem()).Interface()
	return map[string]any{
		"value": v, "pointer": p.Interface(), "slice": list, "map": map[string]any{"x": v}, "field": struct{ Record any }{v},
	}
}

// verbs leave out %p, and %w but in fmt.Errorf: these two ask no method of
// anything, and go vet refuses them.
var verbs = []string{
	"%v", "%+v", "%#v", "%s", "%q", "%#q", "%d", "%x", "%X", "%#x", "% x", "%o", "%b", "%c", "%U", "%t", "%e", "%30v", "%.50s", "%T",
}

// Printed returns in which ways a value shows the secret: the verbs, JSON, logs.
func Printed(v any) (ways []string) {
	for _, verb := range verbs {
		if Shows(fmt.Sprintf(verb, v)) {
			ways = append(ways, verb)
		}
	}
	text, err := json.Marshal(v)
	if err != nil || Shows(string(text)) {
		ways = append(ways, fmt.Sprint("JSON ", err))
	}
	if Shows(logged(v)) {
		ways = append(ways, "a log")
	}
	return ways
}

// logged returns what handlers of log/slog write of a value.
func logged(v any) string {
	var b bytes.Buffer
	options := &slog.HandlerOptions{AddSource: true, Level: slog.LevelDebug}
	for _, h := range []slog.Handler{slog.NewTextHandler(&b, options), slog.NewJSONHandler(&b, options)} {
		l := slog.New(h).With("with", v).WithGroup("group")
		l.Error("message", "value", v, slog.Any("any", v), slog.Group("inner", "value", v))
	}
	return b.String()
}
