//! The scenes: who pays whom, and what the victim reports.

use serde_json::{Value, json};

use super::script::{Exit, Paid, Script};
use crate::demo::province::yuan;

/// What a scene reports, and what must come of it.
#[derive(Debug, Clone)]
pub struct Play {
    /// What happened at the banks.
    pub script: Script,
    /// The reports, in order.
    pub reports: Vec<Value>,
    /// What the victims paid, in fen.
    pub paid_minor: i64,
    /// What can still be stopped, in fen.
    pub within_reach_minor: i64,
    /// What an officer has to put right by hand.
    pub correction: Option<Correction>,
}

/// A stop order to be made again with the right name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// Seat that keeps the account.
    pub bank: &'static str,
    /// The account.
    pub account: String,
    /// Its holder, spelt right.
    pub name: String,
    /// The payment into it.
    pub paid: Paid,
}

/// A student borrowed 30,000 yuan online and paid it minutes ago; one part has moved on already.
pub fn student(mut script: Script) -> Play {
    let victim = script.holder("陆小满", 2005, "bank-a", yuan(30_812));
    let first = script.mule("邱磊", "bank-b");
    let second = script.mule("贺子涵", "pay-c");
    let paid = script.pay(victim, first, yuan(30_000), 6);
    script.pay(first, second, yuan(5_000), 3);
    let narrative = "我是大三学生。今天上午有人自称公安局民警，说我名下的银行卡涉嫌洗钱，要我把资金转到“安全账户”核查，\
                     并一直不让我挂电话。我在网上借了三万元，刚刚转给了对方。";
    let report = json!({
        "channel": "110",
        "victim": person(&script, victim, "430102"),
        "narrative": narrative,
        "payments": [script.payment(&paid)],
        "contacts": [{ "kind": "phone", "value": "19000099001" }],
        "scam_type": "impersonated_authority",
        "region": "430102",
    });
    Play { paid_minor: yuan(30_000), within_reach_minor: yuan(30_000), reports: vec![report], correction: None, script }
}

/// A professor of 86 gave away six cards with their passwords. Three levels, nine accounts, seven ways out:
///
/// ```text
/// six cards ─→ 3 accounts ─→ 4 accounts ─→ 2 accounts
///   532,600      218,000       100,000        110,000 − 18,000 out
///                185,000       109,600         60,000 − 15,000 out
///                129,600        90,000
///                               50,000
/// ```
pub fn professor(mut script: Script) -> Play {
    let a1 = script.holder("宋怀瑾", 1940, "bank-a", yuan(98_300));
    let a2 = script.another(a1, "bank-a", yuan(120_050));
    let a3 = script.another(a1, "bank-a", yuan(86_120));
    let a4 = script.another(a1, "bank-a", yuan(65_700));
    let b1 = script.another(a1, "bank-b", yuan(99_010));
    let b2 = script.another(a1, "bank-b", yuan(64_400));
    let [m1, m2, m3] = [script.mule("何志强", "bank-b"), script.mule("罗艳", "bank-a"), script.mule("冯超", "pay-c")];
    let n1 = script.mule("唐磊", "bank-a");
    let n2 = script.mule("曹霞", "pay-c");
    let n3 = script.mule("袁勇", "bank-b");
    let n4 = script.mule("吕杰", "bank-a");
    let [p1, p2] = [script.mule("彭刚", "pay-c"), script.mule("沈伟", "bank-a")];

    let paid = [
        script.pay(a1, m1, yuan(98_000), 118),
        script.pay(a2, m1, yuan(120_000), 112),
        script.pay(a3, m2, yuan(86_000), 104),
        script.pay(a4, m3, yuan(65_600), 97),
        script.pay(b1, m2, yuan(99_000), 90),
        script.pay(b2, m3, yuan(64_000), 83),
    ];
    script.pay(m1, n1, yuan(100_000), 80);
    script.pay(m1, n2, yuan(60_000), 78);
    script.exit(m1, Exit::Cash, yuan(20_000), 77);
    script.pay(m2, n3, yuan(90_000), 75);
    script.pay(m2, n4, yuan(50_000), 74);
    script.pay(m3, n2, yuan(49_600), 72);
    script.exit(m3, Exit::TopUp, yuan(5_000), 71);
    script.pay(n1, p1, yuan(70_000), 60);
    script.exit(n1, Exit::CardTerminal, yuan(10_000), 58);
    script.pay(n2, p1, yuan(40_000), 55);
    script.exit(n2, Exit::VirtualCurrency, yuan(30_000), 52);
    script.pay(n3, p2, yuan(60_000), 50);
    script.exit(p1, Exit::Cash, yuan(10_000), 40);
    script.exit(p1, Exit::GameCard, yuan(8_000), 38);
    script.exit(p2, Exit::Abroad, yuan(15_000), 35);

    let out = yuan(20_000 + 5_000 + 10_000 + 30_000 + 10_000 + 8_000 + 15_000);
    let total: i64 = paid.iter().map(|paid| paid.minor).sum();
    let narrative = "老人八十六岁，退休教授。有人冒充检察院工作人员，说他涉及一起案件，花了一个多小时说服他，\
                     让他说出了六张银行卡的卡号和密码。卡里的钱在半小时内分六笔转走。由社区民警陪同报案。";
    let payments: Vec<Value> = paid.iter().map(|paid| script.payment(paid)).collect();
    let report = json!({
        "channel": "counter",
        "victim": person(&script, a1, "430104"),
        "narrative": narrative,
        "payments": payments,
        "contacts": [{ "kind": "phone", "value": "19000099002" }],
        "scam_type": "impersonated_authority",
        "region": "430104",
    });
    Play { paid_minor: total, within_reach_minor: total - out, reports: vec![report], correction: None, script }
}

/// A man denies that he is being scammed. His bank's hint comes first and writes the payee's name as it was heard on
/// the telephone; the father reports the same payment afterwards, with the right name.
pub fn disbeliever(mut script: Script) -> Play {
    let son = script.holder("谭立新", 1988, "bank-a", yuan(61_000));
    let father = script.holder("谭国栋", 1959, "bank-b", yuan(3_000));
    let mule = script.mule("章建军", "bank-b");
    let paid = script.pay(son, mule, yuan(48_000), 25);

    let mut misheard = script.payment(&paid);
    set(&mut misheard, "payee_name", "张建军");
    let first = json!({
        "channel": "96110",
        "victim": person(&script, son, "430600"),
        "narrative": "预警电话中，机主承认刚转出一笔“投资保证金”，但坚称对方是朋友，不认为被骗，随后挂断电话。\
                      收款人姓名为电话中听写。",
        "payments": [misheard],
        "contacts": [{ "kind": "app", "value": "示范资本" }],
        "scam_type": "fake_investment",
        "region": "430600",
    });
    let mut second_payment = script.payment(&paid);
    // The father sees only the picture of the transfer on his son's telephone.
    set(&mut second_payment, "payer_account", "");
    set(&mut second_payment, "payer_name", "");
    let second = json!({
        "channel": "110",
        "victim": person(&script, son, "430600"),
        "narrative": format!(
            "报案人{}是机主的父亲。他在儿子手机上看到转账截图，认为儿子正在被骗，特来报案，并提供了收款人姓名。",
            script.name(father)
        ),
        "payments": [second_payment],
        "contacts": [{ "kind": "phone", "value": script.phone(father) }],
        "scam_type": "fake_investment",
        "region": "430600",
    });
    let correction = Correction {
        bank: script.bank(mule),
        account: script.number(mule).to_owned(),
        name: script.name(mule).to_owned(),
        paid,
    };
    Play {
        paid_minor: yuan(48_000),
        within_reach_minor: yuan(48_000),
        reports: vec![first, second],
        correction: Some(correction),
        script,
    }
}

/// A chain that is moved when the province is loaded, so that a newcomer can report it by hand.
pub fn practice(mut script: Script) -> (Script, Paid) {
    let victim = script.holder("方晓晴", 1976, "bank-a", yuan(163_500));
    let first = script.mule("贺文斌", "bank-b");
    let [left, right] = [script.mule("汪海燕", "bank-a"), script.mule("丁一鸣", "pay-c")];
    let last = script.mule("石磊", "bank-b");
    let paid = script.pay(victim, first, yuan(158_000), 47);
    script.pay(first, left, yuan(60_000), 41);
    script.pay(first, right, yuan(48_000), 39);
    script.exit(left, Exit::Cash, yuan(5_000), 33);
    script.pay(right, last, yuan(30_000), 30);
    (script, paid)
}

fn person(script: &Script, account: usize, region: &str) -> Value {
    json!({
        "name": script.name(account),
        "citizen_id": script.citizen_id(account),
        "phone": script.phone(account),
        "region": region,
    })
}

fn set(payment: &mut Value, field: &str, value: &str) {
    if let Some(field) = payment.get_mut(field) {
        *field = Value::String(value.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use kernel::Timestamp;

    use super::*;
    use crate::demo::province::End;

    const NOW: Timestamp = Timestamp(1_795_392_000_000_000);

    /// Booked in order, no account goes below zero, and what stays on the scammers' accounts is what the play promises.
    fn check(play: &Play) {
        let province = &play.script.province;
        let mut balances: Vec<i64> = province.accounts.iter().map(|account| account.opening_minor).collect();
        let mules: Vec<bool> = balances.iter().map(|balance| *balance == 0).collect();
        let mut before = Timestamp(0);
        for transfer in &province.transfers {
            assert!(transfer.at >= before, "money moves in order");
            before = transfer.at;
            let End::Account(from) = transfer.from else { panic!("money comes from nowhere") };
            balances[from] -= transfer.minor;
            assert!(balances[from] >= 0, "{transfer:?} overdraws");
            if let End::Account(to) = transfer.to {
                balances[to] += transfer.minor;
            }
        }
        let left: i64 = balances.iter().zip(&mules).filter(|(_, mule)| **mule).map(|(balance, _)| balance).sum();
        assert_eq!(left, play.within_reach_minor);
    }

    #[test]
    fn the_figures_of_each_play_add_up() {
        let script = || Script::new(1_000_000, "T", NOW);
        check(&student(script()));
        check(&professor(script()));
        check(&disbeliever(script()));
        assert!(professor(script()).paid_minor > yuan(500_000));
    }
}
