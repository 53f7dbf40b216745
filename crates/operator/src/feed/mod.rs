//! What the operator's other machines tell the seat: how calls ended, and which subscribers are abroad.
//!
//! Behind a redirect front the seat sees a call once and never again. A switch, or the billing system behind it, feeds
//! the end of each call ([`calls`]); the home register (HLR, HSS, UDM) feeds who is roaming ([`roaming`]), or is asked in
//! the background ([`lookup`]). A feeder shows a key of `[feeds]`; what it sends is read row by row ([`rows`]): a bad row is
//! told with its faults, and the good ones count.

pub mod calls;
mod home;
pub mod lookup;
pub mod roaming;
pub mod rows;
#[cfg(test)]
mod tests;

use kernel::{Faults, Text};
use serde::{Deserialize, Serialize};

pub use home::{HomeRegister, Whereabouts};

use crate::message::secret;

/// Keys at most; each request is held against all of them.
const KEYS_MAX: usize = 64;

const KEY: Text = Text::new(
    "operator.feed.key",
    ("数据接口密钥缺失或不正确", "the key of the feed is missing or wrong"),
    (
        "请在 Authorization 头中以 Bearer 方式提供 [feeds] 中登记的密钥",
        "Send a key that stands in [feeds] as a bearer token in Authorization",
    ),
);
const NO_HASH: Text = Text::new(
    "operator.feed.hash",
    ("不是 argon2id 或 sha256 摘要", "this is no argon2id or sha256 hash"),
    ("填写 sha256: 加 64 位十六进制，不要填写密钥本身", "Give sha256: and 64 hexadecimal digits, never the key itself"),
);
const NAME: Text = Text::new(
    "operator.feed.name",
    ("密钥的名称为空或重复", "the name of the key is empty or stands twice"),
    ("每个密钥起一个不同的名称，写入日志", "Give each key a name of its own; it goes into the journal"),
);
const TOO_MANY: Text =
    Text::new("operator.feed.keys", ("密钥超过 {max} 个", "there are more than {max} keys"), ("请减少", "Use fewer"));
const ADDRESS: Text = Text::new(
    "operator.feed.address",
    ("“{found}”不是归属寄存器接口的地址", "“{found}” is no address of a home register"),
    ("填写 https 地址；仅本机回环可用 http", "Give an https address; plain http is for the loopback only"),
);
const RANGE: Text = Text::new(
    "operator.feed.range",
    ("须在 {min} 到 {max} 之间", "this must lie between {min} and {max}"),
    ("请改为范围内的整数", "Use a whole number in that range"),
);

/// Texts of these modules.
pub(crate) fn texts() -> Vec<Text> {
    [&[KEY, NO_HASH, NAME, TOO_MANY, ADDRESS, RANGE][..], rows::TEXTS, calls::TEXTS, roaming::TEXTS].concat()
}

/// Who may feed, and where the home register is asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Keys of the machines that feed.
    pub keys: Vec<FeedKey>,
    /// The home register, where it can be asked.
    pub lookup: Option<lookup::LookupSettings>,
}

/// A key by its hash.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedKey {
    /// Whose it is; stands in the journal.
    pub name: String,
    /// `sha256:` and 64 hexadecimal digits of a long random key, or an argon2id hash.
    pub hash: String,
}

impl Settings {
    /// Checks everything; all faults at once, by field.
    ///
    /// # Errors
    /// Every fault found.
    pub fn check(&self) -> Result<(), Faults> {
        let mut faults = Faults::none();
        if self.keys.len() > KEYS_MAX {
            faults.push(TOO_MANY.at("keys", &[("max", &KEYS_MAX.to_string())]));
        }
        for (index, key) in self.keys.iter().enumerate() {
            let twice = self.keys.iter().take(index).any(|other| other.name == key.name);
            if key.name.trim().is_empty() || twice {
                faults.push(NAME.at(format!("keys[{index}].name"), &[]));
            }
            if !secret::is_hash(&key.hash) {
                faults.push(NO_HASH.at(format!("keys[{index}].hash"), &[]));
            }
        }
        if let Some(lookup) = &self.lookup {
            lookup.check(&mut faults);
        }
        faults.into_result()
    }

    /// The name of the key that a machine shows. Keys are looked through one by one: there are few, and each comparison
    /// takes the same time.
    pub(crate) async fn name_of(&self, shown: &str) -> Option<&str> {
        for key in self.keys.iter().take(KEYS_MAX) {
            if secret::fits(shown.as_bytes(), &key.hash).await {
                return Some(&key.name);
            }
        }
        None
    }
}

/// What a machine without a key is told.
pub(crate) fn no_key() -> kernel::Said {
    KEY.say(&[])
}
