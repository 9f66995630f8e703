-- What members have read and what they have not; where purged messages stood.

-- +goose Up

-- A member's read marker is the later of read_seq and the member's last own
-- message beyond own_after, so that sending writes nothing for its sender.
-- Until now sending moved no marker: markers begin where they stood.
ALTER TABLE room_memberships ADD COLUMN own_after INTEGER NOT NULL DEFAULT 0;

UPDATE room_memberships
SET own_after = (SELECT last_seq FROM room_counters WHERE room_key = room_memberships.room_key);

-- Where the author's marker was before the message, if sending it moved it.
ALTER TABLE messages ADD COLUMN passed INTEGER;

ALTER TABLE purged_messages ADD COLUMN countable INTEGER NOT NULL DEFAULT 1;

-- The marker moved from one Seq, exclusive, to another, inclusive. The ranges
-- of a member do not overlap, nor do they with what own messages have passed.
-- There is no index by user: each mark would pay for it.
CREATE TABLE read_ranges (
    room_key INTEGER NOT NULL,
    user_key INTEGER NOT NULL,
    to_seq   INTEGER NOT NULL,
    from_seq INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (room_key, user_key, to_seq)
) STRICT, WITHOUT ROWID;

-- Who has left a room, and may have read something before.
CREATE TABLE former_members (
    room_key INTEGER NOT NULL,
    user_key INTEGER NOT NULL REFERENCES users (key),
    PRIMARY KEY (room_key, user_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX former_members_by_user ON former_members (user_key);

-- Receipts of single messages.
CREATE TABLE message_read_receipts (
    key      INTEGER NOT NULL, -- of the message
    user_key INTEGER NOT NULL REFERENCES users (key),
    at       INTEGER NOT NULL,
    PRIMARY KEY (key, user_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_read_receipts_by_user ON message_read_receipts (user_key);

CREATE INDEX messages_by_deletion ON messages (key, type) WHERE deleted_at IS NOT NULL;
CREATE INDEX messages_by_expiry_in_room ON messages ((key >> 32), expires_at) WHERE expires_at IS NOT NULL;

-- All that tells whether a member has missed such a message.
CREATE INDEX messages_to_all ON messages (key, author_key, type, expires_at) WHERE mentions_all = 1;
CREATE INDEX messages_by_time ON messages (created_at); -- grows at its end

-- Mentions by chunks of 512 messages of a room (key >> 9): those of one message
-- share pages.
ALTER TABLE message_mentions RENAME TO message_mentions_by_user;

CREATE TABLE message_mentions (
    chunk    INTEGER NOT NULL,
    user_key INTEGER NOT NULL,
    key      INTEGER NOT NULL,       -- of the message
    plain    INTEGER NOT NULL,       -- 1 if it can be unread at any time: not the user's own, no system message, never expires
    PRIMARY KEY (chunk, user_key, key)
) STRICT, WITHOUT ROWID;

INSERT INTO message_mentions (chunk, user_key, key, plain)
SELECT n.key >> 9, n.user_key, n.key, m.author_key <> n.user_key AND m.type <> 2 AND m.expires_at IS NULL
FROM message_mentions_by_user AS n
CROSS JOIN messages AS m ON m.key = n.key;

DROP TABLE message_mentions_by_user;

-- The chunks in which a user is mentioned, or was once.
CREATE TABLE mention_chunks (
    user_key INTEGER NOT NULL REFERENCES users (key),
    chunk    INTEGER NOT NULL,
    PRIMARY KEY (user_key, chunk)
) STRICT, WITHOUT ROWID;

INSERT INTO mention_chunks (user_key, chunk)
SELECT DISTINCT user_key, chunk
FROM message_mentions;

-- +goose Down

CREATE TABLE message_mentions_by_user (
    user_key INTEGER NOT NULL REFERENCES users (key),
    key      INTEGER NOT NULL,
    PRIMARY KEY (user_key, key)
) STRICT, WITHOUT ROWID;

INSERT INTO message_mentions_by_user (user_key, key)
SELECT user_key, key
FROM message_mentions;

DROP TABLE mention_chunks;
DROP TABLE message_mentions;
ALTER TABLE message_mentions_by_user RENAME TO message_mentions;
DROP INDEX messages_by_time;
DROP INDEX messages_to_all;
DROP INDEX messages_by_expiry_in_room;
DROP INDEX messages_by_deletion;
DROP TABLE message_read_receipts;
DROP TABLE former_members;
DROP TABLE read_ranges;
ALTER TABLE purged_messages DROP COLUMN countable;
ALTER TABLE messages DROP COLUMN passed;
ALTER TABLE room_memberships DROP COLUMN own_after;
