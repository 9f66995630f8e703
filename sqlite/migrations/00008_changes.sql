-- The change feed, who was where when, and how far consumers have come.

-- +goose Up

-- Identifiers are as they are outside, and no keys: what the feed tells
-- outlives what it names. No index has a message that was sent: each would cost
-- a send a page.
CREATE TABLE changes (
    position   INTEGER PRIMARY KEY,
    tx         INTEGER,          -- NULL: the same as position
    at         INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    room_id    BLOB,
    user_id    BLOB,
    actor      ANY,              -- 1: the user
    message_id BLOB,
    object_id  BLOB,             -- what else there is: by kind, a root, a file, an invite, a sanction, another user
    seq        INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    role       INTEGER NOT NULL,
    emoji      TEXT,
    purged     TEXT              -- JSON
) STRICT;

CREATE INDEX changes_with_emoji ON changes (message_id) WHERE emoji IS NOT NULL;

-- changes: the position of the last change that was pruned.
INSERT INTO counters (name, value) VALUES ('changes', 0);

-- The times in which users were members, by position. What was before the feed
-- is before its first position.
CREATE TABLE room_stays (
    user_id       BLOB    NOT NULL,
    room_id       BLOB    NOT NULL,
    from_position INTEGER NOT NULL,
    to_position   INTEGER,         -- NULL: it goes on
    PRIMARY KEY (user_id, room_id, from_position)
) STRICT, WITHOUT ROWID;

CREATE INDEX room_stays_open ON room_stays (room_id) WHERE to_position IS NULL;
CREATE INDEX room_stays_by_end ON room_stays (to_position) WHERE to_position IS NOT NULL;

INSERT INTO room_stays (user_id, room_id, from_position)
SELECT u.id, r.id, 0
FROM room_memberships AS m
JOIN users AS u ON u.key = m.user_key
JOIN rooms AS r ON r.key = m.room_key;

CREATE TABLE change_consumers (
    name       TEXT    NOT NULL PRIMARY KEY,
    position   INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose Down

DROP TABLE change_consumers;
DROP TABLE room_stays;
DELETE FROM counters WHERE name = 'changes';
DROP TABLE changes;
