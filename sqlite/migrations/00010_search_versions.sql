-- Search indexes of several versions, of which one is being made.

-- +goose Up

ALTER TABLE search_indexes RENAME TO former_indexes;

-- The search indexes there are: one that is whole, and beside it, for a while,
-- that of a newer version, which is being made.
CREATE TABLE search_indexes (
    version INTEGER PRIMARY KEY,      -- of the text in it
    place   INTEGER NOT NULL UNIQUE,  -- the table is messages_fts_1 or messages_fts_2
    stage   INTEGER,                  -- what is being made: 1 the words of users, 2 those of rooms, 3 the index; NULL: nothing
    done    INTEGER NOT NULL          -- the key, or the doc, up to which that is made
) STRICT;

INSERT INTO search_indexes (version, place, done)
SELECT version, 1, 0
FROM former_indexes;

DROP TABLE former_indexes;

-- +goose Down

DROP TABLE search_indexes;
DROP TABLE IF EXISTS messages_fts_2;
DROP TABLE IF EXISTS messages_fts_1;

-- What was in the index is of a version that only a newer program knows. The
-- empty one is of none, so that going up again makes it anew.
CREATE TABLE search_indexes (
    version INTEGER PRIMARY KEY
) STRICT;

INSERT INTO search_indexes (version) VALUES (0);

CREATE VIRTUAL TABLE messages_fts_1 USING fts5 (
    text,
    content = '',
    tokenize = "ascii tokenchars '''.,;'"
);

INSERT INTO messages_fts_1 (messages_fts_1, rank) VALUES ('secure-delete', 1);
