package storage

// RoomOrder is the order of a list of rooms. Ties are broken by ID, in the
// same direction.
type RoomOrder uint8

// The orders of rooms.
const (
	RoomsByName     RoomOrder = iota + 1 // by folded name, bytewise; rooms without a name first
	RoomsByCreation                      // newest first
	RoomsByActivity                      // latest message first, rooms without one as if it was at the beginning of 1970
	RoomsByMembers                       // most members first
)

var roomOrders = enum[RoomOrder]{"RoomOrder", []string{"name", "creation", "activity", "members"}}

// RoomQuery selects rooms; the zero value selects all, by name. Conditions
// are combined with AND.
type RoomQuery struct {
	Types     []RoomType // any of these
	Privacies []Privacy  // any of these
	Creator   UserID
	Member    UserID // rooms that this user is a member of
	Active    *bool
	Expired   *bool // rooms whose time is over, or the others

	// VisibleTo selects the rooms that this user may find: those that the user
	// is a member of or has a live invite to, and those of PrivacyPublic and
	// PrivacyProtected that are active, not expired, and that the user is not
	// banned from. A user who does not exist finds none.
	VisibleTo UserID
	Text      string    // each word begins a word of name, display name, description or topic (storage/search)
	Order     RoomOrder // RoomsByName unless given
	Limit     int
	Cursor    Cursor
}

// WithCursor returns the query for the page at c.
func (q RoomQuery) WithCursor(c Cursor) RoomQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q RoomQuery) Validate() error {
	if err := roomTypes.checkAll("Types", q.Types); err != nil {
		return err
	}
	if err := privacies.checkAll("Privacies", q.Privacies); err != nil {
		return err
	}
	if err := roomOrders.check("Order", q.Order); err != nil {
		return err
	}
	return CheckText("Text", q.Text, MaxQueryText)
}
