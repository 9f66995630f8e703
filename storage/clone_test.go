package storage_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/storage"
)

// cloneCase is a record whose every slice is filled, and its copy.
type cloneCase struct{ record, clone any }

func newCloneCase[T interface{ Clone() T }]() cloneCase {
	var record T
	fillSlices(reflect.ValueOf(&record).Elem())
	return cloneCase{record, record.Clone()}
}

// fillSlices gives every slice that v holds, however deep, one element.
func fillSlices(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fillSlices(v.Field(i))
			}
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	}
}

// slicesIn returns where the slices are that v holds, by the names of their
// fields.
func slicesIn(v reflect.Value, name string, found map[string]uintptr) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			slicesIn(v.Field(i), name+"."+v.Type().Field(i).Name, found)
		}
	case reflect.Slice:
		found[name] = v.Pointer()
	}
}

func TestClonesShareNothing(t *testing.T) {
	for _, c := range []cloneCase{
		newCloneCase[storage.User](), newCloneCase[storage.Room](), newCloneCase[storage.Membership](),
		newCloneCase[storage.Message](), newCloneCase[storage.Revision](), newCloneCase[storage.Attachment](),
		newCloneCase[storage.InboxEntry](), newCloneCase[storage.PurgeResult](), newCloneCase[storage.Session](),
		newCloneCase[storage.AuditEntry](), newCloneCase[storage.Change](),
	} {
		name := reflect.TypeOf(c.record).String()
		assert.Equal(t, c.record, c.clone, name)
		before, after := map[string]uintptr{}, map[string]uintptr{}
		slicesIn(reflect.ValueOf(c.record), name, before)
		slicesIn(reflect.ValueOf(c.clone), name, after)
		assert.NotEmpty(t, before, "%s has nothing to share", name)
		for field, at := range before {
			assert.NotEqual(t, at, after[field], "%s is shared", field)
		}
	}
}

// checkCursor holds a query to WithCursor: it sets the cursor of a copy.
func checkCursor[Q interface{ WithCursor(storage.Cursor) Q }](t *testing.T) {
	var q Q
	got := reflect.ValueOf(q.WithCursor("x")).FieldByName("Cursor").String()
	assert.Equal(t, "x", got, "%T", q)
	assert.Empty(t, reflect.ValueOf(q).FieldByName("Cursor").String(), "%T", q)
}

func TestQueriesTakeCursors(t *testing.T) {
	checkCursor[storage.UserQuery](t)
	checkCursor[storage.RoomQuery](t)
	checkCursor[storage.MembershipQuery](t)
	checkCursor[storage.MessageQuery](t)
	checkCursor[storage.SearchQuery](t)
	checkCursor[storage.ReactionQuery](t)
	checkCursor[storage.RevisionQuery](t)
	checkCursor[storage.AttachmentQuery](t)
	checkCursor[storage.ReceiptQuery](t)
	checkCursor[storage.InboxQuery](t)
	checkCursor[storage.BlockQuery](t)
	checkCursor[storage.HoldQuery](t)
	checkCursor[storage.RoleQuery](t)
	checkCursor[storage.InviteQuery](t)
	checkCursor[storage.SanctionQuery](t)
	checkCursor[storage.SessionQuery](t)
	checkCursor[storage.LoginQuery](t)
	checkCursor[storage.ConfigQuery](t)
	checkCursor[storage.AuditQuery](t)
	checkCursor[storage.ChangeQuery](t)
	checkCursor[storage.RawQuery](t)
}
