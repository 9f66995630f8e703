package storagetest_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/lairchat/lair/storage"
)

// configWriter is a writer of which some calls are others. Those that are nil
// are the good ones.
type configWriter struct {
	storage.ReadWriter
	configWrites
}

type configWrites struct {
	set    func(ctx context.Context, w storage.ReadWriter, c *storage.Config) error
	delete func(ctx context.Context, w storage.ReadWriter, key string) error
}

func (c configWrites) opener() opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return configWriter{w, c} })
}

func (w configWriter) SetConfig(ctx context.Context, c *storage.Config) error {
	if w.set == nil {
		return w.ReadWriter.SetConfig(ctx, c)
	}
	return w.set(ctx, w.ReadWriter, c)
}

func (w configWriter) DeleteConfig(ctx context.Context, key string) error {
	if w.delete == nil {
		return w.ReadWriter.DeleteConfig(ctx, key)
	}
	return w.delete(ctx, w.ReadWriter, key)
}

// configReader is a reader that changes queries and records on their way.
type configReader struct {
	storage.Reader
	configReads
}

type configReads struct {
	config func(*storage.Config) // of ConfigValue
	listed func(*storage.Config) // of ConfigValues
	key    func(string) string
	list   func(ctx context.Context, r storage.Reader, q storage.ConfigQuery) (storage.Page[storage.Config], error)
}

func (c configReads) opener() opener {
	return reads(func(r storage.Reader) storage.Reader { return configReader{r, c} })
}

func (r configReader) ConfigValue(ctx context.Context, key string) (storage.Config, error) {
	if r.key != nil {
		key = r.key(key)
	}
	c, err := r.Reader.ConfigValue(ctx, key)
	return apply(r.config, c, err)
}

func (r configReader) ConfigValues(ctx context.Context, q storage.ConfigQuery) (storage.Page[storage.Config], error) {
	if r.list != nil {
		return r.list(ctx, r.Reader, q)
	}
	p, err := r.Reader.ConfigValues(ctx, q)
	return applyPage(r.listed, p, err)
}

var configFaults = slices.Concat(forgottenSettings(), []fault{
	{name: "a setting set again is new", caught: "config/the same again", open: configWrites{
		set: func(ctx context.Context, w storage.ReadWriter, c *storage.Config) error {
			if err := w.DeleteConfig(ctx, c.Key); err != nil && !errors.Is(err, storage.ErrNotFound) {
				return err
			}
			return w.SetConfig(ctx, c)
		},
	}.opener()},
	{name: "settings keep their first type", caught: "config/set in its place", open: configWrites{set: sameType}.opener()},
	{name: "what was sensitive stays so", caught: "config/sensitive or not", open: configWrites{
		set: func(ctx context.Context, w storage.ReadWriter, c *storage.Config) error {
			old, err := w.ConfigValue(ctx, c.Key)
			c.Sensitive = c.Sensitive || err == nil && old.Sensitive
			return w.SetConfig(ctx, c)
		},
	}.opener()},
	{name: "sensitive settings are not told", caught: "config/sensitive or not", open: configReads{config: func(c *storage.Config) {
		if c.Sensitive {
			c.Value = ""
		}
	}}.opener()},
	{name: "the value is in the error", caught: "config/values never show", open: configWrites{
		set: func(ctx context.Context, w storage.ReadWriter, c *storage.Config) error {
			err := w.SetConfig(ctx, c)
			var e *storage.Error
			if errors.As(err, &e) && e.Field == "Value" {
				e.Err = errors.New(string(c.Value))
			}
			return err
		},
	}.opener()},
	{name: "the token is in the error", caught: "misuse/secrets in errors", open: sessionReads{
		byToken: func(ctx context.Context, r storage.Reader, token storage.Secret) (storage.Session, error) {
			s, err := r.SessionByToken(ctx, token)
			var e *storage.Error
			if errors.As(err, &e) && errors.Is(err, storage.ErrUnauthenticated) {
				e.ID = string(token)
			}
			return s, err
		},
	}.opener()},
	{name: "keys are of one case", caught: "config/keys", open: configReads{key: strings.ToLower}.opener()},
	{name: "ends of settings that are not there", caught: "config/delete", open: configWrites{
		delete: func(ctx context.Context, w storage.ReadWriter, key string) error {
			if err := w.DeleteConfig(ctx, key); !errors.Is(err, storage.ErrNotFound) {
				return err
			}
			return nil
		},
	}.opener()},
	{name: "prefixes are patterns", caught: "config/list by prefix", open: configReads{list: matching(func(key, prefix string) bool {
		return strings.HasPrefix(key, prefix) || prefix == "m_" && len(key) > 1 && key[0] == 'm'
	})}.opener()},
	{name: "prefixes end at the highest letter", caught: "config/list by prefix", open: configReads{list: matching(func(key, prefix string) bool {
		return strings.HasPrefix(key, prefix) && (prefix == "" || key < prefix+"\U0010ffff")
	})}.opener()},
	{name: "prefixes are whole parts", caught: "config/list by prefix", open: configReads{list: matching(func(key, prefix string) bool {
		rest, is := strings.CutPrefix(key, prefix)
		return is && (prefix == "" || rest == "" || rest[0] == '.' || prefix[len(prefix)-1] == '.')
	})}.opener()},
})

// forgottenSettings are stores that lose one field of a setting. The methods
// take turns at losing the fields.
func forgottenSettings() (all []fault) {
	for i, field := range reflect.VisibleFields(reflect.TypeFor[storage.Config]()) {
		forget := func(c *storage.Config) {
			v := reflect.ValueOf(c).Elem().FieldByIndex(field.Index)
			if v.Type() == reflect.TypeFor[time.Time]() {
				v.Set(reflect.ValueOf(c.UpdatedAt.Add(time.Microsecond)))
				return
			}
			v.SetZero()
		}
		r, caught := configReads{config: forget}, "config/as it is stored"
		if i%2 == 1 {
			r, caught = configReads{listed: forget}, "config/sensitive or not"
		}
		all = append(all, fault{name: "forgets Config." + field.Name, caught: caught, open: r.opener()})
	}
	return all
}

// sameType stores a setting with the type of the one in its place.
func sameType(ctx context.Context, w storage.ReadWriter, c *storage.Config) error {
	if old, err := w.ConfigValue(ctx, c.Key); err == nil {
		c.Type = old.Type
	}
	return w.SetConfig(ctx, c)
}

// matching lists what a function selects of all settings, in one page.
func matching(
	selects func(key, prefix string) bool,
) func(context.Context, storage.Reader, storage.ConfigQuery) (storage.Page[storage.Config], error) {
	return func(ctx context.Context, r storage.Reader, q storage.ConfigQuery) (out storage.Page[storage.Config], err error) {
		p, err := r.ConfigValues(ctx, storage.ConfigQuery{Limit: storage.MaxLimit})
		if err != nil {
			return p, err
		}
		right, err := r.ConfigValues(ctx, q)
		if err != nil {
			return right, err
		}
		for _, c := range p.Items {
			if selects(c.Key, q.Prefix) != strings.HasPrefix(c.Key, q.Prefix) {
				right.Items = append(right.Items, c)
			}
		}
		return right, nil
	}
}
