//! What the number list says, in both languages.

use kernel::Text;

/// Every text of the desk.
pub const CATALOGUE: &[Text] = &[
    PATTERN,
    PREFIX_SHORT,
    RANGE_LONG,
    EMERGENCY,
    SERVICE,
    PROTECTED,
    LIFTED_BEFORE,
    REASON,
    SOURCE,
    EXPIRY,
    EXPIRY_FAR,
    LABEL,
    STATE,
    OWN_ENTRY,
    KNOWN,
    ELSEWHERE,
    FILE_MISSING,
    FILE_HEADER,
    ACTION,
    TIME,
];

/// Not a pattern.
pub const PATTERN: Text = Text::new(
    "numbers.pattern",
    ("不是号码、号段或号码区间", "This is not a number, a prefix or a range"),
    (
        "号码照常填写；号段以 * 结尾，如 1700012*；区间用短横连接两个等长号码",
        "Write a number as usual, a prefix with * at its end such as 1700012*, a range as two numbers of one length with a dash",
    ),
);
/// A wrong prefix silences a town.
pub const PREFIX_SHORT: Text = Text::new(
    "numbers.prefix_short",
    (
        "号段太短，会波及过多号码：至少 {digits} 位（含国家代码）",
        "The prefix is too short and hits too many numbers: {digits} digits at least, country code included",
    ),
    ("请填写更长的号段", "Give a longer prefix"),
);
/// A range that is too long.
pub const RANGE_LONG: Text = Text::new(
    "numbers.range_long",
    ("区间太大：最多 {most} 个号码", "The range is too long: {most} numbers at most"),
    ("请缩小区间", "Make the range shorter"),
);
/// Another region's entry stands for it.
pub const ELSEWHERE: Text = Text::new(
    "numbers.elsewhere",
    ("其他地区的条目已覆盖该号码", "An entry of another region stands for this already"),
    ("如需变更，请联系该地区或省中心", "Ask that region or the province's centre to change it"),
);
/// Emergency numbers are never on the list.
pub const EMERGENCY: Text = Text::new(
    "numbers.emergency",
    ("紧急号码不能列入名单", "An emergency number cannot be put on the list"),
    ("请核对号码", "Check the number"),
);
/// Service numbers are not blocked.
pub const SERVICE: Text = Text::new(
    "numbers.service",
    (
        "客服和政务号码不能拦截或关注；冒用此类号码的来电由运营商规则识别",
        "A service number cannot be blocked or watched; operators' rules find calls that only pretend to come from it",
    ),
    ("可改为放行或保护", "Let it pass or protect it instead"),
);
/// A protected number is not blocked.
pub const PROTECTED: Text = Text::new(
    "numbers.protected",
    ("该号码在保护名单内", "The number is protected"),
    ("如确需拦截，请先移除保护条目", "Remove the entry that protects it first"),
);
/// A file does not put back what a person took from the list.
pub const LIFTED_BEFORE: Text = Text::new(
    "numbers.lifted_before",
    (
        "该号码此前已由 {by} 解除或不予列入：{reason}",
        "{by} has taken this number from the list, or refused it, before: {reason}",
    ),
    (
        "批量文件不再自动列入；如有新证据，请手工添加",
        "A file does not put it back; add it by hand if there is new evidence",
    ),
);
/// A reason of 1 to 200 characters.
pub const REASON: Text = Text::new(
    "numbers.reason",
    ("请填写 1 至 200 个字的原因", "Give a reason of 1 to 200 characters"),
    ("被拦截的来电人会看到该原因", "A blocked caller is told it"),
);
/// A source of 1 to 200 characters.
pub const SOURCE: Text = Text::new(
    "numbers.source",
    ("请填写 1 至 200 个字的来源", "Give a source of 1 to 200 characters"),
    ("例如：报案、部级下发、运营商通报", "For instance: report, list of the ministry, an operator"),
);
/// The end lies in the past.
pub const EXPIRY: Text = Text::new(
    "numbers.expiry",
    ("有效期已过", "The end lies in the past"),
    ("请填写将来的时间，或留空", "Give a time in the future, or leave it out"),
);
/// The end lies more than a hundred years ahead.
pub const EXPIRY_FAR: Text = Text::new(
    "numbers.expiry_far",
    ("有效期超过一百年", "The end lies more than a hundred years ahead"),
    ("长期有效请留空", "Leave it out for an entry without an end"),
);
/// A label of 1 to 40 characters.
pub const LABEL: Text =
    Text::new("numbers.label", ("提示语最多 40 个字", "The label has 40 characters at most"), ("请缩短", "Shorten it"));
/// The state does not allow this.
pub const STATE: Text = Text::new(
    "numbers.state",
    ("条目当前状态为“{state}”，不能执行此操作", "The entry is {state}; this is not possible now"),
    ("请刷新后再看", "Reload and look again"),
);
/// A prefix needs a second person.
pub const OWN_ENTRY: Text = Text::new(
    "numbers.own_entry",
    ("号段和区间不能由制作人自己复核", "You cannot approve a prefix or range that you made yourself"),
    ("请由另一人复核", "Ask another person"),
);
/// The same entry is on the list.
pub const KNOWN: Text = Text::new(
    "numbers.known",
    ("相同的条目已在名单上", "The same entry is on the list"),
    ("无需重复添加", "Nothing to do"),
);
/// No file came.
pub const FILE_MISSING: Text = Text::new(
    "numbers.file_missing",
    ("没有收到文件", "No file was received"),
    ("请以 multipart/form-data 上传一个文件（栏名 file）", "Upload one file as multipart/form-data, field name file"),
);
/// The first line does not name the columns.
pub const FILE_HEADER: Text = Text::new(
    "numbers.file_header",
    ("首行没有号码列", "The first line names no column of numbers"),
    (
        "首行写 pattern,action,reason,source,case_number,expires_at,label（至少 pattern）",
        "Begin with pattern,action,reason,source,case_number,expires_at,label (pattern at least)",
    ),
);
/// An unknown action.
pub const ACTION: Text = Text::new(
    "numbers.action",
    ("处置方式应为拦截、关注、放行或保护", "The action is block, watch, allow or protect"),
    ("请改正", "Correct it"),
);
/// Not a time.
pub const TIME: Text = Text::new(
    "numbers.time",
    ("不是日期或时间", "This is not a date or a time"),
    ("请写成 2026-12-31 或带时区的时间", "Write it as 2026-12-31, or as a time with offset"),
);

#[cfg(test)]
mod tests {
    #[test]
    fn every_text_speaks_both_languages() {
        assert_eq!(kernel::catalogue_defects(super::CATALOGUE), Vec::<String>::new());
    }
}
