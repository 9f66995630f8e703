package storagetest_test

// What histories do to users.

import (
	"context"
	"fmt"

	"github.com/lairchat/lair/storage"
)

// account makes one call that is about an account.
func (h *history) account() {
	user := h.user()
	switch h.below(6) {
	case 0:
		role := oneOf(h.draws, storage.RoleUser, storage.RoleModerator, storage.RoleAdmin, storage.RoleGuest)
		h.call(say("SetUserRole(%s, %s)", user, role), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.SetUserRole(ctx, user, role)
		})
	case 1:
		active := h.below(3) > 0
		h.call(say("set active %s: %s", user, active), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			if active {
				return nil, s.ReactivateUser(ctx, user)
			}
			return nil, s.DeactivateUser(ctx, user)
		})
	case 2, 3:
		p := h.userPatch()
		h.call(say("UpdateUser(%s, %s)", user, p), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return unhashed(s.UpdateUser(ctx, user, p))
		})
	case 4:
		h.call(say("TouchUser(%s)", user), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.TouchUser(ctx, user)
		})
	case 5:
		h.setPassword(user)
	}
}

// userPatch draws names and addresses that may be somebody's.
func (d *draws) userPatch() (p storage.UserPatch) {
	n := 1 + d.below(len(d.users)+1)
	if d.oneIn(2) {
		p.Email = new(oneOf(d, fmt.Sprintf("User%d@Example.org", n), ""))
	}
	if d.oneIn(4) {
		p.Username = new(fmt.Sprintf("User%d", n))
	}
	if d.oneIn(4) {
		p.ExternalID = new(oneOf(d, "", "one", "two"))
	}
	if d.oneIn(4) {
		p.Profile = &storage.Profile{DisplayName: d.text()}
	}
	if d.oneIn(8) {
		p.IfVersion = int64(d.below(4) - 1)
	}
	return p
}
