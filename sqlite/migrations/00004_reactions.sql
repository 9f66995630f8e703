-- Reactions. Those to a page of messages are one range of the table.

-- +goose Up

CREATE TABLE message_reactions (
    key        INTEGER NOT NULL, -- of the message
    emoji      TEXT    NOT NULL,
    user_key   INTEGER NOT NULL REFERENCES users (key),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (key, emoji, user_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_reactions_by_time ON message_reactions (key, created_at);
CREATE INDEX message_reactions_by_user ON message_reactions (user_key);

-- +goose Down

DROP TABLE message_reactions;
