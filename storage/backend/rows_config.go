package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// ConfigScan is a list of settings, in the order of their keys, bytewise. After
// holds a key in Text.
type ConfigScan struct {
	storage.ConfigQuery // Limit and Cursor are unset
	Scan
}

// ConfigRows reads and writes the configuration.
type ConfigRows interface {
	Config(ctx context.Context, key string) (storage.Config, error)
	Configs(ctx context.Context, s ConfigScan) ([]storage.Config, error)

	// SetConfig stores a setting, whether there is one of the key or not.
	SetConfig(ctx context.Context, c *storage.Config) error
	DeleteConfig(ctx context.Context, key string) error
}
