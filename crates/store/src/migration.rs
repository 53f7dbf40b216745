//! Tables come into being here. Each crate embeds its own steps; a step that has run is never changed.

use crate::{Db, Error, Result, args, db::Engine};

/// The steps of one crate, in order. `{BLOB}` in a step becomes `BLOB` or `BYTEA`.
#[derive(Debug, Clone, Copy)]
pub struct Migrations {
    /// Name of the crate or desk.
    pub name: &'static str,
    /// Version (1, 2, …), title, SQL.
    pub steps: &'static [(i64, &'static str, &'static str)],
}

/// One step that was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Crate or desk.
    pub name: &'static str,
    /// Version.
    pub version: i64,
    /// Title.
    pub title: &'static str,
}

impl Db {
    /// Whether any step ever ran on this database: an empty one is no seat's.
    pub async fn is_made(&self) -> Result<bool> {
        let sql = match self.engine() {
            Engine::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'migration'",
            Engine::Postgres => {
                "SELECT COUNT(*) FROM information_schema.tables
                 WHERE table_schema = ANY (current_schemas(FALSE)) AND table_name = 'migration'"
            }
        };
        let (tables,): (i64,) = self.fetch_one(sql, args![]).await?;
        Ok(tables > 0)
    }

    /// Runs every step that this database has not seen, each in a transaction, and says which ran.
    ///
    /// # Errors
    /// A step that ran before has another text now, or the SQL fails.
    pub async fn migrate(&self, all: &[Migrations]) -> Result<Vec<Ran>> {
        // A step may fill a table of millions of rows, while another process waits for it.
        let db = self.patient();
        let mut tx = db.begin().await?;
        crate::lock_name(&mut tx, "migration").await?;
        tx.raw(
            "CREATE TABLE IF NOT EXISTS migration (
                name TEXT NOT NULL, version BIGINT NOT NULL, title TEXT NOT NULL, sha256 TEXT NOT NULL,
                at BIGINT NOT NULL, PRIMARY KEY (name, version))",
        )
        .await?;
        tx.commit().await?;
        let mut ran = Vec::new();
        for migrations in all {
            for (version, title, sql) in migrations.steps {
                if db.migrate_step(migrations.name, *version, title, sql).await? {
                    ran.push(Ran { name: migrations.name, version: *version, title });
                }
            }
        }
        Ok(ran)
    }

    async fn migrate_step(&self, name: &str, version: i64, title: &str, sql: &str) -> Result<bool> {
        let sha256 = crate::document::sha256_hex(sql.as_bytes());
        let mut tx = self.begin().await?;
        if self.engine() == Engine::Postgres {
            tx.execute("LOCK TABLE migration IN EXCLUSIVE MODE", args![]).await?;
        }
        let seen: Option<(String,)> = tx
            .fetch_optional("SELECT sha256 FROM migration WHERE name = $1 AND version = $2", args![name, version])
            .await?;
        if let Some((seen,)) = seen {
            if seen != sha256 {
                return Err(Error::Migration(format!(
                    "{name} {version} ({title}) ran with another text; restore the step and add a new one"
                )));
            }
            return Ok(false);
        }
        let blob = match self.engine() {
            Engine::Sqlite => "BLOB",
            Engine::Postgres => "BYTEA",
        };
        tx.raw(&sql.replace("{BLOB}", blob)).await?;
        tx.execute(
            "INSERT INTO migration (name, version, title, sha256, at) VALUES ($1,$2,$3,$4,$5)",
            args![name, version, title, sha256, self.clock().now()],
        )
        .await?;
        tx.commit().await?;
        Ok(true)
    }
}
