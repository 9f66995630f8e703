-- How far rooms had come when their members joined, and what was pruned from the
-- change feed, so that who misses nothing of his own is not told that something
-- is gone.

-- +goose Up

-- joined_seq: the room's last number then. Of stays that are older than this,
-- the change that began them tells it, where that is kept. Otherwise it is taken
-- for rather more than it was, so that nothing is told that should be hidden:
-- where history is hidden, for the number of the last message that claims to be
-- no younger than the membership; elsewhere, and of stays that have ended, for
-- what the room has come to by now.
ALTER TABLE room_stays ADD COLUMN joined_seq INTEGER NOT NULL DEFAULT 0;

UPDATE room_stays AS s
SET joined_seq = coalesce(
    (SELECT c.seq FROM changes AS c WHERE c.position = s.from_position),
    (
        SELECT ifnull((
            SELECT m.key & 4294967295
            FROM messages AS m
            WHERE m.key BETWEEN r.key << 32 AND (r.key << 32) + 4294967295
            AND m.created_at <= b.joined_at
            ORDER BY m.key DESC
            LIMIT 1
        ), 0)
        FROM rooms AS r
        JOIN users AS u ON u.id = s.user_id
        JOIN room_memberships AS b ON b.room_key = r.key AND b.user_key = u.key
        WHERE r.id = s.room_id
        AND r.settings ->> '$.history_hidden'
        AND s.to_position IS NULL
    ),
    (SELECT n.last_seq FROM rooms AS r JOIN room_counters AS n ON n.room_key = r.key WHERE r.id = s.room_id),
    4294967295
);

-- Where the last change was that was pruned of a room, of a user, or of no room
-- (the subject is 16 zeros then).
CREATE TABLE changes_pruned (
    subject  BLOB    NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Of what was pruned before this, it may have been anybody's.
INSERT INTO changes_pruned (subject, position)
SELECT s.subject, c.value
FROM (SELECT id AS subject FROM rooms UNION ALL SELECT zeroblob(16)) AS s
JOIN counters AS c ON c.name = 'changes' AND c.value > 0;

-- +goose Down

DROP TABLE changes_pruned;
ALTER TABLE room_stays DROP COLUMN joined_seq;
