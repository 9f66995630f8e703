package storagetest_test

// A test that does the same to a plain model and to both backends, at random,
// and requires the same of all three: results, order and errors.

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lairchat/lair/memory"
	"github.com/lairchat/lair/sqlite"
	"github.com/lairchat/lair/storage"
)

var modelSteps = flag.Int("model.steps", modelStepsDefault, "steps of the model test, over all its histories")

// modelHistory is how many steps a history has on average.
const modelHistory = 100

// modelAfter is how many steps follow after the stores were dumped and loaded.
const modelAfter = 20

// TestModel writes random histories. When one fails, rapid looks for a shorter
// one that fails too, and prints that step by step.
func TestModel(t *testing.T) {
	setFlag(t, "rapid.checks", max(1, *modelSteps*5/4/modelHistory)) // a quarter more, since lengths are drawn
	setFlag(t, "rapid.steps", modelHistory)
	dir, histories, steps := t.TempDir(), 0, 0
	rapid.Check(t, func(r *rapid.T) {
		histories++
		h := newHistory(t, r, filepath.Join(dir, strconv.Itoa(histories)+".db"))
		defer h.close()
		r.Repeat(map[string]func(*rapid.T){
			"step": func(*rapid.T) { h.step(); steps++ },
			"":     func(*rapid.T) { h.lookAtCounts(); h.look() },
		})
		h.lookAtEverything()
		h.swap()
		h.lookAtEverything()
		for range modelAfter {
			h.step()
			h.lookAtCounts()
		}
		h.lookAtEverything()
		h.lookAtFeed()
	})
	t.Logf("%d steps in %d histories", steps, histories)
}

// setFlag sets a flag for the time of a test.
func setFlag(t *testing.T, name string, value int) {
	t.Helper()
	before := flag.Lookup(name).Value.String()
	require.NoError(t, flag.Set(name, strconv.Itoa(value)))
	t.Cleanup(func() { require.NoError(t, flag.Set(name, before)) })
}

// subject is one of the stores that are compared, or a transaction of its.
type subject struct {
	name string
	ctx  context.Context
	on   storage.ReadWriter
}

// history is a run of calls on a model and on the backends.
type history struct {
	*draws
	outer    *testing.T
	model    *model
	sqlite   *sqlite.Store
	memory   *memory.Store
	path     string
	clock    time.Time
	began    time.Time
	uuid     [16]byte                               // the next that stores make
	codes    []map[storage.InviteID]storage.Secret  // of each store's invites
	tokens   []map[storage.SessionID]storage.Secret // of each store's sessions
	subjects []subject                              // the model first; transactions while one is open
}

// modelStart is when histories are told from.
var modelStart = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// modelStarts are when histories begin: most of them some hours before the clock
// moves in one of modelZones, or a year ends.
var modelStarts = []time.Time{
	modelStart,
	time.Date(2026, time.March, 8, 4, 30, 0, 0, time.UTC),       // America/New_York, a day of 23 hours
	time.Date(2026, time.November, 1, 3, 50, 0, 0, time.UTC),    // the same, of 25 hours
	time.Date(2026, time.April, 4, 13, 40, 0, 0, time.UTC),      // Australia/Lord_Howe, of 24 hours and a half
	time.Date(2026, time.October, 3, 13, 20, 0, 0, time.UTC),    // the same, of 23 hours and a half
	time.Date(2024, time.December, 31, 17, 59, 59, 0, time.UTC), // Asia/Kathmandu, a year
}

func newHistory(outer *testing.T, t *rapid.T, path string) *history {
	h := &history{outer: outer, path: path}
	h.model = newModel(h.now, h.newUUID)
	h.draws = &draws{t: t, m: h.model}
	h.clock = oneOf(h.draws, modelStarts...)
	h.began = h.clock
	h.codes = []map[storage.InviteID]storage.Secret{{}, {}, {}}
	h.tokens = []map[storage.SessionID]storage.Secret{{}, {}, {}}
	h.memory = memory.New(&memory.Options{Options: h.options()})
	h.open()
	for range 3 {
		h.createUser()
	}
	for range 2 {
		h.createRoom()
		h.join()
	}
	return h
}

func (h *history) now() time.Time { return h.clock }

func (h *history) newUUID() [16]byte { return h.uuid }

// options has every store take the time from the history. Identifiers are
// given, but for those of direct rooms, which are drawn before the call.
func (h *history) options() storage.Options { return storage.Options{Now: h.now, NewUUID: h.newUUID} }

// open opens the SQLite store, and begins to call the three.
func (h *history) open() {
	s, err := sqlite.Open(h.outer.Context(), h.path, &sqlite.Options{
		Options: h.options(), Durability: sqlite.DurabilityNormal, Readers: 1,
	})
	require.NoError(h.t, err)
	h.sqlite = s
	ctx := h.outer.Context()
	h.subjects = []subject{{"model", ctx, modelStore{model: h.model}}, {"sqlite", ctx, h.sqlite}, {"memory", ctx, h.memory}}
}

// reopen closes the SQLite store and opens it again.
func (h *history) reopen() {
	h.t.Logf("reopen the SQLite store")
	require.NoError(h.t, h.sqlite.Close())
	h.open()
}

func (h *history) close() {
	require.NoError(h.outer, errors.Join(h.sqlite.Close(), h.memory.Close()))
}

// modelStore is a model where a storage.Store is asked for.
type modelStore struct {
	*model
	hollow
}

// DeleteRoom sweeps the room at once.
func (s modelStore) DeleteRoom(ctx context.Context, id storage.RoomID) error {
	err := s.model.DeleteRoom(ctx, id)
	s.sweep()
	return err
}

// EraseUserData is done with what is left in a log, too, once it is done.
func (s modelStore) EraseUserData(ctx context.Context, id storage.UserID, o storage.EraseOptions) (storage.Erasure, error) {
	e, err := s.model.EraseUserData(ctx, id, o)
	e.Scrubbed = err == nil
	return e, err
}

// hollow lies deeper in a modelStore than the Tx in its model, so that only the
// methods are called on it that nothing else has: none.
type hollow struct{ nothing }

type nothing struct{ storage.Store }

var errRollback = errors.New("roll back")

// update runs some steps in one transaction of each store: that of the model
// is the innermost, and has ended when the others commit.
func (h *history) update(steps func() error) {
	outside := h.subjects
	defer func() { h.subjects = outside }()
	inside := make([]subject, len(outside))
	run := func() error {
		h.subjects = inside
		return steps()
	}
	for i, s := range outside {
		inner := run
		run = func() error {
			return s.on.(storage.Store).Update(s.ctx, func(ctx context.Context, tx storage.Tx) error {
				inside[i] = subject{s.name, ctx, tx}
				return inner()
			})
		}
	}
	if err := run(); !errors.Is(err, errRollback) {
		require.NoError(h.t, err, "Update")
	}
}

// outcome is what one store answered.
type outcome struct {
	value any
	err   error
}

// call makes a call of all the stores and requires one answer.
func (h *history) call(w words, run func(context.Context, storage.ReadWriter) (any, error)) {
	h.t.Helper()
	h.t.Logf("%v", w)
	h.quietly(w, run)
}

// quietly is call for looks, which are of no interest unless they fail.
func (h *history) quietly(w words, run func(context.Context, storage.ReadWriter) (any, error)) {
	h.t.Helper()
	var want outcome
	for i, s := range h.subjects {
		value, err := run(s.ctx, s.on)
		if err != nil {
			value = nil
		}
		got := outcome{value, err}
		if i == 0 {
			want = got
		} else if got.errText() != want.errText() || !reflect.DeepEqual(got.value, want.value) {
			h.t.Fatalf("%v:\n%s: %v\n%s: %v", w, s.name, got, h.subjects[0].name, want)
		}
	}
}

// errText is what stores must agree on of an error.
func (o outcome) errText() string {
	if o.err == nil {
		return ""
	}
	e := asError(o.err)
	return fmt.Sprintf("%v, entity %q, field %q, reason %q, wait %v", e.Kind, e.Entity, e.Field, e.Reason, e.RetryAfter)
}

// String tells the outcome in words.
func (o outcome) String() string {
	if o.err != nil {
		return fmt.Sprintf("error %s (%v)", o.errText(), o.err)
	}
	return describe(o.value)
}
