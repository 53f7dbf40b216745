//! What a bank reports to the centre of its own accord.

use kernel::bounds::{AMOUNT_MINOR_MAX, TOLD_MINOR_MAX};
use kernel::{NoticeId, OrderId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::code::code_list;
use crate::fields::{Fields, LONG, SHORT};
use crate::movement::Movement;
use crate::order::{Account, last_four};

/// Payments, contacts, signs or movements listed in one notice at most.
pub const LIST_MAX: usize = 1_000;

code_list! {
    /// What is reported.
    NoticeKind {
        /// A victim has come to the bank's counter.
        VictimCase = "victim_case", "客户柜面报案", "case from a victim at the counter";
        /// An account was opened strangely.
        AccountOpening = "account_opening", "异常开户", "strange account opening";
        /// An account is suspect.
        SuspectAccount = "suspect_account", "可疑账户", "suspect account";
        /// Movements are suspect.
        SuspectEvent = "suspect_event", "可疑事件", "suspect event";
    }
}

code_list! {
    /// What made an opening strange, or an account or event suspect. A word that is not on the list reads as `other`.
    Sign {
        /// Many accounts in a short time.
        ManyAccounts = "many_accounts", "短期频繁开户", "many accounts in a short time";
        /// The identity is in doubt.
        IdentityInDoubt = "identity_in_doubt", "身份存疑", "the identity is in doubt";
        /// Brought and told what to say by somebody else.
        Accompanied = "accompanied", "他人陪同代办", "brought and told what to say";
        /// Several customers share telephone or address.
        SharedContact = "shared_contact", "多人共用电话或地址", "several customers share telephone or address";
        /// Would not explain or be re-verified.
        RefusedVerification = "refused_verification", "拒绝核实", "would not be re-verified";
        /// Offered for sale or rent, or found to be.
        BoughtOrRented = "bought_or_rented", "买卖出租账户", "bought or rented";
        /// Scattered in, gathered out.
        ScatteredInGatheredOut = "scattered_in_gathered_out", "分散转入集中转出", "scattered in and gathered out";
        /// Gathered in, scattered out.
        GatheredInScatteredOut = "gathered_in_scattered_out", "集中转入分散转出", "gathered in and scattered out";
        /// A rapid series.
        RapidSeries = "rapid_series", "短时间连续交易", "a rapid series";
        /// A small sum to try the account, then large ones.
        SmallTrialFirst = "small_trial_first", "小额试探后大额交易", "a small trial, then large sums";
        /// In and out at once, nothing left behind.
        QuickInOut = "quick_in_out", "快进快出不留余额", "in and out at once";
        /// A long-silent account wakes.
        DormantWoken = "dormant_woken", "睡眠户突然启用", "a silent account wakes";
        /// Cash drawn right after money came in.
        QuickCashOut = "quick_cash_out", "资金到账即取现", "cash drawn at once";
        /// Does not fit the customer.
        OutOfCharacter = "out_of_character", "与客户身份不符", "does not fit the customer";
        /// Anything else.
        Other = "other", "其他", "other";
    }
    else Other
}

code_list! {
    /// How to reach somebody or something in the case. A word that is not on the list reads as `other`.
    ContactKind {
        /// Telephone number.
        Phone = "phone", "电话", "telephone";
        /// Web address.
        Url = "url", "网址", "web address";
        /// Chat account.
        Chat = "chat", "社交账号", "chat account";
        /// App.
        App = "app", "应用软件", "app";
        /// Anything else.
        Other = "other", "其他", "other";
    }
    else Other
}

/// A notice of a bank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Notice {
    /// Identity of the notice.
    pub notice_id: NoticeId,
    /// What is reported.
    pub kind: NoticeKind,
    /// When the bank noticed.
    pub at: Timestamp,
    /// The branch.
    pub branch: String,
    /// Six-digit region code of the branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What happened, in words.
    pub words: String,
    /// The victim's case, with `victim_case`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<VictimCase>,
    /// The account concerned, with the other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// Why it is strange or suspect.
    #[serde(default)]
    pub signs: Vec<Sign>,
    /// The movements concerned.
    #[serde(default)]
    pub movements: Vec<Movement>,
}

/// A victim's case, taken at the counter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VictimCase {
    /// The victim.
    pub victim: Victim,
    /// When it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// Code of the scam type, where the clerk knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scam_type: Option<String>,
    /// The payments that the victim made.
    pub payments: Vec<Payment>,
    /// How the scammer was in touch.
    #[serde(default)]
    pub contacts: Vec<Contact>,
    /// The stop that the bank has made at once because payer and payee bank are one legal person; the order must
    /// follow within 24 hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_first: Option<StoppedFirst>,
}

/// A victim.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Victim {
    /// Name.
    pub name: String,
    /// Telephone.
    pub phone: String,
    /// Citizen ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizen_id: Option<String>,
}

impl std::fmt::Debug for Victim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Victim(****{})", last_four(&self.phone))
    }
}

/// A payment that a victim made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Payment {
    /// Account paid from.
    pub payer_account: String,
    /// Account paid to.
    pub payee_account: String,
    /// Name of the payee.
    pub payee_name: String,
    /// Bank of the payee: the name of a seat where known, else a bank code or name.
    pub payee_bank: String,
    /// Amount, minor units.
    pub amount_minor: i64,
    /// Currency.
    pub currency: String,
    /// When.
    pub paid_at: Timestamp,
    /// Reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

impl std::fmt::Debug for Payment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Payment({} to {} ****{})", self.amount_minor, self.payee_bank, last_four(&self.payee_account))
    }
}

/// A way in which the scammer was in touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Contact {
    /// What it is.
    pub kind: ContactKind,
    /// Number, address or name.
    pub value: String,
}

/// A stop made before the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StoppedFirst {
    /// Identity of the hold; the order that follows names it as its `order_id`.
    pub order_id: OrderId,
    /// The account stopped.
    pub account: Account,
    /// What is held, minor units.
    pub held_minor: i64,
    /// Currency.
    pub currency: String,
    /// Since when.
    pub from: Timestamp,
    /// When it lifts unless an order follows.
    pub until: Timestamp,
}

/// The centre has taken a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NoticeTaken {
    /// The notice.
    pub notice_id: NoticeId,
    /// The number of the case that it became or joined; the clerk tells it to the victim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_number: Option<String>,
}

impl Notice {
    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (notice_id, kind) = (f.id("notice_id"), f.code("kind"));
        let (at, branch, region) = (f.time("at"), f.text("branch", SHORT), f.text_opt("region", SHORT));
        let words = f.text("words", LONG);
        let case = f.object_opt("case", VictimCase::read);
        let account = f.object_opt("account", read_account);
        let (signs, movements) = (f.codes("signs", LIST_MAX), f.list("movements", LIST_MAX, Movement::read));
        match kind {
            Some(NoticeKind::VictimCase) if !f.has("case") => f.needed("case", NoticeKind::VictimCase.code()),
            Some(kind) if kind != NoticeKind::VictimCase && !f.has("account") => f.needed("account", kind.code()),
            _ => {}
        }
        Some(Self {
            notice_id: notice_id?,
            kind: kind?,
            at: at?,
            branch: branch?,
            region,
            words: words?,
            case,
            account,
            signs,
            movements,
        })
    }
}

fn read_account(f: &mut Fields<'_>) -> Option<Account> {
    let (number, name) = (f.account("number"), f.text_opt("name", SHORT));
    Some(Account { number: number?, name })
}

impl VictimCase {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let victim = f.object("victim", |f| {
            let (name, phone) = (f.text("name", SHORT), f.text("phone", SHORT));
            let citizen_id = f.text_opt("citizen_id", SHORT);
            Some(Victim { name: name?, phone: phone?, citizen_id })
        });
        let (occurred_at, scam_type) = (f.time_opt("occurred_at"), f.text_opt("scam_type", SHORT));
        let payments = f.list("payments", LIST_MAX, Payment::read);
        let contacts = f.list("contacts", LIST_MAX, |f| {
            let (kind, value) = (f.code("kind"), f.text("value", SHORT));
            Some(Contact { kind: kind?, value: value? })
        });
        let stopped_first = f.object_opt("stopped_first", |f| {
            let (order_id, account) = (f.id("order_id"), f.object("account", read_account));
            let held_minor = f.integer("held_minor", 0, TOLD_MINOR_MAX);
            let (currency, from, until) = (f.currency("currency"), f.time("from"), f.time("until"));
            Some(StoppedFirst {
                order_id: order_id?,
                account: account?,
                held_minor: held_minor?,
                currency: currency?,
                from: from?,
                until: until?,
            })
        });
        Some(Self { victim: victim?, occurred_at, scam_type, payments, contacts, stopped_first })
    }
}

impl Payment {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (payer_account, payee_account) = (f.account("payer_account"), f.account("payee_account"));
        let (payee_name, payee_bank) = (f.text("payee_name", SHORT), f.text("payee_bank", SHORT));
        let amount_minor = f.integer("amount_minor", 1, AMOUNT_MINOR_MAX);
        let (currency, paid_at) = (f.currency("currency"), f.time("paid_at"));
        let reference = f.text_opt("reference", SHORT);
        Some(Self {
            payer_account: payer_account?,
            payee_account: payee_account?,
            payee_name: payee_name?,
            payee_bank: payee_bank?,
            amount_minor: amount_minor?,
            currency: currency?,
            paid_at: paid_at?,
            reference,
        })
    }
}

impl NoticeTaken {
    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (notice_id, case_number) = (f.id("notice_id"), f.text_opt("case_number", SHORT));
        Some(Self { notice_id: notice_id?, case_number })
    }
}
