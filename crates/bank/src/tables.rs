//! The tables of the bank seat.

use store::Migrations;

/// Customers, accounts, the ledger, holds, orders received, watches and notices.
pub const MIGRATIONS: Migrations = Migrations {
    name: "bank",
    steps: &[(
        1,
        "customers, accounts, ledger, holds, orders, watches, notices",
        "
CREATE TABLE bank_customer (
    id TEXT PRIMARY KEY,
    external_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    id_number TEXT,
    phones TEXT NOT NULL,
    since BIGINT NOT NULL
);
CREATE UNIQUE INDEX bank_customer_external ON bank_customer (external_id);
CREATE INDEX bank_customer_id_number ON bank_customer (id_number);
CREATE TABLE bank_account (
    id TEXT PRIMARY KEY,
    no TEXT NOT NULL,
    currency TEXT NOT NULL,
    kind TEXT NOT NULL,
    customer_id TEXT,
    holder_name TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    protected_reason TEXT,
    overdraft_minor BIGINT,
    debits_pending_minor BIGINT NOT NULL,
    debits_posted_minor BIGINT NOT NULL,
    credits_pending_minor BIGINT NOT NULL,
    credits_posted_minor BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    held_limit_minor BIGINT NOT NULL,
    held_whole BOOLEAN NOT NULL,
    hold_next_end BIGINT,
    watches BIGINT NOT NULL
);
CREATE UNIQUE INDEX bank_account_no ON bank_account (no, currency);
CREATE INDEX bank_account_customer ON bank_account (customer_id);
CREATE TABLE bank_transfer (
    id TEXT PRIMARY KEY,
    external_id TEXT,
    state TEXT NOT NULL,
    debit_account TEXT NOT NULL,
    credit_account TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    booked_at BIGINT NOT NULL,
    value_date TEXT NOT NULL,
    debit_sequence BIGINT,
    credit_sequence BIGINT,
    debit_balance_after_minor BIGINT,
    credit_balance_after_minor BIGINT,
    channel TEXT NOT NULL,
    reference TEXT NOT NULL,
    memo TEXT NOT NULL,
    payer_bank TEXT,
    payer_account TEXT,
    payer_name TEXT,
    payee_bank TEXT,
    payee_account TEXT,
    payee_name TEXT,
    reverses TEXT,
    made_by TEXT NOT NULL
);
CREATE UNIQUE INDEX bank_transfer_external ON bank_transfer (external_id);
CREATE UNIQUE INDEX bank_transfer_reverses ON bank_transfer (reverses);
CREATE INDEX bank_transfer_debit ON bank_transfer (debit_account, booked_at);
CREATE INDEX bank_transfer_credit ON bank_transfer (credit_account, booked_at);
CREATE TABLE bank_hold (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    authority TEXT NOT NULL,
    case_number TEXT NOT NULL,
    limit_minor BIGINT,
    state TEXT NOT NULL,
    position BIGINT NOT NULL,
    term TEXT NOT NULL,
    stops BIGINT NOT NULL,
    order_id TEXT,
    placed_at BIGINT NOT NULL,
    from_at BIGINT,
    until_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX bank_hold_account ON bank_hold (account_id, state);
CREATE INDEX bank_hold_case ON bank_hold (account_id, case_number);
CREATE INDEX bank_hold_order ON bank_hold (order_id);
CREATE INDEX bank_hold_state ON bank_hold (state, id);
CREATE TABLE bank_order (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    case_number TEXT NOT NULL,
    kind TEXT NOT NULL,
    authority TEXT NOT NULL,
    account_no TEXT NOT NULL,
    account_id TEXT,
    hold_id TEXT,
    message_id TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    code TEXT NOT NULL,
    order_json TEXT NOT NULL,
    answer_json TEXT NOT NULL
);
CREATE INDEX bank_order_code ON bank_order (code, id);
CREATE INDEX bank_order_account ON bank_order (account_no);
CREATE INDEX bank_order_received ON bank_order (received_at);
CREATE TABLE bank_watch (
    order_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    authority TEXT NOT NULL,
    case_number TEXT NOT NULL,
    since BIGINT NOT NULL,
    until_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX bank_watch_account ON bank_watch (account_id);
CREATE TABLE bank_notice (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    kind TEXT NOT NULL,
    centre TEXT NOT NULL,
    account_no TEXT,
    hold_id TEXT,
    message_id TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    body_json TEXT NOT NULL,
    taken_at BIGINT,
    case_number TEXT
);
",
    )],
};
