//! What an operator saw: counters of a period, and hits.

use kernel::{SignalsId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::code::code_list;
use crate::fields::{Fields, SHORT};
use crate::line_answer::ContactChannel;
use crate::list::NumberPattern;
use crate::order::{Period, last_four};

/// Counters in one document at most.
pub const COUNTERS_MAX: usize = 5_000;
/// Hits in one document at most.
pub const HITS_MAX: usize = 5_000;
/// Rules in one document at most.
pub const SIGNAL_RULES_MAX: usize = 1_000;
/// Most events under one counter.
const EVENTS_MAX: i64 = 1_000_000_000_000;
/// Highest number of a list; see [`crate::ListChange::number`].
const LIST_NUMBER_MAX: i64 = 1_000_000_000_000_000;

code_list! {
    /// What the operator did. A word that is not on the list reads as `other`.
    SignalAction {
        /// Passed.
        Pass = "pass", "放行", "pass";
        /// Passed with a label or a mark.
        Label = "label", "提示", "label";
        /// Diverted to an announcement.
        Announce = "announce", "语音提示", "announce";
        /// Refused: SIP 603 or 608, or a status to the sender of a message.
        Reject = "reject", "拦截", "reject";
        /// Taken with a receipt and thrown away (messages).
        Drop = "drop", "丢弃", "drop";
        /// Had to prove that a person calls.
        Challenge = "challenge", "验证", "challenge";
        /// Passed, and reported.
        Monitor = "monitor", "监测", "monitor";
        /// A call in progress was ended by order.
        Cut = "cut", "切断", "cut";
        /// Anything else.
        Other = "other", "其他", "other";
    }
    else Other
}

impl SignalAction {
    /// Whether it kept the call or message from arriving: refused, dropped, diverted to an announcement, or challenged,
    /// since a challenged call arrives only as another one, of a person. What is labelled or reported arrives; a call
    /// that was cut had arrived. The one definition of *stopped* (拦截), for all seats.
    pub const fn stops(self) -> bool {
        match self {
            Self::Reject | Self::Drop | Self::Announce | Self::Challenge => true,
            Self::Pass | Self::Label | Self::Monitor | Self::Cut | Self::Other => false,
        }
    }
}

code_list! {
    /// What decided. A word that is not on the list reads as `other`.
    SignalReason {
        /// Nothing spoke against it.
        None = "none", "无", "none";
        /// An entry of the number list.
        List = "list", "号码名单", "number list";
        /// A rule.
        Rule = "rule", "规则", "rule";
        /// The text of a message.
        Text = "text", "短信内容", "text";
        /// The caller's number is impossible.
        Malformed = "malformed", "号码异常", "malformed caller";
        /// The signature over the caller's number failed (RFC 8224).
        Attestation = "attestation", "主叫认证失败", "attestation failed";
        /// The called line is under protection.
        Protection = "protection", "保护号码", "protected line";
        /// An order of a centre.
        Order = "order", "反诈中心指令", "order of a centre";
        /// An emergency number, which always passes.
        Emergency = "emergency", "紧急号码", "emergency number";
        /// Anything else.
        Other = "other", "其他", "other";
    }
    else Other
}

code_list! {
    /// How far a rule of the operator is in force. A word that is not on the list reads as `other`.
    SignalRuleStage {
        /// Being written.
        Draft = "draft", "草稿", "draft";
        /// Counts what it would have done.
        Shadow = "shadow", "试运行", "in shadow";
        /// In force.
        Live = "live", "生效", "in force";
        /// No longer used.
        Retired = "retired", "停用", "retired";
        /// Anything else.
        Other = "other", "其他", "other";
    }
    else Other
}

/// A rule of the operator, so that a centre can name what decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SignalRule {
    /// As `detail` of counters and hits has it.
    pub rule: String,
    /// What people call it.
    pub title: String,
    /// The same in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_en: Option<String>,
    /// Who answers for it at the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// How far it is in force.
    pub stage: SignalRuleStage,
}

/// What an operator saw in a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Signals {
    /// Identity; a period that is sent again keeps it.
    pub signals_id: SignalsId,
    /// The period; it lies within one hour of the clock.
    pub period: Period,
    /// How many events of each sort.
    #[serde(default)]
    pub counters: Vec<SignalCounter>,
    /// Hits, all or a sample, as each rule says.
    #[serde(default)]
    pub hits: Vec<SignalHit>,
    /// Hits that were to be reported and could not be kept while the centre was away.
    #[serde(default)]
    pub hits_lost: u64,
    /// Every rule of the operator; empty where none has changed since it was last told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<SignalRule>,
    /// The number of the list in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_number: Option<u64>,
}

/// How many events ended alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SignalCounter {
    /// Calls or messages.
    pub channel: ContactChannel,
    /// What was done.
    pub action: SignalAction,
    /// What decided.
    pub reason: SignalReason,
    /// Name of the rule, or the class of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// How many.
    pub count: u64,
}

/// One event that hit something.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SignalHit {
    /// The operator's own id of the event; unique in the operator.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Call or message.
    pub channel: ContactChannel,
    /// Who called or sent: the number or the name, as the network saw it.
    pub caller: String,
    /// Who was called; whole only where the centre is to warn that person, for the call or message came through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<String>,
    /// Who was called, masked as `138****8000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee_masked: Option<String>,
    /// What was done.
    pub action: SignalAction,
    /// What decided.
    pub reason: SignalReason,
    /// Name of the rule, or the class of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The entry of the list, with `list`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<NumberPattern>,
    /// How sure a text classifier was, parts of a thousand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability_permille: Option<u32>,
}

impl std::fmt::Debug for SignalHit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignalHit({} ****{} {} {})", self.channel, last_four(&self.caller), self.action, self.reason)
    }
}

impl Signals {
    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (signals_id, period) = (f.id("signals_id"), f.object("period", Period::read));
        let counters = f.list("counters", COUNTERS_MAX, SignalCounter::read);
        let hits = f.list("hits", HITS_MAX, SignalHit::read);
        let hits_lost = f.large_opt("hits_lost", EVENTS_MAX).unwrap_or(0);
        let rules = f.list("rules", SIGNAL_RULES_MAX, SignalRule::read);
        let list_number = f.large_opt("list_number", LIST_NUMBER_MAX);
        Some(Self { signals_id: signals_id?, period: period?, counters, hits, hits_lost, rules, list_number })
    }
}

impl SignalCounter {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (channel, action, reason) = (f.code("channel"), f.code("action"), f.code("reason"));
        let (detail, count) = (f.text_opt("detail", SHORT), f.large("count", EVENTS_MAX));
        Some(Self { channel: channel?, action: action?, reason: reason?, detail, count: count? })
    }
}

impl SignalRule {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (rule, title, title_en) = (f.text("rule", SHORT), f.text("title", SHORT), f.text_opt("title_en", SHORT));
        let (owner, stage) = (f.text_opt("owner", SHORT), f.code("stage"));
        Some(Self { rule: rule?, title: title?, title_en, owner, stage: stage? })
    }
}

impl SignalHit {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (id, at, channel) = (f.text("id", SHORT), f.time("at"), f.code("channel"));
        let (caller, callee) = (f.text("caller", SHORT), f.number_opt("callee"));
        let callee_masked = f.text_opt("callee_masked", SHORT);
        let (action, reason, detail) = (f.code("action"), f.code("reason"), f.text_opt("detail", SHORT));
        let (pattern, probability_permille) = (f.pattern_opt("pattern"), f.count_opt("probability_permille", 1_000));
        Some(Self {
            id: id?,
            at: at?,
            channel: channel?,
            caller: caller?,
            callee,
            callee_masked,
            action: action?,
            reason: reason?,
            detail,
            pattern,
            probability_permille,
        })
    }
}
