package backend

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"math"
	"time"

	"github.com/lairchat/lair/storage"
)

// rawTx is a write transaction whose rows can restore raw records.
type rawTx struct {
	*Tx
	raw RawRows
}

var (
	_ storage.Tx          = rawTx{}
	_ storage.RawReader   = rawTx{}
	_ storage.RawRestorer = rawTx{}
)

// restoring returns a Tx that restores raw records too, where the rows do.
func (t *Tx) restoring() storage.Tx {
	if raw, ok := t.open.rules.rows.(RawRows); ok {
		return rawTx{t, raw}
	}
	return t
}

// RawRecords implements storage.RawReader.
func (t rawTx) RawRecords(ctx context.Context, q storage.RawQuery) (storage.Page[storage.Raw], error) {
	return rawReader{t.reader, t.raw}.RawRecords(ctx, q)
}

// RestoreRaw implements storage.RawRestorer.
func (t rawTx) RestoreRaw(ctx context.Context, records ...storage.Raw) error {
	check := func() error {
		if len(records) > storage.MaxBatch {
			return storage.Invalid("records", "too many")
		}
		for i := range records {
			records[i].Normalize()
			if err := records[i].Validate(); err != nil {
				return atIndex(i, err)
			}
		}
		return nil
	}
	return t.open.write(ctx, "restore raw records", check, func(rules *rules) (int, error) {
		r := restorer{rules: rules, raw: t.raw, users: make(map[storage.UserID]bool)}
		for i := range records {
			if err := r.restore(ctx, &records[i]); err != nil {
				return 0, atIndex(i, err)
			}
		}
		return len(records), nil
	})
}

// FinishRestore implements storage.RawRestorer. What is computed from records is
// computed as they are stored.
func (t rawTx) FinishRestore(ctx context.Context) error {
	return writeOnly(ctx, t.open, "finish restoring", unchecked, func(*rules) error { return nil })
}

// CutChanges implements storage.RawRestorer. The change that is appended, about
// nobody and in no room, is of those that every follower would be told of; it is
// gone with the others before anybody sees it.
func (t rawTx) CutChanges(ctx context.Context) (newest storage.Position, err error) {
	return writeOne(ctx, t.open, "cut changes", unchecked, func(rules *rules) (storage.Position, error) {
		newest, err := rules.changedAt(ctx, storage.Change{Kind: storage.ChangeUserUpdated})
		if err != nil {
			return 0, err
		}
		all := ChangePruning{Until: latest, Last: newest, Limit: math.MaxInt}
		_, err = rules.rows.PruneChanges(ctx, all)
		return newest, err
	})
}

// latest is after every time that can be stored.
var latest = time.Date(10000, time.January, 1, 0, 0, 0, 0, time.UTC)

// restorer restores a batch of raw records.
type restorer struct {
	*rules
	raw   RawRows
	users map[storage.UserID]bool // that are known to be there, or not to be
}

// dangling is the error of a record that refers to what is not there.
func dangling(field string) error {
	return &storage.Error{Field: field, Kind: storage.ErrConstraint, Err: errors.New("refers to what is not there")}
}

// refersTo turns what a look-up found missing into what the record lacks.
func refersTo(field string, err error) error {
	if errors.Is(err, storage.ErrNotFound) {
		return dangling(field)
	}
	return err
}

// twice names the field of a record that the rows have already.
func twice(entity storage.Entity, id, field string, err error) error {
	if errors.Is(err, storage.ErrDuplicate) {
		return storage.Duplicate(entity, id, field)
	}
	return err
}

// need refuses a user who is not there; nobody is.
func (r *restorer) need(ctx context.Context, field string, id storage.UserID) error {
	if id.IsZero() {
		return nil
	}
	there, known := r.users[id]
	if !known {
		var err error
		if there, err = r.rows.UserExists(ctx, id); err != nil {
			return err
		}
		r.users[id] = there
	}
	if !there {
		return dangling(field)
	}
	return nil
}

// needRoom refuses a room that is not there.
func (r *restorer) needRoom(ctx context.Context, id storage.RoomID) (RoomState, error) {
	state, err := r.rows.RoomState(ctx, id)
	return state, refersTo("RoomID", err)
}

func (r *restorer) restore(ctx context.Context, v *storage.Raw) error {
	switch v.Kind() {
	case storage.RawUsers:
		return r.user(ctx, v.User)
	case storage.RawBlocks:
		return r.block(ctx, v.Block)
	case storage.RawRooms:
		return r.room(ctx, v.Room)
	case storage.RawMemberships:
		return r.membership(ctx, v.Membership)
	case storage.RawAttachments:
		return r.attachment(ctx, v.Attachment)
	case storage.RawLeftovers:
		return r.leftover(ctx, v.Leftover)
	case storage.RawStubs:
		return r.stub(ctx, v.Stub)
	case storage.RawMessages:
		return r.message(ctx, v.Message)
	case storage.RawRevisions:
		return r.revision(ctx, v.Revision)
	case storage.RawReactions:
		return r.reaction(ctx, v.Reaction)
	case storage.RawReceipts:
		return r.receipt(ctx, v.Receipt)
	case storage.RawInvites:
		return r.invite(ctx, v.Invite)
	case storage.RawSanctions:
		return r.sanction(ctx, v.Sanction)
	case storage.RawHolds:
		return r.hold(ctx, v.Hold)
	case storage.RawSessions:
		return r.session(ctx, v.Session)
	case storage.RawLogins:
		return r.login(ctx, v.Login)
	}
	return r.restoreBeside(ctx, v)
}

// restoreBeside restores what refers to nothing.
func (r *restorer) restoreBeside(ctx context.Context, v *storage.Raw) error {
	switch v.Kind() {
	case storage.RawConfigs:
		return r.config(ctx, v.Config)
	case storage.RawAudit:
		return r.audit(ctx, v.Audit)
	case storage.RawAuditHeads:
		return r.auditHead(ctx, *v.AuditHead)
	case storage.RawChanges:
		return r.change(ctx, v.Change)
	case storage.RawChangeHeads:
		return r.changeHead(ctx, v.ChangeHead)
	case storage.RawPruned:
		if err := r.within(ctx, v.Pruned.Position); err != nil {
			return err
		}
		return r.raw.RestorePruned(ctx, v.Pruned.Subject, v.Pruned.Position)
	case storage.RawStays:
		s := v.Stay
		if err := r.within(ctx, max(s.From, s.To)); err != nil {
			return err
		}
		err := r.raw.RestoreStay(ctx, s.UserID, Stay{Room: s.RoomID, From: s.From, To: s.To, Seq: s.Seq})
		return twice("", "", "From", err)
	case storage.RawConsumers:
		return r.consumer(ctx, v.Consumer)
	case storage.RawActivities:
		return r.activity(ctx, v.Activity)
	}
	return &storage.Error{Kind: storage.ErrUnsupported, Err: errors.New("the backend does not store this kind")}
}

func (r *restorer) config(ctx context.Context, c *storage.RawConfig) error {
	_, err := r.rows.Config(ctx, c.Key)
	switch there, err := found(err); {
	case err != nil:
		return err
	case there:
		return storage.Duplicate(storage.EntityConfig, c.Key, "Key")
	}
	return r.rows.SetConfig(ctx, &c.Config)
}

// misfits is the error of a record that does not fit those before it.
func misfits(field, why string) error {
	return &storage.Error{Field: field, Kind: storage.ErrConstraint, Err: errors.New(why)}
}

// audit refuses an entry that does not follow the one before it.
func (r *restorer) audit(ctx context.Context, e *storage.AuditEntry) error {
	head, err := r.rows.AuditHead(ctx)
	switch {
	case err != nil:
		return err
	case head.Position > 0 && e.Position <= head.Position:
		return storage.Duplicate(storage.EntityAudit, e.ID.String(), "Position")
	case head.Position > 0 && (e.Position != head.Position+1 || e.Prev != head.Hash):
		return misfits("Prev", "not of the entry before it")
	}
	err = r.rows.InsertAudit(ctx, auditRow(*e))
	return twice(storage.EntityAudit, e.ID.String(), "ID", err)
}

// auditHead refuses a head that is not that of the entries.
func (r *restorer) auditHead(ctx context.Context, h storage.AuditHead) error {
	last, err := r.rows.AuditHead(ctx)
	if err != nil {
		return err
	}
	oldest, err := r.rows.AuditChain(ctx, 0, 1)
	if err != nil {
		return err
	}
	if len(oldest) == 0 { // all were pruned
		last.Position, last.Hash = h.PrunedPosition, h.PrunedHash
	} else if e := oldest[0]; h.PrunedPosition != e.Position-1 || h.PrunedHash != e.Prev {
		return misfits("PrunedPosition", "not of the entry before the oldest")
	}
	if h.Position != last.Position || h.Hash != last.Hash {
		return misfits("Position", "not the head of the entries")
	}
	return r.raw.RestoreAuditHead(ctx, h)
}

// change restores a change. The first one tells which is the oldest.
func (r *restorer) change(ctx context.Context, c *storage.Change) error {
	head, err := r.rows.ChangeHead(ctx)
	if err == nil && head.Newest == 0 {
		err = r.raw.RestoreChangeHead(ctx, storage.ChangeHead{Newest: c.Position - 1, Oldest: c.Position})
	}
	if err != nil {
		return err
	}
	return twice("", "", "Position", r.raw.RestoreChange(ctx, c))
}

// changeHead refuses a head that is not that of the changes, of which none is
// missing.
func (r *restorer) changeHead(ctx context.Context, v *storage.RawChangeHead) error {
	head := storage.ChangeHead{Newest: v.Newest, Oldest: v.Oldest}
	got, err := r.rows.ChangeHead(ctx)
	if err == nil && got.Newest == 0 {
		if err = r.raw.RestoreChangeHead(ctx, head); err == nil {
			got, err = r.rows.ChangeHead(ctx)
		}
	}
	if err == nil && got != head {
		err = misfits("Newest", "not the head of the changes")
	}
	return err
}

func (r *restorer) activity(ctx context.Context, v *storage.RawActivity) error {
	if err := r.need(ctx, "UserID", v.UserID); err != nil {
		return err
	}
	if !v.RoomID.IsZero() {
		if _, err := r.needRoom(ctx, v.RoomID); err != nil {
			return err
		}
	}
	return r.rows.AddActivity(ctx, Activity{
		At: v.At, Room: v.RoomID, User: v.UserID, Joins: v.Joins, Leaves: v.Leaves, Users: v.Registrations,
	})
}

func (r *restorer) consumer(ctx context.Context, c *storage.Consumer) error {
	_, err := r.rows.Consumer(ctx, c.Name)
	switch there, err := found(err); {
	case err != nil:
		return err
	case there:
		return storage.Duplicate(storage.EntityConsumer, c.Name, "Name")
	}
	if err := r.within(ctx, c.Position); err != nil {
		return err
	}
	return r.rows.SetConsumer(ctx, c)
}

// within refuses a position that is of no change.
func (r *restorer) within(ctx context.Context, at storage.Position) error {
	head, err := r.rows.ChangeHead(ctx)
	if err == nil && at > head.Newest {
		return &storage.Error{Field: "Position", Kind: storage.ErrConstraint, Err: errors.New("beyond the newest change")}
	}
	return err
}

// hashOf returns the digest of a token or a code. Where there is none, nobody
// knows what has the one that is made.
func hashOf(s storage.Secret) (h SecretHash) {
	if s == "" {
		rand.Read(h[:]) // never fails
		return h
	}
	_, err := hex.Decode(h[:], []byte(s)) // its form was checked
	if err != nil {
		panic("backend: a digest that is none")
	}
	return h
}
