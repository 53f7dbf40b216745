//! The answers that an operator gives to an order about a line.

use kernel::{Fault, OrderId, Said, Text, Timestamp};
use serde::{Deserialize, Serialize};

use crate::answer::{LIST_MAX, read_words};
use crate::code::code_list;
use crate::fields::{Fields, SHORT};
use crate::movement::Direction;
use crate::order::last_four;

/// Contacts in one answer at most; a longer list says `more`.
pub const CONTACTS_MAX: usize = 20_000;
/// Calls cut by one order at most: a line has few at a time.
pub const CUTS_MAX: usize = 100;
/// A count of calls or messages above this is a fault.
const COUNT_MAX: u32 = 100_000_000;

code_list! {
    /// How the order went. A word that is not on the list reads as `other`: a person must look.
    LineAnswerCode {
        /// Done.
        Done = "done", "已办理", "done";
        /// Done for a part of what was asked: the records do not reach back so far, or some messages failed.
        DoneInPart = "done_in_part", "部分办理", "done in part";
        /// Nobody has this number.
        NoSuchLine = "no_such_line", "空号", "no such line";
        /// The line is another operator's (携号转网 included).
        NotOurLine = "not_our_line", "非本网号码", "not our line";
        /// The line has no such call now.
        NoCallInProgress = "no_call_in_progress", "当前无通话", "no call in progress";
        /// The line is calling an emergency number, which is never cut.
        EmergencyCallNotCut = "emergency_call_not_cut", "紧急呼叫不予切断", "an emergency call is not cut";
        /// The line is on the operator's protected list: emergency services, hospitals, the centre itself.
        ProtectedNumber = "protected_number", "受保护号码", "protected number";
        /// There is nothing to lift.
        NothingToLift = "nothing_to_lift", "没有可解除的措施", "there is nothing to lift";
        /// The measure is in force already, by another order.
        AlreadyInForce = "already_in_force", "措施已生效", "already in force";
        /// Fields are missing or wrong.
        OrderIncomplete = "order_incomplete", "指令要素不全", "the order is incomplete";
        /// The order was handled before.
        OrderAlreadyHandled = "order_already_handled", "指令已处理", "the order was handled already";
        /// The operator does not offer this.
        FunctionNotOffered = "function_not_offered", "不支持该功能", "this function is not offered";
        /// The operator failed inside.
        InternalFailure = "internal_failure", "运营商系统故障", "internal failure at the operator";
        /// A word of a newer version.
        Other = "other", "其他答复", "another answer";
    }
    else Other
}

macro_rules! line_answer_texts {
    ($($variant:ident => $code:literal, $words:expr, $remedy:expr;)*) => {
        impl LineAnswerCode {
            /// The words for both sides, and what the centre should do.
            pub const fn text(self) -> Text {
                match self { $(Self::$variant => Text::new($code, $words, $remedy),)* }
            }
        }

        /// Every text of this module.
        pub(crate) const TEXTS: &[Text] = &[$(LineAnswerCode::$variant.text()),*];
    };
}

line_answer_texts! {
    Done => "line_answer.done", ("指令已办理", "The order is done"), ("", "");
    DoneInPart => "line_answer.done_in_part",
        ("指令部分办理", "The order is done in part"),
        ("见话单起始时间和短信发送情况", "See from when the records reach, and how the messages went");
    NoSuchLine => "line_answer.no_such_line",
        ("该号码为空号", "Nobody has this number"),
        ("请核对号码", "Check the number");
    NotOurLine => "line_answer.not_our_line",
        ("该号码不在本网", "The line is another operator's"),
        ("号码可能已携转，请向其他运营商下达", "The number may have been ported; order the other operators");
    NoCallInProgress => "line_answer.no_call_in_progress",
        ("该号码当前没有这样的通话", "The line has no such call now"),
        ("请电话联系机主，或下达来电提示", "Call the person, or order a label for the next call");
    EmergencyCallNotCut => "line_answer.emergency_call_not_cut",
        ("该号码正在拨打紧急电话，不予切断", "The line is calling an emergency number; the call was not cut"),
        ("请稍后再联系机主", "Call the person a little later");
    ProtectedNumber => "line_answer.protected_number",
        ("该号码受保护，未办理", "The number is protected; nothing was done"),
        ("请按规定报批后联系运营商值班人员", "Seek the approval that the rules ask for and call the operator's duty officer");
    NothingToLift => "line_answer.nothing_to_lift",
        ("没有与所引指令对应的有效措施", "No measure of the order named is in force"),
        ("请核对所引指令；措施可能已到期", "Check the order named; its measure may have ended");
    AlreadyInForce => "line_answer.already_in_force",
        ("同样的措施已经生效", "The same measure is in force already"),
        ("见现有措施的到期时间", "See until when");
    OrderIncomplete => "line_answer.order_incomplete",
        ("指令要素不全或有误", "Fields of the order are missing or wrong"),
        ("请按所列字段补正后重新下达", "Mend the fields listed and order again");
    OrderAlreadyHandled => "line_answer.order_already_handled",
        ("该指令此前已处理", "The order was handled before"),
        ("以首次答复为准", "The first answer stands");
    FunctionNotOffered => "line_answer.function_not_offered",
        ("该运营商不支持该功能", "This operator does not offer the function"),
        ("请与运营商联系，以其他方式办理", "Speak to the operator about another way");
    InternalFailure => "line_answer.internal_failure",
        ("运营商系统故障，未办理", "The operator's system failed; nothing was done"),
        ("请重新下达，并致电运营商24小时联系人", "Order again and call the operator's 24-hour contact");
    Other => "line_answer.other",
        ("运营商给出本系统不认识的答复", "The operator gave an answer that this system does not know"),
        ("请查看原文并联系运营商", "Read the document itself and speak to the operator");
}

impl LineAnswerCode {
    /// Whether the measure is in force after this answer, or the query was answered.
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Done | Self::DoneInPart | Self::AlreadyInForce)
    }
}

code_list! {
    /// How two numbers were in touch. A word that is not on the list reads as `other`.
    ContactChannel {
        /// By call.
        Call = "call", "通话", "call";
        /// By short message.
        Message = "message", "短信", "short message";
        /// Anything else.
        Other = "other", "其他", "other";
    }
    else Other
}

/// An answer to an order about a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LineAnswer {
    /// The order answered.
    pub order_id: OrderId,
    /// How it went.
    pub code: LineAnswerCode,
    /// When it took effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// When a measure that lasts ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The calls ended, to `cut_call`.
    #[serde(default)]
    pub cuts: Vec<CutCall>,
    /// Who was in touch, to `query_contacts`, in order of the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Vec<LineContact>>,
    /// Whether there are more contacts than were sent; ask again from the `first` of the last.
    #[serde(default)]
    pub more: bool,
    /// The earliest moment of which the operator still has records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records_from: Option<Timestamp>,
    /// How the warning messages went, to `warn_contacts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<WarningsSent>,
    /// Faults of the order by field, with `order_incomplete`.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// The words.
    pub words: Said,
}

/// A call that was ended by order.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CutCall {
    /// Who had called, as the network saw the number.
    pub caller: String,
    /// Who was called.
    pub callee: String,
    /// When the call was answered, or began to ring.
    pub started_at: Timestamp,
    /// When it was ended.
    pub cut_at: Timestamp,
}

impl std::fmt::Debug for CutCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CutCall(****{} to ****{})", last_four(&self.caller), last_four(&self.callee))
    }
}

/// Somebody who was in touch with the line.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LineContact {
    /// The other number, as the network saw it; a sender's name where it is no number.
    pub number: String,
    /// `in`: the other called or wrote to the line; `out`: the line called or wrote.
    pub direction: Direction,
    /// By what.
    pub channel: ContactChannel,
    /// First time in the period.
    pub first: Timestamp,
    /// Last time in the period.
    pub last: Timestamp,
    /// How often.
    pub count: u32,
    /// How many of the calls were answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<u32>,
    /// How long they spoke in all, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<u32>,
}

impl std::fmt::Debug for LineContact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LineContact(****{} {} {} {})", last_four(&self.number), self.direction, self.channel, self.count)
    }
}

/// How the warning messages went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WarningsSent {
    /// Sent.
    pub sent: u32,
    /// Not sent because the person was warned in this case before.
    pub warned_before: u32,
    /// Not sent because the number is not one of the operator's lines, or is a service number.
    pub not_ours: u32,
    /// Failed.
    pub failed: u32,
}

impl LineAnswer {
    /// An answer with the words of its code and nothing else.
    pub fn new(order_id: OrderId, code: LineAnswerCode) -> Self {
        Self {
            order_id,
            code,
            at: None,
            until: None,
            cuts: Vec::new(),
            contacts: None,
            more: false,
            records_from: None,
            messages: None,
            faults: Vec::new(),
            words: code.text().say(&[]),
        }
    }

    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (order_id, code) = (f.id("order_id"), f.code::<LineAnswerCode>("code"));
        let (at, until) = (f.time_opt("at"), f.time_opt("until"));
        let cuts = f.list("cuts", CUTS_MAX, CutCall::read);
        let contacts = f.has("contacts").then(|| f.list("contacts", CONTACTS_MAX, LineContact::read));
        let (more, records_from) = (f.flag("more"), f.time_opt("records_from"));
        let messages = f.object_opt("messages", WarningsSent::read);
        let faults = f.list("faults", LIST_MAX, |f| {
            let field = f.text_opt("field", SHORT).unwrap_or_default();
            Some(Fault { field, said: read_words(f)? })
        });
        let words = f.object_opt("words", read_words).or_else(|| code.map(|code| code.text().say(&[])));
        Some(Self {
            order_id: order_id?,
            code: code?,
            at,
            until,
            cuts,
            contacts,
            more,
            records_from,
            messages,
            faults,
            words: words?,
        })
    }
}

impl CutCall {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (caller, callee) = (f.text("caller", SHORT), f.text("callee", SHORT));
        let (started_at, cut_at) = (f.time("started_at"), f.time("cut_at"));
        Some(Self { caller: caller?, callee: callee?, started_at: started_at?, cut_at: cut_at? })
    }
}

impl LineContact {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let (number, direction, channel) = (f.text("number", SHORT), f.code("direction"), f.code("channel"));
        let (first, last, count) = (f.time("first"), f.time("last"), f.count("count", COUNT_MAX));
        let (answered, duration_seconds) =
            (f.count_opt("answered", COUNT_MAX), f.count_opt("duration_seconds", COUNT_MAX));
        Some(Self {
            number: number?,
            direction: direction?,
            channel: channel?,
            first: first?,
            last: last?,
            count: count?,
            answered,
            duration_seconds,
        })
    }
}

impl WarningsSent {
    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let sent = f.count("sent", COUNT_MAX);
        let mut count = |name| f.count_opt(name, COUNT_MAX).unwrap_or(0);
        let (warned_before, not_ours, failed) = (count("warned_before"), count("not_ours"), count("failed"));
        Some(Self { sent: sent?, warned_before, not_ours, failed })
    }
}
