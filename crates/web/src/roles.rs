//! Rights, and the roles that gather them. The one table of both.

use std::collections::BTreeSet;

use serde::Serialize;

/// A right that a route or a store call asks for.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct Right {
    /// Code, for instance `stop.check`.
    pub code: &'static str,
    /// Name in Chinese.
    pub zh: &'static str,
    /// Name in English.
    pub en: &'static str,
}

/// A set of rights that a user can be given.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct Role {
    /// Code, for instance `stop_officer`.
    pub code: &'static str,
    /// Name in Chinese.
    pub zh: &'static str,
    /// Name in English.
    pub en: &'static str,
    /// The seats that have this role: `centre`, `bank`, `operator`.
    pub seats: &'static [&'static str],
    /// Codes of its rights.
    pub rights: &'static [&'static str],
}

const fn right(code: &'static str, zh: &'static str, en: &'static str) -> Right {
    Right { code, zh, en }
}

/// Every right.
pub const RIGHTS: &[Right] = &[
    right("intake.read", "查看报案", "See reports"),
    right("intake.write", "登记报案", "Take reports"),
    right("stop.read", "查看指令", "See orders"),
    right("stop.make", "制作指令", "Make orders"),
    right("stop.check", "复核指令", "Check orders"),
    right("chase.read", "查看资金追踪", "See chases"),
    right("chase.act", "操作资金追踪", "Act on chases"),
    right("lines.read", "查看线路指令", "See orders about lines"),
    right("lines.make", "制作线路指令", "Make orders about lines"),
    right("lines.check", "复核线路指令", "Check orders about lines"),
    right("numbers.read", "查看号码名单", "See the number list"),
    right("numbers.write", "维护号码名单", "Keep the number list"),
    right("numbers.check", "复核号段", "Check prefixes and ranges of the number list"),
    right("signals.read", "查看拦截信号", "See what operators saw"),
    right("journal.read", "查看日志", "Read the journal"),
    right("journal.retry", "处理积压事项", "Retry stuck work"),
    right("rules.write", "维护常设规则", "Keep standing rules"),
    right("users.write", "管理用户", "Manage users"),
    right("partners.write", "管理合作单位", "Manage partners"),
    right("reveal", "查看未遮蔽的个人信息", "Reveal personal data"),
    right("bank.orders.read", "查看收到的指令", "See orders received"),
    right("bank.holds.read", "查看止付与冻结", "See holds"),
    right("bank.report.write", "向中心报告案件", "Report cases to the centre"),
    right("bank.admin", "管理账户与客户", "Manage accounts and customers"),
    right("operator.live.read", "查看实时拦截与号码", "See what is stopped, and numbers"),
    right("operator.lists.read", "查看号码名单", "See the number list"),
    right("operator.lists.write", "维护号码名单", "Keep the number list"),
    right("operator.rules.write", "编写拦截规则", "Write screening rules"),
    right("operator.rules.publish", "发布拦截规则", "Publish screening rules"),
    right("operator.appeals.decide", "处理申诉", "Decide appeals"),
    right("operator.lines.read", "查看线路指令与措施", "See orders about lines"),
    right("operator.senders.write", "维护短信端口登记", "Keep the register of senders"),
];

/// Every role.
pub const ROLES: &[Role] = &[
    Role {
        code: "intake_officer",
        zh: "接警员",
        en: "Intake officer",
        seats: &["centre"],
        rights: &["intake.read", "intake.write", "stop.read", "chase.read", "lines.read", "numbers.read", "reveal"],
    },
    Role {
        code: "stop_officer",
        zh: "止付员",
        en: "Stop officer",
        seats: &["centre"],
        rights: &["intake.read", "stop.read", "stop.make", "chase.read", "chase.act", "reveal"],
    },
    Role {
        code: "lines_officer",
        zh: "线路员",
        en: "Lines officer",
        seats: &["centre"],
        rights: &["intake.read", "lines.read", "lines.make", "numbers.read", "numbers.write", "signals.read", "reveal"],
    },
    Role {
        code: "stop_reviewer",
        zh: "复核员",
        en: "Stop reviewer",
        seats: &["centre"],
        rights: &[
            "intake.read",
            "stop.read",
            "stop.check",
            "chase.read",
            "lines.read",
            "lines.check",
            "numbers.read",
            "numbers.check",
            "signals.read",
            "reveal",
        ],
    },
    Role {
        code: "chief",
        zh: "值班领导",
        en: "Chief on duty",
        seats: &["centre"],
        rights: &[
            "intake.read",
            "stop.read",
            "stop.check",
            "chase.read",
            "chase.act",
            "lines.read",
            "lines.check",
            "numbers.read",
            "numbers.check",
            "signals.read",
            "journal.read",
            "rules.write",
            "reveal",
        ],
    },
    Role {
        code: "auditor",
        zh: "审计员",
        en: "Auditor",
        seats: &["centre", "bank", "operator"],
        rights: &[
            "intake.read",
            "stop.read",
            "chase.read",
            "lines.read",
            "numbers.read",
            "signals.read",
            "journal.read",
            "bank.orders.read",
            "bank.holds.read",
            "operator.live.read",
            "operator.lists.read",
            "operator.lines.read",
        ],
    },
    Role {
        code: "admin",
        zh: "系统管理员",
        en: "Administrator",
        seats: &["centre", "bank", "operator"],
        rights: &["users.write", "partners.write", "journal.read", "journal.retry"],
    },
    Role {
        code: "bank_clerk",
        zh: "银行经办",
        en: "Bank clerk",
        seats: &["bank"],
        rights: &["bank.orders.read", "bank.holds.read", "bank.report.write", "reveal"],
    },
    Role {
        code: "bank_admin",
        zh: "银行管理员",
        en: "Bank administrator",
        seats: &["bank"],
        rights: &[
            "bank.orders.read",
            "bank.holds.read",
            "bank.report.write",
            "bank.admin",
            "users.write",
            "partners.write",
            "journal.read",
            "journal.retry",
            "reveal",
        ],
    },
    Role {
        code: "operator_clerk",
        zh: "拦截处置员",
        en: "Screening clerk",
        seats: &["operator"],
        rights: &[
            "operator.live.read",
            "operator.lists.read",
            "operator.lists.write",
            "operator.rules.write",
            "operator.appeals.decide",
            "operator.lines.read",
            "operator.senders.write",
            "reveal",
        ],
    },
    Role {
        code: "operator_reviewer",
        zh: "拦截复核员",
        en: "Screening reviewer",
        seats: &["operator"],
        rights: &[
            "operator.live.read",
            "operator.lists.read",
            "operator.rules.write",
            "operator.rules.publish",
            "operator.appeals.decide",
            "operator.lines.read",
            "reveal",
        ],
    },
    Role {
        code: "operator_admin",
        zh: "运营商管理员",
        en: "Operator administrator",
        seats: &["operator"],
        rights: &[
            "operator.live.read",
            "operator.lists.read",
            "operator.lists.write",
            "operator.rules.write",
            "operator.rules.publish",
            "operator.appeals.decide",
            "operator.lines.read",
            "operator.senders.write",
            "users.write",
            "partners.write",
            "journal.read",
            "journal.retry",
            "reveal",
        ],
    },
];

/// The role of a code.
pub fn role(code: &str) -> Option<&'static Role> {
    ROLES.iter().find(|r| r.code == code)
}

/// The rights of several roles together; a code that names no role (any more) gives none.
pub fn rights_of<'a>(roles: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    roles.into_iter().filter_map(role).flat_map(|r| r.rights).map(|r| (*r).to_owned()).collect()
}

/// The codes of the roles that a seat has, for texts.
pub fn codes(seat_kind: &str) -> String {
    let codes: Vec<_> = ROLES.iter().filter(|r| r.seats.contains(&seat_kind)).map(|r| r.code).collect();
    codes.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_right_of_a_role_is_in_the_table_and_every_right_is_in_a_role() {
        let given = rights_of(ROLES.iter().map(|r| r.code));
        let known: BTreeSet<String> = RIGHTS.iter().map(|r| r.code.to_owned()).collect();
        assert_eq!(given, known);
    }

    #[test]
    fn nobody_makes_and_checks_by_one_role() {
        for role in ROLES {
            for (make, check) in [
                ("stop.make", "stop.check"),
                ("lines.make", "lines.check"),
                ("numbers.write", "numbers.check"),
                ("stop.make", "lines.check"),
                ("lines.make", "stop.check"),
            ] {
                assert!(!(role.rights.contains(&make) && role.rights.contains(&check)), "{} {make} {check}", role.code);
            }
        }
    }
}
