//! Tables of the lines desk.

use store::Migrations;

/// Orders about lines, and the contacts that operators answered with.
pub const MIGRATIONS: Migrations = Migrations {
    name: "centre.lines",
    steps: &[
        (
            1,
            "orders about lines, contacts",
            "
CREATE TABLE line_order (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    request_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    case_number TEXT NOT NULL,
    region TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    partner TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    line TEXT NOT NULL,
    counterpart TEXT,
    period_from BIGINT,
    period_to BIGINT,
    until BIGINT,
    refers_to TEXT,
    include_foreign BOOLEAN NOT NULL,
    label TEXT,
    warning_text TEXT,
    reason TEXT NOT NULL,
    maker TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    checker TEXT,
    rule_id TEXT,
    decided_at BIGINT,
    decision_reason TEXT,
    message_id TEXT,
    document TEXT,
    sent_at BIGINT,
    answer_due BIGINT,
    escalation BIGINT NOT NULL,
    answered_at BIGINT,
    answer_code TEXT,
    answer TEXT,
    contacts BIGINT NOT NULL,
    ends_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX line_order_state ON line_order (state, made_at);
CREATE INDEX line_order_request ON line_order (request_id);
CREATE INDEX line_order_case ON line_order (case_id);
CREATE INDEX line_order_line ON line_order (line);
CREATE INDEX line_order_counterpart ON line_order (counterpart) WHERE counterpart IS NOT NULL;
CREATE TABLE line_contact (
    order_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    number TEXT NOT NULL,
    direction TEXT NOT NULL,
    channel TEXT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    count BIGINT NOT NULL,
    answered BIGINT,
    duration_seconds BIGINT,
    PRIMARY KEY (order_id, position)
);
CREATE INDEX line_contact_number ON line_contact (number);
",
        ),
        (2, "warnings in English", "ALTER TABLE line_order ADD COLUMN warning_text_en TEXT;"),
    ],
};
