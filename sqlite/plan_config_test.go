package sqlite

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

func TestPlansOfConfig(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	checkPlans(t, e, map[string]string{"setting": configSQL, "end of a setting": deleteConfigSQL}, "of an empty store")
	const byKey = "sqlite_autoindex_server_config_1 "
	page := func(prefix string, desc bool) list {
		return configList(backend.ConfigScan{
			ConfigQuery: storage.ConfigQuery{Prefix: prefix},
			Scan:        backend.Scan{After: &storage.Keyset{Text: "a"}, Limit: 51, Desc: desc},
		})
	}
	checkLists(t, e, map[string]accessPlan{
		"settings":                   {page("", false), byKey + "(key>?)", false},
		"settings backwards":         {page("", true), byKey + "(key<?)", false},
		"settings of a part":         {page("a", false), byKey + "(key>? AND key<?)", false},
		"settings of a part, behind": {page("a", true), byKey + "(key>? AND key<?)", false},
	})
	sql, _, err := configList(backend.ConfigScan{Scan: backend.Scan{Limit: 51}}).ToSql()
	assert.NoError(t, err)
	assert.Equal(t, []string{"SCAN c USING INDEX " + byKey[:len(byKey)-1]}, plan(t, e, sql), "the first page of all")
}
