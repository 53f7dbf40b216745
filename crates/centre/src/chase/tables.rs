//! Tables of the chase.

use store::Migrations;

/// Chases, the payments they start from, accounts and tainted transfers.
pub const MIGRATIONS: Migrations = Migrations {
    name: "centre.chase",
    steps: &[
        (
            1,
            "chases",
            "
CREATE TABLE chase (
    case_id TEXT PRIMARY KEY,
    case_number TEXT NOT NULL,
    region TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    currency TEXT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    dry_at BIGINT,
    reported_minor BIGINT NOT NULL,
    stopped_minor BIGINT NOT NULL,
    exited_minor BIGINT NOT NULL,
    open_minor BIGINT NOT NULL,
    accounts BIGINT NOT NULL,
    levels BIGINT NOT NULL,
    orders_open BIGINT NOT NULL
);
CREATE INDEX chase_state ON chase (state, changed_at);
CREATE TABLE chase_source (
    case_id TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    bank TEXT NOT NULL,
    account TEXT NOT NULL,
    name TEXT,
    amount_minor BIGINT NOT NULL,
    at BIGINT NOT NULL,
    reference TEXT,
    payer_bank TEXT,
    payer_account TEXT,
    PRIMARY KEY (case_id, payment_id)
);
CREATE TABLE chase_account (
    case_id TEXT NOT NULL,
    bank TEXT NOT NULL,
    account TEXT NOT NULL,
    name TEXT,
    level BIGINT NOT NULL,
    received_minor BIGINT NOT NULL,
    passed_on_minor BIGINT NOT NULL,
    exited_minor BIGINT NOT NULL,
    unseen_minor BIGINT NOT NULL,
    remaining_minor BIGINT NOT NULL,
    stopped_minor BIGINT NOT NULL,
    held_minor BIGINT NOT NULL,
    out_of_reach_minor BIGINT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (case_id, bank, account)
);
CREATE INDEX chase_account_number ON chase_account (account, bank);
CREATE TABLE chase_transfer (
    case_id TEXT NOT NULL,
    key TEXT NOT NULL,
    from_bank TEXT NOT NULL,
    from_account TEXT NOT NULL,
    to_bank TEXT,
    to_account TEXT,
    exit TEXT,
    amount_minor BIGINT NOT NULL,
    tainted_minor BIGINT NOT NULL,
    at BIGINT NOT NULL,
    reference TEXT NOT NULL,
    level BIGINT NOT NULL,
    PRIMARY KEY (case_id, key)
);
",
        ),
        (
            2,
            "chases in another currency",
            "
CREATE INDEX chase_foreign ON chase (case_id) WHERE currency <> 'CNY';
",
        ),
        (
            3,
            "turns, people's decisions, what waits for a person",
            "
ALTER TABLE chase ADD COLUMN orders_allowed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE chase_source ADD COLUMN added_at BIGINT NOT NULL DEFAULT 0;
CREATE TABLE chase_moved (
    case_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    times BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (case_id, order_id)
);
CREATE INDEX chase_moved_at ON chase_moved (at, case_id, order_id);
CREATE TABLE chase_decision (
    case_id TEXT NOT NULL,
    bank TEXT NOT NULL,
    account TEXT NOT NULL,
    order_id TEXT NOT NULL,
    number TEXT NOT NULL,
    by_user TEXT NOT NULL,
    at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    received_minor BIGINT NOT NULL,
    PRIMARY KEY (case_id, bank, account, order_id)
);
CREATE TABLE chase_waiting (
    case_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    words TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (case_id, kind, key)
);
",
        ),
    ],
};
