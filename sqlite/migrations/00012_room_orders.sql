-- Orders in which rooms and members are listed.

-- +goose Up

CREATE INDEX rooms_by_members ON rooms (member_count, id);

-- The hour of the last message since 1970, 0 for none. It leads to the rooms
-- in the order of their activity, and costs a send nothing while it lasts.
ALTER TABLE room_counters ADD COLUMN active_hour INTEGER NOT NULL DEFAULT 0;

UPDATE room_counters
SET active_hour = last_message_at / 3600000000
WHERE last_message_at IS NOT NULL;

CREATE INDEX room_counters_by_hour ON room_counters (active_hour);

CREATE INDEX room_memberships_by_activity ON room_memberships (room_key, ifnull(last_active_at, 0));

-- Owners, admins and moderators (1 to 3), who are few in a large room.
CREATE INDEX room_memberships_by_rank ON room_memberships (room_key, role) WHERE role < 4;

-- +goose Down

DROP INDEX room_memberships_by_rank;
DROP INDEX room_memberships_by_activity;
DROP INDEX room_counters_by_hour;
ALTER TABLE room_counters DROP COLUMN active_hour;
DROP INDEX rooms_by_members;
