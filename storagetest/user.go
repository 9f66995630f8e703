package storagetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var userCases = []testCase{
	{"create fills in", testCreateUser},
}

func testCreateUser(t *testing.T, f *fixture) {
	u := storage.User{Username: "ann"}
	require.NoError(t, f.CreateUser(f.ctx, &u))
	require.False(t, u.ID.IsZero(), "no ID")
	require.Equal(t, storage.User{
		ID: u.ID, Username: "ann", Role: storage.RoleUser, Active: true,
		CreatedAt: f.now(), UpdatedAt: f.now(), Version: 1,
	}, u)
	require.Equal(t, u, f.readUser(u.ID))
}
