//! What can go wrong in the carrier seat.

use kernel::{Faults, Said, Text};

/// A failure of the carrier seat; [`Error::said`] has the words for users.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database, a missing right, or stored data that does not read.
    #[error("{0}")]
    Store(#[from] store::Error),
    /// Something stored does not read as it should.
    #[error("stored data: {0}")]
    Corrupt(String),
    /// There is no such thing.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The input has faults.
    #[error("{} faults in the input", .0.0.len())]
    Input(Faults),
    /// It cannot be done as things stand.
    #[error("{}", .0.en)]
    Conflict(Box<Said>),
    /// A message could not be sealed or queued.
    #[error("wire: {0}")]
    Wire(String),
    /// Records of calls could not be written or read.
    #[error("records: {0}")]
    Records(#[from] crate::records::FileError),
    /// A file could not be read or written.
    #[error("{path}: {problem}")]
    File {
        /// Which.
        path: String,
        /// Why.
        problem: String,
    },
}

/// What a call of the carrier seat gives.
pub type Result<T> = std::result::Result<T, Error>;

const CORRUPT: Text = Text::new(
    "operator.corrupt",
    ("存储的数据无法读取", "stored data cannot be read"),
    ("请通知管理员核验数据库", "Tell the administrator to check the database"),
);
const WIRE: Text = Text::new(
    "operator.wire",
    ("报文无法签发或入队", "a message could not be sealed or queued"),
    ("请检查密钥文件和合作单位目录", "Check the key files and the partner directory"),
);
const RECORDS: Text = Text::new(
    "operator.records",
    ("话单文件无法读写", "the files of call records cannot be used"),
    ("请检查数据目录的空间和权限", "Check space and permissions of the data folder"),
);
const FILE: Text = Text::new(
    "operator.file",
    ("无法读写文件 {path}：{problem}", "cannot use {path}: {problem}"),
    ("请检查路径和权限", "Check the path and its permissions"),
);
const NOT_FOUND: Text = Text::new(
    "operator.not_found",
    ("没有该对象（{what}）", "there is no such {what}"),
    ("请核对编号", "Check the number"),
);
const INPUT: Text = Text::new(
    "operator.input",
    ("输入有误", "the input has faults"),
    ("请按所列字段修改", "Mend the fields that are named"),
);

/// Texts of this module.
pub(crate) const TEXTS: &[Text] = &[CORRUPT, WIRE, RECORDS, FILE, NOT_FOUND, INPUT];

impl Error {
    /// It cannot be done as things stand, in these words.
    pub(crate) fn conflict(text: Text, values: &[(&str, &str)]) -> Self {
        Self::Conflict(Box::new(text.say(values)))
    }

    /// A file that cannot be used.
    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), problem: error.to_string() }
    }

    /// The words for users, in both languages.
    pub fn said(&self) -> Said {
        match self {
            Self::Store(error) => error.said(),
            Self::Corrupt(_) => CORRUPT.say(&[]),
            Self::NotFound(what) => NOT_FOUND.say(&[("what", what)]),
            Self::Input(_) => INPUT.say(&[]),
            Self::Conflict(said) => (**said).clone(),
            Self::Wire(_) => WIRE.say(&[]),
            Self::Records(_) => RECORDS.say(&[]),
            Self::File { path, problem } => FILE.say(&[("path", path), ("problem", problem)]),
        }
    }
}

impl From<wire::Error> for Error {
    fn from(error: wire::Error) -> Self {
        match error {
            wire::Error::Store(error) => Self::Store(error),
            other => Self::Wire(other.to_string()),
        }
    }
}

/// An identifier that was stored by us.
pub(crate) fn stored_id<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::Corrupt(format!("identifier {text:?}")))
}

/// A document that was stored by us.
pub(crate) fn stored_json<T: serde::de::DeserializeOwned>(text: &str, what: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::Corrupt(format!("{what}: {error}")))
}

/// A document to be stored.
pub(crate) fn to_json(value: &impl serde::Serialize, what: &str) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Corrupt(format!("{what}: {error}")))
}
