//! The rules that a new seat begins with. They are data like any others: edited, put in shadow, replaced. Their numbers
//! are below 1,000; a store numbers its own from there.
//!
//! The bounds are ours, set so that an ordinary subscriber stays far below them, and so does who calls strangers for a
//! living; each operator fits them to its traffic with the shadow stage.
//!
//! Rules 21 and 24 to 26 weigh the last day of a caller: nobody answers (10 each) and hangs up at once (6) speak against
//! him; being answered (6), a conversation (24) and being called by others (25) speak for him. A SIM box gathers some five
//! points a call, a courier loses five, and an agent whom half of his calls reach stays where he is until somebody talks
//! to him or calls back. They ask for a human (语音验证) rather than refuse.

use rules::{Rule, RuleId, Stage};

use crate::decision::{Action, LabelId, MessageAction};

/// The first number that a store may give to a rule of its own.
pub const FIRST_OWN_RULE: u32 = 1_000;

/// The order of the rows is the order in which rules are asked: what stops a call stands before what labels it.
type Row<A> = (u32, Stage, A, &'static str, &'static str, &'static str);

const CALL_RULES: &[Row<Action>] = &[
    (
        1,
        Stage::Live,
        Action::Reject608,
        "顺号群拨",
        "Dials one number after the other",
        "caller.sequential_run >= 10 && caller.kind != 'service'",
    ),
    (
        2,
        Stage::Live,
        Action::Reject603,
        "一分钟群呼",
        "Calls dozens within a minute",
        "caller.attempts_1m >= 30 && caller.callees_1m >= 20 && caller.kind != 'service'",
    ),
    (
        3,
        Stage::Live,
        Action::Reject608,
        "高频低接通",
        "Calls many and few answer",
        "caller.callees_1h >= 40 && caller.ended_1h >= 30 && caller.answered_percent_1h < 10 && caller.kind != 'service'",
    ),
    (
        4,
        Stage::Live,
        Action::Reject608,
        "高频短通话",
        "Calls many and most hang up at once",
        "caller.callees_1h >= 40 && caller.ended_1h >= 30 && caller.short_percent_1h >= 80 && caller.kind != 'service'",
    ),
    (
        5,
        Stage::Live,
        Action::Reject603,
        "境外号码高频呼入",
        "Calls many from abroad",
        "trunk.kind == 'foreign' && caller.kind == 'foreign' && caller.attempts_10m >= 10 && caller.callees_10m >= 8",
    ),
    (
        6,
        Stage::Live,
        Action::Reject603,
        "境外来路冒用国内手机号",
        "Home mobile from abroad that calls several",
        "trunk.kind == 'foreign' && caller.kind == 'mobile' && call.roaming != 'confirmed' && call.attestation != 'a' && caller.attempts_1h >= 3 && caller.callees_1h >= 3",
    ),
    (
        7,
        Stage::Live,
        Action::Reject603,
        "境外隐藏号码呼叫受保护线路",
        "Withheld number from abroad calls a guarded line",
        "callee.guarded && trunk.kind == 'foreign' && caller.anonymous",
    ),
    (
        8,
        Stage::Live,
        Action::Reject608,
        "灰名单号码频繁呼叫",
        "Watched number that calls many",
        "caller.listed == 'watch' && caller.callees_1h >= 10",
    ),
    (
        9,
        Stage::Live,
        Action::Reject608,
        "灰名单号码由境外呼入",
        "Watched number from abroad",
        "caller.listed == 'watch' && trunk.kind == 'foreign'",
    ),
    (
        10,
        Stage::Live,
        Action::Reject603,
        "夜间群呼",
        "Calls many at night",
        "(call.hour >= 23 || call.hour < 6) && caller.night_attempts_24h >= 30 && caller.callees_24h >= 20 && caller.answered_24h * 2 <= caller.ended_24h && caller.kind != 'service'",
    ),
    (
        11,
        Stage::Live,
        Action::Reject608,
        "手机号日群呼",
        "A mobile that calls hundreds a day",
        "caller.kind == 'mobile' && caller.attempts_24h >= 500 && caller.callees_24h >= 300 && caller.answered_24h * 10 <= caller.ended_24h * 6",
    ),
    (
        12,
        Stage::Live,
        Action::Reject603,
        "虚商号段低接通群呼",
        "Resold block that calls many and few answer",
        "caller.kind == 'mobile' && (caller.number.startsWith('+86170') || caller.number.startsWith('+86171') || caller.number.startsWith('+86162') || caller.number.startsWith('+86165') || caller.number.startsWith('+86167')) && caller.callees_1h >= 20 && caller.ended_1h >= 10 && caller.answered_percent_1h < 40",
    ),
    (
        13,
        Stage::Live,
        Action::Announce,
        "境外隐藏号码呼叫",
        "Withheld number from abroad",
        "trunk.kind == 'foreign' && caller.anonymous",
    ),
    (
        14,
        Stage::Live,
        Action::Reject603,
        "不规范号码反复呼叫",
        "Number of no plan that calls again and again",
        "caller.malformed && caller.attempts_10m >= 3",
    ),
    (
        21,
        Stage::Live,
        Action::Challenge,
        "疑似猫池或换号群呼",
        "Looks like a SIM box or a number to be thrown away",
        "caller.kind == 'mobile' && caller.callees_24h >= 6 && caller.unanswered_24h * 10 + caller.short_24h * 6 - caller.answered_24h * 6 - caller.talks_24h * 24 - caller.received * 25 >= (screen.watched_days >= 2 ? 45 : 80)",
    ),
    (
        26,
        Stage::Live,
        Action::Challenge,
        "新号码遍呼陌生人",
        "New number that calls strangers",
        "caller.new && caller.kind == 'mobile' && caller.callees_24h >= 4 && caller.unanswered_24h * 10 + caller.short_24h * 6 - caller.answered_24h * 6 - caller.talks_24h * 24 - caller.received * 25 >= 20",
    ),
    (
        24,
        Stage::Live,
        Action::Challenge,
        "境外号码遍呼低接通",
        "Calls strangers from abroad and few answer",
        "trunk.kind == 'foreign' && caller.kind == 'foreign' && caller.callees_24h >= 4 && caller.unanswered_24h * 10 + caller.short_24h * 6 - caller.answered_24h * 6 - caller.talks_24h * 24 - caller.received * 25 >= 20",
    ),
    (
        27,
        Stage::Live,
        Action::Challenge,
        "境外来路冒用被叫同号段号码",
        "From abroad with a number like the callee's",
        "trunk.kind == 'foreign' && caller.beside_callee && call.roaming != 'confirmed' && call.attestation != 'a'",
    ),
    (
        15,
        Stage::Live,
        Action::Label(LabelId::SCAM),
        "疑似顺号试探",
        "Seems to try one number after the other",
        "caller.sequential_run >= 5 && caller.kind != 'service'",
    ),
    (16, Stage::Live, Action::Label(LabelId::SCAM), "灰名单来电提示", "Watched number", "caller.listed == 'watch'"),
    (
        17,
        Stage::Live,
        Action::Label(LabelId::SCAM),
        "网关级认证且高频",
        "Gateway attestation and many calls",
        "call.attestation == 'c' && caller.callees_10m >= 10",
    ),
    (
        25,
        Stage::Live,
        Action::Label(LabelId::SCAM),
        "陌生群呼低接通",
        "Calls strangers and few answer",
        "caller.kind == 'mobile' && caller.callees_24h >= 5 && caller.unanswered_24h * 10 + caller.short_24h * 6 - caller.answered_24h * 6 - caller.talks_24h * 24 - caller.received * 25 >= 30",
    ),
    (
        18,
        Stage::Live,
        Action::Label(LabelId::FOREIGN),
        "境外来电提示",
        "Call from abroad",
        "trunk.kind == 'foreign' && caller.kind == 'foreign'",
    ),
    (
        19,
        Stage::Live,
        Action::Label(LabelId::HARASSMENT),
        "短通话密集",
        "Many short calls",
        "caller.ended_1h >= 20 && caller.short_percent_1h >= 60 && caller.kind != 'service'",
    ),
    (
        20,
        Stage::Live,
        Action::Label(LabelId::MARKETING),
        "固话批量外呼",
        "Fixed line that calls many",
        "caller.kind == 'fixed' && caller.callees_1h >= 60",
    ),
    (
        22,
        Stage::Shadow,
        Action::Label(LabelId::FORGED),
        "客服号网间来电无认证",
        "Service number from another operator without attestation",
        "caller.kind == 'service' && trunk.kind == 'national' && call.attestation == 'none'",
    ),
    (
        23,
        Stage::Live,
        Action::Monitor,
        "首次高频观察",
        "Begins to call many",
        "caller.attempts_10m >= 15 && caller.callees_10m >= 12 && caller.kind != 'service'",
    ),
];

const MESSAGE_RULES: &[Row<MessageAction>] = &[
    (
        101,
        Stage::Live,
        MessageAction::Reject,
        "文中提到黑名单号码或账号",
        "Names a blocked number or account",
        "text.names_blocked && text.scam_percent >= 30",
    ),
    (
        102,
        Stage::Live,
        MessageAction::Reject,
        "高概率诈骗并带联系方式",
        "Most probably a scam, with a way to answer",
        "text.scam_percent >= 90 && text.urls + text.phones + text.chats + text.accounts > 0 && sender.registration != 'matches' && (sender.kind != 'mobile' || sender.received == 0 && screen.watched_days >= 2)",
    ),
    (
        112,
        Stage::Live,
        MessageAction::Reject,
        "未登记端口群发疑似诈骗文本",
        "Unregistered sender of a campaign that looks like a scam",
        "text.scam_percent >= 75 && sender.registration == 'absent' && sender.kind != 'mobile' && (text.alike_24h >= 3 || text.contact_24h >= 3)",
    ),
    (
        113,
        Stage::Live,
        MessageAction::Reject,
        "无人往来的手机号群发疑似诈骗文本",
        "A mobile that nobody writes to or calls, and a campaign that looks like a scam",
        "text.scam_percent >= 75 && sender.kind == 'mobile' && sender.received == 0 && screen.watched_days >= 2 && (text.alike_24h >= 3 || text.contact_24h >= 3)",
    ),
    (
        103,
        Stage::Live,
        MessageAction::Reject,
        "规避写法诱导",
        "Evasive writing that leads somewhere",
        "text.evasions >= 3 && text.scam_percent >= 60 && (text.urls > 0 || text.chats > 0 || text.phones > 0)",
    ),
    (
        104,
        Stage::Live,
        MessageAction::Reject,
        "冒充客服号发链接",
        "Unregistered service number with a link",
        "sender.kind == 'service' && sender.registration == 'absent' && text.urls > 0 && text.scam_percent >= 50",
    ),
    (
        105,
        Stage::Live,
        MessageAction::Reject,
        "手机号群发",
        "A mobile that sends to many",
        "sender.kind == 'mobile' && (sender.receivers_10m >= 120 || sender.receivers_10m >= 40 && text.scam_percent >= 50 && sender.received == 0 && screen.watched_days >= 2)",
    ),
    (
        106,
        Stage::Live,
        MessageAction::Reject,
        "顺号群发",
        "Sends to one number after the other",
        "sender.sequential_run >= 10 && sender.registration != 'matches'",
    ),
    (
        107,
        Stage::Live,
        MessageAction::Mark(LabelId::SCAM),
        "疑似诈骗短信",
        "Probably a scam",
        "text.scam_percent >= 75 && sender.registration != 'matches' && (sender.kind != 'mobile' || sender.received == 0 || text.urls + text.phones + text.chats + text.accounts > 0)",
    ),
    (
        114,
        Stage::Live,
        MessageAction::Mark(LabelId::SCAM),
        "登记端口群发疑似诈骗文本",
        "Registered sender of a campaign that looks like a scam",
        "text.scam_percent >= 90 && sender.registration == 'matches' && text.alike_24h >= 10 && text.contact_24h >= 10",
    ),
    (
        108,
        Stage::Live,
        MessageAction::Mark(LabelId::SCAM),
        "灰名单发送方",
        "Watched sender",
        "sender.listed == 'watch'",
    ),
    (
        109,
        Stage::Live,
        MessageAction::Mark(LabelId::FOREIGN),
        "境外短信带链接",
        "Message from abroad with a link",
        "trunk.kind == 'foreign' && text.urls > 0",
    ),
    (
        110,
        Stage::Shadow,
        MessageAction::Mark(LabelId::MARKETING),
        "夜间群发",
        "Sends to many at night",
        "(message.hour >= 22 || message.hour < 7) && sender.receivers_1h >= 50",
    ),
    (
        111,
        Stage::Live,
        MessageAction::Monitor,
        "大量发送观察",
        "Begins to send to many",
        "sender.receivers_10m >= 20 && sender.registration != 'matches'",
    ),
];

fn rules<A: Copy>(rows: &[Row<A>]) -> Vec<Rule<A>> {
    (1..)
        .zip(rows)
        .map(|(place, (id, stage, action, zh, en, expression))| Rule {
            id: RuleId(*id),
            revision: 1,
            name_zh: (*zh).to_owned(),
            name_en: (*en).to_owned(),
            expression: (*expression).to_owned(),
            action: *action,
            owner: "shouhu".to_owned(),
            stage: *stage,
            priority: place * 10,
        })
        .collect()
}

/// Rules on calls that a new seat begins with.
pub fn default_call_rules() -> Vec<Rule<Action>> {
    rules(CALL_RULES)
}

/// Rules on messages that a new seat begins with.
pub fn default_message_rules() -> Vec<Rule<MessageAction>> {
    rules(MESSAGE_RULES)
}
