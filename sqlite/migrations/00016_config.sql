-- Configuration.

-- +goose Up

CREATE TABLE server_config (
    key        TEXT    NOT NULL PRIMARY KEY,
    type       INTEGER NOT NULL, -- storage.ConfigType
    value      TEXT    NOT NULL,
    sensitive  INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- +goose Down

DROP TABLE server_config;
