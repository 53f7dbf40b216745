//! The tables of this crate.

use store::Migrations;

/// Users, sessions and stored answers.
pub const MIGRATIONS: Migrations = Migrations {
    name: "web",
    steps: &[(
        1,
        "users, sessions, stored answers",
        "
CREATE TABLE web_user (
    id TEXT PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    region TEXT,
    disabled BOOLEAN NOT NULL,
    password TEXT,
    external TEXT UNIQUE,
    totp {BLOB},
    totp_pending {BLOB},
    totp_step BIGINT NOT NULL,
    created BIGINT NOT NULL,
    changed BIGINT NOT NULL
);
CREATE TABLE web_session (
    token_sha256 TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES web_user (id),
    method TEXT NOT NULL,
    remote TEXT,
    created BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX web_session_user ON web_session (user_id);
CREATE INDEX web_session_expires ON web_session (expires);
CREATE TABLE web_answer (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request_sha256 TEXT NOT NULL,
    status BIGINT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX web_answer_at ON web_answer (at);
",
    )],
};
