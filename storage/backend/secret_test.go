package backend_test

// No row shows the digests that it holds, whatever one does to print it.

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/internal/leak"
	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// holders are the rows that hold a secret, with one in each of their fields for
// them. TestSecretFieldsOfRows looks for others.
func holders() []any {
	var digest backend.SecretHash
	copy(digest[:], leak.Planted)
	return []any{
		backend.SessionRow{TokenHash: digest}, backend.InviteRow{CodeHash: digest}, digest,
		backend.UserRow{User: storage.User{PasswordHash: leak.Planted}}, backend.RoomRow{Room: storage.Room{PasswordHash: leak.Planted}},
	}
}

func TestNoRowShowsASecret(t *testing.T) {
	for _, holder := range holders() {
		for form, v := range leak.Forms(holder) {
			assert.Empty(t, leak.Printed(v), "%T, %s", holder, form)
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
