//! The tables that every seat has.

use crate::Migrations;

/// Journal, cursors, timers, serial numbers, documents and subject keys.
pub const MIGRATIONS: Migrations = Migrations {
    name: "store",
    steps: &[
        (1, "journal, timers, serials, documents", FIRST),
        (2, "stuck work and its retry, sign of life", STUCK),
        (3, "the last region of a subject", LAST_REGION),
        (4, "what partners have signed about the journal", WITNESSES),
        (5, "the entry at which a desk is held up, the region of a timer", HELD_UP),
    ],
};

const HELD_UP: &str = "
CREATE TABLE journal_waiting (
    name TEXT PRIMARY KEY,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    region TEXT,
    attempts BIGINT NOT NULL
);
ALTER TABLE timer ADD COLUMN region TEXT;
";

// An entry without a region has that of its subject's earlier entries, of which all may be without one.
const LAST_REGION: &str = "CREATE INDEX journal_subject_region ON journal (subject, seq) WHERE region IS NOT NULL;";

// The highest head for which each partner has signed, and heads that do not fit.
const WITNESSES: &str = "
CREATE TABLE journal_witness (
    partner TEXT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    at BIGINT NOT NULL,
    receipt TEXT NOT NULL
);
CREATE TABLE journal_contradiction (
    partner TEXT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    at BIGINT NOT NULL,
    receipt TEXT NOT NULL,
    own_seq BIGINT NOT NULL,
    noticed_at BIGINT NOT NULL,
    dismissed_at BIGINT
);
";

const STUCK: &str = "
ALTER TABLE journal_stuck ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE journal_stuck ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE journal_stuck ADD COLUMN region TEXT;
ALTER TABLE journal_stuck ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE journal_stuck ADD COLUMN retry_at BIGINT;
ALTER TABLE timer ADD COLUMN reason TEXT;
ALTER TABLE timer ADD COLUMN failed_at BIGINT;
CREATE TABLE sign_of_life (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL
);
";

const FIRST: &str = "
CREATE TABLE journal_head (
    id BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash {BLOB} NOT NULL
);
CREATE TABLE journal (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    seat TEXT NOT NULL,
    subject TEXT NOT NULL,
    case_id TEXT,
    region TEXT,
    kind TEXT NOT NULL,
    purpose TEXT,
    body TEXT NOT NULL,
    private {BLOB},
    digest {BLOB} NOT NULL,
    prev {BLOB} NOT NULL,
    hash {BLOB} NOT NULL
);
CREATE INDEX journal_subject ON journal (subject, seq);
CREATE INDEX journal_case ON journal (case_id, seq);
CREATE INDEX journal_kind ON journal (kind, seq);
CREATE TABLE journal_seal (
    seq BIGINT PRIMARY KEY,
    hash {BLOB} NOT NULL,
    at BIGINT NOT NULL,
    document TEXT NOT NULL
);
CREATE TABLE journal_cursor (
    name TEXT PRIMARY KEY,
    seq BIGINT NOT NULL
);
CREATE TABLE journal_stuck (
    name TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (name, seq)
);
CREATE TABLE subject_key (
    subject TEXT PRIMARY KEY,
    wrapped {BLOB},
    erased_at BIGINT
);
CREATE TABLE timer (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    due BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    attempt BIGINT NOT NULL
);
CREATE INDEX timer_due ON timer (due);
CREATE TABLE serial (
    prefix TEXT NOT NULL,
    day TEXT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (prefix, day)
);
CREATE TABLE document (
    sha256 TEXT PRIMARY KEY,
    sm3 TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    at BIGINT NOT NULL,
    content {BLOB} NOT NULL
);
";
