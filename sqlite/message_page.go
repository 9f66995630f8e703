package sqlite

// Messages are read with the keys of their users, which are then named.

import (
	"github.com/lairchat/lair/storage"
)

// pageHint is for how many messages a page makes room at once.
const pageHint = 64

// gathered is a list of messages whose users are still keys.
type gathered struct {
	messages   []storage.Message
	people     []people
	generation int64
}

// page reads messages of one room, or of any where room is zero and the
// statement gives it.
func (r *rows) page(sql string, room storage.RoomID, hint int, bind func(*args)) ([]storage.Message, error) {
	for {
		g := gathered{}
		if hint > 0 {
			g.messages, g.people = make([]storage.Message, 0, hint), make([]people, 0, hint)
		}
		if err := r.gather(&g, sql, room, bind); err != nil {
			return nil, err
		}
		ok, err := r.name(&g)
		switch {
		case err != nil:
			return nil, err
		case ok && len(g.messages) == 0:
			return nil, nil
		case ok:
			return g.messages, nil
		}
		// Somebody was deleted since the messages were read. From a snapshot
		// both agree.
		if err := r.snapshot(); err != nil {
			return nil, err
		}
	}
}

func (r *rows) gather(g *gathered, sql string, room storage.RoomID, bind func(*args)) error {
	return r.c.query(sql, bind, func(row *row) error {
		g.messages = append(g.messages, storage.Message{RoomID: room})
		m := &g.messages[len(g.messages)-1]
		_, p := scanMessage(row, m)
		g.people = append(g.people, p)
		g.generation = row.int()
		if room.IsZero() {
			m.RoomID = row.id()
		}
		return nil
	})
}

// name sets the users of messages. It is not ok if one of them may have been
// deleted since the messages were read.
func (r *rows) name(g *gathered) (ok bool, err error) {
	for i, p := range g.people {
		m := &g.messages[i]
		if i > 0 && p.author == g.people[i-1].author {
			m.AuthorID = g.messages[i-1].AuthorID
		} else if m.AuthorID, ok, err = r.userID(g.generation, p.author); err != nil || !ok {
			return false, err
		}
		if m.DeletedBy, ok, err = r.userID(g.generation, p.deleter); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}
