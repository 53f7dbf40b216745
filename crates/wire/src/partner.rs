//! One partner: a centre, a bank or payment institution, or an operator.

use kernel::{Faults, Text, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::code::code_list;
use crate::fields::{Fields, SHORT};
use crate::keys::{Jwk, PublicKey};
use crate::message::PartnerId;

/// Keys, contacts and bank codes of one partner at most.
const LIST_MAX: usize = 100;
/// Longest deadline for an answer: a week.
const ANSWER_MINUTES_MAX: u32 = 7 * 24 * 60;
/// Deadline for an answer unless said otherwise, minutes.
pub const ANSWER_MINUTES: u32 = 30;

const BASE_URL: Text = Text::new(
    "partner.base_url",
    ("地址应为 https://主机[:端口][/路径]", "an address looks like https://host[:port][/path]"),
    ("请去掉用户名、参数和锚点", "leave out user, query and fragment"),
);
const PLAIN_HTTP: Text = Text::new(
    "partner.plain_http",
    ("明文 http 只允许用于本机地址", "plain http is allowed to loopback addresses only"),
    ("请使用 https 并配置证书", "use https with a certificate"),
);
const KEY: Text = Text::new(
    "partner.key",
    ("不是有效的 Ed25519 公钥", "this is not a valid Ed25519 public key"),
    ("请填写32字节公钥的 base64url，或粘贴对方的 JWK", "give the 32 bytes in base64url, or the partner's JWK"),
);
const KID: Text = Text::new(
    "partner.kid",
    ("密钥编号应为 1 至 64 个字母、数字、-、_ 或 .", "a key id has 1 to 64 letters, digits, -, _ or ."),
    ("请使用对方给出的编号", "use the id that the partner gives"),
);
const KID_TWICE: Text = Text::new(
    "partner.kid_twice",
    ("密钥编号重复", "the key id is used twice"),
    ("每把密钥使用不同编号", "give each key an id of its own"),
);
const PHONE: Text = Text::new(
    "partner.phone",
    ("联系电话不符合格式", "this is not a telephone number"),
    ("使用 5 至 20 个数字，可带 +、-、空格", "use 5 to 20 digits; +, - and spaces are allowed"),
);
const CONTACTS: Text = Text::new(
    "partner.contacts",
    ("启用的银行须登记24小时联系人和代理联系人", "an enabled bank needs a contact round the clock and a deputy"),
    (
        "请各登记一人（银发〔2019〕85号）",
        "enter one contact with duty primary and one with duty deputy (银发〔2019〕85号)",
    ),
);
const NO_KEY: Text = Text::new(
    "partner.no_key",
    ("启用的席位至少要有一把公钥", "an enabled seat needs at least one public key"),
    ("请登记对方公钥，或先停用", "enter its public key, or leave it switched off"),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[BASE_URL, PLAIN_HTTP, KEY, KID, KID_TWICE, PHONE, CONTACTS, NO_KEY];

code_list! {
    /// What a partner is.
    PartnerRole {
        /// An anti-scam centre.
        Centre = "centre", "反诈中心", "anti-scam centre";
        /// A bank or payment institution.
        Bank = "bank", "银行或支付机构", "bank or payment institution";
        /// A telecommunications operator.
        Operator = "operator", "电信运营商", "operator";
    }
}

code_list! {
    /// What a contact is for.
    Duty {
        /// Reached round the clock (银发〔2019〕85号).
        Primary = "primary", "24小时联系人", "contact round the clock";
        /// Stands in for the first.
        Deputy = "deputy", "代理联系人", "deputy";
        /// For keys, certificates and connections.
        Technical = "technical", "技术联系人", "technical contact";
    }
}

/// A person to call.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = PartnerContact)]
pub struct Contact {
    /// Name.
    pub name: String,
    /// Telephone.
    pub phone: String,
    /// What for.
    pub duty: Duty,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Contact({})", self.duty)
    }
}

/// A partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Partner {
    /// Name of the seat.
    pub id: PartnerId,
    /// Name for people, in Chinese.
    pub name: String,
    /// Name for people, in English.
    #[serde(default)]
    pub name_en: String,
    /// What it is.
    pub role: PartnerRole,
    /// Where it is reached, without `/wire/v1/…`.
    pub base_url: String,
    /// Keys under which it seals.
    pub keys: Vec<PublicKey>,
    /// Whom to call.
    pub contacts: Vec<Contact>,
    /// Codes by which others name the bank.
    pub bank_codes: Vec<String>,
    /// Within how many minutes it answers an order.
    pub answer_minutes: u32,
    /// Whether it is spoken to and listened to.
    pub enabled: bool,
    /// When it was entered.
    #[serde(default)]
    pub created_at: Timestamp,
    /// When it was last changed.
    #[serde(default)]
    pub changed_at: Timestamp,
}

impl Partner {
    /// Reads a partner from JSON and tells every fault by field. A key may be given in our form or as a JWK.
    ///
    /// # Errors
    /// All faults found.
    pub fn read(input: &Value, now: Timestamp) -> Result<Self, Faults> {
        let mut faults = Faults::none();
        let partner = Fields::of(input, "", &mut faults).and_then(|mut f| Self::read_fields(&mut f, now));
        match partner {
            Some(partner) if faults.is_empty() => Ok(partner),
            _ => Err(faults),
        }
    }

    fn read_fields(f: &mut Fields<'_>, now: Timestamp) -> Option<Self> {
        let id = f.text("id", SHORT).and_then(|text| match PartnerId::parse(&text) {
            Ok(id) => Some(id),
            Err(_) => {
                f.refuse("id", &crate::message::PARTNER_ID);
                None
            }
        });
        let (name, name_en) = (f.text("name", SHORT), f.text_opt("name_en", SHORT).unwrap_or_default());
        let role = f.code::<PartnerRole>("role");
        let base_url = f.text("base_url", SHORT);
        if let Some(Err(text)) = base_url.as_deref().map(check_base_url) {
            f.refuse("base_url", &text);
        }
        let keys = f.list("keys", LIST_MAX, read_key);
        for (index, key) in keys.iter().enumerate() {
            if keys.iter().take(index).any(|earlier| earlier.kid == key.kid) {
                f.refuse(&format!("keys[{index}].kid"), &KID_TWICE);
            }
        }
        let contacts = f.list("contacts", LIST_MAX, |f| {
            let (name, phone, duty) = (f.text("name", SHORT), f.text("phone", SHORT), f.code("duty"));
            if phone.as_deref().is_some_and(|phone| !is_phone(phone)) {
                f.refuse("phone", &PHONE);
            }
            Some(Contact { name: name?, phone: phone?, duty: duty? })
        });
        let bank_codes = f.texts("bank_codes", LIST_MAX);
        let answer_minutes = f.integer_opt("answer_minutes", 1, i64::from(ANSWER_MINUTES_MAX));
        let enabled = !f.has("enabled") || f.flag("enabled");
        if enabled && keys.is_empty() && f.clean() {
            f.refuse("keys", &NO_KEY);
        }
        let on_duty = |duty| contacts.iter().any(|contact| contact.duty == duty);
        if enabled && role == Some(PartnerRole::Bank) && !(on_duty(Duty::Primary) && on_duty(Duty::Deputy)) {
            f.refuse("contacts", &CONTACTS);
        }
        Some(Self {
            id: id?,
            name: name?,
            name_en,
            role: role?,
            base_url: base_url?.trim_end_matches('/').to_owned(),
            keys,
            contacts,
            bank_codes,
            answer_minutes: answer_minutes.and_then(|n| u32::try_from(n).ok()).unwrap_or(ANSWER_MINUTES),
            enabled,
            created_at: now,
            changed_at: now,
        })
    }

    /// Where messages are posted.
    pub fn messages_url(&self) -> String {
        format!("{}/wire/v1/messages", self.base_url)
    }
}

fn read_key(f: &mut Fields<'_>) -> Option<PublicKey> {
    if f.has("kty") {
        let key = f.whole::<Jwk>().and_then(|jwk| PublicKey::from_jwk(&jwk));
        if key.is_none() {
            f.refuse("", &KEY);
        }
        return key;
    }
    let (kid, public) = (f.text("kid", SHORT), f.text("public", SHORT));
    let (not_before, not_after) = (f.time("not_before"), f.time("not_after"));
    if let (Some(from), Some(to)) = (not_before, not_after) {
        f.in_order("not_after", from, to);
    }
    let revoked_at = f.time_opt("revoked_at");
    if kid.as_deref().is_some_and(|kid| !crate::seal::is_kid(kid)) {
        f.refuse("kid", &KID);
    }
    let key = PublicKey { kid: kid?, public: public?, not_before: not_before?, not_after: not_after?, revoked_at };
    if key.verifying().is_none() {
        f.refuse("public", &KEY);
    }
    Some(key)
}

fn is_phone(phone: &str) -> bool {
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    (5..=20).contains(&digits) && phone.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' '))
}

/// Whether an address is of this machine: what goes there is seen by nobody on the way.
pub fn is_loopback(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether an address may be spoken to: https, or http on this machine.
///
/// # Errors
/// The text that says why not.
pub fn check_base_url(text: &str) -> Result<(), Text> {
    let url = reqwest::Url::parse(text).map_err(|_| BASE_URL)?;
    let plain_parts =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    if url.host_str().unwrap_or_default().is_empty() || !plain_parts {
        return Err(BASE_URL);
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        "http" => Err(PLAIN_HTTP),
        _ => Err(BASE_URL),
    }
}
