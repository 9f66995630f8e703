package storagetest_test

// What histories look at beside rooms.

import (
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// lookAtRecords makes a few calls that read what is beside rooms.
func (h *history) lookAtRecords() {
	switch h.below(8) {
	case 0:
		h.lookAtUsers(h.userQuery())
	case 1:
		h.lookAtUser(h.user())
	case 2:
		h.lookAtSessions(h.sessionQuery())
	case 3:
		h.lookAtLogins(h.loginQuery())
	case 4:
		h.lookAtAudit(h.auditQuery())
	case 5:
		h.lookAtConfig()
		h.lookAtBlocks()
	case 6:
		h.lookAtRoles(h.roleQuery())
	case 7:
		h.lookAtDry(h.maintenance())
	}
}

// lookAtAllRecords compares all of them.
func (h *history) lookAtAllRecords() {
	h.lookAtUsers(storage.UserQuery{Limit: 2})
	h.lookAtSessions(storage.SessionQuery{Limit: 7})
	h.lookAtLogins(storage.LoginQuery{Limit: 7})
	h.lookAtAudit(storage.AuditQuery{Limit: 7})
	h.lookAtConfig()
	h.lookAtRoles(storage.RoleQuery{Rooms: true})
	h.lookAtDry(h.maintenance())
	for _, user := range h.users {
		h.lookAtUser(user)
	}
	for _, s := range h.subjects[1:] {
		require.NoError(h.t, storage.VerifyAudit(s.ctx, s.on, storage.AuditHead{}), "VerifyAudit of %s", s.name)
	}
}
