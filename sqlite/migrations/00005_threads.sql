-- Threads, tags, attachments, and what a page says of its reactions.

-- +goose Up

-- One row for each author of the replies to a message that are no tombstones,
-- and for each time at which such replies expire: what has expired is left out
-- without a look at the replies. The root may have been purged.
CREATE TABLE message_threads (
    root_key   INTEGER NOT NULL, -- of the message that is replied to
    author_key INTEGER NOT NULL, -- 0 for nobody
    expires_at INTEGER NOT NULL, -- 0 for never
    replies    INTEGER NOT NULL,
    last_key   INTEGER NOT NULL, -- of the last of these replies
    last_id    BLOB    NOT NULL,
    last_at    INTEGER NOT NULL,
    PRIMARY KEY (root_key, author_key, expires_at)
) STRICT, WITHOUT ROWID;

INSERT INTO message_threads (root_key, author_key, expires_at, replies, last_key, last_id, last_at)
SELECT ifnull(r.key, p.key), m.author_key, ifnull(m.expires_at, 0), count(*), max(m.key), m.id, m.created_at
FROM messages AS m
LEFT JOIN messages AS r ON r.id = m.root_id
LEFT JOIN purged_messages AS p ON p.id = m.root_id
WHERE m.root_id IS NOT NULL
AND m.deleted_at IS NULL
AND ifnull(r.key, p.key) IS NOT NULL
GROUP BY 1, 2, 3;

CREATE TABLE message_tags (
    tag TEXT    NOT NULL,
    key INTEGER NOT NULL,            -- of the message
    PRIMARY KEY (tag, key)
) STRICT, WITHOUT ROWID;

INSERT INTO message_tags (tag, key)
SELECT t.value, m.key
FROM messages AS m
CROSS JOIN json_each(m.tags) AS t
WHERE m.tags IS NOT NULL;

-- A room is no foreign key: what is known of a file outlives it, until the
-- file's bytes are freed.
CREATE TABLE file_attachments (
    key          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           BLOB    NOT NULL UNIQUE,
    room_key     INTEGER NOT NULL,
    message_key  INTEGER,            -- that carries it, or did until detached_at; NULL: none yet
    position     INTEGER NOT NULL,   -- among what the message carries
    uploader_key INTEGER REFERENCES users (key) ON DELETE SET NULL,
    name         TEXT    NOT NULL,
    media_type   TEXT,
    size         INTEGER NOT NULL,
    hash         TEXT,
    blob         TEXT    NOT NULL,
    width        INTEGER NOT NULL,
    height       INTEGER NOT NULL,
    duration     INTEGER NOT NULL,   -- nanoseconds
    custom       TEXT,
    created_at   INTEGER NOT NULL,
    detached_at  INTEGER             -- NULL: its message was not deleted
) STRICT;

CREATE INDEX file_attachments_by_message ON file_attachments (message_key, position) WHERE message_key IS NOT NULL;
CREATE INDEX file_attachments_unattached ON file_attachments (created_at, id)
WHERE message_key IS NULL OR detached_at IS NOT NULL;
CREATE INDEX file_attachments_resting ON file_attachments (ifnull(detached_at, created_at), id)
WHERE message_key IS NULL OR detached_at IS NOT NULL;
CREATE INDEX file_attachments_by_creation ON file_attachments (created_at, id);
CREATE INDEX file_attachments_by_room ON file_attachments (room_key, created_at, id);
CREATE INDEX file_attachments_by_uploader ON file_attachments (uploader_key, created_at, id) WHERE uploader_key IS NOT NULL;
CREATE INDEX file_attachments_by_hash ON file_attachments (hash, created_at, id) WHERE hash IS NOT NULL;
CREATE INDEX file_attachments_by_blob ON file_attachments (blob, created_at, id);

-- Deleted rooms that still have attachments.
CREATE TABLE deleted_room_files (
    room_key INTEGER PRIMARY KEY
) STRICT;

-- The counts of the reactions to a message, in the order in which it shows
-- them: "count first emoji", parted by commas, the emoji in hexadecimal and
-- first the time of the earliest that stands.
ALTER TABLE messages ADD COLUMN reactions TEXT;

-- What hangs on a message, so that a page of messages looks for nothing else:
-- 1 if it was ever replied to, and how many attachments it carries.
ALTER TABLE messages ADD COLUMN replied INTEGER;
ALTER TABLE messages ADD COLUMN attachments INTEGER;

UPDATE messages
SET replied = 1
WHERE key IN (SELECT root_key FROM message_threads);

UPDATE messages
SET reactions = (
    SELECT group_concat(x.count || ' ' || x.first || ' ' || x.emoji, ',' ORDER BY x.first, x.emoji)
    FROM (
        SELECT count(*) AS count, min(created_at) AS first, lower(hex(emoji)) AS emoji
        FROM message_reactions
        WHERE key = messages.key
        GROUP BY emoji
    ) AS x
)
WHERE key IN (SELECT key FROM message_reactions);

-- +goose Down

ALTER TABLE messages DROP COLUMN attachments;
ALTER TABLE messages DROP COLUMN replied;
ALTER TABLE messages DROP COLUMN reactions;
DROP TABLE deleted_room_files;
DROP TABLE file_attachments;
DROP TABLE message_tags;
DROP TABLE message_threads;
