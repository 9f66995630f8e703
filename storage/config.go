package storage

import (
	"context"
	"encoding/json"
	"strconv"
	"time"
)

// Limits of the configuration's texts, in bytes.
const (
	MaxConfigKey   = 128
	MaxConfigValue = 64 << 10
)

// ConfigType is what a configured value is.
type ConfigType uint8

// The types of configured values.
const (
	ConfigString  ConfigType = iota + 1 // any text
	ConfigInteger                       // decimal, of 64 bits: -12
	ConfigBoolean                       // true or false
	ConfigJSON                          // any JSON value, kept byte for byte
)

var configTypes = enum[ConfigType]{"ConfigType", []string{"string", "integer", "boolean", "json"}}

// ParseConfigType returns the type that [ConfigType.String] writes as s.
func ParseConfigType(s string) (ConfigType, error) { return configTypes.parse(s) }

// Valid reports whether t is one of the types.
func (t ConfigType) Valid() bool { return configTypes.valid(t) }

// String returns the type's name.
func (t ConfigType) String() string { return configTypes.string(t) }

// MarshalText returns the type's name, "" when it is unset.
func (t ConfigType) MarshalText() ([]byte, error) { return configTypes.marshal(t) }

// UnmarshalText is the inverse of [ConfigType.MarshalText].
func (t *ConfigType) UnmarshalText(text []byte) error { return configTypes.unmarshal(t, text) }

// Config is one setting of the server. Any value is a Secret here, so that a
// sensitive one never shows by mistake; string(c.Value) tells it. In the backend's
// file values stand as they are: what must not be found in a stolen file has to be
// encrypted before it is stored.
type Config struct {
	Key       string     `json:"key"`                // compared bytewise; dots make it a hierarchy: mail.smtp.host
	Type      ConfigType `json:"type"`               // ConfigString unless given
	Value     Secret     `json:"-"`                  // the value as text, in the form of its type
	Sensitive bool       `json:"sensitive,omitzero"` // not to be shown, nor dumped but among secrets
	UpdatedAt time.Time  `json:"updated_at"`
}

// Int returns the value of a ConfigInteger; ErrInvalid for any other.
func (c Config) Int() (int64, error) {
	n, err := strconv.ParseInt(string(c.Value), 10, 64)
	if c.Type != ConfigInteger || err != nil || strconv.FormatInt(n, 10) != string(c.Value) {
		return 0, Invalid("Value", "not an integer")
	}
	return n, nil
}

// Bool returns the value of a ConfigBoolean; ErrInvalid for any other.
func (c Config) Bool() (bool, error) {
	if c.Type != ConfigBoolean || (c.Value != "true" && c.Value != "false") {
		return false, Invalid("Value", "not a boolean")
	}
	return c.Value == "true", nil
}

// CheckConfigKey refuses a key that no setting can have.
func CheckConfigKey(field, key string) error {
	if key == "" {
		return Invalid(field, "empty")
	}
	return CheckText(field, key, MaxConfigKey)
}

// Validate refuses a setting that cannot be stored, without telling its value.
func (c Config) Validate() error {
	if err := CheckConfigKey("Key", c.Key); err != nil {
		return err
	}
	if err := CheckText("Value", string(c.Value), MaxConfigValue); err != nil {
		return err
	}
	var err error
	switch c.Type {
	case ConfigInteger:
		_, err = c.Int()
	case ConfigBoolean:
		_, err = c.Bool()
	case ConfigJSON:
		if !json.Valid([]byte(c.Value)) {
			err = Invalid("Value", "not JSON")
		}
	default:
		err = configTypes.check("Type", c.Type)
	}
	return err
}

// Normalize fills in the defaults of a new setting.
func (c *Config) Normalize() {
	if c.Type == 0 {
		c.Type = ConfigString
	}
}

// ConfigQuery selects settings; the zero value selects all. They are sorted by
// key, bytewise.
type ConfigQuery struct {
	Prefix string // that the key begins with
	Limit  int
	Cursor Cursor
}

// WithCursor returns the query for the page at c.
func (q ConfigQuery) WithCursor(c Cursor) ConfigQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q ConfigQuery) Validate() error { return CheckText("Prefix", q.Prefix, MaxConfigKey) }

// ConfigReader reads the configuration.
type ConfigReader interface {
	// ConfigValue returns a setting; ErrNotFound if there is none. A key that no
	// setting can have is ErrInvalid.
	ConfigValue(ctx context.Context, key string) (Config, error)

	// ConfigValues lists the settings that q selects, a page at a time.
	ConfigValues(ctx context.Context, q ConfigQuery) (Page[Config], error)
}

// ConfigWriter changes the configuration. What it does is no part of the change
// feed, which everybody's clients read: a server that wants its settings' changes
// told writes them into the audit log.
type ConfigWriter interface {
	// SetConfig stores a setting in place of what had its key, and sets in *c
	// Type if it is unset and UpdatedAt. The same again changes nothing, and
	// UpdatedAt stays. A sensitive setting may be replaced by one that is not.
	// After an error *c is as it was. No error tells the value.
	SetConfig(ctx context.Context, c *Config) error

	// DeleteConfig removes a setting; ErrNotFound if there is none. A key that no
	// setting can have is ErrInvalid.
	DeleteConfig(ctx context.Context, key string) error
}
