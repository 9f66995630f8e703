package storage

import (
	"encoding"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// enumCase is one enumerated type, for the tests below.
type enumCase struct {
	typ    string
	names  []string
	values int // how many constants there are
	check  func(t *testing.T)
}

// textEnum is what every enumerated type has.
type textEnum interface {
	~uint8
	encoding.TextMarshaler
	String() string
	Valid() bool
}

func newEnumCase[E textEnum, P interface {
	*E
	encoding.TextUnmarshaler
}](table enum[E], last E, parse func(string) (E, error)) enumCase {
	return enumCase{table.typ, table.names, int(last), func(t *testing.T) {
		checkKnownValues(t, table, parse, func(e *E, text []byte) error { return P(e).UnmarshalText(text) })
		checkUnknownValues(t, table, parse, func(e *E, text []byte) error { return P(e).UnmarshalText(text) })
		checkUnset(t, func(e *E, text []byte) error { return P(e).UnmarshalText(text) })
	}}
}

// enumCases are all the enumerated types of the package, each with its last
// constant. TestEnumCasesAreComplete sees to it.
var enumCases = []enumCase{
	newEnumCase(roles, RoleGuest, ParseRole),
	newEnumCase(userOrders, UsersBySeen, ParseUserOrder),
	newEnumCase(roomTypes, RoomTemporary, ParseRoomType),
	newEnumCase(privacies, PrivacySystem, ParsePrivacy),
	newEnumCase(roomOrders, RoomsByMembers, ParseRoomOrder),
	newEnumCase(memberRoles, MemberGuest, ParseMemberRole),
	newEnumCase(notificationLevels, NotifyNone, ParseNotificationLevel),
	newEnumCase(membershipOrders, MembersByActivity, ParseMembershipOrder),
	newEnumCase(messageTypes, MessageEncrypted, ParseMessageType),
	newEnumCase(messageOrders, MostRelevant, ParseMessageOrder),
	newEnumCase(actions, ActionDeleteOthers, ParseAction),
	newEnumCase(permissions, PermissionExport, ParsePermission),
	newEnumCase(sanctionKinds, SanctionKick, ParseSanctionKind),
	newEnumCase(configTypes, ConfigJSON, ParseConfigType),
	newEnumCase(changeKinds, ChangeSanctionLifted, ParseChangeKind),
	newEnumCase(activityUnits, ActivityMonth, ParseActivityUnit),
	newEnumCase(messageErasures, EraseKeep, ParseMessageErasure),
	newEnumCase(rawKinds, RawActivities, ParseRawKind),
}

func TestEnums(t *testing.T) {
	for _, c := range enumCases {
		t.Run(c.typ, func(t *testing.T) {
			assert.Len(t, c.names, c.values, "a name for each constant")
			seen := map[string]bool{}
			for _, name := range c.names {
				assert.Regexp(t, `^[a-z][a-z_]*$`, name)
				assert.False(t, seen[name], "%q twice", name)
				seen[name] = true
			}
			c.check(t)
		})
	}
}

func checkKnownValues[E textEnum](t *testing.T, table enum[E], parse func(string) (E, error), unmarshal func(*E, []byte) error) {
	for i, name := range table.names {
		e := E(i + 1)
		assert.True(t, e.Valid())
		assert.Equal(t, name, e.String())
		parsed, err := parse(name)
		require.NoError(t, err)
		assert.Equal(t, e, parsed)

		text, err := e.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, name, string(text))
		var got E
		require.NoError(t, unmarshal(&got, text))
		assert.Equal(t, e, got)

		inJSON, err := json.Marshal(map[E]E{e: e})
		require.NoError(t, err)
		assert.JSONEq(t, `{"`+name+`":"`+name+`"}`, string(inJSON))
		var back map[E]E
		require.NoError(t, json.Unmarshal(inJSON, &back))
		assert.Equal(t, map[E]E{e: e}, back)
	}
}

func checkUnknownValues[E textEnum](t *testing.T, table enum[E], parse func(string) (E, error), unmarshal func(*E, []byte) error) {
	for _, e := range []E{E(len(table.names) + 1), 100, 255} {
		assert.False(t, e.Valid())
		assert.Contains(t, e.String(), table.typ+"(", "an unknown number is no name")
		_, err := e.MarshalText()
		assert.ErrorIs(t, err, ErrInvalid, "MarshalText() of %d", uint8(e))
		_, err = json.Marshal(e)
		assert.ErrorIs(t, err, ErrInvalid, "JSON of %d", uint8(e))
		assert.ErrorIs(t, table.check("Field", e), ErrInvalid)
		assert.ErrorIs(t, table.checkAll("Field", []E{1, e}), ErrInvalid)
	}
	for _, s := range []string{"nonsense", strings.ToUpper(table.names[0]), table.names[0] + " ", "1", "unset", "\xff"} {
		_, err := parse(s)
		assert.ErrorIs(t, err, ErrInvalid, "Parse(%q)", s)
		got := E(1)
		assert.ErrorIs(t, unmarshal(&got, []byte(s)), ErrInvalid, "UnmarshalText(%q)", s)
		assert.Equal(t, E(1), got, "a failed read changed the value")
	}
	got := E(1)
	assert.Error(t, json.Unmarshal([]byte("1"), &got), "a number is no value in JSON")
}

func checkUnset[E textEnum](t *testing.T, unmarshal func(*E, []byte) error) {
	var unset E
	assert.False(t, unset.Valid())
	assert.Equal(t, "unset", unset.String())
	text, err := json.Marshal(unset)
	require.NoError(t, err)
	assert.Equal(t, `""`, string(text))
	got := E(1)
	require.NoError(t, unmarshal(&got, nil))
	assert.Zero(t, got)
}

// TestEnumCasesAreComplete looks for enums in the sources.
func TestEnumCasesAreComplete(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var want []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		file, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
		require.NoError(t, err)
		want = append(want, enumsIn(file)...)
	}
	var got []string
	for _, c := range enumCases {
		got = append(got, c.typ)
	}
	assert.ElementsMatch(t, want, got)
}

// enumsIn returns the types whose table is a package variable of the file.
func enumsIn(file *ast.File) []string {
	var types []string
	for _, decl := range file.Decls {
		vars, ok := decl.(*ast.GenDecl)
		if !ok || vars.Tok != token.VAR {
			continue
		}
		ast.Inspect(vars, func(n ast.Node) bool {
			index, ok := n.(*ast.IndexExpr)
			if !ok {
				return true
			}
			generic, isName := index.X.(*ast.Ident)
			typ, isType := index.Index.(*ast.Ident)
			if isName && isType && generic.Name == "enum" {
				types = append(types, typ.Name)
			}
			return true
		})
	}
	return types
}
