package storagetest

import (
	"fmt"
	"testing"

	"github.com/lairchat/lair/storage"
)

const benchMentions = 10

// compareSends compares messages that mention ten members and reply to a
// recent message with bare ones in the same rooms, by a lone sender and by many.
func (s *benchStore) compareSends(b *testing.B) {
	for _, c := range []struct{ goroutines, messages int }{{1, 50}, {benchGoroutines, 1280}} {
		b.Run(fmt.Sprintf("goroutines=%d", c.goroutines), func(b *testing.B) {
			each := func(next func(*generator) *storage.Message) func() float64 {
				return func() float64 {
					took := spread(b, c.goroutines, c.messages, func() func() error {
						g := s.generator()
						return func() error {
							_, err := s.CreateMessage(s.ctx, next(g))
							return err
						}
					})
					return float64(took.Microseconds()) / float64(c.messages)
				}
			}
			compare(b, measure{"bare-µs", each((*generator).answer)}, measure{"full-µs", each((*generator).mentioningReply)})
		})
	}
}

// answer makes up a message in the room of a recent one.
func (g *generator) answer() *storage.Message {
	m := g.reply()
	m.ParentID = storage.MessageID{}
	return m
}

func (g *generator) mentioningReply() *storage.Message {
	m := g.reply()
	members := g.s.members[m.RoomID]
	first := g.IntN(len(members))
	for i := range benchMentions {
		m.Mentions = append(m.Mentions, members[(first+i)%len(members)])
	}
	return m
}
