package storagetest_test

import (
	"cmp"
	"context"
	"reflect"
	"slices"

	"github.com/lairchat/lair/storage"
)

var roleFaults = slices.Concat(forgottenHolders(), []fault{
	{name: "who is deactivated holds no role", caught: "role/on the server", open: roleReads{
		page: func(all []storage.RoleHolder) []storage.RoleHolder {
			return slices.DeleteFunc(all, func(h storage.RoleHolder) bool { return !h.Active })
		},
	}.opener()},
	{name: "roles without their ranks", caught: "role/list", open: roleReads{
		page: func(all []storage.RoleHolder) []storage.RoleHolder {
			slices.SortFunc(all, func(a, b storage.RoleHolder) int {
				return cmp.Or(a.RoomID.Compare(b.RoomID), a.UserID.Compare(b.UserID))
			})
			return all
		},
	}.opener()},
	{name: "a permission of the least role alone", caught: "role/on the server by permission", open: roleReads{
		query: func(q *storage.RoleQuery) {
			for _, r := range []storage.Role{storage.RoleAdmin, storage.RoleModerator, storage.RoleUser, storage.RoleGuest} {
				if r.Can(q.Permission) && len(q.Roles) != 1 {
					q.Roles = []storage.Role{r, r}
				}
			}
		},
	}.opener()},
	{name: "a permission of those above users alone", caught: "role/on the server by permission", open: roleReads{
		query: func(q *storage.RoleQuery) {
			if q.Permission != 0 && q.Roles == nil {
				q.Roles = []storage.Role{storage.RoleAdmin, storage.RoleModerator}
			}
		},
	}.opener()},
	{name: "moderators of rooms are not told", caught: "role/in rooms", open: roleReads{
		query: func(q *storage.RoleQuery) {
			if q.InRooms() && q.MemberRoles == nil {
				q.MemberRoles = []storage.MemberRole{storage.MemberOwner, storage.MemberAdmin}
			}
		},
	}.opener()},
	{name: "roles in rooms of anybody", caught: "role/in rooms", open: roleReads{
		query: func(q *storage.RoleQuery) {
			if q.Rooms {
				q.User = storage.UserID{}
			}
		},
	}.opener()},
	{name: "roles in any room", caught: "role/in rooms", open: roleReads{
		query: func(q *storage.RoleQuery) {
			if q.InRooms() {
				q.Rooms, q.Room = true, storage.RoomID{}
			}
		},
	}.opener()},
	{name: "roles that do not go together", caught: "role/list refuses", open: roleReads{
		query: func(q *storage.RoleQuery) {
			if q.InRooms() {
				q.Roles, q.Permission = nil, 0
			}
		},
	}.opener()},
})

// forgottenHolders are stores that lose one field of who holds a role.
func forgottenHolders() (all []fault) {
	for _, field := range reflect.VisibleFields(reflect.TypeFor[storage.RoleHolder]()) {
		all = append(all, fault{
			name: "RoleHolders forgets RoleHolder." + field.Name, caught: "role/in rooms",
			open: roleReads{holder: func(h *storage.RoleHolder) {
				reflect.ValueOf(h).Elem().FieldByIndex(field.Index).SetZero()
			}}.opener(),
		})
	}
	return all
}

// roleReader is a reader that changes queries and records on their way.
type roleReader struct {
	storage.Reader
	roleReads
}

// roleReads are changes; those that are nil do nothing.
type roleReads struct {
	query  func(*storage.RoleQuery)
	holder func(*storage.RoleHolder)
	page   func([]storage.RoleHolder) []storage.RoleHolder
}

func (c roleReads) opener() opener {
	return reads(func(r storage.Reader) storage.Reader { return roleReader{r, c} })
}

func (r roleReader) RoleHolders(ctx context.Context, q storage.RoleQuery) (storage.Page[storage.RoleHolder], error) {
	p, err := r.Reader.RoleHolders(ctx, asked(r.query, true, q))
	if r.page != nil {
		p.Items = r.page(p.Items)
	}
	return applyPage(r.holder, p, err)
}
