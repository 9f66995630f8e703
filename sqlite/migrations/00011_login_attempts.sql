-- Login attempts.

-- +goose Up

-- Clustered by time, in which they come, are listed and go.
CREATE TABLE login_attempts (
    created_at INTEGER NOT NULL,
    id         BLOB    NOT NULL UNIQUE,
    login      TEXT    NOT NULL,
    user_id    BLOB    REFERENCES users (id),
    ip         BLOB,
    network    BLOB,    -- of IPv6 64 bits, of IPv4 all
    user_agent TEXT,
    success    INTEGER NOT NULL,
    PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;

-- What a login is counted by: ranges of time in one index each.
CREATE INDEX login_attempts_by_login ON login_attempts (login, created_at, id, success);
CREATE INDEX login_attempts_by_user ON login_attempts (user_id, created_at, id, success) WHERE user_id IS NOT NULL;
CREATE INDEX login_attempts_by_network ON login_attempts (network, created_at, id, success) WHERE network IS NOT NULL;

-- +goose Down

DROP TABLE login_attempts;
