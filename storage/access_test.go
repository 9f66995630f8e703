package storage_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var update = flag.Bool("update", false, "write testdata anew")

const accessFile = "testdata/access.txt"

// values are the known values of an enumerated type.
func values[E interface {
	~uint8
	Valid() bool
}]() []E {
	var all []E
	for e := E(1); e.Valid(); e++ {
		all = append(all, e)
	}
	return all
}

// memberRoles are none, and all the roles in a room.
func memberRoles() []storage.MemberRole {
	return append([]storage.MemberRole{0}, values[storage.MemberRole]()...)
}

// newAccess is a user's access to a room; a zero role is no member's.
func newAccess(room storage.Room, role storage.Role, member storage.MemberRole) storage.Access {
	room.ID, room.Active = someRoom, true
	a := storage.Access{User: storage.User{ID: someUser, Role: role, Active: true}, Room: room, Now: noon}
	if member != 0 {
		a.Membership = &storage.Membership{RoomID: someRoom, UserID: someUser, Role: member}
	}
	return a
}

// cell is a short word for what Can says.
func cell(t *testing.T, a storage.Access, action storage.Action) string {
	t.Helper()
	err := storage.Can(a, action)
	if err == nil {
		return "yes"
	}
	var e *storage.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, storage.ErrForbidden, e.Kind)
	require.Equal(t, storage.EntityRoom, e.Entity)
	require.Equal(t, a.Room.ID.String(), e.ID)
	words := map[storage.Reason]string{
		storage.ReasonUserInactive: "inactive user", storage.ReasonBanned: "banned", storage.ReasonRoomExpired: "expired",
		storage.ReasonRoomInactive: "inactive room", storage.ReasonMuted: "muted", storage.ReasonRole: "role",
		storage.ReasonNotMember: "no member", storage.ReasonPrivate: "private", storage.ReasonPassword: "password",
	}
	require.Contains(t, words, e.Reason)
	return words[e.Reason]
}

// line writes what Can says to all the actions.
func line(t *testing.T, w *tabwriter.Writer, head string, a storage.Access) {
	fmt.Fprint(w, head)
	for _, action := range values[storage.Action]() {
		fmt.Fprint(w, "\t", cell(t, a, action))
	}
	fmt.Fprintln(w)
}

func table(head string, lines func(w *tabwriter.Writer)) string {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, head)
	for _, action := range values[storage.Action]() {
		fmt.Fprint(w, "\t", action)
	}
	fmt.Fprintln(w)
	lines(w)
	w.Flush()
	return b.String()
}

// roomTable is what Can says in a room, by the role on the server and the role
// in the room.
func roomTable(t *testing.T, room storage.Room) string {
	return table("server\troom", func(w *tabwriter.Writer) {
		for _, role := range values[storage.Role]() {
			for _, member := range memberRoles() {
				name := "none"
				if member != 0 {
					name = member.String()
				}
				line(t, w, role.String()+"\t"+name, newAccess(room, role, member))
			}
		}
	})
}

// stateTable is what Can says to an owner who is an admin too, if there is
// nothing but one thing in the way.
func stateTable(t *testing.T) string {
	states := []struct {
		name string
		set  func(*storage.Access)
	}{
		{"nothing", func(*storage.Access) {}},
		{"user inactive", func(a *storage.Access) { a.User.Active = false }},
		{"banned here", sanctioned(storage.Sanction{Kind: storage.SanctionBan, RoomID: someRoom})},
		{"banned everywhere", sanctioned(storage.Sanction{Kind: storage.SanctionBan})},
		{"room expired", func(a *storage.Access) { a.Room.ExpiresAt = noon }},
		{"room inactive", func(a *storage.Access) { a.Room.Active = false }},
		{"muted here", sanctioned(storage.Sanction{Kind: storage.SanctionMute, RoomID: someRoom})},
		{"muted everywhere", sanctioned(storage.Sanction{Kind: storage.SanctionMute})},
		{"kicked", sanctioned(storage.Sanction{Kind: storage.SanctionKick})},
	}
	return table("in the way", func(w *tabwriter.Writer) {
		for _, state := range states {
			a := newAccess(storage.Room{Type: storage.RoomChannel, Privacy: storage.PrivacyPublic}, storage.RoleAdmin, storage.MemberOwner)
			state.set(&a)
			line(t, w, state.name, a)
		}
	})
}

func sanctioned(s storage.Sanction) func(*storage.Access) {
	return func(a *storage.Access) { a.Sanctions = append(a.Sanctions, s) }
}

// accessText is every cell of Can. Rooms of which the same is said share a
// table.
func accessText(t *testing.T) string {
	rooms := map[string][]string{}
	var tables []string
	for _, typ := range values[storage.RoomType]() {
		for _, privacy := range values[storage.Privacy]() {
			for _, moderated := range []bool{false, true} {
				name := fmt.Sprint(typ, ", ", privacy)
				if moderated {
					name += ", moderated"
				}
				of := roomTable(t, storage.Room{Type: typ, Privacy: privacy, Settings: storage.RoomSettings{Moderated: moderated}})
				if !slices.Contains(tables, of) {
					tables = append(tables, of)
				}
				rooms[of] = append(rooms[of], "# "+name+"\n")
			}
		}
	}
	var b strings.Builder
	b.WriteString("What Can says, by the room, the role on the server and the role in the room.\n" +
		"Whoever has given the password joins a protected room.\n")
	for _, of := range tables {
		b.WriteString("\n" + strings.Join(rooms[of], "") + "\n" + of)
	}
	b.WriteString("\n# what is in the way of an owner who is an admin\n\n" + stateTable(t))
	return b.String()
}

func TestCanTable(t *testing.T) {
	got := accessText(t)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o777))
		require.NoError(t, os.WriteFile(accessFile, []byte(got), 0o666))
	}
	want, err := os.ReadFile(accessFile)
	require.NoError(t, err)
	assert.Equal(t, strings.ReplaceAll(string(want), "\r\n", "\n"), got, "go test -run TestCanTable -update writes what Can says now")
}

func TestCanUnknown(t *testing.T) {
	everything := newAccess(storage.Room{Type: storage.RoomChannel, Privacy: storage.PrivacyPublic}, storage.RoleAdmin, storage.MemberOwner)
	for _, action := range []storage.Action{0, storage.ActionDeleteOthers + 1, 255} {
		err := storage.Can(everything, action)
		assert.ErrorIs(t, err, storage.ErrInvalid, "%d", action)
		var e *storage.Error
		require.True(t, errors.As(err, &e))
		assert.Equal(t, "Action", e.Field)
	}
	for _, action := range values[storage.Action]() {
		assert.Error(t, storage.Can(storage.Access{}, action), "nobody, nowhere: %v", action)
		stranger := newAccess(storage.Room{Type: storage.RoomChannel, Privacy: storage.PrivacyPrivate}, 0, 99)
		if action != storage.ActionJoin {
			assert.Error(t, storage.Can(stranger, action), "roles that are unknown: %v", action)
		}
	}
	for _, role := range []storage.Role{0, 99} {
		a := newAccess(storage.Room{Type: storage.RoomChannel, Privacy: storage.PrivacyPublic}, role, 0)
		assert.Equal(t, "role", cell(t, a, storage.ActionJoin), "a role that is unknown joins nothing")
	}
	for _, room := range []storage.Room{{}, {Type: 99, Privacy: 99}} {
		a := newAccess(room, storage.RoleUser, 0)
		assert.Equal(t, "private", cell(t, a, storage.ActionJoin))
		assert.Equal(t, "no member", cell(t, a, storage.ActionRead))
	}
}
