-- Direct rooms, invites, sanctions.

-- +goose Up

-- Which room two users talk in, the one with the lower key first. The users are
-- no foreign keys: what they said stays when they go.
CREATE TABLE direct_rooms (
    low_key  INTEGER NOT NULL,
    high_key INTEGER NOT NULL,
    room_key INTEGER NOT NULL UNIQUE REFERENCES rooms (key),
    PRIMARY KEY (low_key, high_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE room_invites (
    key          INTEGER PRIMARY KEY,
    id           BLOB    NOT NULL UNIQUE,
    room_key     INTEGER NOT NULL REFERENCES rooms (key),
    inviter_key  INTEGER REFERENCES users (key) ON DELETE SET NULL,
    invitee_key  INTEGER REFERENCES users (key),
    email        TEXT,
    email_folded TEXT,
    code_hash    BLOB    NOT NULL UNIQUE, -- SHA-256
    role         INTEGER NOT NULL,
    max_uses     INTEGER NOT NULL,        -- 0: no limit
    uses         INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    revoked_at   INTEGER
) STRICT;

CREATE INDEX room_invites_by_creation ON room_invites (created_at, id);
CREATE INDEX room_invites_by_room ON room_invites (room_key, created_at, id);
CREATE INDEX room_invites_by_inviter ON room_invites (inviter_key, created_at, id) WHERE inviter_key IS NOT NULL;
CREATE INDEX room_invites_by_invitee ON room_invites (invitee_key, room_key) WHERE invitee_key IS NOT NULL;
CREATE INDEX room_invites_by_email ON room_invites (email_folded, room_key) WHERE email_folded IS NOT NULL;

CREATE TABLE user_moderation (
    key           INTEGER PRIMARY KEY,
    id            BLOB    NOT NULL UNIQUE,
    user_key      INTEGER NOT NULL REFERENCES users (key),
    room_key      INTEGER REFERENCES rooms (key), -- NULL: everywhere
    kind          INTEGER NOT NULL,
    moderator_key INTEGER REFERENCES users (key) ON DELETE SET NULL,
    reason        TEXT,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER,
    lifted_at     INTEGER,
    lifted_by_key INTEGER REFERENCES users (key) ON DELETE SET NULL
) STRICT;

CREATE INDEX user_moderation_by_creation ON user_moderation (created_at, id);
CREATE INDEX user_moderation_by_user ON user_moderation (user_key, created_at, id);
CREATE INDEX user_moderation_by_room ON user_moderation (room_key, created_at, id) WHERE room_key IS NOT NULL;
CREATE INDEX user_moderation_by_moderator ON user_moderation (moderator_key, created_at, id) WHERE moderator_key IS NOT NULL;
CREATE INDEX user_moderation_by_lifter ON user_moderation (lifted_by_key) WHERE lifted_by_key IS NOT NULL;

-- What may bind a user now: bans (1) and mutes (2) that were not lifted. A send
-- looks here.
CREATE INDEX user_moderation_standing ON user_moderation (user_key) WHERE lifted_at IS NULL AND kind < 3;

-- Rooms whose time comes.
CREATE INDEX rooms_by_expiry ON rooms (expires_at) WHERE expires_at IS NOT NULL;

-- +goose Down

DROP INDEX rooms_by_expiry;
DROP TABLE user_moderation;
DROP TABLE room_invites;
DROP TABLE direct_rooms;
