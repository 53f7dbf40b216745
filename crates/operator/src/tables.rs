//! The tables of the carrier seat.

use store::Migrations;

/// The list of this seat, what the centre published, rules, orders on lines, measures, senders, appeals and the whereabouts
/// of subscribers.
///
/// The full list of the centre and the records of calls are files in the data folder: they are read whole and written
/// whole, and too large to be rows.
pub const MIGRATIONS: Migrations = Migrations {
    name: "operator",
    steps: &[
        (
            1,
            "list, centre list, rules, orders on lines, measures, warnings, senders, appeals",
            "
CREATE TABLE operator_entry (
    id TEXT PRIMARY KEY,
    pattern TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    case_number TEXT,
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    ended_at BIGINT,
    ended_by TEXT,
    end_reason TEXT,
    import_id TEXT
);
CREATE UNIQUE INDEX operator_entry_active ON operator_entry (pattern, kind) WHERE state = 'active';
CREATE INDEX operator_entry_state ON operator_entry (state, id);
CREATE INDEX operator_entry_case ON operator_entry (case_number);
CREATE TABLE operator_import (
    id TEXT PRIMARY KEY,
    file_name TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    rows_read BIGINT NOT NULL,
    loaded BIGINT NOT NULL,
    known BIGINT NOT NULL,
    refused BIGINT NOT NULL
);
CREATE TABLE operator_import_refusal (
    import_id TEXT NOT NULL,
    line BIGINT NOT NULL,
    faults TEXT NOT NULL,
    PRIMARY KEY (import_id, line)
);
CREATE TABLE operator_centre_list (
    centre TEXT PRIMARY KEY,
    list_seq BIGINT NOT NULL,
    heard_at BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    asked_at BIGINT,
    snapshot_seq BIGINT NOT NULL,
    snapshot_sha256 TEXT,
    offer TEXT
);
CREATE TABLE operator_centre_change (
    centre TEXT NOT NULL,
    list_seq BIGINT NOT NULL,
    body TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (centre, list_seq)
);
CREATE TABLE operator_rule (
    id BIGINT PRIMARY KEY,
    channel TEXT NOT NULL,
    version BIGINT NOT NULL,
    stage TEXT NOT NULL,
    owner TEXT NOT NULL,
    definition TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    asked_by TEXT,
    asked_at BIGINT,
    published_by TEXT,
    published_at BIGINT,
    cut_out_at BIGINT,
    cut_out_why TEXT
);
CREATE TABLE operator_rule_version (
    id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    stage TEXT NOT NULL,
    definition TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    what TEXT NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE TABLE operator_line_order (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    case_number TEXT NOT NULL,
    kind TEXT NOT NULL,
    authority TEXT NOT NULL,
    line TEXT NOT NULL,
    state TEXT NOT NULL,
    code TEXT,
    message_id TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    answered_at BIGINT,
    order_json TEXT NOT NULL,
    answer_json TEXT
);
CREATE INDEX operator_line_order_line ON operator_line_order (line);
CREATE INDEX operator_line_order_state ON operator_line_order (state, id);
CREATE TABLE operator_measure (
    id TEXT PRIMARY KEY,
    order_id TEXT,
    line TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    case_number TEXT,
    authority TEXT NOT NULL,
    state TEXT NOT NULL,
    since BIGINT NOT NULL,
    until_at BIGINT,
    ended_at BIGINT,
    ended_by TEXT,
    end_reason TEXT
);
CREATE INDEX operator_measure_line ON operator_measure (line, state);
CREATE INDEX operator_measure_state ON operator_measure (state, id);
CREATE INDEX operator_measure_order ON operator_measure (order_id);
CREATE TABLE operator_warning (
    case_number TEXT NOT NULL,
    line TEXT NOT NULL,
    number TEXT NOT NULL,
    order_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (case_number, line)
);
CREATE TABLE operator_sender (
    sender TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    peers TEXT NOT NULL,
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    ended_at BIGINT,
    ended_by TEXT
);
CREATE TABLE operator_appeal (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    caller TEXT NOT NULL,
    words TEXT NOT NULL,
    contact TEXT,
    state TEXT NOT NULL,
    found TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    asked_by TEXT,
    asked_at BIGINT,
    decided_by TEXT,
    decided_at BIGINT,
    reason TEXT,
    lifted TEXT
);
CREATE UNIQUE INDEX operator_appeal_number ON operator_appeal (number);
CREATE INDEX operator_appeal_state ON operator_appeal (state, id);
CREATE INDEX operator_appeal_caller ON operator_appeal (caller);
CREATE TABLE operator_day (
    day TEXT NOT NULL,
    name TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (day, name)
);
",
        ),
        (
            2,
            "whereabouts of subscribers",
            "
CREATE TABLE operator_roaming (
    number TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    since BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    network TEXT NOT NULL,
    heard_at BIGINT NOT NULL
);
CREATE INDEX operator_roaming_heard ON operator_roaming (heard_at);
CREATE INDEX operator_roaming_until ON operator_roaming (until_at);
",
        ),
        (
            3,
            "what people took from the list",
            "
CREATE INDEX operator_entry_ended ON operator_entry (pattern) WHERE state = 'ended';
",
        ),
    ],
};
