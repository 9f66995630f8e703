package storagetest_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/memory"
	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storagetest"
)

// A suite is worth what it catches. Here it is run on stores that are broken
// in one way each, and must fail on every one of them, in the case that is
// about what is broken.

// fault is one way for a backend to be wrong.
type fault struct {
	name   string
	caught string // "area/case" that fails because of it
	open   opener
	reopen func(storage.Store, storage.Options) storage.Store // opens again what was kept; nil for a backend that forgets
}

// opener opens a store.
type opener func(storage.Options) storage.Store

// faults are all the ways, by area.
var faults = [][]fault{
	pageFaults, userFaults, roomFaults, memberFaults, messageFaults, messageReadFaults, searchFaults, hiddenFaults, findFaults,
	markerFaults, readingFaults, threadFaults, attachmentFaults, deleteFaults, purgeFaults, pinFaults,
	queryFaults, fieldFaults, forgetFaults, errorFaults, transactionFaults, lifeFaults, typingFaults,
	accessFaults, inviteFaults, sanctionFaults, closedFaults, feedFaults, sessionFaults, configFaults, auditFaults, loginFaults, blockFaults, roleFaults,
	authenticateFaults, activityFaults, eraseFaults, exportFaults, traceFaults, holdFaults, retentionFaults,
	statsFaults, rawFaults,
}

// faultVariable names the fault to a child process.
const faultVariable = "LAIR_STORAGETEST_FAULT"

// TestWrapped runs the suite on the store that the environment names: in a child
// of TestBroken a broken one, and otherwise one that is wrapped as those are,
// but right.
func TestWrapped(t *testing.T) {
	f := fault{open: reads(sameReader)}
	if name := os.Getenv(faultVariable); name != "" {
		f = findFault(t, name)
	}
	storagetest.Run(t, f.backend())
}

func findFault(t *testing.T, name string) fault {
	for _, f := range append(slices.Concat(faults...), reopened) {
		if f.name == name {
			return f
		}
	}
	t.Fatalf("no fault is named %q", name)
	return fault{}
}

func (f fault) backend() storagetest.Backend {
	b := storagetest.Backend{
		Open: func(_ testing.TB, o storage.Options) storage.Store { return f.open(o) },
	}
	if f.reopen != nil {
		b.Open, b.Reopen = keepOpen, f.again
	}
	return b
}

// TestBroken requires that the suite fails on each broken store. Each runs in
// a process of its own, since a store that is wrong may do anything.
func TestBroken(t *testing.T) {
	names := map[string]bool{}
	for _, f := range slices.Concat(faults...) {
		require.False(t, names[f.name], "two faults are named %q", f.name)
		names[f.name] = true
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			wantCaught(t, f)
		})
	}
}

// reopened is no fault: what is closed and opened again is as it was.
var reopened = fault{name: "reopened", reopen: func(s storage.Store, _ storage.Options) storage.Store { return s }}

// TestReopened requires that the cases that catch what is wrong with opening
// again pass where nothing is.
func TestReopened(t *testing.T) {
	for _, f := range lifeFaults {
		if f.reopen != nil {
			out, err := runOn(t, reopened, f.caught)
			require.NoError(t, err, "%s:\n%s", f.caught, out)
		}
	}
}

// wantCaught requires that the case that a fault is for fails because of it.
func wantCaught(t *testing.T, f fault) {
	out, err := runOn(t, f, f.caught)
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "%s passed:\n%s", f.caught, out)
	failed := "--- FAIL: TestWrapped/" + testName(f.caught) + " ("
	require.Contains(t, string(out), failed)
}

// runOn runs one case of the suite on a store with a fault.
func runOn(t *testing.T, f fault, name string) ([]byte, error) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	child := exec.CommandContext(t.Context(), self, "-test.timeout=60s", "-test.run="+pattern(name))
	child.Env = append(os.Environ(), faultVariable+"="+f.name)
	return child.CombinedOutput()
}

// pattern selects a case.
func pattern(name string) string {
	area, name, _ := strings.Cut(testName(name), "/")
	return "^TestWrapped$/^" + regexp.QuoteMeta(area) + "$/^" + regexp.QuoteMeta(name) + "$"
}

// testName returns the name by which a test that runs is known.
func testName(name string) string { return strings.ReplaceAll(name, " ", "_") }

// memoryStore opens the good store that is inside every broken one.
func memoryStore(o storage.Options) storage.Store { return memory.New(&memory.Options{Options: o}) }
