//! Tables of the signals desk.

use store::Migrations;

/// Batches, counters by the hour, hits, names of rules.
pub const MIGRATIONS: Migrations = Migrations {
    name: "centre.signals",
    steps: &[
        (
            1,
            "batches, counters, hits",
            "
CREATE TABLE signal_batch (
    partner TEXT NOT NULL,
    id TEXT NOT NULL,
    period_from BIGINT NOT NULL,
    period_to BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    hits_lost BIGINT NOT NULL,
    list_number BIGINT,
    PRIMARY KEY (partner, id)
);
CREATE INDEX signal_batch_received ON signal_batch (received_at);
CREATE INDEX signal_batch_period ON signal_batch (partner, period_to);
CREATE TABLE signal_hour (
    hour BIGINT NOT NULL,
    partner TEXT NOT NULL,
    channel TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (hour, partner, channel, action, reason, detail)
);
CREATE TABLE signal_hit (
    partner TEXT NOT NULL,
    id TEXT NOT NULL,
    at BIGINT NOT NULL,
    channel TEXT NOT NULL,
    caller TEXT NOT NULL,
    callee TEXT,
    callee_masked TEXT,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT,
    pattern TEXT,
    probability_permille BIGINT,
    PRIMARY KEY (partner, id)
);
CREATE INDEX signal_hit_at ON signal_hit (at);
CREATE INDEX signal_hit_caller ON signal_hit (caller, at);
CREATE INDEX signal_hit_callee ON signal_hit (callee, at) WHERE callee IS NOT NULL;
",
        ),
        (
            2,
            "names of rules, regions of hits",
            "
CREATE TABLE signal_rule (
    partner TEXT NOT NULL,
    rule TEXT NOT NULL,
    title TEXT NOT NULL,
    title_en TEXT,
    owner TEXT,
    stage TEXT NOT NULL,
    told_at BIGINT NOT NULL,
    PRIMARY KEY (partner, rule)
);
ALTER TABLE signal_hit ADD COLUMN region TEXT NOT NULL DEFAULT '';
",
        ),
    ],
};
