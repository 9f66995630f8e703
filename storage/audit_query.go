package storage

import "time"

// MaxAuditWords is how many words the text of an [AuditQuery] may have.
const MaxAuditWords = 64

// AuditQuery selects audit entries; the zero value selects all. Conditions are
// combined with AND. The newest come first, by CreatedAt, those of one time by
// Position: where clocks went back, this is not the order of the chain. A Text
// without a word in it selects none, as it does of users and rooms.
type AuditQuery struct {
	Actor       UserID
	TargetKind  Entity
	TargetID    string
	Room        RoomID
	Actions     []string  // any of these
	From        time.Time // inclusive
	To          time.Time // exclusive
	Text        string    // each word begins a word of action (its parts between dots are words), names or detail (storage/search); at most MaxAuditWords
	OldestFirst bool
	Limit       int
	Cursor      Cursor
}

// WithCursor returns the query for the page at c.
func (q AuditQuery) WithCursor(c Cursor) AuditQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q AuditQuery) Validate() error {
	if len(q.Actions) > MaxLimit {
		return Invalid("Actions", "too many")
	}
	if err := checkRange("To", q.From, q.To); err != nil {
		return err
	}
	for _, action := range q.Actions {
		if err := CheckText("Actions", action, MaxAuditAction); err != nil {
			return err
		}
	}
	return checkTexts(
		text{"TargetKind", string(q.TargetKind), MaxAuditTarget},
		text{"TargetID", q.TargetID, MaxAuditTarget},
		text{"Text", q.Text, MaxQueryText},
	)
}

// AuditStats sums up the audit log, as far as it is kept.
type AuditStats struct {
	Total      int64            `json:"total"`
	Recent     Recent           `json:"recent"`
	ByAction   map[string]int64 `json:"by_action"`
	MostActive []UserCount      `json:"most_active"` // actors, by entries
}
