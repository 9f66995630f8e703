package backend

import (
	"cmp"
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
)

// EraseUserData implements storage.UserEraser. The log of the database is cleared
// after the last batch, as after a purge.
func (w Writer) EraseUserData(ctx context.Context, user storage.UserID, o storage.EraseOptions) (storage.Erasure, error) {
	check := func() error {
		if user.IsZero() {
			return storage.Invalid("user", "unset")
		}
		return o.Validate()
	}
	o.Messages = cmp.Or(o.Messages, storage.EraseTombstones)
	o.Limit = min(cmp.Or(o.Limit, storage.DefaultErase), storage.MaxLimit)
	out, err := writeOne(ctx, w.in, "erase user", check, func(t *rules) (storage.Erasure, error) {
		return t.eraseUser(ctx, user, o)
	})
	if err != nil {
		return storage.Erasure{}, err
	}
	if !out.More {
		w.in.sweepRooms(ctx)
		out.Scrubbed = w.in.scrub(ctx)
	}
	return out, nil
}

// erasing is one batch of an erasure.
type erasing struct {
	storage.EraseOptions
	*rules
	user storage.User // zero where the record is gone: then the ID is all that is known
	id   storage.UserID
	left int  // records that the batch may still take
	read bool // something that the user has read is left
	out  storage.Erasure
}

// eraseUser runs a batch: each step takes what it finds, from the beginning,
// since others may have added to it meanwhile. The record goes in the transaction
// that has found nothing more to take.
func (t *rules) eraseUser(ctx context.Context, id storage.UserID, o storage.EraseOptions) (storage.Erasure, error) {
	e := &erasing{EraseOptions: o, rules: t, id: id, left: o.Limit, out: storage.Erasure{UserID: id}}
	steps := []func(context.Context) error{e.eraseAudit, e.eraseEmoji}
	user, err := t.rows.User(ctx, id)
	exists, err := found(err)
	if err != nil {
		return e.out, err
	}
	if exists {
		e.user = user
		if err := e.begin(ctx); err != nil {
			return e.out, err
		}
		steps = []func(context.Context) error{
			e.eraseMemberships, e.eraseReadings, e.eraseMessages, e.eraseUploads, e.eraseReactions, e.eraseAudit, e.eraseEmoji, e.eraseRest,
		}
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return e.out, err
		}
		if e.left <= 0 {
			e.out.More = true
			return e.out, nil
		}
	}
	if e.read {
		e.out.More = true
		return e.out, nil
	}
	if !exists {
		t.gone = append(t.gone, id) // who may have been typing since
		return e.out, nil
	}
	if e.out.More, err = t.rows.TrimMentions(ctx, id, o.Limit); err != nil || e.out.More {
		return e.out, err
	}
	e.out.User = true
	return e.out, t.deleteUser(ctx, id)
}

// begin refuses what must not be, and takes the account out of use, so that
// nothing new begins.
func (e *erasing) begin(ctx context.Context) error {
	if !e.By.IsZero() {
		if err := e.needUser(ctx, e.By, "By"); err != nil {
			return err
		}
	}
	if err := free(ctx, e.rows.UserHeld, storage.EntityUser, e.id); err != nil {
		return err
	}
	if !e.user.Active {
		return nil
	}
	return e.deactivateUser(ctx, e.id)
}

// took counts what a step took.
func (e *erasing) took(n int, counter *int64) {
	e.left -= n
	*counter += int64(n)
}

func (e *erasing) eraseMemberships(ctx context.Context) error {
	all, err := e.rows.Memberships(ctx, MembershipScan{
		MembershipQuery: storage.MembershipQuery{User: e.id, Order: storage.MembersByJoining}, Scan: Scan{Limit: e.left},
	})
	for i := 0; i < len(all) && err == nil; i++ {
		err = e.removeMember(ctx, all[i].RoomID, e.id)
	}
	e.took(len(all), &e.out.Memberships)
	return err
}

// eraseReadings has a limit of its own, so that what else a batch takes does not
// depend on how a backend keeps what was read.
func (e *erasing) eraseReadings(ctx context.Context) (err error) {
	e.read, err = e.rows.TrimReadings(ctx, e.id, e.Limit)
	return err
}

// eraseMessages takes what has expired away altogether, since nobody is to see it
// again, not even as a tombstone.
func (e *erasing) eraseMessages(ctx context.Context) error {
	if e.Messages == storage.EraseKeep {
		return nil
	}
	ms, err := e.rows.MessagesToPurge(ctx, PurgeScan{
		PurgeQuery: storage.PurgeQuery{Author: e.id}, First: -1, Now: e.now, Limit: e.left,
	})
	if err != nil {
		return err
	}
	e.left -= len(ms)
	var purge []storage.Message
	for _, m := range ms {
		if e.Messages == storage.ErasePurge || m.Expired(e.now) {
			purge = append(purge, m)
			continue
		}
		if err := e.eraseMessage(ctx, m); err != nil {
			return err
		}
	}
	if len(purge) == 0 {
		return nil
	}
	out, err := e.rules.purge(ctx, purge)
	e.out.Purged += out.Messages
	e.out.Attachments += out.Attachments
	e.freed(out.Blobs...)
	return err
}

// eraseMessage makes a message a tombstone that tells nothing.
func (e *erasing) eraseMessage(ctx context.Context, m storage.Message) (err error) {
	if !m.Deleted() {
		if m, err = e.deleteMessage(ctx, m, e.By); err != nil {
			return err
		}
	}
	carried, err := e.rows.AttachmentsLeft(ctx, m.ID)
	for i := 0; i < len(carried) && err == nil; i++ {
		err = e.eraseAttachment(ctx, carried[i])
	}
	if err != nil {
		return err
	}
	e.out.Tombstones++
	return e.rows.DisownMessage(ctx, m.ID)
}

func (e *erasing) eraseAttachment(ctx context.Context, id storage.AttachmentID) error {
	blob, err := e.purgeAttachment(ctx, id)
	e.out.Attachments++
	e.freed(blob)
	return err
}

// freed notes blobs that nothing has any more.
func (e *erasing) freed(blobs ...string) {
	e.out.Blobs = append(e.out.Blobs, slices.DeleteFunc(blobs, func(blob string) bool { return blob == "" })...)
	slices.Sort(e.out.Blobs)
}

// eraseUploads takes what no message of the user's carries: nobody's, or, unless
// messages are kept, somebody else's.
func (e *erasing) eraseUploads(ctx context.Context) error {
	all, err := e.rows.Attachments(ctx, AttachmentScan{
		AttachmentQuery: storage.AttachmentQuery{Uploader: e.id, Unattached: e.Messages == storage.EraseKeep},
		Now:             e.now,
		Scan:            Scan{Desc: true, Limit: e.left},
	})
	for i := 0; i < len(all) && err == nil; i++ {
		if all[i].MessageID.IsZero() {
			err = e.eraseAttachment(ctx, all[i].ID)
			continue
		}
		var blob string
		blob, err = e.deleteAttachment(ctx, all[i])
		e.out.Attachments++
		e.freed(blob)
	}
	e.left -= len(all)
	return err
}

// eraseReactions takes those to messages that are there, and tells the feed. What
// is left of them, to messages that have expired, goes with the user.
func (e *erasing) eraseReactions(ctx context.Context) error {
	all, err := e.rows.UserReactions(ctx, TraceScan{User: e.id, Now: e.now, Scan: Scan{Limit: e.left}})
	for i := 0; i < len(all) && err == nil; i++ {
		var m storage.Message
		if m, err = e.rows.Message(ctx, all[i].MessageID); err == nil {
			_, err = e.removeReaction(ctx, m, &all[i], true)
		}
	}
	e.took(len(all), &e.out.Reactions)
	return err
}

func (e *erasing) eraseAudit(ctx context.Context) error {
	n, err := e.rules.eraseAudit(ctx, e.id, e.left)
	e.took(n, &e.out.Audit)
	return err
}

func (e *erasing) eraseEmoji(ctx context.Context) error {
	n, err := e.rows.ForgetEmojiOf(ctx, e.id, e.left)
	e.took(n, &e.out.Changes)
	return err
}

// eraseRest takes what nobody is told of.
func (e *erasing) eraseRest(ctx context.Context) error {
	trim := UserTrim{User: e.id, Email: storage.FoldEmail(e.user.Email), Limit: e.left}
	for _, login := range []string{e.user.Username, e.user.Email} {
		if login != "" {
			a := storage.LoginAttempt{Login: login}
			a.Normalize() // as one of nobody was
			trim.Login = append(trim.Login, a.Login)
		}
	}
	n, err := e.rows.TrimUser(ctx, trim)
	e.out.Sessions += n.Sessions
	e.out.Logins += n.Logins
	e.out.Invites += n.Invites
	e.out.Blocks += n.Blocks
	e.out.Sanctions += n.Sanctions
	e.left -= int(n.Total())
	return err
}
