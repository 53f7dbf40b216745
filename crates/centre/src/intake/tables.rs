//! The tables of this desk.

use store::Migrations;

/// Reports, payments, contacts, imports and their mappings.
pub const MIGRATIONS: Migrations = Migrations {
    name: "intake",
    steps: &[
        (
            1,
            "reports, payments, contacts, imports",
            "
CREATE TABLE intake_report (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    channel TEXT NOT NULL,
    region TEXT NOT NULL,
    scam_type TEXT NOT NULL,
    victim_name TEXT NOT NULL,
    victim_phone TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    payments BIGINT NOT NULL,
    occurred_at BIGINT,
    draft TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    submitted_at BIGINT,
    joined_to TEXT REFERENCES intake_report (id),
    closed_at BIGINT,
    close_reason TEXT
);
CREATE INDEX intake_report_state ON intake_report (state, created_at);
CREATE INDEX intake_report_created ON intake_report (created_at);
CREATE INDEX intake_report_phone ON intake_report (victim_phone);
CREATE INDEX intake_report_name ON intake_report (victim_name);
CREATE INDEX intake_report_joined ON intake_report (joined_to) WHERE joined_to IS NOT NULL;
CREATE TABLE intake_payment (
    report_id TEXT NOT NULL REFERENCES intake_report (id),
    position BIGINT NOT NULL,
    from_report TEXT,
    payer_account TEXT,
    payer_name TEXT,
    payer_bank TEXT,
    payee_account TEXT NOT NULL,
    payee_name TEXT,
    payee_bank TEXT,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    paid_at BIGINT NOT NULL,
    channel TEXT,
    reference TEXT,
    PRIMARY KEY (report_id, position)
);
CREATE INDEX intake_payment_payee ON intake_payment (payee_account, paid_at);
CREATE TABLE intake_contact (
    report_id TEXT NOT NULL REFERENCES intake_report (id),
    position BIGINT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (report_id, position)
);
CREATE INDEX intake_contact_value ON intake_contact (value);
CREATE TABLE intake_payee (
    account TEXT PRIMARY KEY,
    reports BIGINT NOT NULL
);
CREATE TABLE intake_import (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    file_name TEXT NOT NULL,
    state TEXT NOT NULL,
    rows_total BIGINT NOT NULL,
    rows_refused BIGINT NOT NULL,
    reports_new BIGINT NOT NULL,
    reports_joined BIGINT NOT NULL,
    reports_known BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    finished_at BIGINT,
    created_by TEXT NOT NULL,
    UNIQUE (source, sha256)
);
CREATE TABLE intake_import_report (
    source TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    report_id TEXT NOT NULL REFERENCES intake_report (id),
    import_id TEXT NOT NULL REFERENCES intake_import (id),
    PRIMARY KEY (source, fingerprint)
);
CREATE INDEX intake_import_report_import ON intake_import_report (import_id);
CREATE TABLE intake_import_refusal (
    import_id TEXT NOT NULL REFERENCES intake_import (id),
    position BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    faults TEXT NOT NULL,
    PRIMARY KEY (import_id, position)
);
CREATE TABLE intake_mapping (
    source TEXT PRIMARY KEY,
    mapping TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL
);
",
        ),
        (
            2,
            "payments that may wait for a person",
            "
CREATE INDEX intake_payment_no_bank ON intake_payment (report_id) WHERE payee_bank IS NULL;
CREATE INDEX intake_payment_foreign ON intake_payment (report_id) WHERE currency <> 'CNY';
",
        ),
        (
            3,
            "pairs of reports that may speak of one payment",
            "
ALTER TABLE intake_report ADD COLUMN victim_citizen_id TEXT NOT NULL DEFAULT '';
CREATE TABLE intake_pair (
    low TEXT NOT NULL REFERENCES intake_report (id),
    high TEXT NOT NULL REFERENCES intake_report (id),
    certainty TEXT NOT NULL,
    found_at BIGINT NOT NULL,
    verdict TEXT,
    decided_by TEXT,
    decided_at BIGINT,
    reason TEXT,
    PRIMARY KEY (low, high)
);
CREATE INDEX intake_pair_high ON intake_pair (high);
CREATE INDEX intake_pair_waiting ON intake_pair (found_at) WHERE verdict IS NULL;
CREATE INDEX intake_report_public ON intake_report (created_at) WHERE state = 'draft' AND channel = 'public';
",
        ),
        (
            4,
            "rows of an import that are no payments, and remarks; imports go on after a restart",
            "
ALTER TABLE intake_import ADD COLUMN rows_passed_over BIGINT NOT NULL DEFAULT 0;
ALTER TABLE intake_import ADD COLUMN region TEXT;
ALTER TABLE intake_import_refusal ADD COLUMN kind TEXT NOT NULL DEFAULT 'refused';
",
        ),
        (
            5,
            "reports enter one after the other, so no rows of accounts are held",
            "
DROP TABLE intake_payee;
",
        ),
        (
            6,
            "banks that are no partners, as they were said",
            "
ALTER TABLE intake_payment ADD COLUMN payee_bank_said TEXT;
",
        ),
        (
            7,
            "victims and payees are found by the beginning of their names",
            "
CREATE INDEX intake_report_name_1 ON intake_report (lower(substr(victim_name, 1, 1)), id);
CREATE INDEX intake_report_name_2 ON intake_report (lower(substr(victim_name, 1, 2)), id);
CREATE INDEX intake_payment_name_1 ON intake_payment (lower(substr(payee_name, 1, 1)), report_id);
CREATE INDEX intake_payment_name_2 ON intake_payment (lower(substr(payee_name, 1, 2)), report_id);
",
        ),
        (
            8,
            "payments that came to a closed case wait for a person; the order that a person made of a payment",
            "
ALTER TABLE intake_payment ADD COLUMN waits_since BIGINT;
ALTER TABLE intake_payment ADD COLUMN order_id TEXT;
CREATE INDEX intake_payment_waits ON intake_payment (report_id) WHERE waits_since IS NOT NULL;
CREATE INDEX intake_payment_order ON intake_payment (order_id) WHERE order_id IS NOT NULL;
",
        ),
    ],
};
