//! The answers that a bank gives to an order.

use kernel::bounds::TOLD_MINOR_MAX;
use kernel::{Fault, OrderId, Said, Text, Timestamp};
use serde::{Deserialize, Serialize};

use crate::code::code_list;
use crate::fields::{Fields, LONG, SHORT};
use crate::movement::{HoldKind, MOVEMENTS_MAX, Movement};
use crate::order::last_four;

/// Holds, accounts and faults listed in one answer at most.
pub const LIST_MAX: usize = 1_000;
/// A count of stops or a place in a line above this is a fault.
const COUNT_MAX: u32 = 10_000;

code_list! {
    /// How the order went. A word that is not on the list reads as `other`: a person must look.
    AnswerCode {
        /// Done.
        Done = "done", "已办理", "done";
        /// The balance was below the amount asked; what was there is held.
        DoneInPart = "done_in_part", "部分办理", "done in part";
        /// No such account.
        NoSuchAccount = "no_such_account", "账户不存在", "no such account";
        /// The name does not match.
        NameMismatch = "name_mismatch", "户名不符", "the name does not match";
        /// Amount or time does not match.
        AmountOrTimeMismatch = "amount_or_time_mismatch", "金额或时间不符", "amount or time does not match";
        /// On the protected list (白名单).
        ProtectedAccount = "protected_account", "白名单账户", "protected account";
        /// Stopped already.
        AlreadyStopped = "already_stopped", "账户已被止付", "already stopped";
        /// Frozen already, in full or in part.
        AlreadyFrozen = "already_frozen", "账户已被冻结", "already frozen";
        /// A freeze waits behind an earlier one (轮候冻结), or a stop behind another case's stop.
        WaitingInLine = "waiting_in_line", "轮候", "waiting in line";
        /// The account was stopped as often as allowed.
        StopsUsedUp = "stops_used_up", "止付次数已用完", "the count of stops is used up";
        /// Fields are missing or wrong.
        OrderIncomplete = "order_incomplete", "指令要素不全", "the order is incomplete";
        /// Papers are missing.
        PapersMissing = "papers_missing", "缺少法律文书", "papers are missing";
        /// The seal is not valid.
        SealNotValid = "seal_not_valid", "电子签章无效", "the seal is not valid";
        /// The order was handled before.
        OrderAlreadyHandled = "order_already_handled", "指令已处理", "the order was handled already";
        /// The bank does not offer this.
        FunctionNotOffered = "function_not_offered", "不支持该功能", "this function is not offered";
        /// There is nothing to lift, extend, renew or end.
        NothingToLift = "nothing_to_lift", "没有可解除的限制", "there is nothing to lift";
        /// The bank failed inside.
        InternalFailure = "internal_failure", "银行系统故障", "internal failure at the bank";
        /// A word of a newer version.
        Other = "other", "其他答复", "another answer";
    }
    else Other
}

macro_rules! answer_texts {
    ($($variant:ident => $code:literal, $words:expr, $remedy:expr;)*) => {
        impl AnswerCode {
            /// The words for both sides, and what the centre should do.
            pub const fn text(self) -> Text {
                match self { $(Self::$variant => Text::new($code, $words, $remedy),)* }
            }
        }

        /// Every text of this module.
        pub(crate) const TEXTS: &[Text] = &[$(AnswerCode::$variant.text()),*];
    };
}

answer_texts! {
    Done => "answer.done", ("指令已办理", "The order is done"), ("", "");
    DoneInPart => "answer.done_in_part",
        ("账户余额不足，已对现有余额办理", "The balance is below the amount asked; what is there is held"),
        ("请查询交易明细，追查已转出的资金", "Query the transactions and follow what has left");
    NoSuchAccount => "answer.no_such_account",
        ("本行没有该账户", "This bank has no such account"),
        ("请与报案人核对账号和开户行", "Check the number and the bank with the victim");
    NameMismatch => "answer.name_mismatch",
        ("户名与账号不符，未办理", "The name does not belong to the account; nothing was done"),
        ("请核对收款人户名后重新下达", "Check the payee's name and order again");
    AmountOrTimeMismatch => "answer.amount_or_time_mismatch",
        ("账户内没有金额、时间相符的交易，未办理", "The account has no transfer of that amount at that time; nothing was done"),
        ("请核对转账金额和时间后重新下达", "Check amount and time of the transfer and order again");
    ProtectedAccount => "answer.protected_account",
        ("该账户在保护名单内，未办理", "The account is on the protected list; nothing was done"),
        ("请按规定报批后联系银行值班人员", "Seek the approval that the rules ask for and call the bank's duty officer");
    AlreadyStopped => "answer.already_stopped",
        ("该账户已被止付", "The account is stopped already"),
        ("见已有限制的单位、案号和到期时间", "See by whom, in which case and until when");
    AlreadyFrozen => "answer.already_frozen",
        ("该账户已被冻结", "The account is frozen already"),
        ("可下达轮候冻结，或与冻结单位联系", "Order a freeze that waits in line, or speak to the office that froze it");
    WaitingInLine => "answer.waiting_in_line",
        ("已登记轮候，在先措施结束时生效", "The order waits in line and takes effect when the measure before it ends"),
        ("生效时银行另行答复", "The bank answers again when it takes effect");
    StopsUsedUp => "answer.stops_used_up",
        ("该账户在本案中的止付次数已用完", "The account was stopped as often as this case allows"),
        ("请在止付到期前办理冻结", "Order a freeze before the stop ends");
    OrderIncomplete => "answer.order_incomplete",
        ("指令要素不全或有误", "Fields of the order are missing or wrong"),
        ("请按所列字段补正后重新下达", "Mend the fields listed and order again");
    PapersMissing => "answer.papers_missing",
        ("缺少法律文书", "Papers are missing"),
        ("请附上文书后重新下达", "Attach them and order again");
    SealNotValid => "answer.seal_not_valid",
        ("电子签章无效，未办理", "The seal is not valid; nothing was done"),
        ("请核对双方密钥和时钟", "Check the keys and clocks on both sides");
    OrderAlreadyHandled => "answer.order_already_handled",
        ("该指令此前已处理", "The order was handled before"),
        ("以首次答复为准", "The first answer stands");
    FunctionNotOffered => "answer.function_not_offered",
        ("本行不支持该功能", "This bank does not offer the function"),
        ("请与银行联系，以其他方式办理", "Speak to the bank about another way");
    NothingToLift => "answer.nothing_to_lift",
        ("没有与所引指令对应的有效限制", "No restriction of the order named is in force"),
        ("请核对所引指令；限制可能已到期", "Check the order named; its hold may have ended");
    InternalFailure => "answer.internal_failure",
        ("银行系统故障，未办理", "The bank's system failed; nothing was done"),
        ("请重新下达，并致电银行24小时联系人", "Order again and call the bank's 24-hour contact");
    Other => "answer.other",
        ("银行给出本系统不认识的答复", "The bank gave an answer that this system does not know"),
        ("请查看原文并联系银行", "Read the document itself and speak to the bank");
}

impl AnswerCode {
    /// Whether a hold is in force after this answer, or the query was answered.
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Done | Self::DoneInPart | Self::WaitingInLine)
    }
}

/// An answer to an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Answer {
    /// The order answered.
    pub order_id: OrderId,
    /// How it went.
    pub code: AnswerCode,
    /// What is held for this order, minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_minor: Option<i64>,
    /// What the holder can still use, minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_minor: Option<i64>,
    /// Balance in the books, minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance_minor: Option<i64>,
    /// Currency of the amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// When the hold began: for a stop the moment from which 48 hours count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// When the hold ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// How often the account has been stopped in this case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stops_used: Option<u32>,
    /// Place in the line of freezes; 1 is next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// Holds on the account already.
    #[serde(default)]
    pub existing: Vec<ExistingHold>,
    /// Which of the four points differ: `account_name`, `account_number`, `amount`, `time`.
    #[serde(default)]
    pub mismatches: Vec<String>,
    /// Faults of the order by field, with `order_incomplete`.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// Answer to `query_holder`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// Answer to `query_accounts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts: Option<Vec<HeldAccount>>,
    /// Answer to `query_transactions`, in order of booking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transactions: Option<Vec<Movement>>,
    /// Whether the period holds more transactions than were sent; ask again from the time of the last.
    #[serde(default)]
    pub more: bool,
    /// The words.
    pub words: Said,
}

/// A hold that is on the account already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExistingHold {
    /// Who ordered it.
    pub authority: String,
    /// In which case.
    pub case_number: String,
    /// What it is.
    pub kind: HoldKind,
    /// How much, minor units; absent means the whole account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
    /// Until when.
    pub until: Timestamp,
    /// Place in the line; 0 is in force.
    #[serde(default)]
    pub position: u32,
}

/// Who holds an account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Holder {
    /// Name.
    pub name: String,
    /// Citizen ID, or unified social credit code of a company.
    pub id_number: String,
    /// Telephone numbers left with the bank.
    #[serde(default)]
    pub phones: Vec<String>,
    /// When the account was opened.
    pub opened_at: Timestamp,
    /// The branch that opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
}

impl std::fmt::Debug for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Holder({} phones)", self.phones.len())
    }
}

/// One of the accounts of a holder.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HeldAccount {
    /// Number.
    pub number: String,
    /// Name of the holder.
    pub name: String,
    /// Currency.
    pub currency: String,
    /// Balance in the books, minor units.
    pub balance_minor: i64,
    /// What the holder can use, minor units.
    pub available_minor: i64,
    /// When it was opened.
    pub opened_at: Timestamp,
}

impl std::fmt::Debug for HeldAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HeldAccount(****{})", last_four(&self.number))
    }
}

impl Answer {
    /// An answer with the words of its code and nothing else.
    pub fn new(order_id: OrderId, code: AnswerCode) -> Self {
        Self {
            order_id,
            code,
            held_minor: None,
            available_minor: None,
            balance_minor: None,
            currency: None,
            from: None,
            until: None,
            stops_used: None,
            position: None,
            existing: Vec::new(),
            mismatches: Vec::new(),
            faults: Vec::new(),
            holder: None,
            accounts: None,
            transactions: None,
            more: false,
            words: code.text().say(&[]),
        }
    }

    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        let order_id = f.id("order_id");
        let code = f.code::<AnswerCode>("code");
        let held_minor = f.integer_opt("held_minor", 0, TOLD_MINOR_MAX);
        let available_minor = f.integer_opt("available_minor", -TOLD_MINOR_MAX, TOLD_MINOR_MAX);
        let balance_minor = f.integer_opt("balance_minor", -TOLD_MINOR_MAX, TOLD_MINOR_MAX);
        let currency = f.currency_opt("currency");
        let (from, until) = (f.time_opt("from"), f.time_opt("until"));
        let stops_used = f.count_opt("stops_used", COUNT_MAX);
        let position = f.count_opt("position", COUNT_MAX);
        let existing = f.list("existing", LIST_MAX, ExistingHold::read);
        let mismatches = f.texts("mismatches", LIST_MAX);
        let faults = f.list("faults", LIST_MAX, |f| {
            let field = f.text_opt("field", SHORT).unwrap_or_default();
            Some(Fault { field, said: read_words(f)? })
        });
        let holder = f.object_opt("holder", Holder::read);
        let accounts = f.has("accounts").then(|| f.list("accounts", LIST_MAX, HeldAccount::read));
        let transactions = f.has("transactions").then(|| f.list("transactions", MOVEMENTS_MAX, Movement::read));
        let more = f.flag("more");
        let words = f.object_opt("words", read_words).or_else(|| code.map(|code| code.text().say(&[])));
        Some(Self {
            order_id: order_id?,
            code: code?,
            held_minor,
            available_minor,
            balance_minor,
            currency,
            from,
            until,
            stops_used,
            position,
            existing,
            mismatches,
            faults,
            holder,
            accounts,
            transactions,
            more,
            words: words?,
        })
    }
}

/// Words in both languages; a partner may leave out what it does not have.
pub(crate) fn read_words(f: &mut Fields<'_>) -> Option<Said> {
    let code = f.text("code", SHORT);
    let mut word = |name: &str| f.text_opt(name, LONG).unwrap_or_default();
    let (zh, en, zh_remedy, en_remedy) = (word("zh"), word("en"), word("zh_remedy"), word("en_remedy"));
    Some(Said { code: code?, zh, en, zh_remedy, en_remedy })
}

impl ExistingHold {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (authority, case_number) = (f.text("authority", SHORT), f.text("case_number", SHORT));
        let (kind, until) = (f.code("kind"), f.time("until"));
        let amount_minor = f.integer_opt("amount_minor", 0, TOLD_MINOR_MAX);
        let position = f.count_opt("position", COUNT_MAX).unwrap_or(0);
        Some(Self {
            authority: authority?,
            case_number: case_number?,
            kind: kind?,
            amount_minor,
            until: until?,
            position,
        })
    }
}

impl Holder {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (name, id_number) = (f.text("name", SHORT), f.text("id_number", SHORT));
        let (phones, opened_at) = (f.texts("phones", LIST_MAX), f.time("opened_at"));
        let branch = f.text_opt("branch", SHORT);
        Some(Self { name: name?, id_number: id_number?, phones, opened_at: opened_at?, branch })
    }
}

impl HeldAccount {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (number, name, currency) = (f.account("number"), f.text("name", SHORT), f.currency("currency"));
        let balance_minor = f.integer("balance_minor", -TOLD_MINOR_MAX, TOLD_MINOR_MAX);
        let available_minor = f.integer("available_minor", -TOLD_MINOR_MAX, TOLD_MINOR_MAX);
        let opened_at = f.time("opened_at");
        Some(Self {
            number: number?,
            name: name?,
            currency: currency?,
            balance_minor: balance_minor?,
            available_minor: available_minor?,
            opened_at: opened_at?,
        })
    }
}
