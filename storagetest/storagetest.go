package storagetest

import (
	"slices"
	"testing"

	"github.com/lairchat/lair/storage"
)

// Backend is what is to be tested.
type Backend struct {
	// Open returns a fresh, empty store, which the suite closes. Nothing that
	// it uses may be shared with another store, since cases run in parallel.
	Open func(t testing.TB, o storage.Options) storage.Store

	// Reopen opens again what a store holds, which it has to close first if
	// the case has not; nil where nothing outlives Close.
	Reopen func(t testing.TB, s storage.Store, o storage.Options) storage.Store

	// Lacks names what the backend does not do. The suite says so and leaves
	// these out.
	Lacks []Feature
}

// Feature is something that a backend may lack and still be of use.
type Feature string

// The features that a [Backend] may lack.
const (
	FeatureReopen          Feature = "reopen"           // what was stored outlives Close; implied by a nil Reopen
	FeatureSearch          Feature = "search"           // SearchMessages
	FeatureConcurrentViews Feature = "concurrent views" // writers go on while a View is open
	FeatureDump            Feature = "dump"             // storage.RawReader and storage.RawRestorer
)

var features = []Feature{FeatureReopen, FeatureSearch, FeatureConcurrentViews, FeatureDump}

func (b Backend) lacks(f Feature) bool {
	return slices.Contains(b.Lacks, f) || f == FeatureReopen && b.Reopen == nil
}

// area is one part of the contract.
type area struct {
	name  string
	cases []testCase
	needs Feature // "" for nothing in particular
	twice bool    // the cases hold for a Tx as well, and are run on one too
}

// testCase is one promise of the contract. It gets a fresh store.
type testCase struct {
	name string
	run  func(t *testing.T, f *fixture)
}

// Run holds a backend to the contract: every area is a subtest, every case in
// it a parallel subtest with a store of its own.
func Run(t *testing.T, b Backend) {
	for _, f := range b.Lacks {
		if !slices.Contains(features, f) {
			t.Fatalf("Lacks names %q, which is no Feature", f)
		}
	}
	for _, a := range areas {
		if a.needs != "" && b.lacks(a.needs) {
			t.Logf("left out: %s, since the backend lacks %q", a.name, a.needs)
			continue
		}
		a.run(t, b, a.name, func(*fixture) {}, func(*fixture) {})
		if a.twice {
			a.run(t, b, a.name+" in a transaction", (*fixture).nest, (*fixture).unnest)
		}
	}
}

// run runs the cases in parallel, each between two functions.
func (a area) run(t *testing.T, b Backend, name string, before, after func(*fixture)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		for _, c := range a.cases {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				f := newFixture(t, b)
				before(f)
				c.run(t, f)
				after(f)
			})
		}
	})
}
