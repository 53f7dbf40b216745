//! What the reader finds.

use kernel::{AccountNo, CitizenId, Money, Msisdn, Timestamp};

/// Where something stands in the original text: bytes, the end exclusive, on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
}

impl Span {
    /// The words of `original` that this span covers; empty when it is another text.
    pub fn of(self, original: &str) -> &str {
        original.get(self.start..self.end).unwrap_or_default()
    }
}

/// Everything found in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The text with evasion undone.
    pub text: String,
    /// Identifiers in the order of the text.
    pub identifiers: Vec<Identifier>,
}

/// An identifier, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// Bytes in the original.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What was found, in canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A telephone number (电话号码).
    Phone(Msisdn),
    /// An account number (账号、卡号).
    Account(AccountNo),
    /// A citizen identity number (身份证号).
    CitizenId(CitizenId),
    /// The reference of a transaction (流水号、订单号).
    Reference(String),
    /// An amount of money (金额).
    Amount(Amount),
    /// A time (时间).
    Time(Moment),
    /// A web address (网址).
    Link(Link),
    /// A chat account (QQ、微信).
    Chat(Chat),
    /// The name of an app that is to be used or installed.
    App(String),
}

/// An amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// How much.
    pub money: Money,
}

/// A time in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The moment, where the reader was told what “today” is; a day alone is its midnight.
    pub at: Option<Timestamp>,
    /// How exact it is.
    pub precision: Precision,
}

/// How exact a time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// The day alone.
    Day,
    /// To the minute.
    Minute,
    /// To the second.
    Second,
}

/// A web address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Host and path as they would be asked for, the host in small letters, without scheme.
    pub address: String,
    /// Host alone.
    pub host: String,
    /// The scheme, where the text names it.
    pub scheme: Option<Scheme>,
    /// Whether the host is a known shortener (短链接), so that the target is not told.
    pub short: bool,
}

/// How a web address is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `http`, in the clear.
    Http,
    /// `https`, encrypted.
    Https,
}

impl Scheme {
    /// As it stands in an address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

impl std::fmt::Display for Link {
    /// With the scheme, where there is one.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.scheme {
            Some(scheme) => write!(f, "{}://{}", scheme.name(), self.address),
            None => f.write_str(&self.address),
        }
    }
}

/// A chat account.
#[derive(Clone, PartialEq, Eq)]
pub struct Chat {
    /// Where.
    pub service: ChatService,
    /// The account name or number.
    pub id: String,
}

impl std::fmt::Debug for Chat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown: String = self.id.chars().take(2).collect();
        write!(f, "Chat({} {shown}****)", self.service.code())
    }
}

/// A chat service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChatService {
    /// QQ.
    Qq,
    /// 微信.
    Wechat,
    /// Telegram, 纸飞机.
    Telegram,
    /// WhatsApp.
    Whatsapp,
    /// LINE.
    Line,
    /// 抖音.
    Douyin,
    /// 陌陌.
    Momo,
    /// 钉钉.
    Dingtalk,
    /// 支付宝.
    Alipay,
    /// 蝙蝠.
    Bat,
}

impl ChatService {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Qq => "qq",
            Self::Wechat => "wechat",
            Self::Telegram => "telegram",
            Self::Whatsapp => "whatsapp",
            Self::Line => "line",
            Self::Douyin => "douyin",
            Self::Momo => "momo",
            Self::Dingtalk => "dingtalk",
            Self::Alipay => "alipay",
            Self::Bat => "bat",
        }
    }
}
