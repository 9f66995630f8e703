package search_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/internal/golden"
	"github.com/lairchat/lair/storage/search"
)

// What stored text was analysed to must not change without a new version. A
// change that is meant increases Version and puts the new digest here; other
// golden cases only do the latter.
func TestVersion(t *testing.T) {
	t.Parallel()
	digest := sha256.New()
	for _, c := range golden.Search() {
		for _, text := range []string{c.Text(), c.Query} {
			io.WriteString(digest, search.Join(search.Analyze(text))+"\n")
		}
	}
	require.Equal(t, 4, search.Version)
	require.Equal(t, "126d4d84328da1aab9ac95c23d1aa865218a207791902ec2d2d8b4cea654f867", hex.EncodeToString(digest.Sum(nil)), "the analysis of the golden texts")
}
