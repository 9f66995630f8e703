package storagetest

import (
	"runtime"
	"testing"

	"github.com/lairchat/lair/storage"
)

// benchGoroutines is how many callers the concurrent benchmarks have.
const benchGoroutines = 64

// Bench measures a backend through the public interface, on a store that fits
// into memory easily.
func Bench(b *testing.B, backend Backend) { BenchSize(b, backend, BenchOptions{}) }

// BenchSize is Bench on as much as o says: reads first, then writes. The store
// is filled once.
func BenchSize(b *testing.B, backend Backend, o BenchOptions) {
	s := newBenchStore(b, backend, o)
	s.both(b, "Message", s.message)
	s.both(b, "Messages", s.messages)
	b.Run("Messages/deep", s.alone(s.messagesDeep))
	b.Run("Messages/by author", s.alone(s.messagesByAuthor))
	b.Run("Messages/around", s.alone(s.messagesAround))
	b.Run("Messages/thread", s.alone(s.messagesThread))
	b.Run("Page", s.comparePages)
	s.both(b, "IsMember", s.isMember)
	s.logIn(b)
	s.both(b, "SessionByToken", s.sessionByToken)
	b.Run("SessionByToken/IsMember", s.compareSessions)
	b.Run("Rooms/by activity", s.benchRooms(benchReaderRooms))
	b.Run("Rooms/by activity, a page", s.benchRooms(50))
	b.Run("Inbox/median", s.inboxMedian)
	s.both(b, "Inbox", s.inbox)
	b.Run("Inbox/unread only", s.alone(s.inboxUnread))
	s.both(b, "Unread", s.unread)
	s.both(b, "ReadReceipts", s.readReceipts)
	if !backend.lacks(FeatureSearch) {
		b.Run("Search", s.compareSearches)
	}
	s.both(b, "CreateMessage", s.createMessage)
	b.Run("CreateMessages", s.createMessages)
	b.Run("MentionsAndParent", s.compareSends)
	b.Run("Watchers", s.compareWatchers)
	b.Run("MarkRead", s.compareMarkRead)
	b.Run("Purge/writers", s.comparePurge)
	b.Run("PurgeMessages", s.purgeMessages)
	b.Run("PurgeMessage", s.purgeMessage)
	b.Run("RoomsDue", s.alone(s.roomsDue))
	b.Run("Erase/writers", s.compareErase(storage.EraseTombstones))
	b.Run("Erase/writers, messages kept", s.compareErase(storage.EraseKeep))
	b.Run("Retention/writers", s.compareRetention) // the last: what it takes away others would miss
}

// step is one call of an operation.
type step func(*generator) error

// both measures an operation by one goroutine and by many.
func (s *benchStore) both(b *testing.B, name string, op step) {
	b.Run(name+"/alone", s.alone(op))
	b.Run(name+"/concurrent", s.concurrent(op))
}

func (s *benchStore) alone(op step) func(*testing.B) {
	return func(b *testing.B) {
		g := s.generator()
		b.ReportAllocs()
		for b.Loop() {
			if err := op(g); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b, 1, "calls")
	}
}

func (s *benchStore) concurrent(op step) func(*testing.B) {
	return func(b *testing.B) {
		procs := runtime.GOMAXPROCS(0)
		b.SetParallelism((benchGoroutines + procs - 1) / procs)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			g := s.generator()
			for pb.Next() {
				if err := op(g); err != nil {
					b.Error(err)
					return
				}
			}
		})
		perSecond(b, 1, "calls")
	}
}

// perSecond reports the rate of what each call has so many of.
func perSecond(b *testing.B, each int, unit string) {
	if took := b.Elapsed().Seconds(); took > 0 {
		b.ReportMetric(float64(b.N*each)/took, unit+"/s")
	}
}

func (s *benchStore) message(g *generator) error {
	_, err := s.Message(s.ctx, s.known[g.IntN(len(s.known))])
	return err
}

func (s *benchStore) messages(g *generator) error {
	_, err := s.Messages(s.ctx, storage.MessageQuery{Room: g.someRoom(), Limit: 50})
	return err
}

// messagesDeep reads a page from anywhere in the busiest room.
func (s *benchStore) messagesDeep(g *generator) error {
	_, err := s.Messages(s.ctx, storage.MessageQuery{
		Room: s.rooms[0], Before: storage.AtSeq(2 + g.Int64N(int64(s.size.Messages/10))), Limit: 50,
	})
	return err
}

// messagesAround reads a page around a message of any time.
func (s *benchStore) messagesAround(g *generator) error {
	m, err := s.Message(s.ctx, s.known[g.IntN(len(s.known))])
	if err != nil {
		return err
	}
	_, err = s.Messages(s.ctx, storage.MessageQuery{Room: m.RoomID, Around: storage.At(m.ID), Limit: 50})
	return err
}

// messagesThread reads the thread of a message, which need not have any replies.
func (s *benchStore) messagesThread(g *generator) error {
	root := s.known[g.IntN(len(s.known))]
	_, err := s.Messages(s.ctx, storage.MessageQuery{Thread: root, Limit: 50})
	return err
}

func (s *benchStore) messagesByAuthor(g *generator) error {
	_, err := s.Messages(s.ctx, storage.MessageQuery{Author: g.someUser(), Limit: 50})
	return err
}

func (s *benchStore) isMember(g *generator) error {
	_, err := s.IsMember(s.ctx, g.someRoom(), g.someUser())
	return err
}

func (s *benchStore) createMessage(g *generator) error {
	_, err := s.CreateMessage(s.ctx, g.message())
	return err
}

func (s *benchStore) createMessages(b *testing.B) {
	g := s.generator()
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		batch := g.batch(benchBatch, g.message)
		b.StartTimer()
		if _, err := s.CreateMessages(s.ctx, batch); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, benchBatch, "messages")
}
