-- Whose emoji the change feed tells, for erasing users.
-- +goose Up
CREATE INDEX changes_emoji_by_user ON changes (user_id) WHERE emoji IS NOT NULL;

-- +goose Down
DROP INDEX changes_emoji_by_user;
