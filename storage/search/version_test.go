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
// change that is meant increases Version and puts the new digest here.
func TestVersion(t *testing.T) {
	t.Parallel()
	digest := sha256.New()
	for _, c := range golden.Search() {
		for _, text := range []string{c.Text(), c.Query} {
			io.WriteString(digest, search.Join(search.Analyze(text))+"\n")
		}
	}
	require.Equal(t, 3, search.Version)
	require.Equal(t, "3931f72214ab5ec4ae7b5488c1dd98c26bad269df27b87871f83d5d3eb7a70b2", hex.EncodeToString(digest.Sum(nil)), "the analysis of the golden texts")
}
