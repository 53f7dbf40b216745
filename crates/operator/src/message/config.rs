//! What an administrator writes about the message front.

use std::net::SocketAddr;
use std::path::PathBuf;

use kernel::{Fault, Faults};
use screen::{Trunk, TrunkKind};
use serde::Deserialize;
use smpp::{DefaultAlphabet, Status};

use super::{secret, texts};

/// Accounts at most.
pub const ACCOUNTS_MAX: usize = 10_000;

/// The message front as configured.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MessageConfig {
    /// Where ESMEs bind; none means that messages come over HTTP only.
    pub listen: Option<SocketAddr>,
    /// Certificate and key, where ESMEs bind over TLS.
    pub tls: Option<TlsFiles>,
    /// The name by which this front answers binds.
    pub system_id: String,
    /// Who may send, and where its messages go.
    pub accounts: Vec<AccountConfig>,
    /// What is done with messages.
    pub policy: MessagePolicy,
    /// How much is taken.
    pub limits: MessageLimits,
    /// Which account sends warning messages, and as whom; none means that no warnings are sent.
    pub warning: Option<WarningConfig>,
}

/// PEM files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// Certificate chain, the server's own first.
    pub certificate: PathBuf,
    /// Private key.
    pub key: PathBuf,
}

/// One registered ESME, or a sender over HTTP.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountConfig {
    /// Its name.
    pub system_id: String,
    /// Hash of its SMPP password: argon2id as a PHC string, or `sha256:` and 64 hexadecimal digits.
    #[serde(default)]
    pub password_hash: Option<String>,
    /// Hash of its key for the HTTP route, the same way.
    #[serde(default)]
    pub api_key_hash: Option<String>,
    /// Senders that it may use: full addresses, or beginnings with `*` behind. Empty: any that the register of
    /// official senders leaves free.
    #[serde(default)]
    pub senders: Vec<String>,
    /// Number of the trunk group under which its messages are judged and counted.
    #[serde(default)]
    pub trunk: u32,
    /// What the trunk leads to.
    #[serde(default = "national")]
    pub trunk_kind: TrunkKind,
    /// Binds at once.
    #[serde(default = "binds_max")]
    pub binds_max: usize,
    /// Requests without answer on one bind.
    #[serde(default = "window_max")]
    pub window_max: usize,
    /// Messages a second, over all its binds.
    #[serde(default = "rate_per_second")]
    pub rate_per_second: u32,
    /// What data coding 0 means: `gsm7`, `gsm7_packed`, `latin1`, `ascii` or `utf8`.
    #[serde(default, deserialize_with = "default_alphabet")]
    pub default_alphabet: DefaultAlphabet,
    /// Its bind at the SMSC.
    pub upstream: UpstreamConfig,
}

/// The bind at the SMSC.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamConfig {
    /// `host:port`.
    pub address: String,
    /// TLS towards the SMSC.
    #[serde(default)]
    pub tls: Option<UpstreamTls>,
    /// Name at the SMSC.
    pub system_id: String,
    /// Password at the SMSC.
    #[serde(default)]
    pub password: String,
    /// System type at the SMSC.
    #[serde(default)]
    pub system_type: String,
    /// Requests without answer.
    #[serde(default = "upstream_window_max")]
    pub window_max: usize,
    /// When messages go through the spool.
    #[serde(default)]
    pub storing: Storing,
}

impl std::fmt::Debug for UpstreamConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UpstreamConfig")
            .field("address", &self.address)
            .field("system_id", &self.system_id)
            .field("window_max", &self.window_max)
            .field("storing", &self.storing)
            .finish_non_exhaustive()
    }
}

/// TLS towards the SMSC.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamTls {
    /// Name in the SMSC's certificate.
    pub server_name: String,
    /// The authorities that are trusted, PEM.
    pub authorities: PathBuf,
}

/// When messages go through the spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Storing {
    /// While the SMSC is away; otherwise its own answer is the answer.
    #[default]
    WhenAway,
    /// Always: the sender is answered when the message is on disk, and never waits for the SMSC.
    Always,
}

/// What is done with messages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MessagePolicy {
    /// Status of a refused message: a name such as `ESME_RSUBMITFAIL`, or a number.
    #[serde(deserialize_with = "status")]
    pub reject_status: Status,
    /// Status of a message whose sender is not the account's, the same way.
    #[serde(deserialize_with = "status")]
    pub sender_status: Status,
    /// What the receipt of a dropped message says, where one was asked for.
    pub drop_receipt: DropReceipt,
    /// The mark before a Chinese text; `{label}` is the label's words.
    pub mark_zh: String,
    /// The mark before any other text.
    pub mark_en: String,
    /// Milliseconds for which the parts of a long message wait for the rest.
    pub parts_wait_ms: i64,
    /// Milliseconds after which a held part is answered, for senders that wait for the answer before they go on.
    pub part_answer_ms: i64,
}

impl Default for MessagePolicy {
    fn default() -> Self {
        Self {
            reject_status: Status::SUBMIT_FAILED,
            sender_status: Status::INVALID_SOURCE,
            drop_receipt: DropReceipt::default(),
            mark_zh: "【{label}】".into(),
            mark_en: "[{label}] ".into(),
            parts_wait_ms: 10_000,
            part_answer_ms: 500,
        }
    }
}

/// What the receipt of a dropped message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropReceipt {
    /// That it was rejected.
    #[default]
    Rejected,
    /// That it was delivered, so that the sender does not learn of it.
    Delivered,
}

/// How much is taken.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MessageLimits {
    /// Connections at once.
    pub connections_max: usize,
    /// Binds tried by one address within a minute.
    pub bind_tries_per_minute: i64,
    /// Octets of one account's spool on disk.
    pub spool_bytes_max: u64,
    /// Long messages put together at once for one account.
    pub long_messages_max: usize,
    /// Octets of their parts.
    pub long_octets_max: usize,
    /// Seconds without any PDU after which the peer is asked whether it is there.
    pub enquire_after_seconds: i64,
    /// Seconds within which a peer answers: a bind, an enquiry, a message.
    pub answer_within_seconds: i64,
    /// Hours for which ended parts of the spool are kept: they name the messages that receipts are about.
    pub receipts_kept_hours: i64,
}

impl Default for MessageLimits {
    fn default() -> Self {
        Self {
            connections_max: 2_000,
            bind_tries_per_minute: 60,
            spool_bytes_max: 4 << 30,
            long_messages_max: 20_000,
            long_octets_max: 64 << 20,
            enquire_after_seconds: 30,
            answer_within_seconds: 30,
            receipts_kept_hours: 24,
        }
    }
}

/// Who sends warning messages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarningConfig {
    /// The account over which they go.
    pub account: String,
    /// The sender that people see.
    #[serde(default = "warning_sender")]
    pub sender: String,
}

fn national() -> TrunkKind {
    TrunkKind::National
}
fn binds_max() -> usize {
    8
}
fn window_max() -> usize {
    1_000
}
fn rate_per_second() -> u32 {
    1_000
}
fn upstream_window_max() -> usize {
    1_000
}
fn warning_sender() -> String {
    "12381".into()
}

fn default_alphabet<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<DefaultAlphabet, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        Gsm7,
        Gsm7Packed,
        Latin1,
        Ascii,
        Utf8,
    }
    Ok(match Word::deserialize(deserializer)? {
        Word::Gsm7 => DefaultAlphabet::Gsm7,
        Word::Gsm7Packed => DefaultAlphabet::Gsm7Packed,
        Word::Latin1 => DefaultAlphabet::Latin1,
        Word::Ascii => DefaultAlphabet::Ascii,
        Word::Utf8 => DefaultAlphabet::Utf8,
    })
}

fn status<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Status, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Word {
        Name(String),
        Number(u32),
    }
    match Word::deserialize(deserializer)? {
        Word::Number(number) => Ok(Status(number)),
        Word::Name(name) => Status::of_name(&name).ok_or_else(|| {
            serde::de::Error::custom(format!("{name:?} is no SMPP status; give a name such as ESME_RSUBMITFAIL"))
        }),
    }
}

impl AccountConfig {
    /// The trunk under which its messages are judged.
    pub(super) fn trunk(&self) -> Trunk {
        Trunk { id: self.trunk, kind: self.trunk_kind }
    }
}

impl MessageConfig {
    /// Every fault of the configuration at once.
    ///
    /// # Errors
    /// The faults, by field.
    pub fn check(&self) -> Result<(), Faults> {
        let mut faults = Faults::none();
        let mut names = std::collections::BTreeSet::new();
        if self.accounts.len() > ACCOUNTS_MAX {
            faults.push(texts::TOO_MANY.at("accounts", &[("most", &ACCOUNTS_MAX.to_string())]));
        }
        if self.system_id.len() >= smpp::SYSTEM_ID_LEN_MAX {
            faults.push(system_id_fault("system_id".into()));
        }
        for (at, account) in self.accounts.iter().enumerate() {
            let field = |name: &str| format!("accounts[{at}].{name}");
            if !is_name(&account.system_id) {
                faults.push(system_id_fault(field("system_id")));
            } else if !names.insert(&account.system_id) {
                faults.push(texts::ACCOUNT_TWICE.at(field("system_id"), &[("name", &account.system_id)]));
            }
            if account.password_hash.is_none() && account.api_key_hash.is_none() {
                faults.push(texts::NO_SECRET.at(field("password_hash"), &[]));
            }
            for (name, hash) in [("password_hash", &account.password_hash), ("api_key_hash", &account.api_key_hash)] {
                if hash.as_deref().is_some_and(|hash| !secret::is_hash(hash)) {
                    faults.push(texts::NO_HASH.at(field(name), &[]));
                }
            }
            let counts = [
                ("binds_max", account.binds_max),
                ("window_max", account.window_max),
                ("rate_per_second", account.rate_per_second as usize),
                ("upstream.window_max", account.upstream.window_max),
            ];
            for (name, count) in counts {
                if count == 0 {
                    faults.push(texts::ZERO.at(field(name), &[]));
                }
            }
            if !account.upstream.address.contains(':') {
                faults.push(texts::ADDRESS.at(field("upstream.address"), &[]));
            }
            if account.upstream.system_id.len() >= smpp::SYSTEM_ID_LEN_MAX || account.upstream.system_id.is_empty() {
                faults.push(system_id_fault(field("upstream.system_id")));
            }
        }
        if let Some(warning) = &self.warning
            && !names.contains(&warning.account)
        {
            faults.push(texts::NO_ACCOUNT.at("warning.account", &[("name", &warning.account)]));
        }
        let times = [
            ("policy.parts_wait_ms", self.policy.parts_wait_ms),
            ("policy.part_answer_ms", self.policy.part_answer_ms),
            ("limits.enquire_after_seconds", self.limits.enquire_after_seconds),
            ("limits.answer_within_seconds", self.limits.answer_within_seconds),
        ];
        for (name, time) in times {
            if time <= 0 {
                faults.push(texts::ZERO.at(name, &[]));
            }
        }
        faults.into_result()
    }
}

/// A name that also serves as a folder's.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() < smpp::SYSTEM_ID_LEN_MAX
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn system_id_fault(field: String) -> Fault {
    texts::SYSTEM_ID.at(field, &[("most", &(smpp::SYSTEM_ID_LEN_MAX - 1).to_string())])
}
