-- The pinned messages of a room. A message that is not pinned, as every new
-- one, has no entry.

-- +goose Up

CREATE INDEX messages_by_pin ON messages (key) WHERE pinned_at IS NOT NULL;

-- +goose Down

DROP INDEX messages_by_pin;
