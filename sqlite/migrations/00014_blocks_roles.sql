-- Blocks between users; who holds a role above the ordinary, for audits.

-- +goose Up

-- Users are by their identifiers, so that a look takes no other look-up.
CREATE TABLE user_blocks (
    user_id    BLOB    NOT NULL REFERENCES users (id), -- who blocks
    blocked_id BLOB    NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX user_blocks_by_user ON user_blocks (user_id, created_at, blocked_id);
CREATE INDEX user_blocks_by_blocked ON user_blocks (blocked_id, created_at, user_id);

CREATE INDEX users_by_role ON users (role, id);

-- +goose Down

DROP INDEX users_by_role;
DROP TABLE user_blocks;
