//! The orders that a centre gives to an operator about a line, and to whom it was in touch.

use kernel::{OrderId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::code::code_list;
use crate::fields::{Fields, LABEL, LONG, SHORT};
use crate::order::{Authority, Period, last_four};

/// Longest text of a warning message in one language, characters: four parts of a long message in UCS-2.
pub const WARNING_TEXT_MAX: usize = 268;
/// Longest label that a called person sees with a call, characters: a telephone shows one line.
pub const LABEL_MAX: usize = LABEL;

code_list! {
    /// What is asked of the operator.
    LineOrderKind {
        /// Ends the call that the line has now; with `counterpart`, only a call with that number.
        CutCall = "cut_call", "切断通话", "cut the call";
        /// Keeps calls from flagged numbers, and from abroad where asked, away from the line until `until`.
        HoldFlaggedCalls = "hold_flagged_calls", "拦截可疑来电", "hold flagged calls";
        /// Puts the line under protection until `until`: each call to it that is not plainly good carries a label.
        ProtectLine = "protect_line", "重点保护号码", "protect the line";
        /// Suspends the line (反电信网络诈骗法 art. 11, 12): it can neither call nor send, but for emergency numbers.
        SuspendLine = "suspend_line", "关停号码", "suspend the line";
        /// Ends an earlier measure before its time.
        Lift = "lift", "解除措施", "lift";
        /// Asks who was in touch with the line in a period.
        QueryContacts = "query_contacts", "查询联系人", "query contacts";
        /// Sends the warning message to everybody who was in touch with the line in a period (12381 闪信).
        WarnContacts = "warn_contacts", "预警联系人", "warn contacts";
        /// Shows a label with the next call to the line, with `counterpart` with the next call from that number.
        LabelNextCall = "label_next_call", "来电提示", "label the next call";
    }
}

impl LineOrderKind {
    /// Whether the order sets something on the line that lasts, and that `lift` ends.
    pub const fn is_lasting(self) -> bool {
        matches!(self, Self::HoldFlaggedCalls | Self::ProtectLine | Self::SuspendLine | Self::LabelNextCall)
    }

    /// Whether the order speaks of a past period.
    pub const fn has_period(self) -> bool {
        matches!(self, Self::QueryContacts | Self::WarnContacts)
    }
}

/// An order about a line.
#[derive(Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LineOrder {
    /// Identity of the order.
    pub order_id: OrderId,
    /// Its number on paper.
    pub number: String,
    /// The number of the case, or of the dissuasion.
    pub case_number: String,
    /// What is asked.
    pub kind: LineOrderKind,
    /// The number concerned: `+` and the international number, or a service number alone. With `query_contacts` and
    /// `warn_contacts` it is the number found to be involved (涉案号码), which need not be one of the operator's own.
    pub line: String,
    /// The other end, where only it is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterpart: Option<String>,
    /// The period of a query or of a warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// The end of a measure that lasts; a suspension may have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The order that this one lifts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refers_to: Option<OrderId>,
    /// Whether calls from abroad are held too, flagged or not.
    #[serde(default)]
    pub include_foreign: bool,
    /// What the called person sees with the call, without link or number; absent: the operator's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The text of the warning message; `{tail}` stands for the last four digits of the line. Absent: the operator's
    /// own text. No link, no number to call, no request to reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning_text: Option<String>,
    /// The same in English; numbers of other countries are sent both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning_text_en: Option<String>,
    /// Who ordered it, and on what ground.
    pub authority: Authority,
    /// Why, in words.
    pub reason: String,
}

impl std::fmt::Debug for LineOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LineOrder({} {} ****{})", self.kind, self.number, last_four(&self.line))
    }
}

impl LineOrder {
    pub(crate) fn read(f: &mut Fields<'_>) -> Option<Self> {
        let kind = f.code::<LineOrderKind>("kind");
        let order = Self::read_fields(f, kind);
        if let Some(kind) = kind {
            needed_fields(f, kind);
        }
        if f.clean() { order } else { None }
    }

    fn read_fields(f: &mut Fields<'_>, kind: Option<LineOrderKind>) -> Option<Self> {
        let order_id = f.id("order_id");
        let (number, case_number) = (f.text("number", SHORT), f.text("case_number", SHORT));
        let (line, counterpart) = (f.number("line"), f.number_opt("counterpart"));
        let period = f.object_opt("period", Period::read);
        let (until, refers_to) = (f.time_opt("until"), f.id_opt("refers_to"));
        let include_foreign = f.flag("include_foreign");
        let label = f.plain_opt("label", LABEL);
        let warning_text = f.plain_opt("warning_text", WARNING_TEXT_MAX);
        let warning_text_en = f.plain_opt("warning_text_en", WARNING_TEXT_MAX);
        let (authority, reason) = (f.object("authority", Authority::read), f.text("reason", LONG));
        Some(Self {
            order_id: order_id?,
            number: number?,
            case_number: case_number?,
            kind: kind?,
            line: line?,
            counterpart,
            period,
            until,
            refers_to,
            include_foreign,
            label,
            warning_text,
            warning_text_en,
            authority: authority?,
            reason: reason?,
        })
    }
}

/// What each kind of order needs beyond what all need.
fn needed_fields(f: &mut Fields<'_>, kind: LineOrderKind) {
    let needed: &[&str] = match kind {
        LineOrderKind::HoldFlaggedCalls | LineOrderKind::ProtectLine | LineOrderKind::LabelNextCall => &["until"],
        LineOrderKind::Lift => &["refers_to"],
        LineOrderKind::QueryContacts | LineOrderKind::WarnContacts => &["period"],
        LineOrderKind::CutCall | LineOrderKind::SuspendLine => &[],
    };
    for name in needed {
        if !f.has(name) {
            f.needed(name, kind.code());
        }
    }
}
