package storagetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testHoldTexts(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	read := func(h storage.Hold) storage.Hold { return f.readHold(h.ID) }
	for _, text := range append([]string{of(storage.MaxHoldReason)}, kept...) {
		if text != "" {
			h := f.hold(storage.Hold{UserID: ann, Reason: text})
			require.Equal(t, text, h.Reason)
			require.Equal(t, h, read(h))
		}
	}
	for _, text := range append([]string{of(storage.MaxHoldReason + 1)}, refusedTexts...) {
		h := storage.Hold{UserID: ann, Reason: text}
		f.refused(t, func() error { return f.CreateHold(f.ctx, &h) }, storage.ErrInvalid, "Reason")
	}
	longest, err := storage.HoldUser(f.ctx, f, ann, ann, of(storage.MaxHoldReason))
	require.NoError(t, err, "an audit entry holds every reason")
	require.Equal(t, longest.Reason, f.newestAudit().Subject.Detail)
}
