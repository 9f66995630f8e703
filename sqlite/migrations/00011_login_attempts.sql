-- Login attempts.

-- +goose Up

CREATE TABLE login_attempts (
    key        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE,
    login      TEXT    NOT NULL,
    user_id    BLOB    REFERENCES users (id),
    ip         BLOB,
    network    BLOB,    -- of IPv6 64 bits, of IPv4 all
    user_agent TEXT,
    success    INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX login_attempts_by_time ON login_attempts (created_at, id);

-- What a login is counted by: ranges of time in one index each, which also has
-- what is asked of an attempt, so that those that are left out are not read.
CREATE INDEX login_attempts_by_login ON login_attempts (login, created_at, id, success, network);
CREATE INDEX login_attempts_by_user ON login_attempts (user_id, created_at, id, success, network) WHERE user_id IS NOT NULL;
CREATE INDEX login_attempts_by_network ON login_attempts (network, created_at, id, success) WHERE network IS NOT NULL;

-- Each login asks for the failures from its address, which may be that of very
-- many.
CREATE INDEX login_attempts_failed ON login_attempts (network, created_at, id) WHERE success = 0 AND network IS NOT NULL;

-- +goose Down

DROP TABLE login_attempts;
