package storagetest_test

// Dumps of large stores: what they take of memory and of time.

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/memory"
	"github.com/lairchat/lair/sqlite"
	"github.com/lairchat/lair/storage"
)

var (
	dumpMessages = flag.Int("dump.messages", 3000, "messages of the store that TestDumpStreams dumps")
	dumpStore    = flag.String("dump.store", "", "a database to dump instead")
)

// heap is how much memory a stream takes beyond what there was before.
type heap struct {
	before, live, all uint64 // live: as a collection finds it; all: with garbage
	looks             int
}

// look is called for each page or batch. It collects garbage before some looks,
// seldom enough that it costs little where much is kept.
func (h *heap) look(storage.DumpProgress) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.all = max(h.all, m.HeapAlloc)
	if h.looks++; h.looks&(h.looks-1) == 0 || h.looks%500 == 0 {
		runtime.GC()
		runtime.ReadMemStats(&m)
		h.live = max(h.live, m.HeapAlloc)
	}
}

func newHeap() *heap {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return &heap{before: m.HeapAlloc, live: m.HeapAlloc, all: m.HeapAlloc}
}

func (h *heap) String() string {
	return fmt.Sprintf("heap beyond the %d MB before: %d MB live, %d MB with garbage",
		h.before>>20, (h.live-h.before)>>20, (h.all-h.before)>>20)
}

// maxStream bounds what a stream may keep, whatever the size of the store.
const maxStream = 24 << 20

// talk fills a store.
func talk(t *testing.T, s storage.Store, n int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	ctx := t.Context()
	var users []storage.UserID
	for i := range 50 {
		u := storage.User{Username: fmt.Sprint("user", i)}
		require.NoError(t, s.CreateUser(ctx, &u))
		users = append(users, u.ID)
	}
	var rooms []storage.RoomID
	for i := range 20 {
		r := storage.Room{Name: fmt.Sprint("room", i), CreatorID: users[i]}
		require.NoError(t, s.CreateRoom(ctx, &r))
		rooms = append(rooms, r.ID)
	}
	at, began := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Now()
	for stored := 0; stored < n; {
		ms := make([]*storage.Message, min(1000, n-stored))
		for i := range ms {
			at = at.Add(time.Second)
			body := ""
			for range 1 + random.IntN(20) {
				body += fmt.Sprintf("word%d ", random.IntN(1+random.IntN(20_000)))
			}
			ms[i] = &storage.Message{
				RoomID: rooms[random.IntN(1+random.IntN(len(rooms)))], AuthorID: users[random.IntN(len(users))], Body: body, CreatedAt: at,
			}
		}
		_, err := s.CreateMessages(ctx, ms)
		require.NoError(t, err)
		stored += len(ms)
	}
	t.Logf("CreateMessages: %d messages in %v, %.0f/s", n, time.Since(began).Round(time.Millisecond), float64(n)/time.Since(began).Seconds())
}

// dumpFile dumps a store into a file, in constant memory.
func dumpFile(t *testing.T, s storage.Store, path string) string {
	t.Helper()
	file, err := os.Create(path)
	require.NoError(t, err)
	h, began := newHeap(), time.Now()
	p, err := storage.Dump(t.Context(), s, file, storage.DumpOptions{Secrets: true, Progress: h.look})
	require.NoError(t, err)
	require.NoError(t, file.Close())
	took := time.Since(began)
	t.Logf("Dump of %T: %d records, %d MB, in %v, %.0f/s; %v", s, p.Records, p.Bytes>>20, took.Round(time.Millisecond), float64(p.Records)/took.Seconds(), h)
	require.Less(t, h.live-h.before, uint64(maxStream), "bytes that a dump keeps")
	return path
}

// loadFile loads a dump: into SQLite in constant memory, too.
func loadFile(t *testing.T, s storage.Store, path string) {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	h, began := newHeap(), time.Now()
	p, err := storage.Load(t.Context(), s, file, storage.LoadOptions{Progress: h.look})
	require.NoError(t, err)
	took := time.Since(began)
	t.Logf("Load into %T: %d records in %v, %.0f/s; %v", s, p.Records, took.Round(time.Millisecond), float64(p.Records)/took.Seconds(), h)
	if _, is := s.(*sqlite.Store); is {
		require.Less(t, h.live-h.before, uint64(maxStream), "bytes that loading keeps")
	}
}

func sameFiles(t *testing.T, a, b string) {
	t.Helper()
	one, err := os.Open(a)
	require.NoError(t, err)
	defer one.Close()
	other, err := os.Open(b)
	require.NoError(t, err)
	defer other.Close()
	left, right := make([]byte, 1<<20), make([]byte, 1<<20)
	for {
		n, err := io.ReadFull(one, left)
		m, _ := io.ReadFull(other, right)
		require.Equal(t, string(left[:n]), string(right[:m]), "%s and %s", filepath.Base(a), filepath.Base(b))
		if err != nil {
			return
		}
	}
}

// TestDumpStreams takes a store from SQLite to memory and back to SQLite: three
// dumps of the same bytes. That of a database, if one is given, is dumped as it
// is: it should be a copy.
func TestDumpStreams(t *testing.T) {
	dir := t.TempDir()
	open := func(path string) storage.Store {
		s, err := sqlite.Open(t.Context(), path, &sqlite.Options{Durability: sqlite.DurabilityNormal})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		return s
	}
	var first storage.Store
	if *dumpStore != "" {
		first = open(*dumpStore)
	} else {
		first = open(filepath.Join(dir, "first.db"))
		talk(t, first, *dumpMessages)
	}
	one := dumpFile(t, first, filepath.Join(dir, "one"))
	second := memory.New(nil)
	loadFile(t, second, one)
	two := dumpFile(t, second, filepath.Join(dir, "two"))
	require.NoError(t, second.Close())
	sameFiles(t, one, two)
	third := open(filepath.Join(dir, "third.db"))
	loadFile(t, third, two)
	sameFiles(t, one, dumpFile(t, third, filepath.Join(dir, "three")))
}
