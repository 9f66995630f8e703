-- What a deleted room leaves is taken away by batches: members, invites and
-- sanctions outlive it for a while, and so name no row of rooms any more.

-- +goose Up

-- Whose room it was, and at which change it ended, which ends the stays that
-- are open still. NULL: deleted by an older version, which left none.
ALTER TABLE deleted_rooms ADD COLUMN room_id BLOB;
ALTER TABLE deleted_rooms ADD COLUMN ended_at INTEGER;

CREATE INDEX deleted_rooms_by_id ON deleted_rooms (room_id) WHERE room_id IS NOT NULL;

CREATE TABLE room_memberships_new (
    room_key       INTEGER NOT NULL,
    user_key       INTEGER NOT NULL REFERENCES users (key),
    role           INTEGER NOT NULL,
    settings       TEXT,             -- JSON
    custom         TEXT,
    joined_at      INTEGER NOT NULL,
    last_active_at INTEGER,
    invited_by_key INTEGER REFERENCES users (key) ON DELETE SET NULL,
    read_seq       INTEGER NOT NULL,
    own_after      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (room_key, user_key)
) STRICT, WITHOUT ROWID;

INSERT INTO room_memberships_new
SELECT room_key, user_key, role, settings, custom, joined_at, last_active_at, invited_by_key, read_seq, own_after
FROM room_memberships;

DROP TABLE room_memberships;
ALTER TABLE room_memberships_new RENAME TO room_memberships;

CREATE INDEX room_memberships_by_user ON room_memberships (user_key, room_key);
CREATE INDEX room_memberships_by_joining ON room_memberships (room_key, joined_at);
CREATE INDEX room_memberships_by_inviter ON room_memberships (invited_by_key) WHERE invited_by_key IS NOT NULL;
CREATE INDEX room_memberships_by_activity ON room_memberships (room_key, ifnull(last_active_at, 0));
CREATE INDEX room_memberships_by_rank ON room_memberships (room_key, role) WHERE role < 4;

CREATE TABLE room_invites_new (
    key          INTEGER PRIMARY KEY,
    id           BLOB    NOT NULL UNIQUE,
    room_key     INTEGER NOT NULL,
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

INSERT INTO room_invites_new
SELECT *
FROM room_invites;

DROP TABLE room_invites;
ALTER TABLE room_invites_new RENAME TO room_invites;

CREATE INDEX room_invites_by_creation ON room_invites (created_at, id);
CREATE INDEX room_invites_by_room ON room_invites (room_key, created_at, id);
CREATE INDEX room_invites_by_inviter ON room_invites (inviter_key, created_at, id) WHERE inviter_key IS NOT NULL;
CREATE INDEX room_invites_by_invitee ON room_invites (invitee_key, room_key) WHERE invitee_key IS NOT NULL;
CREATE INDEX room_invites_by_email ON room_invites (email_folded, room_key) WHERE email_folded IS NOT NULL;

CREATE TABLE user_moderation_new (
    key           INTEGER PRIMARY KEY,
    id            BLOB    NOT NULL UNIQUE,
    user_key      INTEGER NOT NULL REFERENCES users (key),
    room_key      INTEGER,                          -- NULL: everywhere
    kind          INTEGER NOT NULL,
    moderator_key INTEGER REFERENCES users (key) ON DELETE SET NULL,
    reason        TEXT,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER,
    lifted_at     INTEGER,
    lifted_by_key INTEGER REFERENCES users (key) ON DELETE SET NULL
) STRICT;

INSERT INTO user_moderation_new
SELECT *
FROM user_moderation;

DROP TABLE user_moderation;
ALTER TABLE user_moderation_new RENAME TO user_moderation;

CREATE INDEX user_moderation_by_creation ON user_moderation (created_at, id);
CREATE INDEX user_moderation_by_user ON user_moderation (user_key, created_at, id);
CREATE INDEX user_moderation_by_room ON user_moderation (room_key, created_at, id) WHERE room_key IS NOT NULL;
CREATE INDEX user_moderation_by_moderator ON user_moderation (moderator_key, created_at, id) WHERE moderator_key IS NOT NULL;
CREATE INDEX user_moderation_by_lifter ON user_moderation (lifted_by_key) WHERE lifted_by_key IS NOT NULL;
CREATE INDEX user_moderation_standing ON user_moderation (user_key) WHERE lifted_at IS NULL AND kind < 3;

-- +goose Down

-- The tables serve as they are; what deleted rooms have left in them goes at
-- once.
DELETE FROM room_memberships
WHERE room_key NOT IN (SELECT key FROM rooms);

DELETE FROM room_invites
WHERE room_key NOT IN (SELECT key FROM rooms);

DELETE FROM user_moderation
WHERE room_key NOT IN (SELECT key FROM rooms);

UPDATE room_stays
SET to_position = (
    SELECT min(d.ended_at)
    FROM deleted_rooms AS d
    WHERE d.room_id = room_stays.room_id
    AND d.ended_at >= room_stays.from_position
)
WHERE to_position IS NULL
AND room_id IN (SELECT room_id FROM deleted_rooms);

DROP INDEX deleted_rooms_by_id;
ALTER TABLE deleted_rooms DROP COLUMN ended_at;
ALTER TABLE deleted_rooms DROP COLUMN room_id;
