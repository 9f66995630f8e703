-- What statistics are made of: counts by quarter of an hour, room and author.
-- What is in them, and in a log, says the package storage/backend/rollup.

-- +goose Up

CREATE TABLE rollups (
    kind   INTEGER NOT NULL,
    period INTEGER NOT NULL,
    a      INTEGER NOT NULL,
    b      INTEGER NOT NULL,
    cell   BLOB    NOT NULL,
    PRIMARY KEY (kind, period, a, b)
) STRICT, WITHOUT ROWID;

-- What is in no cell yet, one row for each commit group. The last row stays, so
-- that keys are never dealt again.
CREATE TABLE rollup_log (
    key    INTEGER PRIMARY KEY,
    deltas BLOB    NOT NULL,
    count  INTEGER NOT NULL  -- of the deltas
) STRICT;

-- How far the log is folded into the cells: rows up to sealed are in the cells
-- before the mark, and if there is none, in all of them.
CREATE TABLE rollup_fold (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    sealed INTEGER NOT NULL,
    kind   INTEGER,
    period INTEGER,
    a      INTEGER,
    b      INTEGER
) STRICT;

INSERT INTO rollup_fold (one, sealed) VALUES (1, 0);

-- Of what happened before this, the log has what is still there: messages,
-- those of deleted rooms too, members and users. A delta is written in
-- hexadecimal: quarter of an hour, room, author, what (a type of messages, 13: a
-- member joined, 15: a user was registered), how many.
INSERT INTO rollup_log (deltas, count)
SELECT
    unhex(group_concat(printf(
        '%08X%08X%012X%02X00000001',
        ((m.created_at - CASE WHEN m.created_at < 0 THEN 899999999 ELSE 0 END) / 900000000) & 4294967295,
        m.key >> 32, ifnull(u.key, 0), m.type
    ), '')),
    count(*)
FROM messages AS m NOT INDEXED
LEFT JOIN users AS u ON u.key = m.author_key
WHERE m.deleted_at IS NULL
GROUP BY m.key >> 12;

INSERT INTO rollup_log (deltas, count)
SELECT
    unhex(group_concat(printf(
        '%08X%08X%012X0D00000001',
        ((b.joined_at - CASE WHEN b.joined_at < 0 THEN 899999999 ELSE 0 END) / 900000000) & 4294967295,
        r.key, b.user_key
    ), '')),
    count(*)
FROM rooms AS r
CROSS JOIN room_memberships AS b ON b.room_key = r.key
GROUP BY r.key;

INSERT INTO rollup_log (deltas, count)
SELECT
    unhex(group_concat(printf(
        '%08X00000000%012X0F00000001',
        ((u.created_at - CASE WHEN u.created_at < 0 THEN 899999999 ELSE 0 END) / 900000000) & 4294967295,
        u.key
    ), '')),
    count(*)
FROM users AS u
GROUP BY u.key >> 12;

-- +goose Down

DROP TABLE rollup_fold;
DROP TABLE rollup_log;
DROP TABLE rollups;
