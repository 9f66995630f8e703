package memory

import (
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

func (r *rows) AttachmentsLeft(_ context.Context, message storage.MessageID) (ids []storage.AttachmentID, err error) {
	at, _ := r.place(message)
	keys, _ := r.carried.Get(at)
	for _, k := range keys {
		a, _ := r.attachments.Get(k)
		ids = append(ids, a.ID)
	}
	return ids, nil
}

func (r *rows) DisownMessage(_ context.Context, id storage.MessageID) error {
	at, ok := r.place(id)
	if !ok {
		return storage.ErrNotFound
	}
	old, _ := r.messages.Get(at)
	r.authored.Delete(authorship{old.author, at})
	r.nonces.Delete(old.nonceEntry())
	m := *old
	m.author, m.Nonce, m.digest = 0, "", [16]byte{}
	r.setMessage(&m)
	r.authored.Set(authorship{0, at})
	return nil
}

func (r *rows) TrimUser(_ context.Context, u backend.UserTrim) (n backend.TrimmedUser, err error) {
	user := r.userKey(u.User)
	if user == 0 {
		return n, storage.ErrNotFound
	}
	left := func() int { return max(0, u.Limit-int(n.Total())) }
	known := r.networksOf(u.User)
	for _, login := range u.Login {
		n.Logins += r.trimLogins(storage.LoginQuery{Login: login}, left(), func(a *loginAttempt) bool {
			return a.user == 0 && known[a.network]
		})
	}
	for _, v := range firstOf(r.sessionsOf(user), left()) {
		r.removeSession(v)
		n.Sessions++
	}
	n.Logins += r.trimLogins(storage.LoginQuery{User: u.User}, left(), func(*loginAttempt) bool { return true })
	n.Invites += r.trimInvites(user, u.Email, left())
	n.Blocks += r.trimBlocks(user, left())
	sanctions := r.sanctionsOf(user)
	sanctions = sanctions[:min(len(sanctions), left())]
	r.removeSanctions(sanctions)
	n.Sanctions += int64(len(sanctions))
	return n, nil
}

func (r *rows) TrimReadings(_ context.Context, id storage.UserID, limit int) (more bool, err error) {
	user := r.userKey(id)
	if user == 0 {
		return false, storage.ErrNotFound
	}
	var some []reading
	for p := range within(&r.readIn, spanOf(user), false) {
		some = append(some, firstOf(r.readingsOf(p.minor(), user, 0), limit-len(some))...)
	}
	for _, v := range some {
		r.readings.Delete(v)
	}
	return len(some) == limit, nil
}

// TrimMentions has nothing to do: mentions of who is deleted are of a key that
// nobody has.
func (r *rows) TrimMentions(context.Context, storage.UserID, int) (bool, error) { return false, nil }

// networksOf returns from where attempts of a user have succeeded.
func (r *rows) networksOf(user storage.UserID) map[string]bool {
	known := map[string]bool{}
	for a := range r.selectedLogins(&backend.LoginScan{LoginQuery: storage.LoginQuery{User: user, Success: new(true)}}) {
		if a.network != "" {
			known[a.network] = true
		}
	}
	return known
}

// trimLogins takes away attempts that a query selects and a condition is true of.
func (r *rows) trimLogins(q storage.LoginQuery, limit int, is func(*loginAttempt) bool) int64 {
	var some []*loginAttempt
	for a := range r.selectedLogins(&backend.LoginScan{LoginQuery: q}) {
		if len(some) == limit {
			break
		}
		if is(a) {
			some = append(some, a)
		}
	}
	r.removeLogins(some)
	return int64(len(some))
}

func (r *rows) trimInvites(user key, email string, limit int) (n int64) {
	r.removeInvites(func(i *invite) bool {
		if int(n) == limit || i.invitee != user && (email == "" || i.foldedEmail != email) {
			return false
		}
		n++
		return true
	})
	return n
}

func (r *rows) trimBlocks(user key, limit int) (n int64) {
	own := slices.Collect(places(&r.blocks, spanOf(user), false))
	for _, p := range own[:min(len(own), limit)] {
		r.removeBlock(p)
		n++
	}
	against := slices.Collect(places(&r.blockedBy, spanOf(user), false))
	for _, p := range against[:min(len(against), limit-int(n))] {
		r.removeBlock(pairOf(p.minor(), p.major()))
		n++
	}
	return n
}

func (r *rows) ForgetEmojiOf(_ context.Context, user storage.UserID, limit int) (int, error) {
	var said []storage.Position
	r.emojiBy.Ascend(emojiOfUser{user: user}, func(e emojiOfUser) bool {
		if e.user != user || len(said) == limit {
			return false
		}
		said = append(said, e.at)
		return true
	})
	r.silence(said)
	return len(said), nil
}
