-- What retention asks: how old the oldest message of a room is, and which invites
-- and sanctions have ended.

-- +goose Up

-- Messages that were stored after younger ones of their room: imported ones, and
-- those of a clock that went back. The others of a room have risen with their keys,
-- so that one look tells how old the oldest is, and no send pays for an index.
CREATE TABLE backdated_messages (
    key        INTEGER PRIMARY KEY,
    created_at INTEGER NOT NULL
) STRICT;

INSERT INTO backdated_messages (key, created_at)
SELECT key, created_at
FROM (
    SELECT key, created_at, max(created_at) OVER (PARTITION BY key >> 32 ORDER BY key) AS latest
    FROM messages
)
WHERE created_at < latest;

CREATE INDEX backdated_messages_by_time ON backdated_messages ((key >> 32), created_at);

-- An invite ends when it expires or is revoked; one that is used up has ended, and
-- nobody knows when.
CREATE INDEX room_invites_by_end ON room_invites (
    (iif(max_uses > 0 AND uses >= max_uses, created_at, min(ifnull(expires_at, revoked_at), ifnull(revoked_at, expires_at)))),
    id
);

-- A kick ends as it begins.
CREATE INDEX user_moderation_by_end ON user_moderation (
    (iif(kind = 3, created_at, min(ifnull(expires_at, lifted_at), ifnull(lifted_at, expires_at)))),
    id
);

-- +goose Down

DROP INDEX user_moderation_by_end;
DROP INDEX room_invites_by_end;
DROP TABLE backdated_messages;
