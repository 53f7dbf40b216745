use kernel::Timestamp;

use crate::{Reader, Value};

fn read(text: &str) -> crate::Found {
    Reader::at(Timestamp::parse("2026-11-23T08:00:00+08:00").unwrap()).read(text)
}

/// Kind and value of everything found, in the order of the text.
fn listed(text: &str) -> String {
    let shown = |value: &Value| match value {
        Value::Phone(phone) => format!("tel {phone}"),
        Value::Account(account) => format!("account {account}"),
        Value::CitizenId(id) => format!("id {id}"),
        Value::Reference(reference) => format!("ref {reference}"),
        Value::Amount(amount) => format!("¥{}", amount.money.format()),
        Value::Time(moment) => {
            let at = moment.at.map(|at| at.civil_cst().strftime("%m-%d %H:%M:%S").to_string()).unwrap_or_default();
            if moment.precision == crate::Precision::Day { format!("day {at}") } else { at }
        }
        Value::Link(link) => format!("{} {}", if link.short { "short" } else { "url" }, link.address),
        Value::Chat(chat) => format!("{} {}", chat.service.code(), chat.id),
        Value::App(name) => format!("app {name}"),
    };
    read(text).identifiers.iter().map(|identifier| shown(&identifier.value)).collect::<Vec<_>>().join(" | ")
}

#[track_caller]
fn check(input: &str, expect: &str) {
    assert_eq!(listed(input), expect, "{input}");
}

#[test]
fn phones() {
    check("对方电话13800138000，又用0731-88888888打来", "tel +8613800138000 | tel +8673188888888");
    check("接到+86 138 0013 8000来电", "tel +8613800138000");
    check("接到 00852 9123 4567 的电话", "tel +85291234567");
    check("客服热线400-800-1234", "tel 4008001234");
    check("收到95588发来的短信，来电显示96110", "tel 96110");
    check("138 0013 8000", "tel +8613800138000");
    check("速回电 １３８－００１３－８０００", "tel +8613800138000");
    check("请拨幺三八零零幺三八零零零", "tel +8613800138000");
    check("电话：1 3 8 0 0 1 3 8 0 0 0", "tel +8613800138000");
    check("电话138👍0013👍8000", "tel +8613800138000");
    check("电话1\u{200B}380\u{200B}0138000", "tel +8613800138000");
    check("电话①③⑧⓪⓪①③⑧⓪⓪⓪", "tel +8613800138000");
    check("电话138*0013*8000", "tel +8613800138000");
    check("电话l38OOl38OOO", "tel +8613800138000");
    check("有疑问请拨打96110", "tel 96110");
}

#[test]
fn accounts_and_ids() {
    check("账号6222 0212 3456 7890 128", "account 6222021234567890128");
    check("转到卡号：6222021234567890128", "account 6222021234567890128");
    check("对公账户 80001234567", "account 80001234567");
    check("帳號6222021234567890128 50000元", "account 6222021234567890128 | ¥50,000.00");
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
    check("得loooo元", "¥10,000.00");
    check("叁萬圓整", "¥30,000.00");
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
    check("今天中午12点", "11-23 12:00:00");
    check("上周五下午三点二十", "11-20 15:20:00");
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
    check("23:50转的", "11-22 23:50:00");
    check("11月20日接到电话，次日下午2点转账", "day 11-20 00:00:00 | 11-21 14:00:00");
    check("明天上午10点前", "11-24 10:00:00");
    check("下周三", "day 12-02 00:00:00");
    let unknown = Reader::new().read("昨天下午3点");
    assert!(matches!(unknown.identifiers[0].value, Value::Time(crate::Moment { at: None, .. })));
}

#[test]
fn links_chats_and_apps() {
    check("点了http://bad.example.com/a?b=1，下载", "url bad.example.com/a?b=1");
    check("网址www.bad-site.top。", "url www.bad-site.top");
    check("登录 abc123.vip/login 注册", "url abc123.vip/login");
    check("HTTP://Bad.Top/Ab", "url bad.top/Ab");
    check("戳t.cn/A6xyz", "short t.cn/A6xyz");
    check("登录abc点com领取", "url abc.com");
    check("登录www。abc。com领取", "url www.abc.com");
    check("hxxps://evil[.]top/x", "url evil.top/x");
    check("ｗｗｗ．ａｂｃ．ｃｏｍ", "url www.abc.com");
    check("w w w . a b c . c o m", "url www.abc.com");
    check("版本1.5.2，邮箱a@example.com，3.5元", "¥3.50");
    check("QQ号123456789", "qq 123456789");
    check("加了QQ:123456789的人", "qq 123456789");
    check("扣扣123456789", "qq 123456789");
    check("企鹅号：123456789", "qq 123456789");
    check("加🐧123456789", "qq 123456789");
    check("微信号wx_abc-123", "wechat wx_abc-123");
    check("加薇信abc12345", "wechat abc12345");
    check("➕V：abc12345", "wechat abc12345");
    check("加VX abc12345", "wechat abc12345");
    check("微信13800138000", "wechat 13800138000 | tel +8613800138000");
    check("微信转账5000元", "¥5,000.00");
    check("下载“云视讯”APP", "app 云视讯");
    check("请安装全时云会议APP后操作", "app 全时云会议");
    check("下载一个APP", "");
    check("电报号@abc_12345", "telegram abc_12345");
}

#[test]
fn spans_are_bytes_of_the_original() {
    for (text, expect) in [
        ("😀我转了３万元。", "３万元"),
        ("电话1\u{200B}3800138000吧", "1\u{200B}3800138000"),
        ("登录abc点com领取", "abc点com"),
        ("加薇信abc12345吧", "abc12345"),
    ] {
        let found = read(text);
        assert_eq!(found.identifiers[0].span.of(text), expect, "{text}");
    }
}

#[test]
fn what_is_personal_is_masked_in_debug() {
    let shown = format!("{:?}", read("电话13800138000，微信abc12345，账号6222021234567890128").identifiers);
    for secret in ["13800138000", "abc12345", "6222021234567890128"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_report_tells_what_has_passed() {
    let days = |reader: Reader, text: &str| -> Vec<String> {
        let identifiers = reader.read(text).identifiers;
        let at = identifiers.iter().filter_map(|found| match &found.value {
            Value::Time(moment) => moment.at,
            _ => None,
        });
        at.map(|at| at.civil_cst().date().to_string()).collect()
    };
    let today = Timestamp::parse("2026-11-23T08:00:00+08:00").unwrap();
    for (text, message, report) in [
        ("12月1日", "2026-12-01", "2025-12-01"),
        ("11月22日", "2026-11-22", "2026-11-22"),
        ("明天", "2026-11-24", "2026-11-24"),
        ("22日下午3点", "2026-11-22", "2026-11-22"),
    ] {
        assert_eq!(days(Reader::at(today), text), [message], "{text}");
        assert_eq!(days(Reader::of_report_at(today), text), [report], "{text}");
    }
    let stamp = "20261224152005";
    assert_eq!(days(Reader::at(today), stamp), ["2026-12-24"]);
    assert!(days(Reader::of_report_at(today), stamp).is_empty());
}

#[test]
fn of_what_is_explained_only_addresses_are_read() {
    let text = "13800138000 a.example.com 5000元；昨天13900139000";
    let end = text.find('；').unwrap();
    let found = Reader::new().read_besides(text, &[crate::Span { start: 0, end }]);
    let read: Vec<&str> = found.identifiers.iter().map(|identifier| identifier.span.of(text)).collect();
    assert_eq!(read, ["a.example.com", "昨天", "13900139000"]);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(
        text in "\\PC{0,80}|[0-9万千元转账号微信薇VvXx年月日点下午,，。|\t\n +¥.\u{200B}👍:/a-zQ幺三零]{0,80}",
    ) {
        let found = read(&text);
        for identifier in &found.identifiers {
            let span = identifier.span;
            proptest::prop_assert!(span.start < span.end && span.end <= text.len(), "{:?}", identifier);
            proptest::prop_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
        }
    }
}

#[test]
fn groups_of_four_are_one_number() {
    // A part of it, 6228480000006566, has a right check digit too.
    check("转到6228 4800 0000 6566 770", "account 6228480000006566770");
}

#[test]
fn what_a_report_alone_says() {
    let report = |text: &str| -> Vec<String> {
        let today = Timestamp::parse("2026-11-23T08:00:00+08:00").unwrap();
        let found = Reader::of_report_at(today).read(text);
        found
            .identifiers
            .iter()
            .map(|identifier| match &identifier.value {
                Value::Amount(amount) => amount.money.to_string(),
                Value::Time(moment) => {
                    moment.at.map(|at| at.civil_cst().strftime("%m-%d %H:%M").to_string()).unwrap_or_default()
                }
                other => format!("{other:?}").chars().take(7).collect(),
            })
            .collect()
    };
    assert_eq!(report("11-20 18:03 转 4999"), ["11-20 18:03", "4,999.00 CNY"]);
    assert_eq!(report("11.20下午三点付的第一个2999"), ["11-20 15:00", "2,999.00 CNY"]);
    assert_eq!(report("分别付1999、2999、5999元"), ["1,999.00 CNY", "2,999.00 CNY", "5,999.00 CNY"]);
    assert_eq!(report("昨天下午四点零五分和四点二十五分"), ["11-22 16:05", "11-22 16:25"]);
    assert_eq!(report("11月3、9日和15日"), ["11-03 00:00", "11-09 00:00", "11-15 00:00"]);
    assert_eq!(report("3点转了4999"), ["11-23 03:00", "4,999.00 CNY"]);
    assert_eq!(report("充了200 19000009912充了300"), ["200.00 CNY", "Phone(M", "300.00 CNY"]);
    assert_eq!(report("打10000给他，拨10000问"), ["10,000.00 CNY", "Phone(M"]);
    // A message is read with more restraint: a bare number is no amount there.
    assert_eq!(listed("付的第一个2999"), "");
}
