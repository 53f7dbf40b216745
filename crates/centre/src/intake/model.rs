//! What a report is: as typed ([`Draft`]), and as checked ([`Submitted`]); and its states.

use kernel::{AccountNo, CitizenId, Masked, Money, Msisdn, PersonName, Region, ScamType, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};

macro_rules! codes {
    // The word is a bare token, not a literal fragment: the schema's derive would not see through that.
    ($(#[$doc:meta])* $name:ident { $($variant:ident $code:tt $zh:literal $en:literal;)* }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        $(#[$doc])*
        pub enum $name {$(
            #[doc = $zh]
            #[serde(rename = $code)]
            $variant,
        )*}

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word in documents and in the database.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// Name in Chinese.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh),* }
            }

            /// Name in English.
            pub const fn en(self) -> &'static str {
                match self { $(Self::$variant => $en),* }
            }

            /// Reads the word, or the name in either language.
            pub fn read(text: &str) -> Option<Self> {
                let text = text.trim();
                Self::ALL.iter().copied().find(|v| v.code() == text || v.zh() == text || v.en().eq_ignore_ascii_case(text))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

codes! {
    /// The way by which a report came in.
    #[schema(as = ReportChannel)]
    Channel {
        Call110 "110" "110报警" "Call to 110";
        Call96110 "96110" "96110专线" "Call to 96110";
        Counter "counter" "现场报案" "Counter";
        Public "public" "网上报案" "Public page";
        Partner "partner" "合作单位推送" "Partner";
        Import "import" "批量导入" "Import";
    }
}

codes! {
    /// Where a report stands.
    ReportState {
        Draft "draft" "草稿" "Draft";
        Submitted "submitted" "已提交" "Submitted";
        Joined "joined" "已并入" "Joined";
        Closed "closed" "已办结" "Closed";
    }
}

codes! {
    /// How the victim paid; the words are those of a movement on the wire.
    PaymentChannel {
        Counter "counter" "柜台" "Counter";
        Online "online" "网上银行" "Online banking";
        Mobile "mobile" "手机银行" "Mobile banking";
        Atm "atm" "自助柜员机" "Cash machine";
        CardTerminal "card_terminal" "刷卡" "Card terminal";
        TopUp "top_up" "话费充值" "Phone top-up";
        GameCard "game_card" "游戏点卡" "Game card";
        VirtualCurrency "virtual_currency" "虚拟货币" "Virtual currency";
        Abroad "abroad" "境外汇款" "Abroad";
        Cash "cash" "现金" "Cash";
        PaymentInstitution "payment_institution" "第三方支付" "Payment institution";
    }
}

codes! {
    /// A way by which the scammer reached the victim.
    ContactKind {
        Phone "phone" "电话" "Phone";
        Url "url" "网址" "Web address";
        Chat "chat" "聊天账号" "Chat account";
        App "app" "应用程序" "App";
    }
}

/// What may happen to a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportEvent {
    /// The draft is edited.
    Change,
    /// It is complete and speaks of a payment that nobody reported before.
    Submit,
    /// It is complete and speaks of a payment that another report holds; a person may find that later too.
    Join,
    /// Its work is done.
    Close,
}

impl ReportState {
    /// The state after an event; none where the event is not possible now.
    pub const fn after(self, event: ReportEvent) -> Option<Self> {
        match (self, event) {
            (Self::Draft, ReportEvent::Change) => Some(Self::Draft),
            (Self::Draft, ReportEvent::Submit) => Some(Self::Submitted),
            (Self::Draft, ReportEvent::Join) => Some(Self::Joined),
            (Self::Submitted, ReportEvent::Join) => Some(Self::Joined),
            (Self::Submitted, ReportEvent::Close) => Some(Self::Closed),
            _ => None,
        }
    }
}

/// `null` reads as an empty text, so that pages may send either for an empty field.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.unwrap_or_default())
}

/// A report as typed: any field may be empty or wrong; [`crate::intake::check`] tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Draft {
    /// `110`, `96110`, `counter`, `public`, `partner`, `import`.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub channel: String,
    /// Who was scammed.
    #[serde(default)]
    pub victim: DraftVictim,
    /// What happened, in the victim's words.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub narrative: String,
    /// What was paid.
    #[serde(default)]
    pub payments: Vec<DraftPayment>,
    /// How the scammer reached the victim.
    #[serde(default)]
    pub contacts: Vec<DraftContact>,
    /// Scam type code or name.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub scam_type: String,
    /// Region code that handles the report; empty means the victim's.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub region: String,
    /// When it happened; empty means the first payment.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub occurred_at: String,
}

/// The victim as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftVictim {
    /// Name.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub name: String,
    /// Identity number; may stay empty.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub citizen_id: String,
    /// Telephone.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub phone: String,
    /// Region code where the victim lives; empty means that of the report.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub region: String,
}

/// An amount as typed: `{minor, currency}` or a text such as `3万`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum DraftAmount {
    /// Already counted in minor units.
    Money(Money),
    /// As a person writes it, in the currency of the payment.
    Text(String),
}

impl Default for DraftAmount {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DraftAmount, D::Error> {
    Ok(Option::<DraftAmount>::deserialize(deserializer)?.unwrap_or_default())
}

/// A payment as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftPayment {
    /// Account paid from; may stay empty.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub payer_account: String,
    /// Holder of that account; may stay empty.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub payer_name: String,
    /// Its bank: partner id or name; may stay empty.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub payer_bank: String,
    /// Account paid into.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub payee_account: String,
    /// Holder of that account as the victim knows it; the bank checks it before it stops.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub payee_name: String,
    /// Its bank: partner id, or the name that the victim says; may stay empty.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub payee_bank: String,
    /// How much.
    #[serde(default, deserialize_with = "amount")]
    #[schema(value_type = Option<DraftAmount>)]
    pub amount: DraftAmount,
    /// Currency of an amount given as text; empty means CNY.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub currency: String,
    /// When: with offset, or China Standard Time such as `2026-11-22 15:20:05`.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub paid_at: String,
    /// How: code of a payment channel; may stay empty.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub channel: String,
    /// The bank's reference (流水号); may stay empty.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub reference: String,
}

/// A contact as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftContact {
    /// `phone`, `url`, `chat`, `app`.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub kind: String,
    /// The number, address, account or name.
    #[serde(default, deserialize_with = "text")]
    #[schema(value_type = Option<String>)]
    pub value: String,
}

/// A report that was checked. Personal data shows its mask wherever it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// How it came in.
    pub channel: Channel,
    /// Who was scammed.
    pub victim: Victim,
    /// What happened.
    pub narrative: String,
    /// What was paid.
    pub payments: Vec<Payment>,
    /// How the scammer reached the victim.
    pub contacts: Vec<Contact>,
    /// Scam type.
    pub scam_type: ScamType,
    /// Region that handles it, as in force today.
    pub region: Region,
    /// When it happened.
    pub occurred_at: Timestamp,
}

/// Who was scammed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Victim {
    /// Name.
    pub name: Masked<PersonName>,
    /// Identity number.
    pub citizen_id: Option<Masked<CitizenId>>,
    /// Telephone.
    pub phone: Masked<Msisdn>,
    /// Where he lives.
    pub region: Region,
}

/// One payment into an account of the scammers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Account paid from.
    pub payer_account: Option<Masked<AccountNo>>,
    /// Its holder.
    pub payer_name: Option<Masked<PersonName>>,
    /// Its bank, partner id.
    pub payer_bank: Option<String>,
    /// Account paid into.
    pub payee_account: Masked<AccountNo>,
    /// Its holder as the victim knows it.
    pub payee_name: Option<Masked<PersonName>>,
    /// Its bank, partner id; none where the bank is unknown or no partner.
    pub payee_bank: Option<String>,
    /// The name that was said of a bank that is no partner.
    pub payee_bank_said: Option<String>,
    /// How much.
    pub amount: Money,
    /// When.
    pub paid_at: Timestamp,
    /// How.
    pub channel: Option<PaymentChannel>,
    /// The bank's reference.
    pub reference: Option<String>,
}

/// A way by which the scammer reached the victim.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contact {
    /// What it is.
    pub kind: ContactKind,
    /// In canonical form.
    pub value: String,
}

impl Submitted {
    /// The sum of the payments in the currency of the first; other currencies are not added.
    pub fn total(&self) -> Money {
        let mut payments = self.payments.iter().map(|p| p.amount);
        let first = payments.next().unwrap_or(Money::zero(kernel::Currency::CNY));
        payments.fold(first, |sum, amount| sum.checked_add(amount).unwrap_or(sum))
    }

    /// The same report in its typed form, every field canonical.
    pub fn to_draft(&self) -> Draft {
        let or_empty = |value: Option<String>| value.unwrap_or_default();
        Draft {
            channel: self.channel.code().into(),
            victim: DraftVictim {
                name: self.victim.name.reveal().to_string(),
                citizen_id: or_empty(self.victim.citizen_id.as_ref().map(|id| id.reveal().to_string())),
                phone: self.victim.phone.reveal().to_string(),
                region: self.victim.region.to_string(),
            },
            narrative: self.narrative.clone(),
            payments: self.payments.iter().map(Payment::to_draft).collect(),
            contacts: self
                .contacts
                .iter()
                .map(|c| DraftContact { kind: c.kind.code().into(), value: c.value.clone() })
                .collect(),
            scam_type: self.scam_type.code().into(),
            region: self.region.to_string(),
            occurred_at: self.occurred_at.to_rfc3339(),
        }
    }
}

impl Payment {
    pub(crate) fn to_draft(&self) -> DraftPayment {
        let account = |a: &Masked<AccountNo>| a.reveal().to_string();
        let name = |n: &Masked<PersonName>| n.reveal().to_string();
        DraftPayment {
            payer_account: self.payer_account.as_ref().map(account).unwrap_or_default(),
            payer_name: self.payer_name.as_ref().map(name).unwrap_or_default(),
            payer_bank: self.payer_bank.clone().unwrap_or_default(),
            payee_account: account(&self.payee_account),
            payee_name: self.payee_name.as_ref().map(name).unwrap_or_default(),
            payee_bank: self.payee_bank.clone().or_else(|| self.payee_bank_said.clone()).unwrap_or_default(),
            amount: DraftAmount::Money(self.amount),
            currency: self.amount.currency.to_string(),
            paid_at: self.paid_at.to_rfc3339(),
            channel: self.channel.map(|c| c.code().to_owned()).unwrap_or_default(),
            reference: self.reference.clone().unwrap_or_default(),
        }
    }
}
