-- Users, rooms, memberships, messages and their search index.
--
-- Public identifiers are blobs of 16 bytes; inside, small integer keys stand
-- for users and rooms. AUTOINCREMENT lets a key outlive its row: what still
-- names it never comes to mean somebody else. Times are microseconds since
-- 1970, NULL for never. Fields that are JSON objects of the caller's own have
-- columns of their own, because they are kept byte for byte.

-- +goose Up

-- "lair", in the file's header: what Open knows its own databases by.
PRAGMA application_id = 1818323314;

-- user_deletions: how many users were ever deleted (tells stale caches of keys).
-- documents: at least the highest document number that no message has any more.
CREATE TABLE counters (
    name  TEXT    NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO counters (name, value) VALUES ('user_deletions', 0), ('documents', 0);

CREATE TABLE users (
    key             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              BLOB    NOT NULL UNIQUE,
    external_id     TEXT             UNIQUE,
    username        TEXT    NOT NULL,
    username_folded TEXT    NOT NULL UNIQUE,
    email           TEXT,
    email_folded    TEXT             UNIQUE,
    role            INTEGER NOT NULL,
    active          INTEGER NOT NULL,
    password_hash   TEXT,
    display_name    TEXT,
    avatar          TEXT,
    profile         TEXT,             -- JSON: the rest of the profile
    profile_custom  TEXT,
    settings        TEXT,             -- JSON
    settings_chat   TEXT,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    last_seen_at    INTEGER,
    version         INTEGER NOT NULL
) STRICT;

CREATE INDEX users_by_creation ON users (created_at, id);
CREATE INDEX users_by_seen ON users (ifnull(last_seen_at, 0), id);

CREATE TABLE user_words (
    word     TEXT    NOT NULL,
    user_key INTEGER NOT NULL REFERENCES users (key),
    PRIMARY KEY (word, user_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX user_words_by_user ON user_words (user_key);

CREATE TABLE rooms (
    key           INTEGER PRIMARY KEY AUTOINCREMENT,
    id            BLOB    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    name_folded   TEXT    NOT NULL, -- '' if there is none
    display_name  TEXT,
    description   TEXT,
    topic         TEXT,
    type          INTEGER NOT NULL,
    privacy       INTEGER NOT NULL,
    password_hash TEXT,
    settings      TEXT,             -- JSON
    custom        TEXT,
    creator_key   INTEGER REFERENCES users (key) ON DELETE SET NULL,
    active        INTEGER NOT NULL,
    expires_at    INTEGER,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    member_count  INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX rooms_by_unique_name ON rooms (name_folded) WHERE name_folded <> '';
CREATE INDEX rooms_by_name ON rooms (name_folded, id);
CREATE INDEX rooms_by_creation ON rooms (created_at, id);
CREATE INDEX rooms_by_creator ON rooms (creator_key) WHERE creator_key IS NOT NULL;

-- What every message changes, apart from the rest of the room so that many
-- rooms share a page. No index hangs on it: each would cost a send a page.
CREATE TABLE room_counters (
    room_key        INTEGER PRIMARY KEY REFERENCES rooms (key),
    last_seq        INTEGER NOT NULL,
    last_message_at INTEGER,
    message_count   INTEGER NOT NULL, -- without tombstones
    ordinal         INTEGER NOT NULL  -- messages that could ever be unread
) STRICT;

CREATE TABLE room_words (
    word     TEXT    NOT NULL,
    room_key INTEGER NOT NULL REFERENCES rooms (key),
    PRIMARY KEY (word, room_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX room_words_by_room ON room_words (room_key);

-- Rooms whose messages are still to be taken away.
CREATE TABLE deleted_rooms (
    key INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE room_memberships (
    room_key       INTEGER NOT NULL REFERENCES rooms (key),
    user_key       INTEGER NOT NULL REFERENCES users (key),
    role           INTEGER NOT NULL,
    settings       TEXT,             -- JSON
    custom         TEXT,
    joined_at      INTEGER NOT NULL,
    last_active_at INTEGER,
    invited_by_key INTEGER REFERENCES users (key) ON DELETE SET NULL,
    read_seq       INTEGER NOT NULL,
    PRIMARY KEY (room_key, user_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX room_memberships_by_user ON room_memberships (user_key, room_key);
CREATE INDEX room_memberships_by_joining ON room_memberships (room_key, joined_at);
CREATE INDEX room_memberships_by_inviter ON room_memberships (invited_by_key) WHERE invited_by_key IS NOT NULL;

-- The key is room key << 32 | seq: a room's history is one range of the table.
-- Rooms and authors are no foreign keys, since messages outlive both.
CREATE TABLE messages (
    key            INTEGER PRIMARY KEY,
    id             BLOB    NOT NULL,
    author_key     INTEGER NOT NULL, -- 0 for nobody
    type           INTEGER NOT NULL,
    doc            INTEGER NOT NULL, -- place in the order of storing, across rooms
    ordinal        INTEGER NOT NULL, -- the room's, up to and with this message
    created_at     INTEGER NOT NULL,
    edited_at      INTEGER,
    deleted_at     INTEGER,
    deleted_by_key INTEGER,
    expires_at     INTEGER,
    pinned_at      INTEGER,
    version        INTEGER NOT NULL,
    parent_id      BLOB,
    root_id        BLOB,
    nonce          TEXT,
    nonce_digest   BLOB,
    mentions_all   INTEGER NOT NULL,
    mentions       BLOB,             -- identifiers, one after another
    body           TEXT    NOT NULL,
    tags           TEXT,             -- JSON
    custom         TEXT
) STRICT;

CREATE UNIQUE INDEX messages_by_id ON messages (id);
CREATE UNIQUE INDEX messages_by_doc ON messages (doc);
CREATE UNIQUE INDEX messages_by_nonce ON messages (nonce, author_key, (key >> 32)) WHERE nonce IS NOT NULL;
CREATE INDEX messages_by_author ON messages (author_key);                             -- then by key, as
CREATE INDEX messages_by_root ON messages (root_id) WHERE root_id IS NOT NULL;         -- in every index
CREATE INDEX messages_by_expiry ON messages (expires_at) WHERE expires_at IS NOT NULL;

-- Where purged messages stood: anchors of pages may still name them.
CREATE TABLE purged_messages (
    key INTEGER PRIMARY KEY,
    id  BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE message_mentions (
    user_key INTEGER NOT NULL REFERENCES users (key),
    key      INTEGER NOT NULL,       -- of the message
    PRIMARY KEY (user_key, key)
) STRICT, WITHOUT ROWID;

-- The search indexes there are, by the version of the analysis of their text.
CREATE TABLE search_indexes (
    version INTEGER PRIMARY KEY
) STRICT;

INSERT INTO search_indexes (version) VALUES (1);

-- Analysed text, its tokens joined by spaces, and tokens for room and author.
-- The rowid is doc << 24 | low bits of the room's key. Only spaces part the
-- tokens: the tokenizer is told of all the other ASCII that occurs in them.
CREATE VIRTUAL TABLE messages_fts_1 USING fts5 (
    text,
    content = '',
    tokenize = "ascii tokenchars '''.,;'"
);

-- Deleted text leaves no trace in the index.
INSERT INTO messages_fts_1 (messages_fts_1, rank) VALUES ('secure-delete', 1);

-- +goose Down

DROP TABLE messages_fts_1;
DROP TABLE search_indexes;
DROP TABLE message_mentions;
DROP TABLE purged_messages;
DROP TABLE messages;
DROP TABLE room_memberships;
DROP TABLE deleted_rooms;
DROP TABLE room_words;
DROP TABLE room_counters;
DROP TABLE rooms;
DROP TABLE user_words;
DROP TABLE users;
DROP TABLE counters;
