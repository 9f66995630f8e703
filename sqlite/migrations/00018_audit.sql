-- The audit log.

-- +goose Up

-- What entries name may be gone: they keep identifiers, and refer to nothing.
CREATE TABLE audit_log (
    position         INTEGER NOT NULL PRIMARY KEY, -- 1, 2, 3 … in the order of the chain
    id               BLOB    NOT NULL UNIQUE,
    action           TEXT    NOT NULL,
    actor_id         BLOB,
    target_kind      TEXT,
    target_id        TEXT,
    room_id          BLOB,
    created_at       INTEGER NOT NULL,
    actor_name       TEXT,
    actor_ip         BLOB,
    actor_user_agent TEXT,
    actor_salt       BLOB, -- NULL once the actor's fields are erased
    actor_seal       BLOB    NOT NULL,
    target_name      TEXT,
    detail           TEXT,
    metadata         TEXT, -- JSON
    subject_salt     BLOB, -- NULL once the subject's fields are erased
    subject_seal     BLOB    NOT NULL,
    prev             BLOB    NOT NULL, -- the hash of the entry before
    hash             BLOB    NOT NULL
) STRICT;

-- All lists are by creation, and by position where times are equal.
CREATE INDEX audit_log_by_creation ON audit_log (created_at);
CREATE INDEX audit_log_by_action ON audit_log (action, created_at);
CREATE INDEX audit_log_by_actor ON audit_log (actor_id, created_at) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_log_by_kind ON audit_log (target_kind, created_at) WHERE target_kind IS NOT NULL;
CREATE INDEX audit_log_by_target ON audit_log (target_id, created_at) WHERE target_id IS NOT NULL;
CREATE INDEX audit_log_by_room ON audit_log (room_id, created_at) WHERE room_id IS NOT NULL;

-- What is there to erase of a user.
CREATE INDEX audit_log_telling_of_actor ON audit_log (actor_id) WHERE actor_salt IS NOT NULL;
CREATE INDEX audit_log_telling_of_user ON audit_log (target_id)
    WHERE target_kind = 'user' AND subject_salt IS NOT NULL;

-- The words that text queries find entries by.
CREATE TABLE audit_words (
    position INTEGER NOT NULL REFERENCES audit_log (position),
    word     TEXT    NOT NULL,
    PRIMARY KEY (position, word)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_words_by_word ON audit_words (word);

-- Where the chain ends, and where it begins.
CREATE TABLE audit_head (
    one             INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    position        INTEGER NOT NULL,
    hash            BLOB    NOT NULL,
    pruned_position INTEGER NOT NULL,
    pruned_hash     BLOB    NOT NULL
) STRICT;

INSERT INTO audit_head (one, position, hash, pruned_position, pruned_hash)
VALUES (1, 0, zeroblob(32), 0, zeroblob(32));

-- +goose Down

DROP TABLE audit_words;
DROP TABLE audit_log;
DROP TABLE audit_head;
