-- Sessions.

-- +goose Up

-- Clustered by what every request of a client brings. The user is by its
-- identifier, which that look-up gives back without another one.
CREATE TABLE sessions (
    token_hash     BLOB    NOT NULL PRIMARY KEY, -- SHA-256
    id             BLOB    NOT NULL UNIQUE,
    user_id        BLOB    NOT NULL REFERENCES users (id),
    created_at     INTEGER NOT NULL,
    last_active_at INTEGER NOT NULL,
    expires_at     INTEGER,
    revoked_at     INTEGER,
    ip             BLOB,
    user_agent     TEXT,
    client_type    TEXT,
    client_version TEXT,
    device         TEXT,
    location       TEXT,
    custom         TEXT, -- JSON
    ends_at        INTEGER AS (coalesce(min(expires_at, revoked_at), expires_at, revoked_at)) VIRTUAL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_creation ON sessions (created_at, id);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at, id);
CREATE INDEX sessions_by_activity ON sessions (last_active_at);
CREATE INDEX sessions_by_end ON sessions (ends_at, id) WHERE ends_at IS NOT NULL;

-- +goose Down

DROP TABLE sessions;
