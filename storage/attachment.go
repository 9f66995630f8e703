package storage

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Limits of attachments. Texts are counted in bytes.
const (
	MaxAttachments    = 32 // on one message
	MaxAttachmentName = 512
	MaxBlob           = 2048
	MaxHash           = 128
)

// AttachmentID identifies an attachment.
type AttachmentID = ID[Attachment]

// Attachment is a file that a message carries. The store keeps what is known
// about the file; its bytes, the blob, are the embedder's, under a name of the
// embedder's choice.
//
// An attachment is created first and carried by one message later
// (Message.Attachments). Edits do not change what a message carries.
//
// Several attachments may share a blob: to do so, look the Hash up and create
// the attachment with the Blob that was found, both in one Update. A blob is
// free when no attachment has it any more; what frees one says so, and its
// bytes may be deleted then.
//
// A message's tombstone carries nothing: what the message carried stays behind
// unattached, with DetachedAt, for nobody to be served and no message to carry
// again, until DeleteAttachment, PurgeAttachments or the purge of the tombstone
// takes it away. The attachments of a deleted room stay behind too, where no
// reader finds them, until PurgeAttachments does.
type Attachment struct {
	ID         AttachmentID    `json:"id"`
	RoomID     RoomID          `json:"room_id"`
	MessageID  MessageID       `json:"message_id,omitzero"`  // the message that carries it; zero: none yet, or no more
	UploaderID UserID          `json:"uploader_id,omitzero"` // nobody, once that user is deleted
	Name       string          `json:"name"`                 // the file's name
	MediaType  string          `json:"media_type,omitzero"`  // such as image/png
	Size       int64           `json:"size"`                 // bytes
	Hash       string          `json:"hash,omitzero"`        // of the bytes, in a form of the embedder's choice
	Blob       string          `json:"blob"`                 // where the embedder keeps the bytes
	Width      int64           `json:"width,omitzero"`       // pixels
	Height     int64           `json:"height,omitzero"`      // pixels
	Duration   time.Duration   `json:"duration,omitzero"`    // of sound or film
	Custom     json.RawMessage `json:"custom,omitzero"`      // a JSON object, kept byte for byte
	CreatedAt  time.Time       `json:"created_at"`
	DetachedAt time.Time       `json:"detached_at,omitzero"` // when the message that carried it was deleted: nothing can carry it any more
}

// Clone returns a copy that shares nothing with a.
func (a Attachment) Clone() Attachment {
	a.Custom = cloneSlice(a.Custom)
	return a
}

// Validate refuses an attachment that cannot be stored.
func (a Attachment) Validate() error {
	if a.RoomID.IsZero() {
		return Invalid("RoomID", "unset")
	}
	if a.Blob == "" {
		return Invalid("Blob", "empty")
	}
	if err := checkTexts(
		text{"Name", a.Name, MaxAttachmentName},
		text{"MediaType", a.MediaType, MaxMediaType},
		text{"Hash", a.Hash, MaxHash},
		text{"Blob", a.Blob, MaxBlob},
	); err != nil {
		return err
	}
	for _, n := range []struct {
		field string
		value int64
	}{{"Size", a.Size}, {"Width", a.Width}, {"Height", a.Height}, {"Duration", int64(a.Duration)}} {
		if n.value < 0 {
			return Invalid(n.field, "negative")
		}
	}
	return checkCustom("Custom", a.Custom)
}

// Normalize turns empty slices into nil.
func (a *Attachment) Normalize() { a.Custom = nilIfEmpty(a.Custom) }

// Allow reports whether the rules allow an attachment. Media types are compared
// without regard to case and parameters (RFC 2045, section 5.1).
func (u UploadRules) Allow(a Attachment) bool {
	if u.Forbidden || u.MaxBytes > 0 && a.Size > u.MaxBytes {
		return false
	}
	essence := func(mediaType string) string {
		name, _, _ := strings.Cut(mediaType, ";")
		return strings.ToLower(strings.TrimSpace(name))
	}
	return len(u.Types) == 0 || slices.ContainsFunc(u.Types, func(allowed string) bool {
		return essence(allowed) == essence(a.MediaType)
	})
}

// AttachmentQuery selects attachments; the zero value selects all. Conditions
// are combined with AND. The newest come first, ties by ID descending.
type AttachmentQuery struct {
	Room       RoomID
	Message    MessageID
	Uploader   UserID
	Hash       string
	Blob       string
	Unattached bool      // carried by no message
	From       time.Time // CreatedAt, inclusive
	To         time.Time // CreatedAt, exclusive
	Limit      int
	Cursor     Cursor

	WithExpired bool // also those of messages whose time is over, as long as they are stored
}

// WithCursor returns the query for the page at c.
func (q AttachmentQuery) WithCursor(c Cursor) AttachmentQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q AttachmentQuery) Validate() error {
	if q.Unattached && !q.Message.IsZero() {
		return Invalid("Unattached", "together with Message")
	}
	if err := checkRange("To", q.From, q.To); err != nil {
		return err
	}
	return checkTexts(text{"Hash", q.Hash, MaxHash}, text{"Blob", q.Blob, MaxBlob})
}

// AttachmentReader reads attachments. Those of deleted rooms, of expired
// messages and of purged ones are not there.
type AttachmentReader interface {
	// Attachment returns an attachment; ErrNotFound if it does not exist.
	Attachment(ctx context.Context, id AttachmentID) (Attachment, error)

	// Attachments lists the attachments that q selects, a page at a time. A
	// room, message or user that does not exist has none.
	Attachments(ctx context.Context, q AttachmentQuery) (Page[Attachment], error)
}

// AttachmentWriter changes attachments.
type AttachmentWriter interface {
	// CreateAttachment stores what is known about an upload and sets in *a
	// what the store decides: ID if it is unset, CreatedAt, MessageID to none
	// and DetachedAt to never. A room or uploader that does not exist is
	// ErrNotFound; a room that is inactive or has expired is ErrForbidden
	// (ReasonRoomInactive, ReasonRoomExpired), and so is an uploader who is
	// banned or muted, in the room or everywhere (ReasonBanned, ReasonMuted), and
	// what breaks the room's upload rules (ReasonUpload); an ID that is taken is
	// ErrDuplicate. After an error *a is as it was.
	CreateAttachment(ctx context.Context, a *Attachment) error

	// DeleteAttachment takes an attachment away, from the message that carries
	// it too, whose Version rises then. It returns the blob that it set free,
	// "" while others share it. An attachment that does not exist is
	// ErrNotFound, one that a legal hold covers ErrForbidden with ReasonHeld.
	DeleteAttachment(ctx context.Context, id AttachmentID) (freed string, err error)

	// PurgeAttachments takes away a batch of what no reader needs: attachments
	// of deleted rooms, and those that no message carries. It passes over those
	// that a legal hold covers. Of the result, Attachments, Blobs and More are set.
	// Nothing to purge is no error.
	PurgeAttachments(ctx context.Context, q AttachmentPurge) (PurgeResult, error)
}

// AttachmentPurge selects attachments to purge.
type AttachmentPurge struct {
	UnattachedFor time.Duration // carried by no message for so long, since DetachedAt or else CreatedAt, or longer; 0: none of these
	Limit         int           // attachments in this batch: DefaultLimit if 0, at most MaxLimit
}

// Validate refuses a purge that means nothing.
func (q AttachmentPurge) Validate() error {
	if q.UnattachedFor < 0 {
		return Invalid("UnattachedFor", "negative")
	}
	return nil
}
