package sqlite

import (
	"context"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/storage"
)

func TestKindsOfErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ code, kind error }{
		{sqlite3.BUSY, storage.ErrTimeout},
		{sqlite3.BUSY_SNAPSHOT, storage.ErrTimeout},
		{sqlite3.FULL, storage.ErrFull},
		{sqlite3.CORRUPT, storage.ErrCorrupt},
		{sqlite3.CORRUPT_VTAB, storage.ErrCorrupt},
		{sqlite3.NOTADB, storage.ErrCorrupt},
		{sqlite3.READONLY, storage.ErrReadOnly},
		{sqlite3.READONLY_DIRECTORY, storage.ErrReadOnly},
		{sqlite3.IOERR, storage.ErrConnection},
		{sqlite3.IOERR_FSYNC, storage.ErrConnection},
		{sqlite3.CANTOPEN, storage.ErrConnection},
		{sqlite3.NOMEM, storage.ErrConnection},
		{sqlite3.CONSTRAINT_UNIQUE, storage.ErrDuplicate},
		{sqlite3.CONSTRAINT_PRIMARYKEY, storage.ErrDuplicate},
		{sqlite3.CONSTRAINT_FOREIGNKEY, storage.ErrConstraint},
		{sqlite3.CONSTRAINT_CHECK, storage.ErrConstraint},
		{sqlite3.CONSTRAINT, storage.ErrConstraint},
		{sqlite3.ERROR, storage.ErrQuery},
		{sqlite3.TOOBIG, storage.ErrQuery},
		{sqlite3.MISUSE, storage.ErrQuery},
	} {
		err := wrap(c.code)
		assert.ErrorIs(t, err, c.kind, "%v", c.code)
		assert.ErrorIs(t, err, c.code)
	}
	assert.NoError(t, wrap(nil))
	assert.Equal(t, context.Canceled, wrap(context.Canceled), "not SQLite's")
}
