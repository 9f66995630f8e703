package storage_test

// Access once more, told action by action instead of line by line, and held to
// Can over every combination.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// may says whether somebody may do something: an independent judge of Can.
func may(a storage.Access, action storage.Action) bool {
	banned, muted, over := false, false, !a.Room.ExpiresAt.IsZero() && !a.Room.ExpiresAt.After(a.Now)
	for _, s := range a.Sanctions {
		banned = banned || s.Kind == storage.SanctionBan
		muted = muted || s.Kind == storage.SanctionMute
	}
	if banned || over || !a.User.Active {
		return false
	}
	rank := -1 // of the role in the room: guest 0, owner 4
	if a.Membership != nil {
		rank = int(storage.MemberGuest - a.Membership.Role)
	}
	const guest, member, moderator, admin = 0, 1, 2, 3
	direct := a.Room.Type == storage.RoomDirectMessage
	system := !direct && (a.Room.Type == storage.RoomSystem || a.Room.Privacy == storage.PrivacySystem)
	staff := !direct && a.User.Role <= storage.RoleModerator
	boss := !direct && a.User.Role == storage.RoleAdmin
	moderated := a.Room.Settings.Moderated
	open := a.Room.Active
	switch action {
	case storage.ActionJoin:
		door := a.Room.Privacy == storage.PrivacyPublic && a.User.Role != storage.RoleGuest ||
			a.Room.Privacy == storage.PrivacyProtected && a.Unlocked
		return open && (rank >= guest || boss || door && !direct)
	case storage.ActionRead:
		return staff || rank >= guest && !direct || rank >= member || a.Room.Privacy == storage.PrivacyPublic && rank < guest && !direct
	case storage.ActionPost:
		talks := rank >= moderator || rank >= member && direct || rank >= guest && !direct && !system && !moderated
		return open && !muted && (boss || talks)
	case storage.ActionReact:
		claps := rank >= member || rank >= guest && !direct && (system || !moderated)
		return open && !muted && (boss || claps)
	case storage.ActionPin:
		return open && (staff || rank >= moderator || rank >= member && direct)
	case storage.ActionInvite:
		brings := rank >= admin || rank >= moderator && !system || rank >= member && !system && a.Room.Privacy != storage.PrivacyPrivate
		return open && (boss || brings && !direct)
	case storage.ActionModerate, storage.ActionDeleteOthers:
		return open && (staff || rank >= moderator && !direct)
	case storage.ActionManage:
		return boss || rank >= admin && !direct
	}
	return false
}

// eachAccess calls fn with every combination of what Can looks at.
func eachAccess(fn func(a storage.Access)) {
	for _, typ := range values[storage.RoomType]() {
		for _, privacy := range values[storage.Privacy]() {
			for _, role := range values[storage.Role]() {
				for _, member := range memberRoles() {
					for flags := range 1 << 7 {
						a := newAccess(storage.Room{Type: typ, Privacy: privacy}, role, member)
						setFlags(&a, flags)
						fn(a)
					}
				}
			}
		}
	}
}

func setFlags(a *storage.Access, flags int) {
	is := func(i int) bool { return flags>>i&1 == 1 }
	a.Room.Settings.Moderated = is(0)
	a.Unlocked = is(1)
	a.User.Active = !is(2)
	a.Room.Active = !is(3)
	if is(4) {
		a.Room.ExpiresAt = a.Now
	}
	if is(5) {
		a.Sanctions = append(a.Sanctions, storage.Sanction{Kind: storage.SanctionBan, RoomID: a.Room.ID})
	}
	if is(6) {
		a.Sanctions = append(a.Sanctions, storage.Sanction{Kind: storage.SanctionMute})
	}
}

func TestCanRules(t *testing.T) {
	actions, combinations := values[storage.Action](), 0
	eachAccess(func(a storage.Access) {
		for _, action := range actions {
			combinations++
			if got, want := storage.Can(a, action) == nil, may(a, action); got != want {
				require.Equal(t, want, got, "%v of %+v, member %+v", action, a, a.Membership)
			}
		}
	})
	require.Equal(t, 5*4*4*6*9<<7, combinations)
}

// Who is more powerful may do no less, and no restriction gives anything.
func TestCanMonotone(t *testing.T) {
	actions := values[storage.Action]()
	eachAccess(func(a storage.Access) {
		for _, action := range actions {
			if storage.Can(a, action) != nil {
				continue
			}
			if a.User.Role > storage.RoleAdmin {
				a := a
				a.User.Role--
				require.NoError(t, storage.Can(a, action), "%v of %+v", action, a)
			}
			if a.Membership != nil && a.Membership.Role > storage.MemberOwner {
				above := *a.Membership
				above.Role--
				a := a
				a.Membership = &above
				require.NoError(t, storage.Can(a, action), "%v of %+v", action, a)
			}
			a.Sanctions, a.Unlocked = nil, true
			a.Room.Settings.Moderated = false
			require.NoError(t, storage.Can(a, action), "%v of %+v", action, a)
		}
	})
}

// A sanction binds until the instant at which it expires or was lifted, in its
// room or everywhere.
func TestCanSanctions(t *testing.T) {
	for name, c := range map[string]struct {
		s    storage.Sanction
		want string
	}{
		"for good":           {storage.Sanction{}, "muted"},
		"for this room":      {storage.Sanction{RoomID: someRoom}, "muted"},
		"for another room":   {storage.Sanction{RoomID: storage.NewID[storage.Room]()}, "yes"},
		"until a moment on":  {storage.Sanction{ExpiresAt: noon.Add(time.Microsecond)}, "muted"},
		"until now":          {storage.Sanction{ExpiresAt: noon}, "yes"},
		"until a moment ago": {storage.Sanction{ExpiresAt: noon.Add(-time.Microsecond)}, "yes"},
		"lifted":             {storage.Sanction{LiftedAt: noon.Add(-time.Hour)}, "yes"},
	} {
		a := newAccess(storage.Room{Type: storage.RoomGroup, Privacy: storage.PrivacyPublic}, storage.RoleUser, storage.MemberOwner)
		c.s.Kind = storage.SanctionMute
		a.Sanctions = []storage.Sanction{{Kind: storage.SanctionKick}, c.s}
		assert.Equal(t, c.want, cell(t, a, storage.ActionPost), "a mute %s", name)
		assert.Equal(t, "yes", cell(t, a, storage.ActionManage), "a mute %s", name)
	}
}

func TestCanExpiry(t *testing.T) {
	a := newAccess(storage.Room{Type: storage.RoomTemporary, Privacy: storage.PrivacyPublic}, storage.RoleAdmin, storage.MemberOwner)
	for expires, want := range map[time.Time]string{
		{}:                         "yes",
		noon.Add(time.Microsecond): "yes",
		noon:                       "expired",
		noon.Add(-time.Hour):       "expired",
	} {
		a.Room.ExpiresAt = expires
		assert.Equal(t, want, cell(t, a, storage.ActionRead), "expires at %v, now %v", expires, noon)
	}
}

func TestCanJoinProtected(t *testing.T) {
	room := storage.Room{Type: storage.RoomChannel, Privacy: storage.PrivacyProtected}
	for _, role := range values[storage.Role]()[1:] {
		a := newAccess(room, role, 0)
		assert.Equal(t, "password", cell(t, a, storage.ActionJoin), role)
		a.Unlocked = true
		assert.Equal(t, "yes", cell(t, a, storage.ActionJoin), role)
		assert.NotEqual(t, "yes", cell(t, a, storage.ActionPost), "the password makes %v no member", role)
	}
}

func TestMemberRoleAtLeast(t *testing.T) {
	roles := values[storage.MemberRole]()
	for i, r := range roles {
		for j, other := range roles {
			assert.Equal(t, i <= j, r.AtLeast(other), "%v.AtLeast(%v)", r, other)
		}
		for _, unknown := range []storage.MemberRole{0, 99} {
			assert.False(t, r.AtLeast(unknown), "%v.AtLeast(%v)", r, unknown)
			assert.False(t, unknown.AtLeast(r), "%v.AtLeast(%v)", unknown, r)
			assert.False(t, unknown.AtLeast(unknown), "%v", unknown)
		}
	}
}
