// Package lair is the tour of an embeddable storage library for chat servers.
// It holds no code; what a program imports is beside it:
//
//   - [github.com/lairchat/lair/storage]: the contract, with its records,
//     interfaces, errors, pages and rules. Nearly all of a program's code deals
//     with this package only.
//   - [github.com/lairchat/lair/sqlite]: the backend that keeps everything in
//     one SQLite file, without cgo and without a server.
//   - [github.com/lairchat/lair/memory]: the backend that keeps everything in
//     memory, for tests and for what need not last.
//   - [github.com/lairchat/lair/storagetest]: the conformance suite that both
//     are held to, for anyone's backend.
//
// # A store
//
// A program opens one store and shares it among its goroutines:
//
//	store, err := sqlite.Open(ctx, "chat.db", nil)
//
// Each call is a transaction of its own. Several calls that belong together
// run in Update, all or nothing; several reads that must be of one moment run
// in View. The functions get a [github.com/lairchat/lair/storage.Tx] or a
// [github.com/lairchat/lair/storage.Reader], which have the same methods as
// the store.
//
//	err := store.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
//		if err := tx.CreateUser(ctx, &user); err != nil {
//			return err
//		}
//		return tx.AddMember(ctx, &storage.Membership{RoomID: lobby, UserID: user.ID})
//	})
//
// # Operations
//
//	Users        CreateUser UpdateUser SetUserRole SetPasswordHash TouchUser
//	             DeactivateUser ReactivateUser DeleteUser
//	             User UsersByID UserByUsername UserByEmail UserByExternalID
//	             Users CountUsers
//	Blocks       BlockUser UnblockUser BlockedUsers HasBlocked
//	Roles        RoleHolders UserActivity
//	Rooms        CreateRoom UpdateRoom UpdateRoomSettings DeactivateRoom
//	             ReactivateRoom DeleteRoom OpenDirectRoom
//	             Room RoomsByID RoomByName DirectRoom Rooms CountRooms
//	Memberships  AddMember AddMembers RemoveMember SetMemberRole
//	             UpdateMemberSettings TouchMember TransferOwnership
//	             Membership IsMember Memberships CountMembers
//	Invites      CreateInvite RedeemInvite AcceptInvite RevokeInvite
//	             Invite InviteByCode Invites
//	Sanctions    CreateSanction LiftSanction
//	             Sanction Sanctions ActiveSanction
//	Holds        CreateHold ReleaseHold Hold Holds HoldRoom HoldUser EndHold
//	Sessions     CreateSession TouchSession ExtendSession UpdateSessionMetadata
//	             RevokeSession RevokeSessions DeleteSession DeleteExpiredSessions
//	             Session SessionByToken Sessions CountSessions SessionStats
//	Logins       RecordLoginAttempt LoginAttempts CountFailedLogins PruneLoginAttempts
//	Audit        AppendAudit EraseAudit PruneAudit
//	             AuditEntries CountAudit AuditChain AuditHead AuditStats
//	Config       SetConfig DeleteConfig ConfigValue ConfigValues
//	Typing       SetTyping ClearTyping TypingUsers
//	Messages     CreateMessage CreateMessages EditMessage DeleteMessage
//	             DeleteMessages PurgeMessage PurgeMessages
//	             Message MessagesByID Messages CountMessages SearchMessages
//	             PinMessage UnpinMessage MessageRevisions MessageRevision
//	Reactions    AddReaction RemoveReaction Reactions ReactionCounts
//	Attachments  CreateAttachment DeleteAttachment PurgeAttachments
//	             Attachment Attachments
//	Reading      MarkRead MarkUnread AddReadReceipt
//	             Unread Inbox ReadReceipts
//	Erasing      EraseUserData UserRooms UserMessages UserReactions UserReceipts
//	Changes      Changes ChangeHead Watch PruneChanges
//	             AdvanceConsumer DeleteConsumer ConsumerPosition Consumers
//	Statistics   UserStats RoomStats MessageStats Activity
//	Retention    RoomsDue CountDue DeleteInvites DeleteSanctions
//	Functions    Purge ExportUser EraseUser Maintain Maintainer Dump Load
//	             UnreadMessages UsernameExists EmailExists RoomNameExists
//	             Can Authorize Authenticate HashPassword VerifyPassword
//	             PasswordHasher VerifyAudit All search.Snippet
//	The store    View Update Health Close
//
// # Lists
//
// Lists come in pages. A page carries the cursors of its neighbours, opaque
// text that survives a URL and stays right while the list changes.
// [github.com/lairchat/lair/storage.All] walks all pages:
//
//	for user, err := range storage.All(ctx, store.Users, storage.UserQuery{}) {
//
// # Guarantees
//
// What a writing call has acknowledged is durable, as far as the backend
// promises it: sqlite does, through the loss of power. A call that fails has
// changed nothing; where a failing disk leaves that open, the error says so
// (ErrCommitUnknown), and a nonce settles it.
//
// Messages are numbered 1, 2, 3 … in their room without a gap. A message that
// is sent again with the same nonce is stored once. Counters are exact at
// every moment.
//
// Every error is a [github.com/lairchat/lair/storage.Error] of a kind that
// errors.Is tells. Nothing that a caller does to a record it gave or got
// changes what is stored.
package lair
