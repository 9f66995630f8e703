package backend_test

// No row shows the digests that it holds, whatever one does to print it.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"log/slog"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const planted = "planted/hunter2#secret"

// holders are the rows that hold a secret, with one in each of their fields for
// them. TestSecretFieldsOfRows looks for others.
func holders() []any {
	var digest backend.SecretHash
	copy(digest[:], planted)
	return []any{
		backend.SessionRow{TokenHash: digest}, backend.InviteRow{CodeHash: digest}, digest,
		backend.UserRow{User: storage.User{PasswordHash: planted}}, backend.RoomRow{Room: storage.Room{PasswordHash: planted}},
	}
}

func shows(text string) bool {
	const part = "hunter2"
	bytes := []byte(part)
	return slices.ContainsFunc([]string{
		part, fmt.Sprintf("%x", part), fmt.Sprintf("%X", part), fmt.Sprintf("% x", part),
		strings.Trim(fmt.Sprint(bytes), "[]"), strings.ReplaceAll(strings.Trim(fmt.Sprint(bytes), "[]"), " ", ","),
		strings.Trim(fmt.Sprintf("%#v", bytes), "[]byte{}"), strings.Trim(fmt.Sprintf("%o", bytes), "[]"),
		strings.Trim(fmt.Sprintf("%b", bytes), "[]"), strings.Trim(fmt.Sprintf("%U", bytes), "[]"),
	}, func(form string) bool { return strings.Contains(text, form) })
}

func TestNoRowShowsASecret(t *testing.T) {
	require.True(t, shows(fmt.Sprintf("%+v", []byte(planted))) && shows(fmt.Sprintf("%#v", [32]byte([]byte(planted+"0123456789")))))
	for _, holder := range holders() {
		pointer := reflect.New(reflect.TypeOf(holder))
		pointer.Elem().Set(reflect.ValueOf(holder))
		for _, v := range []any{holder, pointer.Interface(), []any{holder}, map[string]any{"x": holder}, struct{ Row any }{holder}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%#x", "% x", "%o", "%b", "%c", "%U", "%t", "%e"} {
				assert.False(t, shows(fmt.Sprintf(verb, v)), "%T in %T by %s", holder, v, verb)
			}
			text, err := json.Marshal(v)
			require.NoError(t, err)
			assert.False(t, shows(string(text)), "%T in %T as JSON", holder, v)
			var b bytes.Buffer
			for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
				slog.New(h).With("with", v).Error("message", "value", v)
			}
			assert.False(t, shows(b.String()), "%T in %T in a log", holder, v)
		}
	}
	assert.Equal(t, "[redacted]", fmt.Sprint(backend.SecretHash{1}))
	assert.Empty(t, fmt.Sprint(backend.SecretHash{}), "there is none")
}

var secretName = regexp.MustCompile(`(^|[a-z])(Password|PasswordHash|Token|TokenHash|Code|CodeHash|Secret)$`)

// TestSecretFieldsOfRows looks for fields that hold a secret by their names and
// types: all are hidden, and what has them is among the holders.
func TestSecretFieldsOfRows(t *testing.T) {
	known := map[string]bool{}
	for _, holder := range holders() {
		known[reflect.TypeOf(holder).Name()] = true
	}
	hiding := []string{"SecretHash", "storage.Secret"}
	holding := append(hiding, "storage.User", "storage.Room", "storage.Config", "storage.Credentials", "storage.Access")
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	found := map[string]bool{"SecretHash": true}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, isType := n.(*ast.TypeSpec)
			if !isType || !spec.Name.IsExported() {
				return true
			}
			record, isStruct := spec.Type.(*ast.StructType)
			if !isStruct {
				return false
			}
			for _, field := range record.Fields.List {
				of := types.ExprString(field.Type)
				if slices.Contains(holding, strings.TrimLeft(of, "*[]")) {
					found[spec.Name.Name] = true
				}
				for _, called := range field.Names {
					assert.True(t, !secretName.MatchString(called.Name) || slices.Contains(hiding, of), "%s.%s", spec.Name, called)
				}
			}
			return false
		})
	}
	assert.Equal(t, known, found)
}
