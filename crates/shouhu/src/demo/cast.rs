//! The seats of the demonstration and its logins. Every name is invented.

use crate::cli::{Institution, SeatKind};

/// A seat of the demonstration.
#[derive(Debug, Clone, Copy)]
pub struct CastSeat {
    /// Name among partners.
    pub id: &'static str,
    /// Which seat.
    pub kind: SeatKind,
    /// For a bank.
    pub institution: Institution,
    /// Name in Chinese.
    pub name: &'static str,
    /// Name in English.
    pub name_en: &'static str,
    /// Its port behind the base port.
    pub port_offset: u16,
    /// First digits of its account numbers; no real bank has them.
    pub account_prefix: &'static str,
}

/// The centre first, then the banks, then the carrier.
pub const SEATS: [CastSeat; 5] = [
    CastSeat {
        id: "centre-43",
        kind: SeatKind::Centre,
        institution: Institution::Bank,
        name: "潇湘反诈中心（演示）",
        name_en: "Xiaoxiang Anti-Scam Centre (demo)",
        port_offset: 0,
        account_prefix: "",
    },
    CastSeat {
        id: "bank-a",
        kind: SeatKind::Bank,
        institution: Institution::Bank,
        name: "湘江示范银行",
        name_en: "Xiangjiang Demo Bank",
        port_offset: 1,
        account_prefix: "62000043010",
    },
    CastSeat {
        id: "bank-b",
        kind: SeatKind::Bank,
        institution: Institution::Bank,
        name: "洞庭示范银行",
        name_en: "Dongting Demo Bank",
        port_offset: 2,
        account_prefix: "62000043020",
    },
    CastSeat {
        id: "pay-c",
        kind: SeatKind::Bank,
        institution: Institution::Payment,
        name: "橘洲支付",
        name_en: "Juzhou Pay",
        port_offset: 3,
        account_prefix: "JZ4300",
    },
    CastSeat {
        id: OPERATOR,
        kind: SeatKind::Operator,
        institution: Institution::Bank,
        name: "三湘示范通信",
        name_en: "Sanxiang Demo Telecom",
        port_offset: 4,
        account_prefix: "",
    },
];

/// The carrier of the demonstration.
pub const OPERATOR: &str = "operator-a";
/// Port of its SIP front behind the base port.
pub const SIP_PORT_OFFSET: u16 = 5;

/// Port of the message centre behind the base port.
pub const SMSC_PORT_OFFSET: u16 = 6;

/// The centre of the demonstration.
pub const CENTRE: &str = "centre-43";

/// A login of the demonstration.
#[derive(Debug, Clone, Copy)]
pub struct CastUser {
    /// Login.
    pub login: &'static str,
    /// Name shown.
    pub name: &'static str,
    /// Role.
    pub role: &'static str,
    /// What it is good for, in Chinese and English.
    pub does: (&'static str, &'static str),
}

/// Logins of the centre.
pub const CENTRE_USERS: [CastUser; 8] = [
    CastUser {
        login: "intake", name: "接警员小周", role: "intake_officer", does: ("接警：登记报案", "takes reports")
    },
    CastUser {
        login: "officer",
        name: "止付员小陈",
        role: "stop_officer",
        does: ("止付：制作指令、操作资金追踪", "makes orders, acts on chases"),
    },
    CastUser {
        login: "reviewer",
        name: "复核员老吴",
        role: "stop_reviewer",
        does: ("复核：批准或驳回指令", "approves or refuses orders"),
    },
    CastUser {
        login: "lines",
        name: "线路员小唐",
        role: "lines_officer",
        does: ("线路：号码名单、对运营商的指令", "the number list, orders to operators"),
    },
    CastUser {
        login: "chief",
        name: "值班长老李",
        role: "chief",
        does: ("值班长：常设规则、日志", "standing rules, journal"),
    },
    CastUser {
        login: "deputy",
        name: "副值班长老赵",
        role: "chief",
        does: ("副值班长：批准值班长的常设规则", "approves the chief's standing rules"),
    },
    CastUser {
        login: "auditor",
        name: "审计员小何",
        role: "auditor",
        does: ("审计：核验日志", "verifies the journal"),
    },
    CastUser {
        login: "admin", name: "管理员", role: "admin", does: ("管理：用户与合作单位", "users and partners")
    },
];

/// Logins of each bank.
pub const BANK_USERS: [CastUser; 2] = [
    CastUser {
        login: "clerk",
        name: "柜员小唐",
        role: "bank_clerk",
        does: ("经办：收到的指令、控制、上报案件", "orders received, holds, reports a case"),
    },
    CastUser {
        login: "bank-admin",
        name: "银行管理员",
        role: "bank_admin",
        does: ("管理：账户、用户", "accounts and users"),
    },
];

/// Logins of the carrier.
pub const OPERATOR_USERS: [CastUser; 3] = [
    CastUser {
        login: "screener",
        name: "拦截员小罗",
        role: "operator_clerk",
        does: ("拦截处置：实时拦截、名单、规则、申诉", "what is stopped now, list, rules, appeals"),
    },
    CastUser {
        login: "publisher",
        name: "复核员老谭",
        role: "operator_reviewer",
        does: ("复核：发布规则，复核号段放行", "publishes rules, confirms wide lifts"),
    },
    CastUser {
        login: "carrier-admin",
        name: "运营商管理员",
        role: "operator_admin",
        does: ("管理：用户与日志", "users and journal"),
    },
];

/// The login under which scenes file their reports.
pub const SCENE_LOGIN: &str = "intake";
