//! The features that rules on calls and messages may speak of. The table is the documentation: pages show it beside the
//! editor of rules.

use std::sync::{Arc, LazyLock};

use rules::{Feature, Kind, Schema, Slot};

/// Kinds of a caller: those of [`crate::NumberKind`], and none for a withheld or unreadable number.
pub const NUMBER_KINDS: &[&str] = &["mobile", "fixed", "service", "foreign", "unassigned", "none"];
const SENDER_KINDS: &[&str] = &["mobile", "fixed", "service", "foreign", "unassigned", "name", "none"];
const LISTED: &[&str] = &["none", "watch", "block", "allow", "protect"];
const TRUNKS: &[&str] = &["home", "national", "foreign"];
const ATTESTATIONS: &[&str] = &["none", "a", "b", "c", "failed"];
const ROAMING: &[&str] = &["unknown", "confirmed", "refuted"];
const REGISTRATIONS: &[&str] = &["absent", "matches", "wrong_route"];

macro_rules! schema {
    (
        $(#[$doc:meta])* $features:ident, $slots:ident, $schema:ident, $place:ident;
        $($field:ident: $feature:expr;)*
    ) => {
        $(#[$doc])*
        pub const $features: &[Feature] = &[$($feature),*];

        pub(crate) struct $slots { $(pub(crate) $field: Slot),* }

        static $schema: LazyLock<Arc<Schema>> = LazyLock::new(|| Arc::new(Schema::new($features)));

        pub(crate) static $place: LazyLock<$slots> = LazyLock::new(|| {
            let mut at = $features.iter().map(|feature| $schema.slot(feature.name));
            let mut next = || at.next().unwrap_or_else(|| $schema.slot(""));
            $slots { $($field: next()),* }
        });
    };
}

schema! {
    /// Features of a call.
    CALL_FEATURES, CallSlots, CALL_SCHEMA, CALL;
    number: Feature::new("caller.number", Kind::Text, "主叫号码(+国家码,或短号)", "caller's number, + and E.164, or the service number");
    raw: Feature::new("caller.raw", Kind::Text, "主叫号码原文", "what was presented as the caller, as it arrived");
    kind: Feature::word("caller.kind", "主叫号码类别", "kind of the caller's number", NUMBER_KINDS);
    anonymous: Feature::new("caller.anonymous", Kind::Bool, "主叫隐藏号码", "the caller withholds the number");
    malformed: Feature::new("caller.malformed", Kind::Bool, "主叫号码不规范", "what was presented is no number of any plan");
    area: Feature::new("caller.area", Kind::Int, "主叫固话区号(不带0)", "area code of a fixed caller without its zero, such as 731");
    service: Feature::new("caller.service", Kind::Int, "主叫客服号(含经区号拨打的)", "the service number that calls, such as 95588, also behind an area code");
    listed: Feature::word("caller.listed", "主叫在名单中的类别", "what the number list says of the caller", LISTED);
    callee_kind: Feature::word("callee.kind", "被叫号码类别", "kind of the callee's number", NUMBER_KINDS);
    callee_area: Feature::new("callee.area", Kind::Int, "被叫固话区号(不带0)", "area code of a fixed callee without its zero");
    callee_guarded: Feature::new("callee.guarded", Kind::Bool, "被叫正受保护", "the centre has a measure on the callee's line");
    trunk_kind: Feature::word("trunk.kind", "来路(本网、网间、国际)", "where the call enters: own subscribers, another operator, abroad", TRUNKS);
    trunk_id: Feature::new("trunk.id", Kind::Int, "中继群编号", "number of the trunk group");
    attestation: Feature::word("call.attestation", "号码认证等级", "what the PASSporT says of the number", ATTESTATIONS);
    roaming: Feature::word("call.roaming", "漫游核验结果", "what the home register says of a mobile caller from abroad", ROAMING);
    hour: Feature::new("call.hour", Kind::Int, "北京时间几点(0–23)", "hour of the day in China, 0 to 23");
    weekday: Feature::new("call.weekday", Kind::Int, "星期几(1=周一)", "day of the week in China, Monday is 1");
    attempts_1m: Feature::new("caller.attempts_1m", Kind::Int, "近1分钟呼叫次数", "attempts in the last minute, this one included");
    attempts_10m: Feature::new("caller.attempts_10m", Kind::Int, "近10分钟呼叫次数", "attempts in the last ten minutes");
    attempts_1h: Feature::new("caller.attempts_1h", Kind::Int, "近1小时呼叫次数", "attempts in the last hour");
    attempts_24h: Feature::new("caller.attempts_24h", Kind::Int, "近24小时呼叫次数", "attempts in the last day");
    callees_1m: Feature::new("caller.callees_1m", Kind::Int, "近1分钟不同被叫数", "different callees in the last minute");
    callees_10m: Feature::new("caller.callees_10m", Kind::Int, "近10分钟不同被叫数", "different callees in the last ten minutes");
    callees_1h: Feature::new("caller.callees_1h", Kind::Int, "近1小时不同被叫数", "different callees in the last hour");
    callees_24h: Feature::new("caller.callees_24h", Kind::Int, "近24小时不同被叫数", "different callees in the last day");
    ended_10m: Feature::new("caller.ended_10m", Kind::Int, "近10分钟已结束的通话数", "calls that ended in the last ten minutes");
    ended_1h: Feature::new("caller.ended_1h", Kind::Int, "近1小时已结束的通话数", "calls that ended in the last hour");
    ended_24h: Feature::new("caller.ended_24h", Kind::Int, "近24小时已结束的通话数", "calls that ended in the last day");
    answered_percent_1h: Feature::new("caller.answered_percent_1h", Kind::Int, "近1小时接通率(%)", "share of ended calls that were answered, last hour, percent");
    answered_percent_24h: Feature::new("caller.answered_percent_24h", Kind::Int, "近24小时接通率(%)", "share of ended calls that were answered, last day, percent");
    short_percent_1h: Feature::new("caller.short_percent_1h", Kind::Int, "近1小时短通话占比(%)", "share of answered calls that ended within six seconds, last hour, percent");
    short_percent_24h: Feature::new("caller.short_percent_24h", Kind::Int, "近24小时短通话占比(%)", "share of answered calls that ended within six seconds, last day, percent");
    sequential_run: Feature::new("caller.sequential_run", Kind::Int, "连续顺号拨打次数", "attempts in a row to numbers next to each other");
    answered_24h: Feature::new("caller.answered_24h", Kind::Int, "近24小时被接听的通话数", "calls that were answered, last day");
    unanswered_24h: Feature::new("caller.unanswered_24h", Kind::Int, "近24小时无人接听的通话数", "calls that ended and were not answered, last day");
    short_24h: Feature::new("caller.short_24h", Kind::Int, "近24小时短通话数", "answered calls that ended within six seconds, last day");
    talks_24h: Feature::new("caller.talks_24h", Kind::Int, "近24小时交谈通话数(30秒以上)", "answered calls of thirty seconds or more, last day");
    received: Feature::new("caller.received", Kind::Int, "近期别人呼叫该号码的次数(今日，加往日逐日减半)", "calls of others to the caller's number: today's, and those of earlier days halved with each day");
    watched_days: Feature::new("screen.watched_days", Kind::Int, "本系统已观察的天数", "days that the screen has watched; before two, nothing is known of who is new");
    new: Feature::new("caller.new", Kind::Bool, "新出现的号码(首次呼叫在昨日或今日)", "first seen today or yesterday, by a screen that had watched for two days before");
    beside_callee: Feature::new("caller.beside_callee", Kind::Bool, "主叫与被叫同一号段(前七位相同)", "caller and callee are mobiles with the same first seven digits");
    night_attempts_24h: Feature::new("caller.night_attempts_24h", Kind::Int, "近24小时夜间(22–8点)呼叫次数", "attempts between 22 and 8 o'clock in the last day");
}

schema! {
    /// Features of a message.
    MESSAGE_FEATURES, MessageSlots, MESSAGE_SCHEMA, MESSAGE;
    number: Feature::new("sender.number", Kind::Text, "发送号码(+国家码,或短号)", "sender's number, + and E.164, or the service number");
    raw: Feature::new("sender.raw", Kind::Text, "发送方原文", "the sender's address as it arrived");
    kind: Feature::word("sender.kind", "发送方类别", "kind of the sender's address", SENDER_KINDS);
    malformed: Feature::new("sender.malformed", Kind::Bool, "发送号码不规范", "the address is neither a number of a plan nor a name");
    service: Feature::new("sender.service", Kind::Int, "发送方客服号", "the service number that sends, such as 95588");
    registration: Feature::word("sender.registration", "端口登记情况", "what the register of official senders says", REGISTRATIONS);
    listed: Feature::word("sender.listed", "发送方在名单中的类别", "what the number list says of the sender", LISTED);
    receiver_kind: Feature::word("receiver.kind", "接收号码类别", "kind of the receiver's number", NUMBER_KINDS);
    receiver_guarded: Feature::new("receiver.guarded", Kind::Bool, "接收方正受保护", "the centre has a measure on the receiver's line");
    trunk_kind: Feature::word("trunk.kind", "来路(本网、网间、国际)", "where the message enters: own subscribers, another operator, abroad", TRUNKS);
    trunk_id: Feature::new("trunk.id", Kind::Int, "中继群编号", "number of the trunk group");
    hour: Feature::new("message.hour", Kind::Int, "北京时间几点(0–23)", "hour of the day in China, 0 to 23");
    weekday: Feature::new("message.weekday", Kind::Int, "星期几(1=周一)", "day of the week in China, Monday is 1");
    scam_percent: Feature::new("text.scam_percent", Kind::Int, "诈骗概率(%)", "probability of a scam, percent");
    class: Feature::new("text.class", Kind::Text, "最可能的类别", "the most probable class, by its code");
    class_percent: Feature::new("text.class_percent", Kind::Int, "该类别概率(%)", "probability of that class, percent");
    urls: Feature::new("text.urls", Kind::Int, "链接个数", "how many URLs the text names");
    phones: Feature::new("text.phones", Kind::Int, "电话号码个数", "how many telephone numbers the text names");
    accounts: Feature::new("text.accounts", Kind::Int, "账号、卡号个数", "how many accounts or cards the text names");
    chats: Feature::new("text.chats", Kind::Int, "QQ、微信号个数", "how many chat accounts the text names");
    evasions: Feature::new("text.evasions", Kind::Int, "规避写法个数", "signs written so as to evade reading");
    characters: Feature::new("text.characters", Kind::Int, "字数", "characters of the text");
    names_blocked: Feature::new("text.names_blocked", Kind::Bool, "文中提到黑名单号码", "a number or account in the text is on the block list");
    alike_24h: Feature::new("text.alike_24h", Kind::Int, "近24小时近似文本条数", "texts nearly the same in the last day, this one included");
    alike_senders_24h: Feature::new("text.alike_senders_24h", Kind::Int, "近24小时近似文本的不同发送方数", "different senders of texts nearly the same in the last day");
    contact_24h: Feature::new("text.contact_24h", Kind::Int, "近24小时含同一联系方式的条数", "texts that name the same link, number or account in the last day, this one included");
    contact_senders_24h: Feature::new("text.contact_senders_24h", Kind::Int, "近24小时含同一联系方式的不同发送方数", "different senders of texts that name the same link, number or account in the last day");
    new: Feature::new("sender.new", Kind::Bool, "新出现的发送方(首次发送在昨日或今日)", "first seen today or yesterday, by a screen that had watched for two days before");
    received: Feature::new("sender.received", Kind::Int, "近期别人向该号码呼叫、发短信的次数(今日，加往日逐日减半)", "messages and calls of others to the sender's number: today's, and those of earlier days halved with each day");
    watched_days: Feature::new("screen.watched_days", Kind::Int, "本系统已观察的天数", "days that the screen has watched; before two, nothing is known of who is new");
    sent_1m: Feature::new("sender.sent_1m", Kind::Int, "近1分钟发送条数", "messages in the last minute, this one included");
    sent_10m: Feature::new("sender.sent_10m", Kind::Int, "近10分钟发送条数", "messages in the last ten minutes");
    sent_1h: Feature::new("sender.sent_1h", Kind::Int, "近1小时发送条数", "messages in the last hour");
    sent_24h: Feature::new("sender.sent_24h", Kind::Int, "近24小时发送条数", "messages in the last day");
    receivers_1m: Feature::new("sender.receivers_1m", Kind::Int, "近1分钟不同接收方数", "different receivers in the last minute");
    receivers_10m: Feature::new("sender.receivers_10m", Kind::Int, "近10分钟不同接收方数", "different receivers in the last ten minutes");
    receivers_1h: Feature::new("sender.receivers_1h", Kind::Int, "近1小时不同接收方数", "different receivers in the last hour");
    receivers_24h: Feature::new("sender.receivers_24h", Kind::Int, "近24小时不同接收方数", "different receivers in the last day");
    sequential_run: Feature::new("sender.sequential_run", Kind::Int, "连续顺号发送次数", "messages in a row to numbers next to each other");
}

/// The schema of rules on calls.
pub fn call_schema() -> Arc<Schema> {
    CALL_SCHEMA.clone()
}

/// The schema of rules on messages.
pub fn message_schema() -> Arc<Schema> {
    MESSAGE_SCHEMA.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_finds_its_place() {
        assert_eq!(call_schema().left_out(CALL_FEATURES), 0);
        assert_eq!(message_schema().left_out(MESSAGE_FEATURES), 0);
        assert_eq!(CALL.night_attempts_24h, call_schema().slot("caller.night_attempts_24h"));
        assert_eq!(CALL.beside_callee, call_schema().slot("caller.beside_callee"));
        assert_eq!(MESSAGE.sequential_run, message_schema().slot("sender.sequential_run"));
    }
}
