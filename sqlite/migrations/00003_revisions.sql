-- What messages said before they were edited.

-- +goose Up

CREATE TABLE message_revisions (
    key             INTEGER NOT NULL, -- of the message
    version         INTEGER NOT NULL, -- the message's when it said this
    body            TEXT    NOT NULL,
    mentions_all    INTEGER NOT NULL,
    mentions        BLOB,             -- identifiers, one after another
    tags            TEXT,             -- JSON
    custom          TEXT,
    replaced_at     INTEGER NOT NULL,
    replaced_by_key INTEGER,
    PRIMARY KEY (key, version)
) STRICT, WITHOUT ROWID;

-- +goose Down

DROP TABLE message_revisions;
