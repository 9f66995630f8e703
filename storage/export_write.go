package storage

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/netip"
)

// exportPage is how many messages an export reads at once: they can be long.
const exportPage = 50

// exporter writes one export. After the first error it does nothing more.
type exporter struct {
	r    Reader
	user User
	out  *bufio.Writer
	some bool // something stands before, from which what comes has to be parted
	err  error
}

func newExporter(r Reader, u User, w io.Writer) *exporter {
	e := &exporter{r: r, user: u, out: bufio.NewWriterSize(w, 64<<10)}
	e.text("{")
	return e
}

// end closes the object.
func (e *exporter) end() error {
	e.text("}\n")
	if e.err == nil {
		e.err = e.out.Flush()
	}
	return e.err
}

func (e *exporter) text(s string) {
	if e.err == nil {
		_, e.err = e.out.WriteString(s)
	}
}

// next parts what comes from what stands before it.
func (e *exporter) next() {
	if e.some {
		e.text(",\n")
	}
	e.some = true
}

func (e *exporter) name(name string) {
	e.next()
	e.text(`"` + name + `":`)
}

// begin begins a list.
func (e *exporter) begin(name string) {
	e.name(name)
	e.text("[")
	e.some = false
}

func (e *exporter) close() {
	e.text("]")
	e.some = true
}

func (e *exporter) member(name string, v any) {
	e.name(name)
	e.value(v)
}

func (e *exporter) item(v any) {
	e.next()
	e.value(v)
}

func (e *exporter) value(v any) { e.text(string(e.encoded(v))) }

// encoded returns a value as JSON, in which signs that mean something to HTML
// stand as they are.
func (e *exporter) encoded(v any) []byte {
	if e.err != nil {
		return nil
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	e.err = encoder.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// exportList writes a list, of each record what tell makes of it.
func exportList[Q interface{ WithCursor(Cursor) Q }, T any](
	ctx context.Context, e *exporter, name string, list func(context.Context, Q) (Page[T], error), q Q, tell func(T) any,
) {
	e.begin(name)
	exportItems(ctx, e, list, q, func(v T) { e.item(tell(v)) })
	e.close()
}

// exportItems walks a list until the first error.
func exportItems[Q interface{ WithCursor(Cursor) Q }, T any](
	ctx context.Context, e *exporter, list func(context.Context, Q) (Page[T], error), q Q, each func(T),
) {
	if e.err != nil {
		return
	}
	for v, err := range All(ctx, list, q) {
		if err != nil {
			e.err = err
		} else {
			each(v)
		}
		if e.err != nil {
			return
		}
	}
}

// rooms writes a list that is put together room by room.
func (e *exporter) rooms(ctx context.Context, name string, each func(context.Context, RoomID)) {
	e.begin(name)
	exportItems(ctx, e, e.r.UserRooms, UserRoomQuery{User: e.user.ID, Limit: MaxLimit}, func(room RoomID) { each(ctx, room) })
	e.close()
}

// messages writes what the user wrote in a room.
func (e *exporter) messages(ctx context.Context, room RoomID) {
	q := TraceQuery{Room: room, User: e.user.ID, WithExpired: true, Limit: exportPage}
	exportItems(ctx, e, e.r.UserMessages, q, func(m Message) {
		m.DeletedBy = e.self(m.DeletedBy)
		for i := range m.Attachments {
			m.Attachments[i].UploaderID = e.self(m.Attachments[i].UploaderID)
		}
		e.next()
		e.text(string(bytes.TrimSuffix(e.encoded(m), []byte("}"))))
		e.begin("revisions")
		if !m.EditedAt.IsZero() {
			exportItems(ctx, e, e.r.MessageRevisions, RevisionQuery{Message: m.ID, WithExpired: true, Limit: exportPage}, func(v Revision) {
				v.ReplacedBy = e.self(v.ReplacedBy)
				e.item(v)
			})
		}
		e.close()
		e.text("}")
	})
}

// self returns the user's own identifier as it is, and nobody in place of
// somebody else.
func (e *exporter) self(id UserID) UserID {
	if id != e.user.ID {
		return UserID{}
	}
	return id
}

func (e *exporter) mentions(ctx context.Context, room RoomID) {
	q := MessageQuery{Room: room, Mentioned: e.user.ID, Order: OldestFirst, Limit: exportPage}
	exportItems(ctx, e, e.r.Messages, q, func(m Message) { e.item(exportedMention{m.ID, m.RoomID, m.Seq, m.CreatedAt}) })
}

func (e *exporter) reactions(ctx context.Context, room RoomID) {
	q := TraceQuery{Room: room, User: e.user.ID, WithExpired: true, Limit: MaxLimit}
	exportItems(ctx, e, e.r.UserReactions, q, func(v Reaction) { e.item(v) })
}

func (e *exporter) receipts(ctx context.Context, room RoomID) {
	var run exportedReceipt
	flush := func() {
		if run.FirstSeq > 0 {
			e.item(run)
		}
	}
	q := TraceQuery{Room: room, User: e.user.ID, WithExpired: true, Limit: MaxLimit}
	exportItems(ctx, e, e.r.UserReceipts, q, func(v MessageReceipt) {
		if run.FirstSeq > 0 && run.ReadAt.Equal(v.ReadAt) {
			run.LastSeq = v.Seq
			return
		}
		flush()
		run = exportedReceipt{RoomID: room, FirstSeq: v.Seq, LastSeq: v.Seq, ReadAt: v.ReadAt}
	})
	flush()
}

// invite leaves out who is at the other end.
func (e *exporter) invite(i Invite) any {
	i.InviterID, i.InviteeID = e.self(i.InviterID), e.self(i.InviteeID)
	if FoldEmail(i.Email) != FoldEmail(e.user.Email) {
		i.Email = ""
	}
	return i
}

// logins writes attempts of the user, then those of nobody that are the user's.
func (e *exporter) logins(ctx context.Context) {
	e.begin("login_attempts")
	own := LoginQuery{User: e.user.ID, Limit: MaxLimit}
	exportItems(ctx, e, e.r.LoginAttempts, own, func(a LoginAttempt) { e.item(a) })
	for _, digest := range digestsOf(e.user) {
		exportItems(ctx, e, e.r.LoginAttempts, LoginQuery{Login: digest, Limit: MaxLimit}, func(a LoginAttempt) {
			if a.UserID.IsZero() && e.known(ctx, a.IP) {
				e.item(a)
			}
		})
	}
	e.close()
}

// known reports whether the user has logged in from an address.
func (e *exporter) known(ctx context.Context, ip netip.Addr) bool {
	if !ip.IsValid() || e.err != nil {
		return false
	}
	p, err := e.r.LoginAttempts(ctx, LoginQuery{User: e.user.ID, IP: ip, Success: new(true), Limit: 1})
	e.err = err
	return len(p.Items) > 0
}

// audit writes entries by the user, then those about the user by others.
func (e *exporter) audit(ctx context.Context) {
	e.begin("audit")
	id := e.user.ID
	exportItems(ctx, e, e.r.AuditEntries, AuditQuery{Actor: id, OldestFirst: true, Limit: MaxLimit}, func(v AuditEntry) { e.item(e.auditEntry(v)) })
	q := AuditQuery{TargetKind: EntityUser, TargetID: id.String(), OldestFirst: true, Limit: MaxLimit}
	exportItems(ctx, e, e.r.AuditEntries, q, func(v AuditEntry) {
		if v.ActorID != id {
			e.item(e.auditEntry(v))
		}
	})
	e.close()
}

// auditEntry leaves out of an entry what is about somebody else.
func (e *exporter) auditEntry(v AuditEntry) exportedAudit {
	out := exportedAudit{ID: v.ID, Action: v.Action, RoomID: v.RoomID, CreatedAt: v.CreatedAt, TargetKind: v.TargetKind}
	if v.ActorID == e.user.ID {
		out.Actor = &auditActor{v.Actor.Name, v.Actor.IP, v.Actor.UserAgent}
	}
	switch {
	case v.TargetKind == EntityUser && v.TargetID == e.user.ID.String():
		out.TargetID, out.Subject = v.TargetID, &auditSubject{v.Subject.TargetName, v.Subject.Detail, v.Subject.Metadata}
	case v.TargetKind == EntityRoom, v.TargetKind == EntityMessage:
		out.TargetID = v.TargetID
	}
	return out
}
