//! Tables of imports that go on in the background.

use store::Migrations;

/// To be run before the tables of the desks that import files.
pub const MIGRATIONS: Migrations = Migrations {
    name: "sheet",
    steps: &[(
        1,
        "imports in the background",
        "
CREATE TABLE import_job (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    file_name TEXT NOT NULL,
    file_path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    state TEXT NOT NULL,
    row_number BIGINT NOT NULL,
    rows_done BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    counts TEXT NOT NULL,
    failure TEXT,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    created_by TEXT NOT NULL,
    region TEXT,
    runner TEXT NOT NULL,
    lease_until BIGINT NOT NULL
);
CREATE UNIQUE INDEX import_job_running ON import_job (kind, sha256) WHERE state = 'running';
CREATE INDEX import_job_by_kind ON import_job (kind, id);
CREATE TABLE import_job_row (
    job_id TEXT NOT NULL REFERENCES import_job (id),
    row_number BIGINT NOT NULL,
    faults TEXT NOT NULL,
    PRIMARY KEY (job_id, row_number)
);
",
    )],
};
