//! What can go wrong between a desk and its database.

use kernel::Text;

use crate::health::turns_away;

/// A failure of a store call; [`Error::text`] has the words for users.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or is away.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The URL names no database that we know.
    #[error("database URL {0:?}: write sqlite:///path/to/file.db or postgres://user@host/name")]
    Url(String),
    /// Who asks lacks a right.
    #[error("the right {right} is missing")]
    Forbidden {
        /// The right that was asked for.
        right: &'static str,
    },
    /// The subject lies outside the region of who asks.
    #[error("outside the region scope")]
    OutOfScope,
    /// There is no such thing.
    #[error("{what} not found")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// Somebody changed it in between, or it is not in a state that allows this.
    #[error("conflict: {0}")]
    Conflict(String),
    /// Somebody else changed the row after it was read: nothing was written.
    #[error("the row of {table} has moved on")]
    Moved {
        /// Where the row stands.
        table: &'static str,
    },
    /// A statement of this transaction was refused before, so nothing of the transaction is written.
    #[error("an earlier statement of the transaction was refused; nothing of it is written")]
    Refused,
    /// A migration does not fit what the database has seen.
    #[error("migration {0}")]
    Migration(String),
    /// What is stored does not read as it should.
    #[error("stored data: {0}")]
    Corrupt(String),
    /// The key that opens personal data is missing or was erased.
    #[error("the key of {0} is gone")]
    KeyGone(String),
}

/// Every text of this crate.
pub const CATALOGUE: &[Text] = &[DATABASE, FORBIDDEN, OUT_OF_SCOPE, NOT_FOUND, CONFLICT, MOVED, CORRUPT, KEY_GONE];

const DATABASE: Text = Text::new(
    "store.database",
    ("数据库暂时不可用", "The database is not available right now"),
    ("请稍后重试；若持续出现，请通知值班管理员", "Try again shortly; if it stays, tell the administrator on duty"),
);
const FORBIDDEN: Text = Text::new(
    "store.forbidden",
    ("您没有这项权限：{right}", "You do not have the right {right}"),
    ("请向管理员申请该权限", "Ask an administrator for this right"),
);
const OUT_OF_SCOPE: Text = Text::new(
    "store.out_of_scope",
    ("该对象不在您的辖区内", "This subject lies outside your region"),
    ("请由该地区的中心办理，或申请扩大辖区", "Leave it to the centre of that region, or ask for a wider scope"),
);
const NOT_FOUND: Text = Text::new(
    "store.not_found",
    ("找不到该对象（{what}）", "There is no such {what}"),
    ("请核对编号", "Check the number"),
);
const CONFLICT: Text = Text::new(
    "store.conflict",
    ("当前状态不允许此操作：{why}", "This is not possible in the present state: {why}"),
    ("请刷新后再试", "Reload and look again"),
);
const MOVED: Text = Text::new(
    "store.moved",
    (
        "刚刚有人先处理了，状态已经变化，本次操作未执行",
        "Somebody else has just changed this; your action was not carried out",
    ),
    ("请刷新，查看最新状态后再操作", "Reload, look where it stands now, and decide again"),
);
const CORRUPT: Text = Text::new(
    "store.corrupt",
    ("存储的数据无法读取", "Stored data cannot be read"),
    ("请通知管理员核验日志链", "Tell the administrator to verify the journal"),
);
const KEY_GONE: Text = Text::new(
    "store.key_gone",
    ("该个人信息已被依法删除或密钥缺失", "This personal data was erased, or its key is missing"),
    ("无法恢复", "It cannot be restored"),
);

/// What an error says about trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The surroundings: a full disk, a lost connection, a busy database, a deadlock. The same call may work later.
    Surroundings,
    /// It looks like the surroundings (a row that moved on, a file that cannot be read), but the same call may meet it
    /// each time: after some tries in a row it is the content.
    Doubtful,
    /// What was asked or what is stored: the same call fails again.
    Content,
}

fn nature(error: &sqlx::Error) -> Cause {
    match error {
        sqlx::Error::Database(refusal) => {
            let code = refusal.code().unwrap_or_default();
            let content = if refusal.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
                // The low byte is the primary code: ERROR, TOOBIG, CONSTRAINT, MISMATCH, RANGE.
                // https://sqlite.org/rescode.html
                matches!(code.parse::<u32>().unwrap_or(1) & 0xff, 1 | 18 | 19 | 20 | 25)
            } else {
                // Class: transaction rollback, lock, internal; and what a server says that does no work now.
                // https://www.postgresql.org/docs/current/errcodes-appendix.html
                !turns_away(&code) && !["40", "55", "XX"].iter().any(|class| code.starts_with(class))
            };
            if content { Cause::Content } else { Cause::Surroundings }
        }
        sqlx::Error::RowNotFound
        | sqlx::Error::TypeNotFound { .. }
        | sqlx::Error::ColumnIndexOutOfBounds { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Encode(_)
        | sqlx::Error::Decode(_)
        | sqlx::Error::InvalidArgument(_)
        | sqlx::Error::Configuration(_) => Cause::Content,
        _ => Cause::Surroundings,
    }
}

/// What an error of a statement does to the transaction in which it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Nothing: the answer came and does not read.
    None,
    /// The database refused the statement, and with it the transaction.
    Refused,
    /// Nobody knows where it stands. SQLite rolls back by itself when the disk is full or broken; a connection to
    /// PostgreSQL may be gone.
    Lost,
}

pub(crate) fn ending(error: &sqlx::Error) -> Ending {
    match (nature(error), error) {
        (Cause::Content, sqlx::Error::Database(_)) => Ending::Refused,
        (Cause::Content, _) => Ending::None,
        (Cause::Surroundings | Cause::Doubtful, _) => Ending::Lost,
    }
}

/// Whether SQLite or PostgreSQL says that what is stored is damaged: CORRUPT, NOTADB, a read or write that the system
/// refuses; XX001 and XX002.
pub(crate) fn tells_damage(error: &sqlx::Error) -> Option<String> {
    let sqlx::Error::Database(refusal) = error else { return None };
    let code = refusal.code().unwrap_or_default();
    let damage = if refusal.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 10 | 11 | 26))
    } else {
        matches!(code.as_ref(), "XX001" | "XX002")
    };
    damage.then(|| refusal.message().to_owned())
}

/// Why a call failed, by what stands somewhere below the error: the surroundings (database away, disk full), the
/// content, or what may be either.
///
/// An error that wraps one of these must have it as its source: `#[error("{0}")]`, not `#[error(transparent)]`, which
/// hides it and shows only what stands below.
pub fn cause_of(error: &(dyn std::error::Error + 'static)) -> Cause {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(store) = error.downcast_ref::<Error>() {
            return store.cause();
        }
        if let Some(database) = error.downcast_ref::<sqlx::Error>() {
            return nature(database);
        }
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            // The words of a library for what it cannot read; a disk does not say so.
            let content = matches!(io.kind(), std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput);
            return if content { Cause::Content } else { Cause::Doubtful };
        }
        cause = error.source();
    }
    Cause::Content
}

/// Whether the same call may work later; see [`cause_of`].
pub fn is_transient(error: &(dyn std::error::Error + 'static)) -> bool {
    cause_of(error) != Cause::Content
}

impl Error {
    /// Whether another transaction was first: the row moved on, the same row was added at the same time, or the
    /// database had to end one of two transactions that waited for each other. Nothing of it was written.
    pub fn is_contention(&self) -> bool {
        let added = |error: &sqlx::Error| matches!(error, sqlx::Error::Database(error) if error.is_unique_violation());
        self.was_overtaken() || matches!(self, Self::Database(error) if added(error))
    }

    /// The same without a row that is there already: whoever tries again may find it there for good.
    fn was_overtaken(&self) -> bool {
        match self {
            Self::Moved { .. } => true,
            // Serialisation failure and deadlock, by their SQLSTATE.
            Self::Database(sqlx::Error::Database(error)) => matches!(error.code().as_deref(), Some("40001" | "40P01")),
            _ => false,
        }
    }

    /// Whether the same call may work later: the surroundings failed, or another transaction was first.
    pub fn is_transient(&self) -> bool {
        self.cause() != Cause::Content
    }

    fn cause(&self) -> Cause {
        match self {
            // Who reads and writes in one transaction of SQLite, which has one writer, is overtaken by nobody: then it is
            // what was read that does not fit.
            Self::Moved { .. } => Cause::Doubtful,
            Self::Database(error) => nature(error),
            _ => Cause::Content,
        }
    }

    /// The words for users, in both languages.
    pub fn said(&self) -> kernel::Said {
        match self {
            _ if self.is_contention() => MOVED.say(&[]),
            Self::Moved { .. } => MOVED.say(&[]),
            Self::Database(_) | Self::Url(_) | Self::Migration(_) | Self::Refused => DATABASE.say(&[]),
            Self::Forbidden { right } => FORBIDDEN.say(&[("right", right)]),
            Self::OutOfScope => OUT_OF_SCOPE.say(&[]),
            Self::NotFound { what } => NOT_FOUND.say(&[("what", what)]),
            Self::Conflict(why) => CONFLICT.say(&[("why", why)]),
            Self::Corrupt(_) => CORRUPT.say(&[]),
            Self::KeyGone(_) => KEY_GONE.say(&[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CATALOGUE;

    #[test]
    fn every_text_has_both_languages_and_the_same_places() {
        for text in CATALOGUE {
            let [zh, en, zh_remedy, en_remedy] = text.places();
            assert_eq!(zh, en, "{}", text.code);
            assert_eq!(zh_remedy, en_remedy, "{}", text.code);
            assert!(![text.zh, text.en, text.zh_remedy, text.en_remedy].contains(&""), "{}", text.code);
        }
    }
}
