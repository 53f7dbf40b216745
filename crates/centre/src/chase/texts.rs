//! What the chase says to people, in both languages.

use kernel::Text;

/// Every text of the desk.
pub const CATALOGUE: &[Text] = &[
    NEWS,
    ORDERS_BEYOND,
    STATEMENT_INCOMPLETE,
    LINES_REFUSED,
    ORDER_NOT_MADE,
    ORDER_KNOWN,
    PAUSED_WITH_NEWS,
    PAYMENT_UNFIT,
    STUCK,
    LIFT_OF_PERSON,
    COUNT,
    ALLOWED_ALL,
    PAUSED,
];

/// Why an order is put to a person again about an account that a person has released.
pub const NEWS: Text = Text::new(
    "chase.news",
    (
        "北京时间 {at}，{by} 已就该账户作出决定（指令 {number}：{reason}）。此后查明又有被害人资金 {amount} 转入：{payments}",
        "At {at} (China Standard Time) {by} decided about this account (order {number}: {reason}). Since then {amount} of \
         the victim's money is known to have come in: {payments}",
    ),
    ("请由人员决定是否再次控制", "A person decides whether the account is held again"),
);
/// Why a lift of what a person ordered is put to a person.
pub const LIFT_OF_PERSON: Text = Text::new(
    "chase.lift_of_person",
    (
        "该止付由 {by} 决定（指令 {number}）。追踪表明账户内已无被害人资金",
        "This stop was decided by {by} (order {number}). The chase finds nothing of the victim's money left there",
    ),
    ("请由人员决定是否解除", "A person decides whether it is lifted"),
);
/// More orders follow from what is known than a chase issues by itself.
pub const ORDERS_BEYOND: Text = Text::new(
    "chase.orders_beyond",
    (
        "还有 {count} 个账户待下达指令，涉及 {amount}；本案自动下达已达 {made} 件",
        "{count} more accounts wait for an order, with {amount} of the victim's money; the chase has issued {made} by itself",
    ),
    (
        "请核实资金流向，然后按金额顺序继续下达",
        "Look at the flow, then let the next orders go, the largest amounts first",
    ),
);
/// A bank has told a part of a statement only, and asking again does not help.
pub const STATEMENT_INCOMPLETE: Text = Text::new(
    "chase.statement_incomplete",
    (
        "账户 {account} 的交易明细不完整，只到北京时间 {from} 为止",
        "The statement of account {account} is not complete; it ends at {from} (China Standard Time)",
    ),
    (
        "请致电该机构，或另下查询指令；明细补全前追踪不会标为“已无资金流动”",
        "Call the institution, or make a query by hand; the chase does not run dry before it is complete",
    ),
);
/// A bank has told lines that cannot be followed: what they say of the money is missing.
pub const LINES_REFUSED: Text = Text::new(
    "chase.lines_refused",
    (
        "账户 {account} 有 {count} 笔交易无法用于追踪：流水号重复、币种不同、时间或金额不可信，或超出监控推送的上限；明细按不完整处理",
        "{count} transactions of account {account} cannot be followed: an id used twice, another currency, a time or amount \
         that cannot be, or more than is kept of a watch; its statement counts as incomplete",
    ),
    (
        "请查看答复原文和指令上的疑点，请该机构更正，再就全部期间另下查询指令；明细补全前追踪不会标为“已无资金流动”",
        "See the sealed answer and the doubts on the order, have the institution correct it, then make a query of the whole \
         period by hand; the chase does not run dry before it is complete",
    ),
);
/// The desk refused an order that the chase wanted to make.
pub const ORDER_NOT_MADE: Text = Text::new(
    "chase.order_not_made",
    ("无法就账户 {account} 制作指令：{why}", "No order could be made about account {account}: {why}"),
    ("请由人员处理该账户", "A person deals with the account"),
);
/// The chase wants an order that there is already: it has misread where the case stands.
pub const ORDER_KNOWN: Text = Text::new(
    "chase.order_known",
    ("已有同一指令 {number}", "there is such an order already, {number}"),
    ("请查看该指令", "See that order"),
);
/// A case that a person holds has got new payments.
pub const PAUSED_WITH_NEWS: Text = Text::new(
    "chase.paused_with_news",
    (
        "追踪已暂停，其后又有 {count} 笔付款并入本案",
        "The chase is paused, and {count} more payments came into the case",
    ),
    ("请查看新付款，决定是否恢复追踪", "Look at the new payments and decide whether the chase goes on"),
);
/// A payment that the chase cannot follow.
pub const PAYMENT_UNFIT: Text = Text::new(
    "chase.payment_unfit",
    ("付款 {payment} 的金额超出范围，未予追踪", "The amount of payment {payment} is out of range; it is not followed"),
    ("请核实该笔付款", "Check the payment"),
);
/// A turn of the chase fails again and again.
pub const STUCK: Text = Text::new(
    "chase.stuck",
    ("本案追踪连续失败 {count} 次：{why}", "The chase of this case has failed {count} times: {why}"),
    ("系统继续重试；请联系管理员", "It is tried again; contact the administrator"),
);
/// How many orders a person lets go.
pub const COUNT: Text = Text::new(
    "chase.count",
    ("件数须为 1 至 {max}", "The count must be 1 to {max}"),
    ("请填写范围内的整数", "Give a whole number in this range"),
);

/// A chase has been allowed as many orders as one may ever issue.
pub const ALLOWED_ALL: Text = Text::new(
    "chase.allowed_all",
    (
        "本案已允许下达的指令已达上限（{max} 件）",
        "This chase may issue all the orders that one chase may ever issue ({max})",
    ),
    ("请由人员逐户下达指令", "Make further orders by hand, account by account"),
);
/// A person holds the chase: nothing is let go.
pub const PAUSED: Text =
    Text::new("chase.paused", ("追踪已暂停", "The chase is paused"), ("请先恢复追踪", "Resume the chase first"));

#[cfg(test)]
mod tests {
    #[test]
    fn every_text_speaks_both_languages() {
        assert_eq!(kernel::catalogue_defects(super::CATALOGUE), Vec::<String>::new());
    }
}
