package storage

import (
	"context"
	"time"
)

// Limits of statistics.
const (
	MaxTop     = 100    // rooms or users in a ranking
	DefaultTop = 10     // where StatsQuery.Top is 0
	MaxBuckets = 10_000 // in one answer of Activity
)

// ActivityUnit is the length of a bucket of Activity.
type ActivityUnit uint8

// The units. Days begin at midnight of the query's time zone and have 23 to 25
// hours; weeks begin on Monday (ISO 8601).
const (
	ActivityHour ActivityUnit = iota + 1
	ActivityDay
	ActivityWeek
	ActivityMonth
)

var activityUnits = enum[ActivityUnit]{"ActivityUnit", []string{"hour", "day", "week", "month"}}

// ParseActivityUnit returns the unit that [ActivityUnit.String] writes as s.
func ParseActivityUnit(s string) (ActivityUnit, error) { return activityUnits.parse(s) }

// Valid reports whether u is one of the units.
func (u ActivityUnit) Valid() bool { return activityUnits.valid(u) }

// String returns the unit's name.
func (u ActivityUnit) String() string { return activityUnits.string(u) }

// MarshalText returns the unit's name, "" when it is unset.
func (u ActivityUnit) MarshalText() ([]byte, error) { return activityUnits.marshal(u) }

// UnmarshalText is the inverse of [ActivityUnit.MarshalText].
func (u *ActivityUnit) UnmarshalText(text []byte) error { return activityUnits.unmarshal(u, text) }

// Recent counts what happened within the last 24 hours, 7 days and 30 days. What
// has a time to come, as imports and a clock that went back can leave it, did not.
type Recent struct {
	Day   int64 `json:"day"`
	Week  int64 `json:"week"`
	Month int64 `json:"month"`
}

// UserStats sums up the users.
type UserStats struct {
	Total  int64          `json:"total"`
	Active int64          `json:"active"` // not deactivated
	New    Recent         `json:"new"`    // by CreatedAt
	Seen   Recent         `json:"seen"`   // by LastSeenAt
	ByRole map[Role]int64 `json:"by_role"`
}

// RoomStats sums up the rooms.
type RoomStats struct {
	Total          int64              `json:"total"`
	Active         int64              `json:"active"` // not deactivated
	New            Recent             `json:"new"`    // by CreatedAt
	ByType         map[RoomType]int64 `json:"by_type"`
	ByPrivacy      map[Privacy]int64  `json:"by_privacy"`
	AverageMembers float64            `json:"average_members"` // members of all rooms by rooms; 0 where there are none
	Largest        []RoomCount        `json:"largest"`         // by members
}

// MessageStats sums up the messages created in a span of time that still
// stand: no tombstones, none expired or purged, none of deleted rooms. Authors
// by Members is how many of a room, or of the server, take part, PerMember how
// much is said for each.
type MessageStats struct {
	Total           int64                 `json:"total"`
	Recent          Recent                `json:"recent"` // whatever the span; in whole quarters of an hour, from that in which the days began to the present one
	ByType          map[MessageType]int64 `json:"by_type"`
	Authors         int64                 `json:"authors"`           // who wrote them, each once; deleted users are nobody
	Members         int64                 `json:"members"`           // of the room at present, or where no room is given the users
	PerMember       float64               `json:"per_member"`        // Total by Members; 0 where there are none
	MostActiveRooms []RoomCount           `json:"most_active_rooms"` // by messages
	MostActiveUsers []UserCount           `json:"most_active_users"` // by messages; those of deleted users are nobody's
}

// RoomCount is a room in a ranking.
type RoomCount struct {
	RoomID RoomID `json:"room_id"`
	Count  int64  `json:"count"`
}

// UserCount is a user in a ranking.
type UserCount struct {
	UserID UserID `json:"user_id"`
	Count  int64  `json:"count"`
}

// StatsQuery selects what statistics are about; the zero value selects all
// there is. Not every field serves every statistic.
type StatsQuery struct {
	Room RoomID    // MessageStats
	User UserID    // MessageStats; their author
	From time.Time // MessageStats; inclusive, rounded down to a quarter of an hour
	To   time.Time // MessageStats; exclusive, rounded up to a quarter of an hour
	Top  int       // entries of a ranking; 0 means DefaultTop, more than MaxTop is capped
}

// Validate refuses a query that means nothing.
func (q StatsQuery) Validate() error {
	if q.Top < 0 {
		return Invalid("Top", "negative")
	}
	return checkRange("To", q.From, q.To)
}

// ActivityQuery selects what Activity counts. From and To must be given; where
// they are one, there are no buckets.
type ActivityQuery struct {
	Room     RoomID
	User     UserID
	Unit     ActivityUnit // ActivityDay unless given
	From     time.Time    // inclusive: the first bucket is the whole one with From in it
	To       time.Time    // exclusive: the last bucket is the whole one that reaches To
	TimeZone string       // an IANA name; "" means UTC
}

// Validate refuses a query that means nothing or asks for too much. It looks
// the time zone up, in the database of the machine or of the program
// (time/tzdata).
func (q ActivityQuery) Validate() error {
	if err := activityUnits.check("Unit", q.Unit); err != nil {
		return err
	}
	if q.From.IsZero() || q.To.IsZero() {
		return Invalid("To", "From and To are needed")
	}
	if err := checkRange("To", q.From, q.To); err != nil {
		return err
	}
	if err := CheckText("TimeZone", q.TimeZone, MaxTimezone); err != nil {
		return err
	}
	_, err := q.Bounds()
	return err
}

// Bucket counts what happened in one stretch of time. Messages are those that
// still stand, as in MessageStats; joins, leaves and registrations are those
// that happened, whatever became of the rooms and users since. Who founds a room
// or is deleted joins or leaves too; who is in a room when it is deleted does
// not leave it.
type Bucket struct {
	From          time.Time `json:"from"` // inclusive, in UTC
	To            time.Time `json:"to"`   // exclusive, in UTC
	Messages      int64     `json:"messages"`
	Authors       int64     `json:"authors"` // of these messages, each once, so that they do not add up; deleted users are nobody
	Joins         int64     `json:"joins"`
	Leaves        int64     `json:"leaves"`
	Registrations int64     `json:"registrations"` // 0 where Room is given
}

// StatsReader sums things up, exactly as they are at the moment. Its cost grows
// with the span of time, the rooms and the users concerned, not with the
// messages. Maps have an entry for each
// value that occurs and for no other; rankings begin with the highest count,
// ties by ID, and leave out what counts 0.
type StatsReader interface {
	// UserStats sums up the users.
	UserStats(ctx context.Context) (UserStats, error)

	// RoomStats sums up the rooms. Of q only Top counts.
	RoomStats(ctx context.Context, q StatsQuery) (RoomStats, error)

	// MessageStats sums up the messages that q selects. A room or user that
	// does not exist has none.
	MessageStats(ctx context.Context, q StatsQuery) (MessageStats, error)

	// Activity returns the buckets of the span that q selects, in the order of
	// time, without a gap: those in which nothing happened too. A room or user
	// that does not exist has nothing in them. More than MaxBuckets is
	// ErrInvalid, and so is one that leaves the years 1 to 9999. Where a zone's
	// offset was not one of whole quarters of an hour, which has not been since
	// 1972, buckets begin at the quarter.
	Activity(ctx context.Context, q ActivityQuery) ([]Bucket, error)
}
