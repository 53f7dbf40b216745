//! What the stop desk says, in both languages.

use kernel::Text;

/// Every text of the desk.
pub const CATALOGUE: &[Text] = &[
    OWN_ORDER,
    SAME_WAITS,
    STOPS_USED_UP,
    PARTNER_UNKNOWN,
    PARTNER_MISSING,
    STATE,
    REASON_MISSING,
    CHECK_MISSING,
    CHECK_CURRENCY,
    REFERS_MISSING,
    REFERS_UNKNOWN,
    REFERS_OTHER,
    RULE_REGION,
    RULE_SCOPE,
    PAPERS_MISSING,
    AMOUNT,
    UNTIL_PAST,
    RULE_KINDS,
    RULE_LINE_KINDS,
    RULE_EXPIRY,
    RULE_NAME,
    RULE_BOUND,
    RULE_CURRENCY,
    SAME_PERSON,
    ACCOUNT,
    PAPER_FORM,
];

/// Maker and checker are one person.
pub const OWN_ORDER: Text = Text::new(
    "stop.own_order",
    ("不能审核自己制作的指令 {number}", "You cannot check order {number}, which you made yourself"),
    ("请由另一名审核员审核", "Ask another checker"),
);
/// An order that asks the same is under way.
pub const SAME_WAITS: Text = Text::new(
    "stop.same_waits",
    (
        "已有同一事项的指令 {number}，正在等待审核或银行反馈",
        "Order {number} asks the same already and waits for a checker or for the bank",
    ),
    (
        "请先办结该指令；需要更改的，请撤回后重新制作",
        "See that order through first; to change it, take it back and make another",
    ),
);
/// The limit of stops on one account and case is reached (银发〔2016〕86号).
pub const STOPS_USED_UP: Text = Text::new(
    "stop.stops_used_up",
    (
        "该账户在本案中已止付 {count} 次，达到上限 {max} 次",
        "This account was stopped {count} times in this case; the limit is {max}",
    ),
    ("如需继续控制，请办理冻结", "To keep the money, make a freeze order"),
);
/// The bank is not in the directory.
pub const PARTNER_UNKNOWN: Text = Text::new(
    "stop.partner_unknown",
    ("机构 {partner} 不在通讯录中，或已停用", "The institution {partner} is not in the directory, or is switched off"),
    (
        "请选择已登记的机构，或请管理员登记该机构",
        "Choose an institution of the directory, or ask an administrator to add it",
    ),
);
/// Nobody has said which bank holds the account.
pub const PARTNER_MISSING: Text = Text::new(
    "stop.partner_missing",
    ("没有指明开户机构", "The institution that holds the account is missing"),
    ("请选择该账户的开户机构", "Choose the institution that holds the account"),
);
/// The state does not allow this.
pub const STATE: Text = Text::new(
    "stop.state",
    ("指令 {number} 当前状态为“{state}”，不能执行此操作", "Order {number} is {state}; this is not possible now"),
    ("请刷新后再看", "Reload and look again"),
);
/// A decision needs a reason.
pub const REASON_MISSING: Text = Text::new(
    "stop.reason_missing",
    ("没有填写理由", "The reason is missing"),
    ("请写明理由，它将记入日志", "Write the reason; it goes into the journal"),
);
/// A stop needs the transfer that the bank checks.
pub const CHECK_MISSING: Text = Text::new(
    "stop.check_missing",
    (
        "止付指令缺少核对要素（户名、金额、交易时间）",
        "A stop needs the holder's name, the amount and the time of the transfer",
    ),
    ("请填写转入该账户的交易", "Give the transfer into this account"),
);
/// The amount to hold and the transfer are in two currencies.
pub const CHECK_CURRENCY: Text = Text::new(
    "stop.check_currency",
    (
        "核对交易的币种 {given} 与控制金额的币种 {asked} 不一致",
        "The transfer is in {given}, the amount to hold in {asked}",
    ),
    ("请改为同一币种", "Give both in the currency of the account"),
);
/// The order must name the earlier one.
pub const REFERS_MISSING: Text = Text::new(
    "stop.refers_missing",
    ("该类指令须指明原指令", "An order of this kind must name the earlier order"),
    ("请从原指令页面发起", "Start it from the page of the earlier order"),
);
/// There is no such earlier order, or it is of another region.
pub const REFERS_UNKNOWN: Text = Text::new(
    "stop.refers_unknown",
    ("没有这条原指令", "There is no such earlier order"),
    ("请从原指令页面发起", "Start it from the page of the earlier order"),
);
/// The earlier order is about something else.
pub const REFERS_OTHER: Text = Text::new(
    "stop.refers_other",
    (
        "原指令 {number} 不是本案同一账户的对应指令",
        "Order {number} is not one of this case about the same account that this order could end or extend",
    ),
    (
        "请从原指令页面发起，案件、机构和账号须一致",
        "Start it from the page of the earlier order; case, bank and account must agree",
    ),
);
/// The leading digits name no region.
pub const RULE_REGION: Text = Text::new(
    "stop.rule_region",
    ("地区前缀应为 2、4 或 6 位行政区划代码", "The region is the first 2, 4 or 6 digits of a region code"),
    ("例如 4301 表示长沙市；全部地区留空", "For instance 4301 for Changsha; leave it empty for every region"),
);
/// A rule beyond the region of its author.
pub const RULE_SCOPE: Text = Text::new(
    "stop.rule_scope",
    ("规则不能超出您的辖区（{own}）", "A rule cannot reach beyond your own region ({own})"),
    ("请填写以 {own} 开头的地区代码，或由上级制定", "Give a region that begins with {own}, or ask the office above"),
);
/// A freeze needs papers (程序规定 art. 239).
pub const PAPERS_MISSING: Text = Text::new(
    "stop.papers_missing",
    (
        "冻结须附县级以上公安机关负责人批准的文书",
        "A freeze needs the decision approved by a police chief at county level or above",
    ),
    ("请先上传协助冻结财产通知书等文书", "Attach the decision first"),
);
/// The amount cannot be.
pub const AMOUNT: Text = Text::new(
    "stop.amount",
    ("金额必须大于零", "The amount must be more than zero"),
    (
        "请以分为单位填写正整数；控制整个账户时留空",
        "Give a whole number of minor units above zero, or leave it out for the whole account",
    ),
);
/// The end lies in the past.
pub const UNTIL_PAST: Text = Text::new(
    "stop.until_past",
    ("截止时间已过", "The end lies in the past"),
    ("请填写将来的时间", "Give a time in the future"),
);
/// The account number is missing or cannot be one.
pub const ACCOUNT: Text = Text::new(
    "stop.account",
    ("账号格式不正确", "This cannot be an account number"),
    ("请填写 5 至 34 位数字或大写字母", "Give 5 to 34 digits or capital letters"),
);
/// The upload holds no file.
pub const PAPER_FORM: Text = Text::new(
    "stop.paper_form",
    ("没有收到文件", "No file was received"),
    ("请以 multipart/form-data 上传一个文件（栏名 file）", "Upload one file as multipart/form-data, field name file"),
);
/// A rule may approve only certain kinds.
pub const RULE_KINDS: Text = Text::new(
    "stop.rule_kinds",
    (
        "常设规则只能批准止付、查询交易明细、动态监控，以及追踪确认无涉案资金后的解除止付",
        "A standing rule may approve only stops, queries of transactions, watches, and lifts that a chase asks for",
    ),
    ("冻结须逐件由负责人批准，请去掉其他种类", "A freeze needs a chief for each; leave out the other kinds"),
);
/// A rule may approve only urgent measures on lines.
pub const RULE_LINE_KINDS: Text = Text::new(
    "stop.rule_line_kinds",
    (
        "常设规则对线路只能批准切断通话、拦截可疑来电、来电提示和预警联系人",
        "For lines, a standing rule may approve only: cut the call, hold flagged calls, label the next call, warn contacts",
    ),
    ("关停号码须逐件由负责人批准，请去掉其他种类", "A suspension needs a person for each; leave out the other kinds"),
);
/// A rule ends within its longest life.
pub const RULE_EXPIRY: Text = Text::new(
    "stop.rule_expiry",
    ("规则的有效期须在现在之后、{days} 天之内", "A rule must end after now and within {days} days"),
    ("请填写更近的失效时间", "Give an earlier end"),
);
/// A rule has a name.
pub const RULE_NAME: Text = Text::new(
    "stop.rule_name",
    ("规则没有名称", "The rule has no name"),
    ("请填写 1 至 80 个字的名称", "Give a name of 1 to 80 characters"),
);
/// A rule has bounds.
pub const RULE_BOUND: Text = Text::new(
    "stop.rule_bound",
    ("规则的界限必须大于零", "The bounds of a rule must be more than zero"),
    ("请填写层级、金额、措施时长和报案时限", "Give level, amount, length of the measure and age of the report"),
);
/// A bound is compared in yuan.
pub const RULE_CURRENCY: Text = Text::new(
    "stop.rule_currency",
    ("常设规则的金额上限须为人民币", "The bound of a standing rule is in yuan"),
    (
        "请填写人民币金额；外币指令一律由人工复核",
        "Give it in yuan; orders in another currency are always checked by a person",
    ),
);
/// The author cannot approve the rule.
pub const SAME_PERSON: Text = Text::new(
    "stop.same_person",
    ("规则的起草人不能批准自己的规则", "The author of a rule cannot approve it"),
    ("请由另一名负责人批准", "Ask another person in charge"),
);

#[cfg(test)]
mod tests {
    #[test]
    fn every_text_speaks_both_languages() {
        assert_eq!(kernel::catalogue_defects(super::CATALOGUE), Vec::<String>::new());
    }
}
