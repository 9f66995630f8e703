package leak_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/internal/leak"
)

// A value that hides nothing shows in every way that says what is in it.
func TestPrinted(t *testing.T) {
	t.Parallel()
	ways := leak.Printed(struct{ Text string }{leak.Planted})
	assert.Subset(t, ways, []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "JSON <nil>", "a log"})
	assert.Subset(t, leak.Printed([]byte(leak.Planted)), []string{"%v", "%#v", "%d", "%o", "%b", "%U"})
	assert.Empty(t, leak.Printed(struct{ Text string }{"planted"}))
	assert.True(t, leak.Shows(fmt.Sprintf("%#v", [32]byte([]byte(leak.Planted+"0123456789")))), "bytes of an array")
}
