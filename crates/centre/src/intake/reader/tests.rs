//! What the reader finds in narratives; the people and numbers are made up.

use super::*;

fn partners() -> BankNames {
    BankNames::new([
        ("bank-a", vec!["湘江示范银行", "湘江银行"]),
        ("bank-b", vec!["洞庭示范银行"]),
        ("pay-c", vec!["橘洲支付"]),
    ])
}

/// A Monday morning: 2026-11-23 08:00 in China.
fn read(text: &str) -> Found {
    read_narrative(text, Timestamp::parse("2026-11-23T08:00:00+08:00").unwrap(), &partners())
}

fn civil(at: Timestamp) -> String {
    at.civil_cst().strftime("%m-%d %H:%M:%S").to_string()
}

/// Lists kind and value of everything found but the payments, in the order of the text.
fn listed(found: &Found) -> String {
    let mut all: Vec<(Span, String)> = Vec::new();
    all.extend(found.phones.iter().map(|f| (f.span, format!("tel {}", f.value))));
    all.extend(found.accounts.iter().map(|f| {
        let side = if f.side == Side::Payer { "payer" } else { "payee" };
        (f.span, format!("{side} {}", f.value))
    }));
    all.extend(found.citizen_ids.iter().map(|f| (f.span, format!("id {}", f.value))));
    all.extend(found.references.iter().map(|f| (f.span, format!("ref {}", f.value))));
    all.extend(found.amounts.iter().map(|f| (f.span, format!("¥{}", f.value.format()))));
    all.extend(found.times.iter().map(|f| {
        let day = if f.precision == Precision::Day { "day " } else { "" };
        (f.span, format!("{day}{}", civil(f.value)))
    }));
    all.extend(found.urls.iter().map(|f| (f.span, format!("url {}", f.value))));
    all.extend(found.chats.iter().map(|f| (f.span, format!("{} {}", f.service, f.value))));
    all.extend(found.names.iter().map(|f| (f.span, format!("name {}", f.value))));
    all.extend(found.banks.iter().map(|f| (f.span, format!("bank {}", f.value))));
    all.extend(found.wallets.iter().map(|f| (f.span, format!("wallet {}", f.value))));
    all.extend(found.coins.iter().map(|f| (f.span, format!("coins {}", f.value))));
    all.sort();
    all.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" | ")
}

#[track_caller]
fn check(input: &str, expect: &str) {
    assert_eq!(listed(&read(input)), expect, "{input}");
}

/// One line a payment: when, how much, into which account, whose, at which bank, from which account, how.
#[track_caller]
fn pays(input: &str, expect: &[&str]) {
    let found = read(input);
    let got: Vec<String> = found
        .payments
        .iter()
        .map(|SuggestedPayment { payment: p, .. }| {
            let when = Timestamp::parse(&p.paid_at).map_or_else(|| p.paid_at.clone(), civil);
            let amount = match &p.amount {
                crate::intake::model::DraftAmount::Money(m) => m.format(),
                crate::intake::model::DraftAmount::Text(t) => t.clone(),
            };
            let parts = [
                &when,
                &amount,
                &p.payee_account,
                &p.payee_name,
                &p.payee_bank,
                &p.payer_account,
                &p.channel,
                &p.reference,
            ];
            parts.iter().filter(|part| !part.is_empty()).map(|part| part.as_str()).collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(got, expect, "{input}\n{}", listed(&found));
}

#[test]
fn phones() {
    check(
        "对方电话13800138000，又用0731-88888888打来",
        "tel +8613800138000 | tel +867318888888 8".replace("8888888 8", "88888888").as_str(),
    );
    check("接到+86 138 0013 8000来电", "tel +8613800138000");
    check("接到 00852 9123 4567 的电话", "tel +85291234567");
    check("客服热线400-800-1234", "tel 4008001234");
    check("收到95588发来的短信，来电显示96110", "tel 96110");
    check("138 0013 8000", "tel +8613800138000");
}

#[test]
fn accounts_and_ids() {
    check("账号6222 0212 3456 7890 128", "payee 6222021234567890128");
    check("转到卡号：6222021234567890128", "payee 6222021234567890128");
    check("我的银行卡6217001234567890123", "payer 6217001234567890123");
    check(
        "从我6217001234567890123的卡转到对方6222021234567890128",
        "payer 6217001234567890123 | payee 6222021234567890128",
    );
    check("对公账户 80001234567", "payee 80001234567");
    check("账号6222021234567890128 50000元", "payee 6222021234567890128 | ¥50,000.00");
    check("身份证号11010519491231002X", "id 11010519491231002X");
    check("尾号1234的卡", "");
    check("交易流水号20261122987654321001", "ref 20261122987654321001");
}

#[test]
fn amounts() {
    check("转了3万", "¥30,000.00");
    check("转账30,000元", "¥30,000.00");
    check("五千", "¥5,000.00");
    check("先后转了3000元，5000元", "¥3,000.00 | ¥5,000.00");
    check("共3万5千元", "¥35,000.00");
    check("汇款¥12,345.67", "¥12,345.67");
    check("3万多元", "¥30,000.00");
    check("近1.5万元整", "¥15,000.00");
    check("5块5", "¥5.50");
    check("转账5000", "¥5,000.00");
    check("被骗50w", "¥500,000.00");
    check("３０００元", "¥3,000.00");
    check("一百二十万元", "¥1,200,000.00");
    check("十五块钱", "¥15.00");
    check("千万不要转账", "");
    check("刷了3单，等了10分钟，第5000名，1个人", "");
    check("万一", "");
    check("一万多斤大米，三千份礼品", "");
}

#[test]
fn times() {
    check("昨天下午3点", "11-22 15:00:00");
    check("11月22日15:20", "11-22 15:20:00");
    check("2026-11-22 15:20:05", "11-22 15:20:05");
    check("2026年11月22日15时20分05秒", "11-22 15:20:05");
    check("2026/11/22 15:20", "11-22 15:20:00");
    check("昨晚9点半", "11-22 21:30:00");
    check("昨晚12点", "11-23 00:00:00");
    check("前天凌晨两点", "11-21 02:00:00");
    check("今早7点45分许", "11-23 07:45:00");
    check("中午12点", "11-22 12:00:00");
    check("今天中午12点", "11-23 12:00:00");
    check("上周五下午三点二十", "11-20 15:20:00");
    check("周日晚上8点", "11-22 20:00:00");
    check("半小时前", "11-23 07:30:00");
    check("1个半小时前", "11-23 06:30:00");
    check("20分钟前", "11-23 07:40:00");
    check("12月1日", "day 12-01 00:00:00");
    check("11月20日上午10时许接到电话，11时05分转账", "11-20 10:00:00 | 11-20 11:05:00");
    check("20日上午10点", "11-20 10:00:00");
    check("22号下午，在22号楼", "");
    check("交易时间20261122152005", "11-22 15:20:05");
    check("提了3点要求", "");
    check("刚才转的", "11-23 08:00:00");
    check("生意刚刚起步", "");
    check("23:50转的", "11-22 23:50:00");
    check("次日", "");
    check("11月20日接到电话，次日下午2点转账", "day 11-20 00:00:00 | 11-21 14:00:00");
}

#[test]
fn urls_chats_names_banks() {
    check("点了http://bad.example.com/a?b=1，下载", "url http://bad.example.com/a?b=1");
    check("网址www.bad-site.top。", "url www.bad-site.top");
    check("登录 abc123.vip/login 注册", "url abc123.vip/login");
    check("版本1.5.2，邮箱a@example.com，3.5元", "¥3.50");
    check("QQ号123456789", "qq 123456789");
    check("加了QQ:123456789的人", "qq 123456789");
    check("微信号wx_abc-123", "wechat wx_abc-123");
    check("微信13800138000", "tel +8613800138000 | wechat 13800138000");
    check("微信转账5000元", "¥5,000.00");
    check("户名张三", "name 张三");
    check("户名：张三丰账号6222021234567890128", "name 张三丰 | payee 6222021234567890128");
    check("收款人李四，开户行湘江示范银行", "name 李四 | bank bank-a");
    check("收款方为长沙星河商贸有限公司。", "name 长沙星河商贸有限公司");
    check("报警人王小明称接到电话", "name 王小明");
    check("户名阿卜杜拉·买买提", "name 阿卜杜拉·买买提");
    check("户名不详", "");
    check("湘江银行卡", "bank bank-a");
}

#[test]
fn what_is_disguised_is_read() {
    check("加薇❤：abc12345", "wechat abc12345");
    check("电话幺三八零零幺三八零零零", "tel +8613800138000");
    check("轉賬３万元到帳號6222021234567890128", "¥30,000.00 | payee 6222021234567890128");
    check("登录abc点top下载，纸飞机@scam_01", "url abc.top | telegram scam_01");
    check("下载湘江银行APP", "bank bank-a");
}

#[test]
fn days_have_passed_and_what_is_promised_is_no_time_of_payment() {
    let years = |text: &str| -> Vec<i16> { read(text).times.iter().map(|f| f.value.civil_cst().year()).collect() };
    assert_eq!(years("12月1日转账"), [2025]);
    check("他说明天上午10点还", "11-24 10:00:00");
    pays("说好明天上午10点还，我转账5000元到6222021234567890128", &["5,000.00 6222021234567890128"]);
}

#[test]
fn spans_are_characters() {
    let found = read("😀我转了３万元");
    let amount = &found.amounts[0];
    assert_eq!((amount.span, amount.text.as_str()), (Span { start: 4, end: 7 }, "３万元"));
}

#[test]
fn payments_from_stories() {
    pays(
        "昨天下午3点，我通过手机银行向对方账号6222021234567890128（户名张三，湘江示范银行）转了3万元，15:40又转了2万元到同一账号，\
         晚上8点再向6217001234567890123户名李四转账5000元。共计损失5.5万元。",
        &[
            "11-22 15:00:00 30,000.00 6222021234567890128 张三 bank-a mobile",
            "11-22 15:40:00 20,000.00 6222021234567890128 张三 bank-a mobile",
            "11-22 20:00:00 5,000.00 6217001234567890123 李四 mobile",
        ],
    );
    pays(
        "11月22日15:20，报警人王小明用自己的卡6217001234567890123转账30000元到洞庭示范银行账户6228481234567890123，户名赵六。\
         之前对方返利200元，账户余额显示5万元。",
        &["11-22 15:20:00 30,000.00 6228481234567890123 赵六 bank-b 6217001234567890123"],
    );
    pays("刷单被骗，对方要求转账8000元到账号6222021234567890128，我照做了。", &["8,000.00 6222021234567890128"]);
    pays("把两万元转给了6222021234567890128", &["20,000.00 6222021234567890128"]);
    pays("对方账号6222021234567890128，户名张三，金额不详", &["6222021234567890128 张三"]);
    pays(
        "转3万到6222021234567890128，转2万到6217001234567890123",
        &["30,000.00 6222021234567890128", "20,000.00 6217001234567890123"],
    );
    pays(
        "今天早上7点接到自称公检法的电话010-62345678，说我涉嫌洗钱。我于7:30在柜台向“安全账户”汇款叁万元整，\
         收款人：周八，账号6222 0212 3456 7890 128，流水号NO20261123000001。",
        &["11-23 07:30:00 30,000.00 6222021234567890128 周八 counter NO20261123000001"],
    );
    pays("没有转账，只是咨询", &[]);
}

#[test]
fn tables_give_a_payment_a_row() {
    pays(
        "交易时间\t金额\t对方账号\t对方户名\t对方银行\t流水号\n\
         2026-11-22 15:20:05\t30,000.00\t6222021234567890128\t张三\t湘江示范银行\tA1\n\
         2026-11-22 15:40\t20000\t6217001234567890123\t李四\t洞庭示范银行岳阳支行\tA2\n",
        &[
            "11-22 15:20:05 30,000.00 6222021234567890128 张三 bank-a A1",
            "11-22 15:40:00 20,000.00 6217001234567890123 李四 bank-b A2",
        ],
    );
    pays(
        "我的流水如下：\n2026-11-22 15:20:05,6217001234567890123,6222021234567890128,张三,\"30,000.00\"\n\
         2026-11-22 15:40:00,6217001234567890123,6222021234567890128,张三,500.00\n请尽快处理",
        &[
            "11-22 15:20:05 30,000.00 6222021234567890128 张三 6217001234567890123",
            "11-22 15:40:00 500.00 6222021234567890128 张三 6217001234567890123",
        ],
    );
    pays(
        "| 日期 | 时间 | 交易金额 | 余额 | 对方账号 |\n| 20261122 | 15:20:05 | -30,000.00 | 12.50 | 6222021234567890128 |\n\
         | 20261122 | 16:00:00 | 88.00 | 100.50 | 6222021234567890128 |",
        &["11-22 15:20:05 30,000.00 6222021234567890128"],
    );
    pays(
        "交易日期,支出,收入,收款人,收款账号\n2026-11-22,3000,,张三,6222021234567890128\n2026-11-22,,50,李四,6222021234567890128",
        &["2026-11-22 3,000.00 6222021234567890128 张三"],
    );
}

#[test]
fn a_row_without_sign_is_suggested_where_both_directions_bear_one() {
    pays(
        "交易时间\t交易金额\t对方账号\n2026-11-22 15:20:05\t-8000\t6222021234567890128\n\
         2026-11-22 15:30:05\t+500\t6222021234567890128\n2026-11-22 15:40:05\t12,345.67\t6217001234567890123",
        &["11-22 15:20:05 8,000.00 6222021234567890128", "11-22 15:40:05 12,345.67 6217001234567890123"],
    );
}

#[test]
fn a_bank_in_its_column_that_is_no_partner_is_suggested_by_its_name() {
    pays(
        "交易时间\t金额\t收款账号\t收款银行\n2026-11-22 15:20:05\t30,000.00\t6222021234567890128\t洱海村镇银行",
        &["11-22 15:20:05 30,000.00 6222021234567890128 洱海村镇银行"],
    );
}

/// Banks that everybody knows, under their full names.
fn pays_at_known_banks(input: &str, expect: &[&str]) {
    let banks = BankNames::new([
        ("abc", vec!["中国农业银行"]),
        ("boc", vec!["中国银行"]),
        ("ccb", vec!["中国建设银行"]),
        ("icbc", vec!["中国工商银行"]),
        ("psbc", vec!["中国邮政储蓄银行"]),
    ]);
    let found = read_narrative(input, Timestamp::parse("2026-11-23T08:00:00+08:00").unwrap(), &banks);
    let got: Vec<String> = found
        .payments
        .iter()
        .map(|SuggestedPayment { payment: p, .. }| {
            let amount = match &p.amount {
                crate::intake::model::DraftAmount::Money(m) => m.to_string(),
                crate::intake::model::DraftAmount::Text(t) => t.clone(),
            };
            let when = Timestamp::parse(&p.paid_at).map_or_else(|| p.paid_at.clone(), civil);
            [when.as_str(), &amount, &p.payee_account, &p.payee_name, &p.payee_bank]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    assert_eq!(got, expect, "{input}\n{}", listed(&found));
}

#[test]
fn tables_with_the_other_side_in_one_cell_or_the_direction_in_brackets() {
    pays(
        "交易日期,交易时间,摘要,交易金额,余额,对手信息,渠道\n\
         20261120,091233,转账,-2600.00,400.00,白启明6222021234567890128,超级网银\n\
         20261120,101500,转存,+15.00,415.00,家里6217001234567890123,电子商务",
        &["11-20 09:12:33 2,600.00 6222021234567890128 白启明"],
    );
    pays(
        "交易日期,摘要,记账金额(收入),记账金额(支出),余额,对方户名,对方账号\n\
         2026-11-20,转账,,\"7,000.00\",10.00,白启明,6222021234567890128\n\
         2026-11-20,转账,\"900.00\",,910.00,家里,6217001234567890123",
        &["2026-11-20 7,000.00 6222021234567890128 白启明"],
    );
    pays(
        "序号\t户名\t卡号\t转入金额（元）\t转入时间\n1\t白启明\t6222021234567890128\t8000\t2026-11-20 11:11:10",
        &["11-20 11:11:10 8,000.00 6222021234567890128 白启明"],
    );
}

#[test]
fn amounts_in_other_currencies() {
    pays_at_known_banks(
        "我11月20日中午12:10向对方汇了美金3000元，收款账号456-789123-833，收款人LEE SIU FONG，后又给了港币4万。",
        &[
            "11-20 12:10:00 3,000.00 USD 456789123833 LEE SIU FONG",
            "11-20 12:10:00 40,000.00 HKD 456789123833 LEE SIU FONG",
        ],
    );
    check("欧元8000", "¥8,000.00");
    assert_eq!(read("欧元8000").amounts[0].value.currency.code(), "EUR");
    assert_eq!(read("付了5,000.50英镑").amounts[0].value.to_string(), "5,000.50 GBP");
}

#[test]
fn what_is_demanded_or_refused_is_not_paid() {
    pays_at_known_banks(
        "客服说要交验证金八千元。我11月20日09:31转账8000元到对方提供的农行卡6222021234567890128，户名：白启明，10:05又转了6000元。\
         最后还要我再交三万解冻，我就没交了。",
        &[
            "11-20 09:31:00 8,000.00 CNY 6222021234567890128 白启明 abc",
            "11-20 10:05:00 6,000.00 CNY 6222021234567890128 白启明 abc",
        ],
    );
    pays("骗子让我把5万转到6222021234567890128，被银行拦截，没有转账", &["6222021234567890128"]);
    pays("卡上余额8万，对方退了我2000元，手续费要300元，我付了。", &["300.00"]);
    pays("收取服务费900元，我扫码付了900元", &["900.00 payment_institution"]);
}

#[test]
fn one_payment_told_twice_is_one() {
    pays("转账6万6（66000元）到6222021234567890128", &["66,000.00 6222021234567890128"]);
    pays("付款金额（小写）：¥500.00\n金额（大写）：伍佰元整", &["500.00"]);
}

#[test]
fn sums_and_their_parts() {
    pays_at_known_banks(
        "先后通过手机银行向户名为“白启明”的中国工商银行账户（账号6222021234567890128）转账3笔，分别为3000元、3000元、9000元，合计1.5万元。",
        &[
            "3,000.00 CNY 6222021234567890128 白启明 icbc",
            "3,000.00 CNY 6222021234567890128 白启明 icbc",
            "9,000.00 CNY 6222021234567890128 白启明 icbc",
        ],
    );
    pays(
        "把一万二分两次存到ATM：7000、5000，卡号6222021234567890128",
        &["7,000.00 6222021234567890128 atm", "5,000.00 6222021234567890128 atm"],
    );
}

#[test]
fn payees_without_a_word_before_them() {
    pays_at_known_banks(
        "【建设银行】您尾号0217的卡11月20日18时06分向白启明转账支出人民币9,800.00元，余额103.55元。",
        &["11-20 18:06:00 9,800.00 CNY 白启明"],
    );
    pays_at_known_banks(
        "11月20日12:01转3000到6222021234567890128（工行，白启明）",
        &["11-20 12:01:00 3,000.00 CNY 6222021234567890128 白启明 icbc"],
    );
    pays_at_known_banks("转5000→白启明 农行 6222021234567890128", &["5,000.00 CNY 6222021234567890128 白启明 abc"]);
    check("收款人都是白启明", "name 白启明");
    check("平台客服向对方转账", "");
}

#[test]
fn numbers_in_groups_and_over_lines() {
    check("收款账号：6222 0212\n3456 7890 128\n收款人：白启明", "payee 6222021234567890128 | name 白启明");
    check("账号 DE89 3704 0044 0532 0130 00", "payee DE89370400440532013000");
    check("电话1 9 0-0000-0 2 1 9，座机(0755)2600-0189转803。", "tel +8619000000219 | tel +8675526000189");
    check("用数字人民币转的，对方钱包编号0061000012345679", "payee 0061000012345679");
    check("用支付宝转到 test.abc@example.com 的", "alipay test.abc@example.com");
}

#[test]
fn amounts_without_a_unit() {
    check("一次520，一次1314", "¥520.00 | ¥1,314.00");
    check("我把定金800转给他，又补了尾款2700", "¥800.00 | ¥2,700.00");
    check("让我打68000到一个专家卡上", "¥68,000.00");
    check("收到95588发来的短信，尾号4471，2026年", "");
    check("住3号楼1204房，邮编410000", "");
}

#[test]
fn points_of_a_list_and_the_same_account() {
    pays_at_known_banks(
        "其于今日7时许接到电话，名下中国银行卡被转走2笔：①07:41 9998元→白启明 农业银行 6222021234567890128；②07:44 999元→同一账户。",
        &[
            "11-23 07:41:00 9,998.00 CNY 6222021234567890128 白启明 abc",
            "11-23 07:44:00 999.00 CNY 6222021234567890128 白启明 abc",
        ],
    );
}

#[test]
fn numbers_without_a_unit_by_what_stands_beside_them() {
    pays(
        "11月20日 9:10转6222021234567890128（湘江银行，罗大同）3280；",
        &["11-20 09:10:00 3,280.00 6222021234567890128 罗大同 bank-a"],
    );
    pays(
        "都转给6222021234567890128罗大同\n11月20日 2000\n11月21日 18000",
        &["2026-11-20 2,000.00 6222021234567890128 罗大同", "2026-11-21 18,000.00 6222021234567890128 罗大同"],
    );
    pays("昨天下午3点误将30000转至6222021234567890128", &["11-22 15:00:00 30,000.00 6222021234567890128"]);
    pays("昨天下午3点打10000到6222021234567890128", &["11-22 15:00:00 10,000.00 6222021234567890128"]);
    pays(
        "给6222021234567890128转了1万、10万三笔",
        &["10,000.00 6222021234567890128", "100,000.00 6222021234567890128"],
    );
    check("男 55 岁，收到360。", "¥360.00");
    check("“5173担保”说等一等，警情编号：JJ20261120-0731", "");
}

#[test]
fn rows_without_a_year_and_rows_between_slashes() {
    pays(
        "时间\t转出卡\t收款人\t收款卡\t金额\n11-20 08:55\t6217000003321012344\t罗大同\t6222021234567890128\t4000",
        &["11-20 08:55:00 4,000.00 6222021234567890128 罗大同 6217000003321012344"],
    );
    pays(
        "户名 罗大同 / 6222021234567890128 / 湘江示范银行 / 11月20日 15:31 / 49,999元",
        &["11-20 15:31:00 49,999.00 6222021234567890128 罗大同 bank-a"],
    );
    pays(
        "2026.11.20|15:00|支出|¥6,000|罗大同|6222021234567890128\n2026.11.21|09:10|收入|¥500|罗大同|6222021234567890128",
        &["11-20 15:00:00 6,000.00 6222021234567890128 罗大同"],
    );
    pays(
        "2026-11-20 10:00:00 转出 ¥5,000.00 对方 罗大同\n2026-11-20 10:30:45 转入 ¥200.00 对方 罗大同",
        &["11-20 10:00:00 5,000.00 罗大同"],
    );
}

#[test]
fn which_of_several_payments_a_party_had() {
    let story =
        "我充了三次：3000元、12000元、50000元。前两次转到6222021234567890128，最后一次转到6217000003321012344。";
    pays(story, &["3,000.00 6222021234567890128", "12,000.00 6222021234567890128", "50,000.00 6217000003321012344"]);
    pays(
        "我投了3000元、12000元，最后一笔是转到6222021234567890128的。",
        &["3,000.00", "12,000.00 6222021234567890128"],
    );
}

#[test]
fn lists_of_times_and_times_of_the_act() {
    pays(
        "垫付三次：600元、1200元、3600元。户名：罗大同；卡号：6222021234567890128；11月20日 14:10、14:40、15:25。",
        &[
            "11-20 14:10:00 600.00 6222021234567890128 罗大同",
            "11-20 14:40:00 1,200.00 6222021234567890128 罗大同",
            "11-20 15:25:00 3,600.00 6222021234567890128 罗大同",
        ],
    );
    pays("我借给他两次，5000元、8000元，时间是11月3、9日。", &["2026-11-03 5,000.00", "2026-11-09 8,000.00"]);
    pays(
        "11月20日10时许被拉入群，“刘总”令其向6222021234567890128汇款46.8万元，其于10时42分汇出。",
        &["11-20 10:42:00 468,000.00 6222021234567890128"],
    );
}

#[test]
fn what_was_demanded_and_then_paid() {
    pays(
        "客服：下一单1980元，收款6222021234567890128 罗大同\n我：付了\n客服：还要做5980元\n我：没钱了",
        &["1,980.00 6222021234567890128 罗大同"],
    );
    pays("付了198元，又要检疫费460元，航空箱费380元，都付了。", &["198.00", "460.00", "380.00"]);
    pays("先付了600元，对方要充1200元升级，又要3000元解冻，他一共付了4800元。", &["600.00", "1,200.00", "3,000.00"]);
    pays("对方让先转2000元锁房，昨天13:44转到6222021234567890128。", &["11-22 13:44:00 2,000.00 6222021234567890128"]);
    pays("要刷流水，刷满5万能放贷10万。我先刷了5000元。", &["5,000.00"]);
    pays("一床3980元，他掏现钱买了一床。", &["3,980.00"]);
    pays("他转我350元是假的，我退了他280元。", &["280.00"]);
}

#[test]
fn holders_by_their_place_and_banks_of_the_payer() {
    pays("昨天9点付到衣锦荣账户6222021234567890128共3000元", &["11-22 09:00:00 3,000.00 6222021234567890128 衣锦荣"]);
    pays(
        "昨天9点转3000元到6222021234567890128（湘江银行，善柔）",
        &["11-22 09:00:00 3,000.00 6222021234567890128 善柔 bank-a"],
    );
    pays(
        "昨天9:10湘江银行转6222021234567890128，洞庭示范银行，罗大同，3000元",
        &["11-22 09:10:00 3,000.00 6222021234567890128 罗大同 bank-b"],
    );
    check("加我微信，名字叫罗大同", "");
    check("受害单位：长沙恒信机电设备有限公司", "name 长沙恒信机电设备有限公司");
}

#[test]
fn accounts_of_the_other_side_in_words_of_ones_own() {
    for own in ["扣款账户：", "汇款人账号：", "我母亲的存折", "被盗刷的卡是"] {
        check(&format!("{own}6222021234567890128"), "payer 6222021234567890128");
    }
    for other in ["他用的卡号是", "他给我的账号是", "我汇给他的账户", "他自己的卡号"] {
        check(&format!("{other}6222021234567890128"), "payee 6222021234567890128");
    }
}

#[test]
fn lists_without_a_word_of_paying() {
    pays(
        "1、罗大同，湘江银行6222021234567890128，11月20日15:20，1万元；2、白玉堂，洞庭示范银行6217000003321012344，\
         11月21日16:05，2万元",
        &[
            "11-20 15:20:00 10,000.00 6222021234567890128 罗大同 bank-a",
            "11-21 16:05:00 20,000.00 6217000003321012344 白玉堂 bank-b",
        ],
    );
    pays(
        "向6222021234567890128转账2笔：1.11月20日15:20，1万元；2.11月21日16:05，2万元",
        &["11-20 15:20:00 10,000.00 6222021234567890128", "11-21 16:05:00 20,000.00 6222021234567890128"],
    );
    pays(
        "昨天15:20转给罗大同1万元，16:05转给白玉堂2万元（罗大同：6222021234567890128；白玉堂：6217000003321012344）",
        &["11-22 15:20:00 10,000.00 6222021234567890128 罗大同", "11-22 16:05:00 20,000.00 6217000003321012344 白玉堂"],
    );
}

#[test]
fn demands_that_are_met_at_a_time_or_still_open() {
    pays(
        "对方让交1万保证金，我昨天15:20交了，又让交2万解冻金，我16:05也交了，都转到6222021234567890128",
        &["11-22 15:20:00 10,000.00 6222021234567890128", "11-22 16:05:00 20,000.00 6222021234567890128"],
    );
    pays("已给6222021234567890128汇一笔8万，第二笔12万还没汇。", &["80,000.00 6222021234567890128"]);
    pays("您的借记卡7788于昨天14:35转出4,500.00元。", &["11-22 14:35:00 4,500.00"]);
}

#[test]
fn traditional_characters() {
    pays(
        "事主陳女士於11月20日下午三點向對方賬戶6222021234567890128轉賬2萬元，收款人鄭永強。",
        &["11-20 15:00:00 20,000.00 6222021234567890128 鄭永強"],
    );
}

#[test]
fn long_input_is_read_in_time_that_grows_with_it() {
    let story = "昨天下午3点，我向对方账号6222021234567890128户名张三转了3万元。".repeat(500);
    let found = read(&story);
    assert_eq!(found.payments.len(), 500);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,80}|[0-9万千元转账号户名:年月日点下午,，。|\t\n +¥.-]{0,80}") {
        let found = read(&text);
        let length = text.chars().count();
        for span in found.payments.iter().flat_map(|p| p.spans.iter()) {
            proptest::prop_assert!(span.start < span.end && span.end <= length);
        }
        for amount in &found.amounts {
            let taken: String = text.chars().skip(amount.span.start).take(amount.span.end - amount.span.start).collect();
            proptest::prop_assert_eq!(&taken, &amount.text);
        }
    }
}

#[test]
fn a_denial_belongs_to_the_amount_beside_it() {
    pays(
        "11月22日19时12分我转给户名为邹明远的账户6222021234567890128（湘江银行）38600元，19时40分又转到同一账户1万元。\
         骗子还要我再转6万元，我没有转。",
        &[
            "11-22 19:12:00 38,600.00 6222021234567890128 邹明远 bank-a",
            "11-22 19:40:00 10,000.00 6222021234567890128 邹明远 bank-a",
        ],
    );
    // Over the end of a sentence, and without an amount of its own.
    pays("我把3000元转入6222021234567890128。他要求再转2万元。我没有转账。", &["3,000.00 6222021234567890128"]);
    pays("我转了7000元给6222021234567890128，对方又让我继续转，我没有转。", &["7,000.00 6222021234567890128"]);
    // Where the story itself says that nothing was paid, nothing was.
    pays("骗子让我向6222021234567890128转5000元，我没有转。", &["6222021234567890128"]);
}

#[test]
fn the_numeral_of_a_name_is_no_part_of_the_number_behind_it() {
    for name in ["赵四", "王一", "孙五", "李三"] {
        pays(&format!("打给{name}6222021234567890128 7600元"), &[&format!("7,600.00 6222021234567890128 {name}")]);
    }
    check("打给赵四3000元", "name 赵四 | ¥3,000.00");
    check("转了8万零300元", "¥80,300.00");
    check("转到6222021234567890128两次", "payee 6222021234567890128");
    check("联系赵四13800138000", "tel +8613800138000");
    check("电话幺38零0138000", "tel +8613800138000");
}

#[test]
fn a_fee_of_the_bank_is_no_payment() {
    for fee in ["手续费8元", "手续费15.5元", "扣了手续费30元", "另收跨行手续费2元"] {
        let text = format!("我向6222021234567890128转了6000元，{fee}。");
        pays(&text, &["6,000.00 6222021234567890128"]);
        assert_eq!(read(&text).amounts[1].role, AmountRole::Other, "{text}");
    }
    // What a scammer takes under this name is a payment.
    pays(
        "我向6222021234567890128转了6000元，又交了手续费900元。",
        &["6,000.00 6222021234567890128", "900.00 6222021234567890128"],
    );
}

#[test]
fn of_a_day_alone_no_time_of_day_is_made_up() {
    pays("11月20日上午我转给6222021234567890128共4200元", &["2026-11-20 4,200.00 6222021234567890128"]);
    pays("11月20日9时我转给6222021234567890128共4200元", &["11-20 09:00:00 4,200.00 6222021234567890128"]);
}

#[test]
fn virtual_currency_is_marked_and_is_no_payment_in_yuan() {
    let wallet = "TLa2f6VPqDgRE67v1736s7bJ8Ray5wYjU7";
    check(&format!("我往钱包{wallet}转了1,500USDT"), &format!("wallet {wallet} | coins 1500 USDT"));
    check(
        "转了500U到0x52908400098527886E0F7030069857D2E4169EE7",
        "coins 500 USDT | wallet 0x52908400098527886E0F7030069857D2E4169EE7",
    );
    check("买了0.5个比特币，花了两万元", "coins 0.5 BTC | ¥20,000.00");
    check("一台2U服务器", "");
    pays(&format!("往{wallet}转了800USDT"), &[]);
    // The channel of the coins is not that of the yuan behind them.
    pays(
        &format!("按他说的用USDT付，往{wallet}转了800U，还往6222021234567890128转了9000元"),
        &["9,000.00 6222021234567890128"],
    );
    pays("用手机银行转了4000元、6000元，又转了700元", &["4,000.00 mobile", "6,000.00 mobile", "700.00 mobile"]);
}

#[test]
fn what_was_spent_by_card_goes_to_no_account_behind_it() {
    pays(
        "18时02分刷卡消费2,680.00元，商户某某烟酒；18时10分汇款至6222021234567890128（赵四）30000.00元",
        &["11-22 18:02:00 2,680.00 card_terminal", "11-22 18:10:00 30,000.00 6222021234567890128 赵四"],
    );
}

#[test]
fn an_unsigned_row_among_signed_ones_is_seen() {
    pays(
        "交易时间\t金额\t对方账号\n2026-11-22 10:00:00\t-6000\t6222021234567890128\n\
         2026-11-22 10:05:00\t+300\t6222021234567890128\n2026-11-22 10:10:00\t4,321.00\t6222021234567890128",
        &["11-22 10:00:00 6,000.00 6222021234567890128", "11-22 10:10:00 4,321.00 6222021234567890128"],
    );
}

#[test]
fn short_codes_are_no_amounts_and_currencies_have_english_names() {
    check("显示的有一个95533，还有96588和12306", "");
    check("转95580元，又付了95600", "¥95,580.00 | ¥95,600.00");
    let currencies = |text: &str| read(text).amounts.iter().map(|a| a.value.to_string()).collect::<Vec<_>>();
    assert_eq!(
        currencies("paid 2,500 US dollars, then 300 euros, 80 yuan"),
        ["2,500.00 USD", "300.00 EUR", "80.00 CNY"]
    );
    assert_eq!(currencies("转了$1,200和HK$900"), ["1,200.00 USD", "900.00 HKD"]);
}

#[test]
fn a_number_called_one_of_identity_is_no_account() {
    check("身份证430103196802151234，向6222021234567890128转账", "payee 6222021234567890128");
    check("身份证号码：430103680215123", "");
    check("证件号是430103 19680215 1234", "");
}

#[test]
fn holders_stand_behind_banks_that_are_no_partners_and_before_a_label() {
    check("6222021234567890128农行钱三宝", "payee 6222021234567890128 | name 钱三宝");
    check("6222021234567890128（中国建设银行 钱大福）", "payee 6222021234567890128 | name 钱大福");
    check("转到6222021234567890128吴悦户名", "payee 6222021234567890128 | name 吴悦");
}
