-- Legal holds.

-- +goose Up

-- What holds name may be gone once they are released: they keep identifiers, for
-- reading, beside the keys by which it is looked up what they cover, and refer to
-- nothing.
CREATE TABLE legal_holds (
    key         INTEGER PRIMARY KEY,
    id          BLOB    NOT NULL UNIQUE,
    room_id     BLOB,
    room_key    INTEGER,
    user_id     BLOB,
    user_key    INTEGER,
    reason      TEXT    NOT NULL,
    created_by  BLOB,
    created_at  INTEGER NOT NULL,
    released_by BLOB,
    released_at INTEGER -- NULL: it stands
) STRICT;

CREATE INDEX legal_holds_by_creation ON legal_holds (created_at, id);
CREATE INDEX legal_holds_by_room ON legal_holds (room_id, created_at, id) WHERE room_id IS NOT NULL;
CREATE INDEX legal_holds_by_user ON legal_holds (user_id, created_at, id) WHERE user_id IS NOT NULL;

-- What stands: every deletion looks here.
CREATE INDEX legal_holds_standing ON legal_holds (created_at, id) WHERE released_at IS NULL;
CREATE INDEX legal_holds_on_rooms ON legal_holds (room_key) WHERE released_at IS NULL AND room_key IS NOT NULL;
CREATE INDEX legal_holds_on_users ON legal_holds (user_key) WHERE released_at IS NULL AND user_key IS NOT NULL;

-- +goose Down

DROP TABLE legal_holds;
