package storage

// The orders of lists as text, so that a server can take them from a request.
// What they mean stands beside the queries that have them.

// ParseUserOrder returns the order that [UserOrder.String] writes as s.
func ParseUserOrder(s string) (UserOrder, error) { return userOrders.parse(s) }

// Valid reports whether o is one of the orders.
func (o UserOrder) Valid() bool { return userOrders.valid(o) }

// String returns the order's name.
func (o UserOrder) String() string { return userOrders.string(o) }

// MarshalText returns the order's name, "" when it is unset.
func (o UserOrder) MarshalText() ([]byte, error) { return userOrders.marshal(o) }

// UnmarshalText is the inverse of [UserOrder.MarshalText].
func (o *UserOrder) UnmarshalText(text []byte) error { return userOrders.unmarshal(o, text) }

// ParseRoomOrder returns the order that [RoomOrder.String] writes as s.
func ParseRoomOrder(s string) (RoomOrder, error) { return roomOrders.parse(s) }

// Valid reports whether o is one of the orders.
func (o RoomOrder) Valid() bool { return roomOrders.valid(o) }

// String returns the order's name.
func (o RoomOrder) String() string { return roomOrders.string(o) }

// MarshalText returns the order's name, "" when it is unset.
func (o RoomOrder) MarshalText() ([]byte, error) { return roomOrders.marshal(o) }

// UnmarshalText is the inverse of [RoomOrder.MarshalText].
func (o *RoomOrder) UnmarshalText(text []byte) error { return roomOrders.unmarshal(o, text) }

// ParseMembershipOrder returns the order that [MembershipOrder.String] writes as s.
func ParseMembershipOrder(s string) (MembershipOrder, error) { return membershipOrders.parse(s) }

// Valid reports whether o is one of the orders.
func (o MembershipOrder) Valid() bool { return membershipOrders.valid(o) }

// String returns the order's name.
func (o MembershipOrder) String() string { return membershipOrders.string(o) }

// MarshalText returns the order's name, "" when it is unset.
func (o MembershipOrder) MarshalText() ([]byte, error) { return membershipOrders.marshal(o) }

// UnmarshalText is the inverse of [MembershipOrder.MarshalText].
func (o *MembershipOrder) UnmarshalText(text []byte) error {
	return membershipOrders.unmarshal(o, text)
}

// ParseMessageOrder returns the order that [MessageOrder.String] writes as s.
func ParseMessageOrder(s string) (MessageOrder, error) { return messageOrders.parse(s) }

// Valid reports whether o is one of the orders.
func (o MessageOrder) Valid() bool { return messageOrders.valid(o) }

// String returns the order's name.
func (o MessageOrder) String() string { return messageOrders.string(o) }

// MarshalText returns the order's name, "" when it is unset.
func (o MessageOrder) MarshalText() ([]byte, error) { return messageOrders.marshal(o) }

// UnmarshalText is the inverse of [MessageOrder.MarshalText].
func (o *MessageOrder) UnmarshalText(text []byte) error { return messageOrders.unmarshal(o, text) }
