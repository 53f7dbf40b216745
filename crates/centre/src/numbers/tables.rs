//! Tables of the number list.

use store::Migrations;

/// Entries, what is published, its changes, the files of whole lists, appeals, and what each operator has.
pub const MIGRATIONS: Migrations = Migrations {
    name: "centre.numbers",
    steps: &[
        (
            1,
            "entries, published list, changes, files, appeals, operators",
            "
CREATE TABLE number_entry (
    id TEXT PRIMARY KEY,
    pattern TEXT NOT NULL,
    kind TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    case_id TEXT,
    case_number TEXT,
    label TEXT,
    expires_at BIGINT,
    state TEXT NOT NULL,
    maker TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    checker TEXT,
    decided_at BIGINT,
    decision_reason TEXT,
    ended_at BIGINT,
    ended_by TEXT,
    end_reason TEXT
);
CREATE INDEX number_entry_pattern ON number_entry (pattern);
CREATE UNIQUE INDEX number_entry_active ON number_entry (pattern) WHERE state = 'active';
CREATE INDEX number_entry_state ON number_entry (state, id);
CREATE INDEX number_entry_wide ON number_entry (kind, state) WHERE kind <> 'full';
CREATE INDEX number_entry_case ON number_entry (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX number_entry_expiry ON number_entry (expires_at) WHERE state = 'active' AND expires_at IS NOT NULL;
CREATE TABLE number_published (
    pattern TEXT PRIMARY KEY,
    entry_id TEXT,
    changed_in BIGINT NOT NULL
);
CREATE INDEX number_published_changed ON number_published (changed_in);
CREATE TABLE number_head (
    id BIGINT PRIMARY KEY,
    number BIGINT NOT NULL,
    entries BIGINT NOT NULL
);
INSERT INTO number_head (id, number, entries) VALUES (1, 0, 0);
CREATE TABLE number_change (
    number BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    put BIGINT NOT NULL,
    removed BIGINT NOT NULL
);
CREATE TABLE number_file (
    sha256 TEXT PRIMARY KEY,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE TABLE number_operator (
    partner TEXT PRIMARY KEY,
    have BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE TABLE number_appeal (
    id TEXT PRIMARY KEY,
    partner TEXT NOT NULL,
    number TEXT NOT NULL,
    pattern TEXT NOT NULL,
    entry_id TEXT,
    reason TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX number_appeal_received ON number_appeal (received_at);
",
        ),
        (
            2,
            "regions of entries",
            "
ALTER TABLE number_entry ADD COLUMN region TEXT NOT NULL DEFAULT '';
CREATE INDEX number_entry_region ON number_entry (region, id) WHERE region <> '';
",
        ),
        // Nearly every entry is active: an index that says so of each leads searches through all of them.
        (
            3,
            "an index of what is not active",
            "
DROP INDEX number_entry_state;
CREATE INDEX number_entry_waiting ON number_entry (state, id) WHERE state <> 'active';
",
        ),
    ],
};
