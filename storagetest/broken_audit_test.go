package storagetest_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/lairchat/lair/storage"
)

var auditFaults = slices.Concat(forgottenAudit(), unaskedAudit(), []fault{
	{name: "entries with seals of their own", caught: "audit/what the store decides", open: auditReads{entry: func(e *storage.AuditEntry) {
		if e.Action == "x" {
			e.Actor.Seal.Salt = []byte("salt")
		}
	}}.opener()},
	{name: "the same salt for both", caught: "audit/salts", open: sealing(func(*storage.AuditEntry) []byte { return make([]byte, storage.AuditSaltSize) })},
	{name: "salts that can be guessed", caught: "audit/salts", open: sealing(func(e *storage.AuditEntry) []byte { return e.Hash[:storage.AuditSaltSize] })},
	{name: "metadata with spaces", caught: "audit/a copy in JSON", open: auditReads{only: "AuditChain", entry: func(e *storage.AuditEntry) {
		e.Subject.Metadata = bytes.ReplaceAll(e.Subject.Metadata, []byte(`":`), []byte(`": `))
		e.Subject.Seal = e.Subject.SealWith(e.Subject.Seal.Salt)
		e.Hash = e.ComputeHash()
	}}.opener()},
	{name: "everything is beyond the highest position", caught: "audit/chain by positions", open: reads(func(r storage.Reader) storage.Reader { return roundChain{r} })},
	{name: "an entry for a failure, if others append", caught: "race/the audit log", open: auditWrites{
		add: func(ctx context.Context, w storage.ReadWriter, e *storage.AuditEntry) error {
			head, lost := w.AuditHead(ctx)
			err := w.AppendAudit(ctx, e)
			if lost == nil && errors.Is(err, storage.ErrDuplicate) && head.Position > 2 {
				return errors.Join(err, w.AppendAudit(ctx, &storage.AuditEntry{Action: "failed"}))
			}
			return err
		},
	}.opener()},
	{name: "targets as they were written", caught: "audit/users as targets", open: auditWrites{
		add: func(ctx context.Context, w storage.ReadWriter, e *storage.AuditEntry) error {
			given := e.TargetID
			err := w.AppendAudit(ctx, e)
			if err == nil {
				e.TargetID = given
			}
			return err
		},
	}.opener()},
	{name: "failed entries leave a gap", caught: "audit/within one transaction", open: auditWrites{
		add: func(ctx context.Context, w storage.ReadWriter, e *storage.AuditEntry) error {
			err := w.AppendAudit(ctx, e)
			if errors.Is(err, storage.ErrDuplicate) {
				return errors.Join(err, w.AppendAudit(ctx, &storage.AuditEntry{Action: "failed"}))
			}
			return err
		},
	}.opener()},
	{name: "an entry about who acted counts twice", caught: "audit erase/both", open: auditWrites{
		erase: func(ctx context.Context, w storage.ReadWriter, user storage.UserID, limit int) (int, error) {
			n, err := w.EraseAudit(ctx, user, limit)
			return 2 * n, err
		},
	}.opener()},
	{name: "the user agent is not personal", caught: "audit erase/who acted", open: auditReads{entry: func(e *storage.AuditEntry) {
		if len(e.Actor.Seal.Salt) == 0 {
			e.Actor.UserAgent = "Lair/1.0 (test)"
		}
	}}.opener()},
	{name: "salts outlive what they salted", caught: "audit erase/to whom it was done", open: auditReads{entry: func(e *storage.AuditEntry) {
		if len(e.Subject.Seal.Salt) == 0 {
			e.Subject.Seal.Salt = make([]byte, storage.AuditSaltSize)
		}
	}}.opener()},
	{name: "erasing takes the identifier", caught: "audit erase/who acted", open: auditReads{entry: func(e *storage.AuditEntry) {
		if len(e.Actor.Seal.Salt) == 0 {
			e.ActorID = storage.UserID{}
		}
	}}.opener()},
	{name: "erasing all at once", caught: "audit erase/in batches", open: auditWrites{
		erase: func(ctx context.Context, w storage.ReadWriter, user storage.UserID, limit int) (int, error) {
			if limit > 0 {
				limit = storage.MaxLimit
			}
			return w.EraseAudit(ctx, user, limit)
		},
	}.opener()},
	{name: "erasing counts what tells nothing", caught: "audit erase/who acted", open: auditWrites{
		erase: func(ctx context.Context, w storage.ReadWriter, user storage.UserID, limit int) (int, error) {
			if _, err := w.EraseAudit(ctx, user, limit); err != nil {
				return 0, err
			}
			n, err := w.CountAudit(ctx, storage.AuditQuery{Actor: user})
			return int(n), err
		},
	}.opener()},
	{name: "who is gone cannot be erased", caught: "audit erase/users who are gone", open: auditWrites{
		erase: func(ctx context.Context, w storage.ReadWriter, user storage.UserID, limit int) (int, error) {
			if _, err := w.User(ctx, user); errors.Is(err, storage.ErrNotFound) {
				return 0, nil
			}
			return w.EraseAudit(ctx, user, limit)
		},
	}.opener()},
	{name: "pruning at that very instant", caught: "audit erase/prune", open: auditWrites{
		prune: func(ctx context.Context, w storage.ReadWriter, before time.Time, limit int) (int, error) {
			return w.PruneAudit(ctx, before.Add(time.Microsecond), limit)
		},
	}.opener()},
	{name: "pruning all at once", caught: "audit erase/prune in batches", open: auditWrites{
		prune: func(ctx context.Context, w storage.ReadWriter, before time.Time, limit int) (int, error) {
			if limit == 1 {
				limit = 2
			}
			return w.PruneAudit(ctx, before, limit)
		},
	}.opener()},
	{name: "pruning forgets where the chain begins", caught: "audit/head", open: auditReads{head: func(h *storage.AuditHead) {
		h.PrunedPosition, h.PrunedHash = 0, storage.AuditHash{}
	}}.opener()},
	{name: "an empty log has no head", caught: "audit/head", open: auditReads{head: func(h *storage.AuditHead) {
		if h.Position == h.PrunedPosition {
			h.Position, h.Hash = 0, storage.AuditHash{}
		}
	}}.opener()},
	{name: "the server is the most active", caught: "audit/statistics", open: auditReads{stats: func(s *storage.AuditStats) {
		if s.Total > 0 {
			s.MostActive = append(s.MostActive, storage.UserCount{Count: 1})
		}
	}}.opener()},
	{name: "audit entries of a month are of a week", caught: "audit/statistics of time", open: auditReads{stats: func(s *storage.AuditStats) {
		s.Recent.Week = s.Recent.Month
	}}.opener()},
	{name: "the chain in the order of time", caught: "audit/chain by positions", open: stores(func(s storage.Store) storage.Store { return byClock{s} })},
	{name: "entries go with their users", caught: "audit/users and rooms go", open: writes(func(w storage.ReadWriter) storage.Writer { return takesAudit{w} })},
	{name: "appending is a change", caught: "audit/no change of the feed", open: auditWrites{
		add: func(ctx context.Context, w storage.ReadWriter, e *storage.AuditEntry) error {
			if err := w.AppendAudit(ctx, e); err != nil || e.ActorID.IsZero() {
				return err
			}
			return w.SetUserRole(ctx, e.ActorID, storage.RoleAdmin)
		},
	}.opener()},
})

// forgottenAudit are stores that lose one field of an entry. The methods take
// turns at losing the fields.
func forgottenAudit() (all []fault) {
	for i, field := range leaves(reflect.TypeFor[storage.AuditEntry]()) {
		if !field.IsExported() { // within IP
			continue
		}
		only := []string{"AuditEntries", "AuditChain"}[i%2]
		r := auditReads{only: only, entry: func(e *storage.AuditEntry) { reflect.ValueOf(e).Elem().FieldByIndex(field.Index).SetZero() }}
		name := only + " forgets AuditEntry." + field.Name
		for slices.ContainsFunc(all, func(f fault) bool { return f.name == name }) {
			name += ", too"
		}
		all = append(all, fault{name: name, caught: "whole/audit entries", open: r.opener()})
	}
	return all
}

// unaskedAudit are stores that ignore a condition, in lists or in counts.
func unaskedAudit() (all []fault) {
	for field, caught := range map[string]string{
		"Actor": "conditions", "TargetKind": "conditions", "TargetID": "conditions", "Room": "conditions", "Actions": "conditions",
		"From": "time", "To": "time", "Text": "text", "OldestFirst": "conditions",
	} {
		ignore := func(q *storage.AuditQuery) { reflect.ValueOf(q).Elem().FieldByName(field).SetZero() }
		all = append(all, fault{name: "AuditEntries ignores " + field, caught: "audit list/" + caught, open: auditReads{query: ignore}.opener()})
		if field != "OldestFirst" {
			all = append(all, fault{name: "CountAudit ignores " + field, caught: "audit list/" + caught, open: auditReads{counted: ignore}.opener()})
		}
	}
	return append(all,
		fault{name: "audit texts are whole words", caught: "audit list/text", open: auditReads{query: func(q *storage.AuditQuery) {
			if q.Text == "hohle" || q.Text == "ban" {
				q.Text = "nothing"
			}
		}}.opener()},
		fault{name: "audit texts without a word ask for nothing", caught: "audit list/text", open: auditReads{query: ignoreBlank}.opener()},
		fault{name: "CountAudit takes texts without a word for none", caught: "audit list/text", open: auditReads{counted: ignoreBlank}.opener()},
		fault{name: "actions in any case", caught: "audit list/conditions", open: auditReads{query: func(q *storage.AuditQuery) {
			if len(q.Actions) == 1 {
				q.Actions = []string{q.Actions[0], strings.ToUpper(q.Actions[0][:1]) + q.Actions[0][1:]}
			}
		}}.opener()},
	)
}

// ignoreBlank drops a text in which there is no word.
func ignoreBlank(q *storage.AuditQuery) {
	if strings.Trim(q.Text, " !?%") == "" {
		q.Text = ""
	}
}

// sealing opens stores whose entries have other salts.
func sealing(salt func(*storage.AuditEntry) []byte) opener {
	reseal := func(e *storage.AuditEntry) {
		e.Actor.Seal, e.Subject.Seal = e.Actor.SealWith(salt(e)), e.Subject.SealWith(salt(e))
	}
	return auditWrites{
		add: func(ctx context.Context, w storage.ReadWriter, e *storage.AuditEntry) error {
			err := w.AppendAudit(ctx, e)
			if err == nil {
				reseal(e)
			}
			return err
		},
	}.opener()
}

// roundChain begins anew beyond the highest position.
type roundChain struct{ storage.Reader }

func (r roundChain) AuditChain(ctx context.Context, after int64, limit int) ([]storage.AuditEntry, error) {
	if after == math.MaxInt64 {
		after = 0
	}
	return r.Reader.AuditChain(ctx, after, limit)
}

// byClock gives the chain in the order of CreatedAt.
type byClock struct{ storage.Store }

func (s byClock) AuditChain(ctx context.Context, after int64, limit int) ([]storage.AuditEntry, error) {
	all, err := s.Store.AuditChain(ctx, after, limit)
	slices.SortStableFunc(all, func(a, b storage.AuditEntry) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return all, err
}

// takesAudit erases what tells about a user who is deleted.
type takesAudit struct{ storage.Writer }

func (w takesAudit) DeleteUser(ctx context.Context, id storage.UserID) error {
	if err := w.Writer.DeleteUser(ctx, id); err != nil {
		return err
	}
	_, err := w.EraseAudit(ctx, id, 0)
	return err
}
