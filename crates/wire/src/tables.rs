//! The tables of the wire.

use store::Migrations;

/// Partners, messages to be sent and sent, messages received.
pub const MIGRATIONS: Migrations = Migrations {
    name: "wire",
    steps: &[(1, "partners, outbox, inbox", FIRST), (2, "the highest head of each partner's journal", PARTNER_HEADS)],
};

const PARTNER_HEADS: &str = "
CREATE TABLE wire_partner_head (
    partner TEXT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    at BIGINT NOT NULL
);
";

const FIRST: &str = "
CREATE TABLE wire_partner (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    revision BIGINT NOT NULL
);
CREATE TABLE wire_outbox (
    id TEXT PRIMARY KEY,
    partner TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    in_reply_to TEXT,
    document TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    deadline_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT,
    owner TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    done_at BIGINT,
    receipt TEXT
);
CREATE INDEX wire_outbox_due ON wire_outbox (next_at) WHERE state = 'pending';
CREATE INDEX wire_outbox_subject ON wire_outbox (subject);
CREATE INDEX wire_outbox_partner ON wire_outbox (partner, created_at);
CREATE TABLE wire_inbox (
    partner TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    in_reply_to TEXT,
    document TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    kid TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    faults TEXT,
    PRIMARY KEY (partner, id)
);
CREATE INDEX wire_inbox_reply ON wire_inbox (in_reply_to) WHERE in_reply_to IS NOT NULL;
";
