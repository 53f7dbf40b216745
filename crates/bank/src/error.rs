//! What can go wrong in the bank seat.

use kernel::{Faults, Said, Text};

use crate::hold::HoldFault;
use crate::ledger::LedgerFault;

/// A failure of the bank seat; [`Error::said`] has the words for users.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database, a missing right, or stored data that does not read.
    #[error("{0}")]
    Store(#[from] store::Error),
    /// Something stored does not read as it should.
    #[error("stored data: {0}")]
    Corrupt(String),
    /// A movement that the books refuse.
    #[error(transparent)]
    Ledger(#[from] LedgerFault),
    /// A hold that cannot be placed or ended.
    #[error(transparent)]
    Hold(#[from] HoldFault),
    /// No such account.
    #[error("no such account")]
    NoSuchAccount,
    /// There is no such thing.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The input has faults.
    #[error("{} faults in the input", .0.0.len())]
    Input(Faults),
    /// A message could not be sealed or queued.
    #[error("wire: {0}")]
    Wire(String),
    /// A file could not be read.
    #[error("{path}: {problem}")]
    File {
        /// Which.
        path: String,
        /// Why.
        problem: String,
    },
}

/// What a call of the bank seat gives.
pub type Result<T> = std::result::Result<T, Error>;

const CORRUPT: Text = Text::new(
    "bank.corrupt",
    ("存储的数据无法读取", "stored data cannot be read"),
    ("请通知管理员核验数据库", "Tell the administrator to check the database"),
);
const WIRE: Text = Text::new(
    "bank.wire",
    ("报文无法签发或入队", "a message could not be sealed or queued"),
    ("请检查密钥文件和合作单位目录", "Check the key files and the partner directory"),
);
const FILE: Text = Text::new(
    "bank.file",
    ("无法读取文件 {path}:{problem}", "cannot read {path}: {problem}"),
    ("请检查路径和权限", "Check the path and its permissions"),
);
const NOT_FOUND: Text =
    Text::new("bank.not_found", ("没有该对象({what})", "there is no such {what}"), ("请核对编号", "Check the number"));
const INPUT: Text = Text::new(
    "bank.input",
    ("输入有误", "the input has faults"),
    ("请按所列字段修改", "Mend the fields that are named"),
);
const ALREADY_STOPPED: Text = Text::new(
    "hold.already_stopped",
    ("账户已被止付", "the account is stopped already"),
    ("请查看已有的止付", "Look at the stop in force"),
);
const ALREADY_FROZEN: Text = Text::new(
    "hold.already_frozen",
    ("账户已被冻结", "the account is frozen already"),
    ("请查看已有的冻结", "Look at the freeze in force"),
);
const STOPS_USED_UP: Text = Text::new(
    "hold.stops_used_up",
    ("该账户在本案中的止付次数已用完", "the stops of this account and case are used up"),
    ("请办理冻结", "Freeze it instead"),
);
const NO_SUCH_HOLD: Text =
    Text::new("hold.none", ("没有此项止付或冻结", "there is no such hold"), ("请核对指令编号", "Check the order"));
const HOLD_ENDED: Text = Text::new(
    "hold.ended",
    ("该项止付或冻结已结束", "the hold has ended"),
    ("如仍需控制资金,请重新下达指令", "Order a new one if the money must still be held"),
);
const STILL_WAITING: Text = Text::new(
    "hold.still_waiting",
    ("该项冻结仍在轮候", "the hold is still waiting in line"),
    ("生效后方可续期", "It can be extended once it takes effect"),
);
const END_NOT_LATER: Text = Text::new(
    "hold.end_not_later",
    ("新的到期时间不晚于现有到期时间", "the new end is not after the present one"),
    ("请填写更晚的到期时间", "Give a later end"),
);

/// Texts of this module.
pub const TEXTS: &[Text] = &[
    CORRUPT,
    WIRE,
    FILE,
    NOT_FOUND,
    INPUT,
    ALREADY_STOPPED,
    ALREADY_FROZEN,
    STOPS_USED_UP,
    NO_SUCH_HOLD,
    HOLD_ENDED,
    STILL_WAITING,
    END_NOT_LATER,
];

impl HoldFault {
    /// The words for pages.
    pub const fn text(self) -> Text {
        match self {
            Self::AlreadyStopped => ALREADY_STOPPED,
            Self::AlreadyFrozen => ALREADY_FROZEN,
            Self::StopsUsedUp => STOPS_USED_UP,
            Self::NoSuchHold => NO_SUCH_HOLD,
            Self::Ended => HOLD_ENDED,
            Self::StillWaiting => STILL_WAITING,
            Self::EndNotLater => END_NOT_LATER,
        }
    }
}

impl Error {
    /// The words for users, in both languages.
    pub fn said(&self) -> Said {
        match self {
            Self::Store(error) => error.said(),
            Self::Corrupt(_) => CORRUPT.say(&[]),
            Self::Ledger(fault) => fault.text().say(&[]),
            Self::Hold(fault) => fault.text().say(&[]),
            Self::NoSuchAccount => LedgerFault::NoSuchAccount.text().say(&[]),
            Self::NotFound(what) => NOT_FOUND.say(&[("what", what)]),
            Self::Input(_) => INPUT.say(&[]),
            Self::Wire(_) => WIRE.say(&[]),
            Self::File { path, problem } => FILE.say(&[("path", path), ("problem", problem)]),
        }
    }
}

/// An identifier that was stored by us.
pub(crate) fn stored_id<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::Corrupt(format!("identifier {text:?}")))
}
