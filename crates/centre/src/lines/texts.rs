//! What the lines desk says, in both languages.

use kernel::Text;

/// Every text of the desk.
pub const CATALOGUE: &[Text] = &[
    OWN_ORDER,
    SAME_WAITS,
    OPERATOR_UNKNOWN,
    NO_OPERATOR,
    STATE,
    NOT_A_SUBSCRIBER,
    EMERGENCY,
    SAME_NUMBER,
    UNTIL,
    UNTIL_TOO_FAR,
    PERIOD,
    LABEL,
    WARNING_TEXT,
    REFERS,
    REASON_MISSING,
    REASON_TOO_LONG,
    NO_CONTACT,
    NO_NUMBER,
];

/// Maker and checker are one person.
pub const OWN_ORDER: Text = Text::new(
    "lines.own_order",
    ("不能审核自己制作的指令 {number}", "You cannot check order {number}, which you made yourself"),
    ("请由另一名审核员审核", "Ask another checker"),
);
/// An order that asks the same is under way.
pub const SAME_WAITS: Text = Text::new(
    "lines.same_waits",
    (
        "已有同一事项的指令 {number}，正在等待审核或运营商反馈",
        "Order {number} asks the same already and waits for a checker or for the operator",
    ),
    (
        "请先办结该指令；需要更改的，请撤回后重新制作",
        "See that order through first; to change it, take it back and make another",
    ),
);
/// The operator is not in the directory.
pub const OPERATOR_UNKNOWN: Text = Text::new(
    "lines.operator_unknown",
    ("{partner} 不是通讯录中启用的运营商", "{partner} is not an operator of the directory that is switched on"),
    ("请选择已登记的运营商，或请管理员登记", "Choose an operator of the directory, or ask an administrator to add it"),
);
/// There is no operator.
pub const NO_OPERATOR: Text = Text::new(
    "lines.no_operator",
    ("通讯录中没有启用的运营商", "The directory has no operator that is switched on"),
    ("请管理员先登记运营商", "Ask an administrator to add one first"),
);
/// The state does not allow this.
pub const STATE: Text = Text::new(
    "lines.state",
    ("指令 {number} 当前状态为“{state}”，不能执行此操作", "Order {number} is {state}; this is not possible now"),
    ("请刷新后再看", "Reload and look again"),
);
/// The measure is for lines of people.
pub const NOT_A_SUBSCRIBER: Text = Text::new(
    "lines.not_a_subscriber",
    ("该措施只能用于境内手机或固定电话", "This measure is for mobile numbers and fixed lines of the mainland only"),
    (
        "请核对号码；客服短号和境外号码请列入号码名单",
        "Check the number; put service and foreign numbers on the number list",
    ),
);
/// Nothing is done against an emergency number.
pub const EMERGENCY: Text = Text::new(
    "lines.emergency",
    ("紧急号码不能作为指令对象", "An emergency number cannot be the subject of an order"),
    ("请核对号码", "Check the number"),
);
/// Both ends are one number.
pub const SAME_NUMBER: Text = Text::new(
    "lines.same_number",
    ("对方号码与该号码相同", "The counterpart is the line itself"),
    ("请填写通话对方的号码", "Give the number at the other end"),
);
/// A measure needs an end in the future.
pub const UNTIL: Text = Text::new(
    "lines.until",
    ("措施须有将来的截止时间", "The measure needs an end in the future"),
    ("请填写截止时间或时长", "Give the end, or how long"),
);
/// The end is too far.
pub const UNTIL_TOO_FAR: Text = Text::new(
    "lines.until_too_far",
    ("措施最长 {hours} 小时", "The measure lasts {hours} hours at most"),
    ("请缩短时长，到期前可再次下达", "Make it shorter; order again before it ends"),
);
/// The period cannot be.
pub const PERIOD: Text = Text::new(
    "lines.period",
    (
        "时段须从过去开始、晚于开始结束，且不超过 {days} 天",
        "The period must begin in the past, end after it begins, and span {days} days at most",
    ),
    ("请核对起止时间", "Check both times"),
);
/// What a label must not hold.
pub const LABEL: Text = Text::new(
    "lines.label",
    (
        "提示语不得含链接、电话号码，最多 {most} 个字",
        "A label holds no link, no telephone number, and at most {most} characters",
    ),
    ("例如：涉诈来电，请勿转账", "For instance: scam call, do not pay"),
);
/// What a warning message must not hold.
pub const WARNING_TEXT: Text = Text::new(
    "lines.warning_text",
    (
        "预警短信不得含链接、电话号码，也不得要求回复，最多 {most} 个字",
        "A warning message holds no link, no telephone number, and at most {most} characters",
    ),
    ("用花括号括起的 tail 表示涉案号码末四位", "Write tail in curly brackets for the last four digits of the number"),
);
/// The order must name the earlier one.
pub const REFERS: Text = Text::new(
    "lines.refers",
    ("解除须从原指令发起", "A lift must start from the earlier order"),
    ("请从原指令页面发起", "Start it from the page of the earlier order"),
);
/// A decision and an order need a reason.
pub const REASON_MISSING: Text = Text::new(
    "lines.reason_missing",
    ("没有填写理由", "The reason is missing"),
    ("请写明理由，它将记入日志", "Write the reason; it goes into the journal"),
);
/// The reason is too long.
pub const REASON_TOO_LONG: Text = Text::new(
    "lines.reason_too_long",
    ("理由最多 2000 个字", "The reason has 2000 characters at most"),
    ("请缩短", "Shorten it"),
);
/// The report has no such telephone number.
pub const NO_CONTACT: Text = Text::new(
    "lines.no_contact",
    ("报案中没有可用的电话联系方式", "The report names no telephone number that can be used"),
    ("请核对报案的联系方式", "Check the contacts of the report"),
);
/// No number was given, or the report has none there.
pub const NO_NUMBER: Text = Text::new(
    "lines.no_number",
    ("没有填写号码，或报案中没有该号码", "No number was given, or the report has none there"),
    (
        "请填写号码，或选择报案人电话、报案所列联系方式",
        "Give a number, or choose the victim's or one of the report's contacts",
    ),
);

#[cfg(test)]
mod tests {
    #[test]
    fn every_text_speaks_both_languages() {
        assert_eq!(kernel::catalogue_defects(super::CATALOGUE), Vec::<String>::new());
    }
}
