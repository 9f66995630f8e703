package storagetest_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lairchat/lair/memory"
	"github.com/lairchat/lair/storage"
)

// dumped returns the dump of a store.
func dumped(t require.TestingT, outer *testing.T, s storage.Store, o storage.DumpOptions) []byte {
	var b bytes.Buffer
	_, err := storage.Dump(outer.Context(), s, &b, o)
	require.NoError(t, err, "Dump")
	return b.Bytes()
}

// swap dumps each backend, loads it into an empty store of the other, dumps that
// and requires the same bytes. From then on the history goes on with the stores
// that were loaded.
func (h *history) swap() {
	h.t.Logf("dump both stores, and load each into the other backend")
	secrets := storage.DumpOptions{Secrets: true}
	fromSQLite, fromMemory := dumped(h.t, h.outer, h.sqlite, secrets), dumped(h.t, h.outer, h.memory, secrets)
	h.sameButForChance()

	h.path = filepath.Join(filepath.Dir(h.path), "swapped "+filepath.Base(h.path))
	old := []storage.Store{h.sqlite, h.memory}
	h.memory = memory.New(&memory.Options{Options: h.options()})
	h.open()
	h.codes[1], h.codes[2] = h.codes[2], h.codes[1]
	h.tokens[1], h.tokens[2] = h.tokens[2], h.tokens[1]
	for _, s := range old {
		require.NoError(h.t, s.Close())
	}
	for _, load := range []struct {
		from []byte
		to   storage.Store
	}{{fromSQLite, h.memory}, {fromMemory, h.sqlite}} {
		_, err := storage.Load(h.outer.Context(), load.to, bytes.NewReader(load.from), storage.LoadOptions{Batch: 7})
		require.NoError(h.t, err, "Load")
		requireSameLines(h.t, load.from, dumped(h.t, h.outer, load.to, secrets))
	}
}

// sameButForChance requires that dumps without secrets of both stores differ in
// nothing but what chance has made: the salts of the audit log, and the hashes
// that follow from them.
func (h *history) sameButForChance() {
	h.t.Helper()
	var plain [2][]byte
	for i, s := range []storage.Store{h.sqlite, h.memory} {
		var lines []string
		for line := range strings.Lines(string(dumped(h.t, h.outer, s, storage.DumpOptions{}))) {
			if !strings.HasPrefix(line, `{"audit`) && !strings.HasPrefix(line, `{"end"`) {
				lines = append(lines, line)
			}
		}
		plain[i] = []byte(strings.Join(lines, ""))
	}
	requireSameLines(h.t, plain[0], plain[1])
}

// requireSameLines shows no more than the first line that differs.
func requireSameLines(t *rapid.T, want, got []byte) {
	t.Helper()
	wants, gots := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range min(len(wants), len(gots)) {
		require.Equal(t, wants[i], gots[i], "line %d of a dump", i+1)
	}
	require.Equal(t, len(wants), len(gots), "lines of a dump")
}
