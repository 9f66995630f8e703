package sqlite

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// untold are the columns with texts of a person's that an export leaves out, and
// why.
var untold = map[string]string{
	"users.password_hash": "a secret",
	"changes.emoji":       "of a reaction that was taken back",
}

// Whatever text there is of a person in any column of any table is in an export of
// that person.
func TestEveryTextIsExported(t *testing.T) {
	t.Parallel()
	p := newSecretPerson(t, 700)
	require.NoError(t, p.s.CreateHold(p.ctx, &storage.Hold{UserID: p.user, Reason: p.secrets.word()}))
	_, err := p.s.PurgeAttachments(p.ctx, storage.AttachmentPurge{}) // of the room that is deleted
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, storage.ExportUser(p.ctx, p.s, p.user, &out))
	told := strings.ToLower(out.String())
	found := map[string]bool{}
	p.eachValue(func(column, text string) {
		for _, w := range p.secrets {
			if !strings.Contains(text, w) {
				continue
			}
			found[column] = true
			if untold[column] == "" {
				assert.Contains(t, told, w, "it is in %s", column)
			}
		}
	})
	for column := range untold {
		assert.True(t, found[column], "%s has nothing", column)
	}
	assert.Greater(t, len(found), 25, "columns with something: %v", found)
}

// eachValue calls visit with each text and blob that is stored, in lower case.
func (p *secretPerson) eachValue(visit func(column, text string)) {
	p.t.Helper()
	require.NoError(p.t, p.s.engine.Read(p.ctx, func(r backend.Rows) error {
		c := r.(*rows).c
		var columns [][2]string
		err := c.query(`SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_xinfo(t.name) AS c WHERE t.type = 'table'`, nil, func(row *row) error {
			columns = append(columns, [2]string{row.text(), row.text()})
			return nil
		})
		for _, column := range columns {
			if err != nil || strings.HasPrefix(column[0], "messages_fts_") {
				continue // which gives no text back
			}
			sql := fmt.Sprintf(`SELECT CAST(%q AS TEXT) FROM %q WHERE typeof(%q) IN ('text', 'blob')`, column[1], column[0], column[1])
			err = c.query(sql, nil, func(row *row) error {
				visit(column[0]+"."+column[1], strings.ToLower(row.text()))
				return nil
			})
		}
		return err
	}))
}
