package storage_test

// No exported type shows a secret that it holds, whatever one does to print it.

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
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
)

// holders are all exported types that hold a secret, directly or in what they
// are made of. TestSecretHoldersAreKnown looks for others.
var holders = []any{
	storage.User{}, storage.Room{}, storage.RoomPatch{}, storage.Config{}, storage.Credentials{}, storage.Access{}, storage.InboxEntry{},
	storage.Raw{
		User: new(storage.RawUser), Room: new(storage.RawRoom), Config: new(storage.RawConfig),
		Invite: new(storage.RawInvite), Session: new(storage.RawSession),
	},
	storage.RawUser{}, storage.RawRoom{}, storage.RawConfig{}, storage.RawInvite{}, storage.RawSession{},
}

// inSource parses the package and returns its exported struct types, with the
// names of the types of their fields.
func inSource(t *testing.T) map[string][]string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	types := map[string][]string{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, isType := n.(*ast.TypeSpec)
			if !isType {
				return true
			}
			record, isStruct := spec.Type.(*ast.StructType)
			if isStruct && spec.Name.IsExported() {
				types[spec.Name.Name] = fieldTypes(record)
			}
			return false
		})
	}
	return types
}

// fieldTypes returns the names in the types of the fields of a record.
func fieldTypes(record *ast.StructType) (names []string) {
	for _, field := range record.Fields.List {
		ast.Inspect(field.Type, func(n ast.Node) bool {
			if name, is := n.(*ast.Ident); is {
				names = append(names, name.Name)
			}
			_, isFunc := n.(*ast.FuncType)
			return !isFunc
		})
	}
	return names
}

func TestSecretHoldersAreKnown(t *testing.T) {
	types := inSource(t)
	require.Contains(t, types["User"], "Secret", "what is looked for would be found")
	holds := map[string]bool{"Secret": true}
	for grows := true; grows; {
		grows = false
		for name, fields := range types {
			if !holds[name] && slices.ContainsFunc(fields, func(f string) bool { return holds[f] }) {
				holds[name], grows = true, true
			}
		}
	}
	delete(holds, "Secret")
	known := map[string]bool{}
	for _, h := range holders {
		known[reflect.TypeOf(h).Name()] = true
	}
	assert.Equal(t, holds, known)
}

// secretName is the name of a field that holds a secret, whatever its type.
var secretName = regexp.MustCompile(`(^|[a-z])(Password|PasswordHash|Token|TokenHash|Code|CodeHash|Secret)$`)

// TestSecretsAreSecrets looks for fields by their names, and at the values of
// settings: a secret of another type would not be among the holders.
func TestSecretsAreSecrets(t *testing.T) {
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	secrets := 0
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
				for _, called := range field.Names {
					if secretName.MatchString(called.Name) || called.Name == "Value" && strings.HasSuffix(spec.Name.Name, "Config") {
						secrets++
						assert.Contains(t, []string{"Secret", "*Secret"}, types.ExprString(field.Type), "%s.%s", spec.Name, called)
					}
				}
			}
			return false
		})
	}
	assert.Equal(t, 10, secrets, "fields that hold a secret")
}

// plant puts the secret into every field that can hold one, however deep, and
// returns how many there were.
func plant(v reflect.Value) (n int) {
	switch {
	case v.Type() == reflect.TypeFor[storage.Secret]():
		v.SetString(leak.Planted)
		return 1
	case v.Type() == reflect.TypeFor[*storage.Secret]():
		v.Set(reflect.ValueOf(new(storage.Secret(leak.Planted))))
		return 1
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return plant(v.Elem())
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				n += plant(v.Field(i))
			}
		}
	}
	return n
}

// forms are a holder with the secret in each of its fields for one, as it may be
// printed.
func forms(t *testing.T, holder any) map[string]any {
	t.Helper()
	p := reflect.New(reflect.TypeOf(holder))
	p.Elem().Set(reflect.ValueOf(holder))
	require.Positive(t, plant(p.Elem()), "%T holds no secret", holder)
	v := p.Elem().Interface()
	all := leak.Forms(v)
	all["page"] = storage.Page[any]{Items: []any{v}}
	return all
}

func TestNoExportedTypeShowsASecret(t *testing.T) {
	for _, holder := range holders {
		for form, v := range forms(t, holder) {
			what := fmt.Sprintf("%T, %s", holder, form)
			assert.Empty(t, leak.Printed(v), what)
			for _, err := range failures(v) {
				assert.False(t, leak.Shows(err.Error()), "%s in an error", what)
				assert.Empty(t, leak.Printed(err), "%s in an error", what)
			}
		}
	}
}

// failures are errors with a value in their texts.
func failures(v any) []error {
	in := fmt.Errorf("cannot store %v (%+v)", v, v)
	return []error{
		in, storage.WithOp("create", in), &storage.Error{Op: "create", Kind: storage.ErrQuery, Err: in},
		errors.Join(in, &fs.PathError{Op: "open", Path: "x", Err: in}), storage.Invalid("Value", fmt.Sprint(v)),
		fmt.Errorf("outer: %w", &os.SyscallError{Syscall: "write", Err: in}),
	}
}
