package storagetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var configCases = []testCase{
	{"as it is stored", testConfigStored},
	{"set in its place", testConfigReplaced},
	{"the same again", testConfigSame},
	{"types", testConfigTypes},
	{"sensitive or not", testConfigSensitive},
	{"set refuses", testConfigRefused},
	{"keys", testConfigKeys},
	{"delete", testConfigDelete},
	{"undone", testConfigUndone},
	{"no change of the feed", testConfigNoChange},
	{"list", testConfigList},
	{"list by prefix", testConfigPrefix},
	{"list while settings come and go", testConfigListLive},
	{"list limits", testConfigListLimits},
	{"list cursors", testConfigListCursors},
	{"list refuses", testConfigListRefused},
	{"values never show", testConfigNeverShows},
}

// configure stores a setting, a string unless edits say otherwise.
func (f *fixture) configure(key, value string, edits ...func(*storage.Config)) storage.Config {
	f.t.Helper()
	c := storage.Config{Key: key, Value: storage.Secret(value)}
	for _, edit := range edits {
		edit(&c)
	}
	require.NoError(f.t, f.SetConfig(f.ctx, &c))
	return c
}

func sensitive(c *storage.Config) { c.Sensitive = true }

func (f *fixture) readConfig(key string) storage.Config {
	f.t.Helper()
	c, err := f.ConfigValue(f.ctx, key)
	require.NoError(f.t, err)
	return c
}

func testConfigStored(t *testing.T, f *fixture) {
	_, err := f.ConfigValue(f.ctx, "motd")
	require.Equal(t, "motd", wantErr(t, err, storage.ErrNotFound).ID)
	wantNotFound(t, err, storage.EntityConfig)
	c := storage.Config{Key: "motd", Value: "welcome", UpdatedAt: time.Unix(1, 0)}
	require.NoError(t, f.SetConfig(f.ctx, &c))
	require.Equal(t, storage.Config{Key: "motd", Type: storage.ConfigString, Value: "welcome", UpdatedAt: f.now()}, c)
	require.Equal(t, c, f.readConfig("motd"))
	full := storage.Config{Key: "mail.port", Type: storage.ConfigInteger, Value: "25", Sensitive: true}
	require.NoError(t, f.SetConfig(f.ctx, &full))
	wantFilled(t, full)
	require.Equal(t, full, f.readConfig("mail.port"))
	require.Equal(t, c, f.readConfig("motd"))
	require.Equal(t, storage.Config{Key: "empty", Type: storage.ConfigString, UpdatedAt: f.now()}, f.configure("empty", ""))
	require.Empty(t, string(f.readConfig("empty").Value))
}

func testConfigReplaced(t *testing.T, f *fixture) {
	other := f.configure("motd.other", "x")
	f.configure("motd", "welcome", sensitive)
	f.clock.advance(time.Hour)
	for _, c := range []storage.Config{
		{Key: "motd", Type: storage.ConfigString, Value: "hello", Sensitive: true},
		{Key: "motd", Type: storage.ConfigString, Value: "12", Sensitive: true},
		{Key: "motd", Type: storage.ConfigInteger, Value: "12", Sensitive: true},
		{Key: "motd", Type: storage.ConfigInteger, Value: "12"},
	} {
		require.NoError(t, f.SetConfig(f.ctx, &c))
		require.Equal(t, f.now(), c.UpdatedAt)
		require.Equal(t, []storage.Config{c, other}, list(f, f.ConfigValues, storage.ConfigQuery{}))
		f.clock.advance(time.Minute)
	}
}

func testConfigSame(t *testing.T, f *fixture) {
	want := f.configure("motd", "welcome", sensitive)
	f.clock.advance(time.Hour)
	again := storage.Config{Key: "motd", Value: "welcome", Sensitive: true}
	require.NoError(t, f.SetConfig(f.ctx, &again))
	require.Equal(t, want, again)
	require.Equal(t, want, f.readConfig("motd"))
}

func testConfigTypes(t *testing.T, f *fixture) {
	types := map[storage.ConfigType][2][]string{
		storage.ConfigString:  {{"", "true", "1", "{}", "\n"}, nil},
		storage.ConfigInteger: {{"0", "-12", "9223372036854775807", "-9223372036854775808"}, {"", "+1", "01", "-0", "1.0", " 1", "9223372036854775808", "x"}},
		storage.ConfigBoolean: {{"true", "false"}, {"", "1", "True", "yes", " true"}},
		storage.ConfigJSON:    {{"null", "[1, 2]", ` {"a": 1e400}`, `"a"`}, {"", "{", "{}{}", "'a'"}},
	}
	for typ, values := range types {
		for _, value := range values[0] {
			c := f.configure("key", value, func(c *storage.Config) { c.Type = typ })
			require.Equal(t, value, string(c.Value))
			require.Equal(t, c, f.readConfig("key"), "%s %q", typ, value)
		}
		for _, value := range values[1] {
			c := storage.Config{Key: "key", Type: typ, Value: storage.Secret(value)}
			f.refused(t, func() error { return f.SetConfig(f.ctx, &c) }, storage.ErrInvalid, "Value")
		}
	}
	n, err := f.configure("n", "-12", func(c *storage.Config) { c.Type = storage.ConfigInteger }).Int()
	require.NoError(t, err)
	require.Equal(t, int64(-12), n)
	on, err := f.configure("on", "true", func(c *storage.Config) { c.Type = storage.ConfigBoolean }).Bool()
	require.NoError(t, err)
	require.True(t, on)
	require.Error(t, errOf(f.configure("s", "12").Int()), "text is no integer")
}

func testConfigSensitive(t *testing.T, f *fixture) {
	open, secret := f.configure("a", "1"), f.configure("b", "2", sensitive)
	require.Equal(t, []storage.Config{open, secret}, list(f, f.ConfigValues, storage.ConfigQuery{}))
	require.Equal(t, "2", string(f.readConfig("b").Value), "whoever asks is told")
	f.clock.advance(time.Minute)
	secret = f.configure("b", "2")
	require.Equal(t, secret, f.readConfig("b"))
	require.Equal(t, f.now(), secret.UpdatedAt, "another setting")
}

func testConfigRefused(t *testing.T, f *fixture) {
	for _, c := range []struct {
		field  string
		config storage.Config
	}{
		{"Key", storage.Config{Value: "x"}},
		{"Key", storage.Config{Key: of(storage.MaxConfigKey + 1)}},
		{"Value", storage.Config{Key: "x", Value: storage.Secret(of(storage.MaxConfigValue + 1))}},
		{"Value", storage.Config{Key: "x", Type: storage.ConfigJSON, Value: "\"\xff\""}},
		{"Type", storage.Config{Key: "x", Type: 9}},
	} {
		given := c.config
		f.refused(t, func() error { return f.SetConfig(f.ctx, &given) }, storage.ErrInvalid, c.field)
		require.Equal(t, c.config, given)
	}
}

func testConfigKeys(t *testing.T, f *fixture) {
	full := of(storage.MaxConfigKey)
	want := map[string]bool{}
	for _, key := range append([]string{full, "a", "A", "á", "a ", "ａ"}, kept...) {
		if key == "" {
			continue
		}
		c := f.configure(key, "value of "+key)
		require.Equal(t, c, f.readConfig(key), "%q", key)
		want[key] = true
	}
	require.Len(t, list(f, f.ConfigValues, storage.ConfigQuery{}), len(want), "no two keys are one")
	for _, key := range append([]string{"", full + "x"}, refusedTexts...) {
		_, err := f.ConfigValue(f.ctx, key)
		wantErr(t, err, storage.ErrInvalid, "key")
		f.refused(t, func() error { return f.DeleteConfig(f.ctx, key) }, storage.ErrInvalid, "key")
	}
}

func testConfigDelete(t *testing.T, f *fixture) {
	f.configure("a", "1")
	other := f.configure("a.b", "2")
	require.NoError(t, f.DeleteConfig(f.ctx, "a"))
	require.Equal(t, []storage.Config{other}, list(f, f.ConfigValues, storage.ConfigQuery{}))
	wantNotFound(t, errOf(f.ConfigValue(f.ctx, "a")), storage.EntityConfig)
	f.refused(t, func() error { return f.DeleteConfig(f.ctx, "a") }, storage.ErrNotFound)
	f.clock.advance(time.Minute)
	require.Equal(t, f.now(), f.configure("a", "1").UpdatedAt)
}

func testConfigUndone(t *testing.T, f *fixture) {
	kept, gone := f.configure("a", "1"), f.configure("b", "2")
	require.ErrorIs(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		require.NoError(t, tx.SetConfig(ctx, &storage.Config{Key: "a", Value: "3"}))
		require.NoError(t, tx.SetConfig(ctx, &storage.Config{Key: "c", Value: "3"}))
		require.NoError(t, tx.DeleteConfig(ctx, "b"))
		return errUndo
	}), errUndo)
	require.Equal(t, []storage.Config{kept, gone}, list(f, f.ConfigValues, storage.ConfigQuery{}))
}

func testConfigNoChange(t *testing.T, f *fixture) {
	before := f.head()
	f.configure("a", "1")
	f.configure("a", "2", sensitive)
	require.NoError(t, f.DeleteConfig(f.ctx, "a"))
	require.Equal(t, before, f.head())
}

func testConfigNeverShows(t *testing.T, f *fixture) {
	const planted = "hunter2-of-the-server"
	c := f.configure("smtp.password", planted, sensitive)
	page, err := f.ConfigValues(f.ctx, storage.ConfigQuery{})
	require.NoError(t, err)
	for _, v := range []any{c, &c, page, page.Items} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			require.NotContains(t, fmt.Sprintf(verb, v), planted, verb)
			require.NotContains(t, fmt.Sprintf(verb, v), fmt.Sprintf("%x", planted), verb)
		}
	}
	for _, typ := range []storage.ConfigType{storage.ConfigInteger, storage.ConfigBoolean, storage.ConfigJSON, 9} {
		bad := storage.Config{Key: "smtp.password", Type: typ, Value: planted, Sensitive: true}
		e := f.refused(t, func() error { return f.SetConfig(f.ctx, &bad) }, storage.ErrInvalid)
		require.NotContains(t, fmt.Sprintf("%+v", e), planted)
		require.NotContains(t, e.Error(), planted)
	}
	long := storage.Config{Key: "x", Value: storage.Secret(planted + strings.Repeat("x", storage.MaxConfigValue))}
	e := f.refused(t, func() error { return f.SetConfig(f.ctx, &long) }, storage.ErrInvalid, "Value")
	require.NotContains(t, fmt.Sprintf("%+v %s", e, e.Error()), planted)
}
