//! Tables of the stop desk.

use store::Migrations;

/// An account number without what people put between its digits, in half width and capitals: what `kernel::AccountNo` makes
/// of it.
macro_rules! normal {
    ($text:expr) => { concat!("UPPER(", $text, ")") };
    ($text:expr, $from:literal => $to:literal $(, $more:literal => $others:literal)*) => {
        normal!(concat!("REPLACE(", $text, ", '", $from, "', '", $to, "')") $(, $more => $others)*)
    };
}
macro_rules! normal_account_no {
    () => {
        normal!("account_no", " " => "", "-" => "", "　" => "", "－" => "", "０" => "0", "１" => "1", "２" => "2",
            "３" => "3", "４" => "4", "５" => "5", "６" => "6", "７" => "7", "８" => "8", "９" => "9")
    };
}

/// Orders, their papers, and standing rules.
pub const MIGRATIONS: Migrations = Migrations {
    name: "centre.stop",
    steps: &[
        (
            1,
            "orders, papers, standing rules",
            "
CREATE TABLE stop_order (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    dedup TEXT UNIQUE,
    case_id TEXT NOT NULL,
    case_number TEXT NOT NULL,
    region TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    partner TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    account_no TEXT NOT NULL,
    account_name TEXT,
    currency TEXT NOT NULL,
    check_amount_minor BIGINT,
    check_at BIGINT,
    check_reference TEXT,
    amount_minor BIGINT,
    period_from BIGINT,
    period_to BIGINT,
    until BIGINT,
    refers_to TEXT,
    level BIGINT NOT NULL,
    include_interest BOOLEAN NOT NULL,
    approval_level TEXT,
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
    held_minor BIGINT,
    hold_until BIGINT,
    ended_at BIGINT
);
CREATE INDEX stop_order_state ON stop_order (state, hold_until);
CREATE INDEX stop_order_case ON stop_order (case_id, account_no);
CREATE INDEX stop_order_account ON stop_order (account_no, partner);
CREATE TABLE stop_paper (
    order_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    by_user TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (order_id, sha256)
);
CREATE TABLE standing_rule (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kinds TEXT NOT NULL,
    level_max BIGINT NOT NULL,
    amount_minor_max BIGINT NOT NULL,
    report_age_max BIGINT NOT NULL,
    region_prefix TEXT NOT NULL,
    author TEXT NOT NULL,
    approved_by TEXT,
    approved_at BIGINT,
    valid_from BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    ended_by TEXT
);
",
        ),
        (
            2,
            "standing rules for orders about lines",
            "
ALTER TABLE standing_rule ADD COLUMN line_kinds TEXT NOT NULL DEFAULT '';
ALTER TABLE standing_rule ADD COLUMN line_hours_max BIGINT NOT NULL DEFAULT 0;
",
        ),
        (
            3,
            "grounds of orders, what is new since a person decided, pushed movements",
            "
ALTER TABLE stop_order ADD COLUMN news TEXT;
ALTER TABLE stop_order ADD COLUMN movements BIGINT NOT NULL DEFAULT 0;
CREATE TABLE stop_ground (
    order_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    from_bank TEXT,
    from_account TEXT,
    amount_minor BIGINT NOT NULL,
    tainted_minor BIGINT NOT NULL,
    at BIGINT NOT NULL,
    reference TEXT,
    PRIMARY KEY (order_id, position)
);
CREATE TABLE stop_movement (
    order_id TEXT NOT NULL,
    movement_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    movement TEXT NOT NULL,
    PRIMARY KEY (order_id, movement_id)
);
CREATE INDEX stop_movement_position ON stop_movement (order_id, position);
",
        ),
        (
            4,
            "what of a bank's word is doubted",
            "
CREATE TABLE stop_doubt (
    order_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    fault TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (order_id, position)
);
",
        ),
        (
            5,
            "lines that a bank told and that are not kept",
            "
ALTER TABLE stop_order ADD COLUMN lines_refused BIGINT NOT NULL DEFAULT 0;
ALTER TABLE stop_order ADD COLUMN lines_refused_at BIGINT;
",
        ),
        (
            6,
            "orders are found by the beginning of the account's name",
            "
CREATE INDEX stop_order_name_1 ON stop_order (lower(substr(account_name, 1, 1)), id);
CREATE INDEX stop_order_name_2 ON stop_order (lower(substr(account_name, 1, 2)), id);
",
        ),
        (
            7,
            "one form of an account number",
            concat!(
                "UPDATE stop_order SET account_no = ",
                normal_account_no!(),
                " WHERE account_no <> ",
                normal_account_no!()
            ),
        ),
    ],
};
