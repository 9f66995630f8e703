-- Who was deactivated: few, and looked for among many.

-- +goose Up

CREATE INDEX users_deactivated ON users (username_folded, id) WHERE active = 0;

-- +goose Down

DROP INDEX users_deactivated;
