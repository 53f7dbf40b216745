//! Names of people and of account holders: behind words such as 户名 and 收款人, behind 向 and 给, and beside an account or
//! a bank.

use kernel::PersonName;

use super::scan::Scan;
use super::surnames::surname_length;
use super::{Found, NameFinding, Side, Span};

/// How sure a word makes it that a name follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sure {
    /// Whatever follows and looks like a name.
    Yes,
    /// Only what begins with a family name.
    Surname,
    /// A shop or company as payments by code show it, too: anything in quotes.
    Merchant,
}

const NAME_WORDS: &[(&str, Side, Sure)] = &[
    ("收款人姓名", Side::Payee, Sure::Yes),
    ("收款人户名", Side::Payee, Sure::Yes),
    ("收款方名称", Side::Payee, Sure::Yes),
    ("付款人户名", Side::Payer, Sure::Yes),
    ("付款人名称", Side::Payer, Sure::Yes),
    ("付款方户名", Side::Payer, Sure::Yes),
    ("对方账户", Side::Payee, Sure::Surname),
    ("收款账户", Side::Payee, Sure::Surname),
    ("对方账号", Side::Payee, Sure::Surname),
    ("收款账号", Side::Payee, Sure::Surname),
    ("骗子账户", Side::Payee, Sure::Surname),
    ("骗子账号", Side::Payee, Sure::Surname),
    ("账号名", Side::Payee, Sure::Yes),
    ("收款方户名", Side::Payee, Sure::Yes),
    ("收款户名", Side::Payee, Sure::Yes),
    ("收款人名称", Side::Payee, Sure::Yes),
    ("收款显示", Side::Payee, Sure::Merchant),
    ("收款码显示", Side::Payee, Sure::Merchant),
    ("收款单位", Side::Payee, Sure::Merchant),
    ("收款商户", Side::Payee, Sure::Merchant),
    ("收款商家", Side::Payee, Sure::Merchant),
    ("收款人", Side::Payee, Sure::Merchant),
    ("收款方", Side::Payee, Sure::Merchant),
    ("收款", Side::Payee, Sure::Surname),
    ("收", Side::Payee, Sure::Surname),
    ("商户名称", Side::Payee, Sure::Merchant),
    ("商户名", Side::Payee, Sure::Merchant),
    ("商家名", Side::Payee, Sure::Merchant),
    ("扣款商户", Side::Payee, Sure::Merchant),
    ("商户", Side::Payee, Sure::Merchant),
    ("对方单位", Side::Payee, Sure::Merchant),
    ("对方公司", Side::Payee, Sure::Merchant),
    ("交易对方", Side::Payee, Sure::Yes),
    ("受害单位", Side::Payer, Sure::Yes),
    ("被害单位", Side::Payer, Sure::Yes),
    ("被骗单位", Side::Payer, Sure::Yes),
    ("报案单位", Side::Payer, Sure::Yes),
    ("村民", Side::Payer, Sure::Surname),
    ("居民", Side::Payer, Sure::Surname),
    ("业主", Side::Payer, Sure::Surname),
    ("嫌疑人", Side::Payee, Sure::Surname),
    ("卡主", Side::Payee, Sure::Surname),
    ("机主", Side::Payee, Sure::Surname),
    ("户口名称", Side::Payee, Sure::Yes),
    ("转账人", Side::Payer, Sure::Surname),
    ("本人", Side::Payer, Sure::Surname),
    ("受益人", Side::Payee, Sure::Yes),
    ("Beneficiary", Side::Payee, Sure::Yes),
    ("转入户名", Side::Payee, Sure::Yes),
    ("对方户名", Side::Payee, Sure::Yes),
    ("对方姓名", Side::Payee, Sure::Yes),
    ("对方名字", Side::Payee, Sure::Yes),
    ("对方", Side::Payee, Sure::Surname),
    ("账户名称", Side::Payee, Sure::Yes),
    ("账户名", Side::Payee, Sure::Yes),
    ("户口名", Side::Payee, Sure::Yes),
    ("开户名", Side::Payee, Sure::Yes),
    ("开户人", Side::Payee, Sure::Yes),
    ("户主姓名", Side::Payee, Sure::Yes),
    ("户主", Side::Payee, Sure::Yes),
    ("持卡人", Side::Payee, Sure::Yes),
    ("户名", Side::Payee, Sure::Yes),
    ("公司", Side::Payee, Sure::Yes),
    ("付款人姓名", Side::Payer, Sure::Yes),
    ("付款人", Side::Payer, Sure::Yes),
    ("付款户名", Side::Payer, Sure::Yes),
    ("付款方", Side::Payer, Sure::Yes),
    ("付", Side::Payer, Sure::Surname),
    ("汇款人", Side::Payer, Sure::Yes),
    ("来电人", Side::Payer, Sure::Surname),
    ("报警人姓名", Side::Payer, Sure::Yes),
    ("报警人", Side::Payer, Sure::Yes),
    ("报案人", Side::Payer, Sure::Yes),
    ("受害人姓名", Side::Payer, Sure::Yes),
    ("受害人", Side::Payer, Sure::Yes),
    ("被害人姓名", Side::Payer, Sure::Yes),
    ("被害人", Side::Payer, Sure::Surname),
    ("受骗人", Side::Payer, Sure::Yes),
    ("被骗人", Side::Payer, Sure::Yes),
    ("当事人", Side::Payer, Sure::Surname),
    ("事主", Side::Payer, Sure::Yes),
    ("我叫", Side::Payer, Sure::Surname),
    ("本人姓名", Side::Payer, Sure::Yes),
    ("姓名", Side::Payee, Sure::Yes),
    ("全名", Side::Payee, Sure::Yes),
    ("名字", Side::Payee, Sure::Yes),
    ("名叫", Side::Payee, Sure::Surname),
    ("名为", Side::Payee, Sure::Surname),
    ("名", Side::Payee, Sure::Surname),
    ("叫做", Side::Payee, Sure::Surname),
    ("叫", Side::Payee, Sure::Surname),
];

/// Words before a bare name that make it a payee's, where the name begins with a family name or stands in quotes.
const TOWARDS: [&str; 15] =
    ["转账给", "转账至", "转账到", "转给", "转至", "转到", "汇给", "打给", "付给", "借给", "向", "给", "到", "至", "→"];

/// Characters and words at which a name ends when nothing else ends it.
const ENDINGS: &[&str] = &[
    "账号",
    "帐号",
    "卡号",
    "账户",
    "帐户",
    "银行",
    "开户",
    "身份证",
    "电话",
    "手机",
    "转",
    "汇",
    "的",
    "在",
    "和",
    "及",
    "打",
    "收款",
    "户名",
    "金额",
    "尾号",
    "名下",
    "提供",
    "称",
    "说",
    "报",
    "于",
    "接",
    "被",
    "通过",
    "共",
    "账",
    "卡",
    "是",
    "用",
    "向",
    "给",
    "到",
    "男",
    "女",
    "现",
    "来",
    "因",
    "遭",
    "添",
    "看",
    "支付",
    "付款",
    "微信",
    "支付宝",
    "均",
    "都",
    "以",
    "将",
    "把",
    "对",
    "从",
    "再",
    "又",
    "各",
    "等",
    "汇款",
    "存",
    "农业",
    "工商",
    "跨行",
    "处",
    "手上",
    "个人",
    "那",
    "这个",
    "拿",
    "借",
    "退",
    "骗",
    "先生",
    "女士",
    "本人",
    "所有",
    "为",
    "(",
    "与",
    "同一",
    "性别",
    "性",
];

/// Endings of the names of companies and shops.
const COMPANY_ENDINGS: [&str; 34] = [
    "有限责任公司",
    "有限公司",
    "分公司",
    "公司",
    "合作社",
    "经营部",
    "经销部",
    "服务部",
    "门市部",
    "批发部",
    "批发行",
    "商行",
    "工作室",
    "事务所",
    "百货店",
    "玩具店",
    "文印社",
    "商店",
    "数码店",
    "专卖店",
    "旗舰店",
    "便利店",
    "药店",
    "贸易行",
    "超市",
    "副食",
    "中心",
    "商贸行",
    "茶行",
    "车行",
    "酒行",
    "美容院",
    "店",
    "厂",
];

/// Longest name of a company, in characters.
const COMPANY_CHARS_MAX: usize = 30;

/// Most names that are looked for a second time in the text.
const NAMES_AGAIN_MAX: usize = 200;

/// Finds the names. Accounts and banks are found already.
pub(super) fn names(scan: &mut Scan, found: &Found) -> Vec<NameFinding> {
    let mut names = Vec::new();
    each(scan, &mut names, labelled);
    each(scan, &mut names, titled);
    each(scan, &mut names, company);
    beside(scan, found, &mut names);
    each(scan, &mut names, towards);
    again(scan, &mut names);
    names
}

fn each(scan: &mut Scan, names: &mut Vec<NameFinding>, at: fn(&Scan, usize) -> Option<NameFinding>) {
    let mut index = 0;
    while index < scan.len() {
        match at(scan, index) {
            Some(name) => {
                index = name.span.end.max(index + 1);
                scan.take(name.span.range());
                names.push(name);
            }
            None => index += 1,
        }
    }
}

fn is_name_char(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '·' | '•')
}

/// Ways of paying that stand where a shop may stand.
const CHANNELS: [&str; 8] = ["财付通", "支付宝", "微信", "微信支付", "银联", "云闪付", "网联", "快捷支付"];

fn finding(scan: &Scan, start: usize, length: usize, side: Side) -> Option<NameFinding> {
    let span = Span { start, end: start + length };
    let free = length > 0 && span.range().all(|i| scan.is_free(i));
    let name = PersonName::parse(&scan.text(span)).ok().filter(|_| free)?;
    if CHANNELS.iter().any(|channel| name.as_str().split('-').next() == Some(channel)) {
        return None;
    }
    Some(NameFinding { span, text: scan.text(span), value: name.to_string(), side })
}

/// A name behind a word such as 户名.
fn labelled(scan: &Scan, index: usize) -> Option<NameFinding> {
    if !scan.is_free(index) {
        return None;
    }
    let (word, side, sure) = NAME_WORDS.iter().find(|(word, _, _)| scan.starts(index, word))?;
    let before = if index == 0 { '\n' } else { scan.at(index - 1) };
    let start = index + word.chars().count();
    let one = word.chars().count() == 1;
    // 收：, 付：, 名: stand at the beginning and before a colon; 叫 behind 名, 个, 弟 and the like.
    let fits = match *word {
        // 户名是别人的，叫…
        "叫" if before == '字' => !has_chat(&scan.sentence_before(index, NICKNAME_WITHIN)),
        "叫" if before == ',' => scan.sentence_before(index, NICKNAME_WITHIN).contains("户名"),
        "叫" => matches!(
            before,
            '他' | '她'
                | '了'
                | '给'
                | '到'
                | '个'
                | '名'
                | '字'
                | '弟'
                | '哥'
                | '姐'
                | '妹'
                | '主'
                | '人'
                | '方'
                | '的'
                | '位'
        ),
        "公司" => scan.at(start) == ':',
        // 加我WhatsApp，名字叫…: a nickname is nobody's account.
        "名字" | "全名" => !has_chat(&scan.sentence_before(index, NICKNAME_WITHIN)),
        _ if one => scan.at(start) == ':' && matches!(before, '\n' | ' ' | '/' | '(' | ',' | '。' | ';' | ')'),
        "户名" | "姓名" => !matches!(before, '同'),
        _ => true,
    };
    if !fits {
        return None;
    }
    // At the head of a form 姓名 is whoever fills it in.
    let own_form =
        *word == "姓名" && matches!(before, '\n' | '\0') && scan.plain_text(start, start + 14).contains("性别")
            || (*word == "姓名" && scan.plain_text(index.saturating_sub(5), index).contains("害人"));
    let side = if own_form { Side::Payer } else { *side };
    let (start, quoted) = skip_filling(scan, start);
    let length = if quoted && *sure != Sure::Surname {
        let inside = quoted_length(scan, start)?;
        let text = scan.plain_text(start, start + inside);
        let person = name_length(scan, start, inside).is_some() && !text.contains('某');
        let shown = *sure == Sure::Merchant && (2..=COMPANY_CHARS_MAX).contains(&inside) && !text.contains('*');
        if !(person || shown) {
            return None;
        }
        inside
    } else if let Some(length) = latin_length(scan, start).filter(|_| *sure != Sure::Surname) {
        length
    } else if *sure == Sure::Merchant && ["商户", "商家", "收款方", "收款单位"].iter().any(|w| word.contains(w))
    {
        merchant_length(scan, start).or_else(|| name_length(scan, start, usize::MAX))?
    } else if scan.word(start + 1, &TITLES).is_some() {
        3
    } else {
        let whole = || {
            let marked = *sure == Sure::Yes && start > 0 && scan.at(start - 1) == ':';
            merchant_length(scan, start).filter(|_| marked)
        };
        name_length(scan, start, usize::MAX).or_else(whole)?
    };
    // 收款罗大同农行…, 对方罗大同，农行…: without a colon where an account or bank follows.
    let placed = !scan.is_free(start + length) || scan.at(start + length) == ',' && !scan.is_free(start + length + 1);
    let colon = matches!(scan.at(index + word.chars().count()), ':' | ' ');
    if matches!(*word, "收款" | "对方") && !colon && !placed {
        return None;
    }
    // 他叫倪二, but not 他叫王经理来.
    if *word == "叫" && matches!(before, '他' | '她') && is_name_char(scan.at(start + length)) {
        return None;
    }
    let text = scan.plain_text(start, start + length);
    let family = surname_length(&text).is_some() && !is_joining_word(&text);
    if *sure == Sure::Surname && company_length(&text).is_none() && !family {
        return None;
    }
    let bank = text.ends_with("银行") || text.contains('某');
    (!bank).then(|| finding(scan, start, length, side)).flatten()
}

/// How far before 名字 a chat stands whose nickname follows.
const NICKNAME_WITHIN: usize = 14;

fn has_chat(text: &str) -> bool {
    ["微信", "WhatsApp", "QQ", "抖音", "昵称", "网名", "好友"].iter().any(|word| text.contains(word))
        && !["码", "卡", "账", "户", "收款"].iter().any(|word| text.contains(word))
}

/// What follows a family name instead of a given name.
const TITLES: [&str; 4] = ["先生", "女士", "阿姨", "小姐"];

/// Skips what may stand between a word and the name, and says whether the name is in quotes.
fn skip_filling(scan: &Scan, mut at: usize) -> (usize, bool) {
    const FILLING: &[&str] = &[
        "均为",
        "都是",
        "都叫",
        "写的是",
        "显示的是",
        "显示",
        "写的什么",
        "写的",
        "是一个叫",
        "是个叫",
        "的名字是",
        "的名字叫",
        "名字叫",
        "的是",
        "的姓名",
        "的名字",
        "是",
        "为",
        "叫",
        "均",
        "名称",
        "姓名",
        "一栏",
        "同一个人",
        "同一个",
        "同一人",
        "我母亲",
        "我父亲",
        "我妈",
        "我爸",
        "我丈夫",
        "我妻子",
        "我老公",
        "我老婆",
    ];
    let mut quoted = false;
    for _ in 0..6 {
        if let Some((_, length)) = scan.word(at, FILLING).filter(|_| scan.is_free(at)) {
            at += length;
        } else if matches!(scan.at(at), ' ' | ':' | '(' | '[' | '→' | '-') {
            at += 1;
        } else if scan.at(at) == '"' {
            at += 1;
            quoted = true;
            break;
        } else {
            break;
        }
    }
    (at, quoted)
}

/// 网银在线, 个体户邓小红: the whole run up to a mark, as a payment by code shows it.
fn merchant_length(scan: &Scan, start: usize) -> Option<usize> {
    let run = (start..scan.len())
        .take(COMPANY_CHARS_MAX)
        .take_while(|i| scan.is_free(*i) && is_name_char(scan.at(*i)))
        .count();
    let text = scan.plain_text(start, start + run);
    let closed = !scan.is_digit(start + run);
    let prose =
        ["账", "户名", "的", "了", "银行", "是", "为", "转", "称", "说", "均", "都是", "都叫", "对方", "已", "卡"]
            .iter()
            .any(|w| text.contains(w));
    let tells = text.starts_with(['都', '均', '不', '也', '各']);
    (closed && !prose && !tells && (2..=20).contains(&run) && company_length(&text).is_none_or(|length| length == run))
        .then_some(run)
}

fn quoted_length(scan: &Scan, start: usize) -> Option<usize> {
    (1..=COMPANY_CHARS_MAX).find(|length| scan.at(start + length) == '"')
}

/// CHAN TAI KUEN, GOLDEN BRIDGE TRADING LTD: words in Latin letters.
fn latin_length(scan: &Scan, start: usize) -> Option<usize> {
    let part = |c: char| c.is_ascii_alphabetic() || matches!(c, ' ' | '.' | '&' | '\'' | '-');
    let run = (start..start + 60).take_while(|i| part(scan.at(*i))).count();
    let text = scan.plain_text(start, start + run);
    let text = text.trim_end_matches([' ', '.', '-']);
    let capital = text.chars().next().is_some_and(|c| c.is_ascii_uppercase());
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    let words = text.split(' ').filter(|word| word.len() > 1).count();
    (capital && letters >= 4 && words >= 2).then(|| text.chars().count())
}

/// The length of a company's name that begins the text.
fn company_length(text: &str) -> Option<usize> {
    let first = COMPANY_ENDINGS
        .iter()
        .filter_map(|ending| text.find(ending).map(|at| (at, ending)))
        .min_by_key(|(at, ending)| (*at, std::cmp::Reverse(ending.len())))?;
    let length = text.get(..first.0)?.chars().count() + first.1.chars().count();
    // 长沙市贸易公司经营部: the longer name counts.
    (4..=COMPANY_CHARS_MAX).contains(&length).then_some(length)
}

/// How long the name is that begins here.
fn name_length(scan: &Scan, start: usize, most: usize) -> Option<usize> {
    let run = (start..scan.len())
        .take(most.min(40))
        .take_while(|i| scan.is_free(*i) && (is_name_char(scan.at(*i)) || matches!(scan.at(*i), '(' | ')')))
        .count();
    let bracketed = scan.plain_text(start, start + run);
    let han = bracketed.chars().take_while(|c| is_name_char(*c)).count();
    if let Some(length) = company_length(&bracketed) {
        let company: String = bracketed.chars().take(length).collect();
        let whole = !company.contains(['(', ')']) || (company.contains('(') && company.contains(')'));
        let no_words = !["称", "通过", "转账", "接到", "冒充", "介绍"].iter().any(|word| company.contains(word));
        if whole && no_words {
            return Some(length);
        }
    }
    // A name has two characters at least, so an ending counts from the third on.
    // 胡斯来（中行…）: a bracket ends the name itself.
    let closed = scan.at(start + han) == '('
        && (2..=3).contains(&han)
        && surname_length(&scan.plain_text(start, start + han)).is_some()
        && scan.word(start + han - 1, &["来", "现", "和", "看", "因", "添", "对", "以"]).is_some();
    let cut =
        (2..if closed { 0 } else { han }).find(|offset| scan.word(start + offset, ENDINGS).is_some()).unwrap_or(han);
    let dotted = (start..start + cut).any(|i| matches!(scan.at(i), '·' | '•'));
    let fits = if dotted { (4..=20).contains(&cut) } else { (2..=4).contains(&cut) };
    let false_start = scan
        .word(
            start,
            &[
                "别人", "账号", "帐号", "银行", "账户", "卡号", "不详", "不明", "未知", "某某", "为", "均", "都", "全",
                "是", "其", "对方", "他", "她", "我", "系", "尾号", "姓名", "信息", "提供", "显示", "称", "在", "被",
                "于", "通过", "来", "报", "电话", "说", "用", "自称", "自述", "不", "向", "将", "按", "及", "和", "有",
                "到", "收", "转", "提", "手", "先", "欲", "与", "因", "后", "共", "之", "遂", "同一", "户名", "开户",
                "名称", "单位", "地址", "一", "两", "三", "可", "需", "即", "的", "类", "拉", "去", "给", "要", "发",
                "使", "加", "下", "点", "意", "发现",
            ],
        )
        .is_some();
    let one_surname = surname_length(&scan.plain_text(start, start + cut)).is_some();
    (fits
        && (!false_start || (one_surname && cut >= 2 && scan.at(start + cut) != '某'))
        && !scan.plain_text(start, start + cut).contains('某'))
    .then_some(cut)
}

/// 何先生, 殷女士: whoever reports.
fn titled(scan: &Scan, index: usize) -> Option<NameFinding> {
    let (_, title) = scan.word(index, &TITLES)?;
    let start = index.checked_sub(1)?;
    let known = surname_length(&scan.plain_text(start, index)).is_some();
    let alone = start == 0 || !is_name_char(scan.at(start - 1)) || !scan.is_free(start - 1) || {
        let before = scan.plain_text(start.saturating_sub(3), start);
        ["民", "主", "人", "敬的", "我是", "客户", "者", "友", "象", "工", "师", "生"]
            .iter()
            .any(|word| before.ends_with(word))
    };
    (known && alone).then(|| finding(scan, start, 1 + title, Side::Payer)).flatten()
}

/// A company in quotes, behind 向, 给 and the like, or behind a colon.
fn company(scan: &Scan, index: usize) -> Option<NameFinding> {
    let begins = index == 0 || !is_name_char(scan.at(index - 1)) || !scan.is_free(index - 1);
    let behind = TOWARDS.iter().chain(&["入", "账户", "账号", "了", "为", "是", "由", "付", "汇"]).any(|word| {
        let length = word.chars().count();
        index >= length && scan.starts(index - length, word)
    });
    if !(begins || behind) || !is_name_char(scan.at(index)) {
        return None;
    }
    let run = (index..scan.len())
        .take(COMPANY_CHARS_MAX)
        .take_while(|i| scan.is_free(*i) && (is_name_char(scan.at(*i)) || matches!(scan.at(*i), '(' | ')')))
        .count();
    let text = scan.plain_text(index, index + run);
    let length = company_length(&text)?;
    let name: String = text.chars().take(length).collect();
    let long = [
        "有限公司",
        "有限责任公司",
        "经营部",
        "商行",
        "合作社",
        "批发行",
        "经销部",
        "服务部",
        "百货店",
        "工作室",
        "事务所",
    ]
    .iter()
    .any(|ending| name.ends_with(ending));
    let quoted = index > 0 && scan.at(index - 1) == '"' && scan.at(index + length) == '"';
    let prose = [
        "向",
        "给",
        "到",
        "的",
        "了",
        "被",
        "称",
        "为",
        "是",
        "我",
        "其",
        "将",
        "在",
        "某",
        "转",
        "让",
        "说",
        "从",
        "对方",
        "冒充",
        "自称",
        "本公司",
        "骗",
        "本人",
        "农商行",
        "国家",
        "反诈",
        "退款",
        "理赔",
        "公安",
        "法院",
        "检察",
        "派出所",
        "客服",
        "监管",
    ]
    .iter()
    .any(|word| name.contains(word));
    let before = scan.sentence_before(index, 10);
    let paid = ["向", "给", "至", "到", "入", "收款", "户名", "→", "付"].iter().any(|word| before.contains(word));
    let labelled = ["户:", "户是", "户为"].iter().any(|word| before.ends_with(word));
    let beside = index > 0 && !scan.is_free(index - 1) || scan.at(index.wrapping_sub(1)) == ' ' || labelled;
    let payee = paid || beside || quoted;
    let line = index > 0
        && matches!(scan.at(index - 1), ' ' | '\t')
        && matches!(scan.at(index + length), '\n' | '\0' | ' ' | '\t')
        && name.ends_with(['店', '行', '厂', '部']);
    ((long || line || quoted && paid) && !prose && payee && length >= 5)
        .then(|| finding(scan, index, length, Side::Payee))
        .flatten()
}

/// Longest rest of a branch's name that is passed over, in characters.
const BRANCH_CHARS_MAX: usize = 24;

/// Most characters between an account or a bank and the name beside it.
const GAP_CHARS_MAX: usize = 4;

/// Names right before or behind an account or a bank: 李冰冰622848…, 农行邓稼, （工行/李朗润）, 6217… 刘国强.
fn beside(scan: &mut Scan, found: &Found, names: &mut Vec<NameFinding>) {
    let accounts = found.accounts.iter().map(|a| (a.span, Some(a.side)));
    let banks = found.banks.iter().map(|b| (b.span, None));
    let chats = found.chats.iter().filter(|c| c.service == "alipay").map(|c| (c.span, None));
    let mut places: Vec<(Span, Option<Side>)> = accounts.chain(banks).chain(chats).collect();
    places.sort_by_key(|(span, _)| *span);
    // The account before a bank, where its holder may follow the bank: 6222…，工商银行，韩小莹.
    let mut last: Option<(usize, Side)> = None;
    for (span, side) in places {
        if scan.in_table(span.start) {
            continue;
        }
        let of_account = last.filter(|(end, _)| span.start.saturating_sub(*end) <= 2).map(|(_, side)| side);
        if let Some(side) = side {
            last = Some((span.end, side));
        }
        let side = side.or(of_account).unwrap_or(Side::Payee);
        for name in [behind_place(scan, span.end, side), before_place(scan, span.start, side)].into_iter().flatten() {
            scan.take(name.span.range());
            names.push(name);
        }
    }
}

/// Whether a few characters in the place of a holder's name may be one: none of them belongs to a word that stands
/// there otherwise, such as 对方提供, 指定, 安全账户, 本人, 同一人, 对公, 农业.
fn is_holder(text: &str) -> bool {
    const NO_HOLDERS: &str = "对方提供指定骗自己本他她我其该某这那另同一两各个账户卡号行款钱元收付转汇存打给到的了是在未已后被\
                              客服老师专员警察官局院公私网平台安全监管微信支付宝扫码失败成功尾储蓄信用业笔次时间分日月年";
    text.chars().all(|c| is_name_char(c) && !NO_HOLDERS.contains(c))
}

/// What begins with a family name and is mostly another word where no label stands before it.
fn is_joining_word(text: &str) -> bool {
    text.starts_with([
        '和', '及', '从', '那', '后', '都', '经', '以', '时', '别', '相', '但', '或', '与', '并', '计', '应', '有',
    ])
}

fn is_gap(c: char) -> bool {
    matches!(
        c,
        ' ' | ',' | '、' | '/' | '(' | ')' | '【' | '】' | '"' | ':' | '-' | '—' | '@' | '→' | '#' | '\t' | '|' | '_'
    )
}

/// Short names of banks that hold many accounts; a holder's name may follow one although it is no partner.
const OTHER_BANKS: &[&str] = &[
    "农业银行",
    "工商银行",
    "建设银行",
    "中国银行",
    "交通银行",
    "招商银行",
    "邮储银行",
    "民生银行",
    "浦发银行",
    "兴业银行",
    "中信银行",
    "光大银行",
    "平安银行",
    "农村信用社",
    "农商银行",
    "农商行",
    "农信社",
    "信用社",
    "农行",
    "工行",
    "建行",
    "中行",
    "交行",
    "招行",
    "邮储",
];

/// How long a bank's name is that stands here and is no partner's: 6228…农行张三丰.
fn other_bank(scan: &Scan, at: usize) -> usize {
    let begins = at + usize::from(scan.at(at) == '(');
    let china = scan.word(begins, &["中国"]).filter(|_| scan.word(begins, OTHER_BANKS).is_none()).map_or(0, |(_, l)| l);
    let bank = scan.word(begins + china, OTHER_BANKS).filter(|_| scan.is_free(begins + china));
    bank.map_or(0, |(_, length)| begins + china + length - at)
}

fn behind_place(scan: &Scan, mut at: usize, side: Side) -> Option<NameFinding> {
    // Behind a bank the rest of its branch's name.
    let branch_end = at + BRANCH_CHARS_MAX;
    while at < branch_end && !scan.is_free(at) && is_name_char(scan.at(at)) {
        at += 1;
    }
    let first = at;
    at += other_bank(scan, at);
    // 农行卡, 建行账户, 这个卡: words that may stand between.
    let bridge = scan.word(at, &["的银行卡", "银行卡", "储蓄卡", "的卡", "账户", "卡", "的账户", "户头", "的"]);
    at += bridge.map_or(0, |(_, length)| length);
    let mut gap = 0;
    while is_gap(scan.at(at)) && gap < GAP_CHARS_MAX {
        at += 1;
        gap += 1;
    }
    let comma = scan.plain_text(first, at).contains(',');
    let length = name_length(scan, at, 24)?;
    let text = scan.plain_text(at, at + length);
    if company_length(&text).is_some() {
        return finding(scan, at, length, side);
    }
    let behind = at + length;
    // （…，善柔）: what closes the bracket behind an account is its holder, whatever the family name.
    let closes_bracket = matches!(scan.at(behind), ')' | '】')
        && at > 0
        && matches!(scan.at(at - 1), ',' | '、' | '/' | '(' | '【' | ' ')
        && (2..=4).contains(&length)
        && is_holder(&text);
    if closes_bracket {
        return finding(scan, at, length, side);
    }
    surname_length(&text).filter(|_| !is_joining_word(&text))?;
    let closed = !is_name_char(scan.at(behind))
        || !scan.is_free(behind)
        || (!comma
            && scan
                .word(behind, &["的", "转", "账户", "卡", "名下", "收", "(", "提供", "户名", "户主", "开户"])
                .is_some());
    closed.then(|| finding(scan, at, length, side)).flatten()
}

fn before_place(scan: &Scan, place: usize, side: Side) -> Option<NameFinding> {
    let mut end = place;
    let mut gap = 0;
    while end > 0 && is_gap(scan.at(end - 1)) && gap < GAP_CHARS_MAX {
        end -= 1;
        gap += 1;
    }
    let labels = [
        "的支付宝",
        "的账户是",
        "的卡号是",
        "的账号是",
        "的卡是",
        "账户是",
        "的账户",
        "的卡",
        "名下的",
        "名下",
        "账户",
        "的账号",
        "账号",
        "帐号",
        "卡号",
        "卡",
        "的",
    ];
    let mut belongs = false;
    for word in labels {
        let length = word.chars().count();
        if end >= length && scan.is_free(end - 1) && scan.plain_text(end - length, end) == word {
            end -= length;
            belongs = true;
            break;
        }
    }
    let quoted = end > 0 && scan.at(end - 1) == '"';
    let end = end - usize::from(quoted);
    let run = (0..end).rev().take(10).take_while(|i| scan.is_free(*i) && is_name_char(scan.at(*i))).count();
    let text = scan.plain_text(end - run, end);
    // What stands behind the last word that leads to a payee, or the whole of a short run.
    let head = TOWARDS
        .iter()
        .chain(&[
            "入", "是", "付", "和", "为", "及", "由", "从", "车主", "房东", "师傅", "老板", "网友", "中介", "老师",
            "导师", "表弟", "表哥", "卖家", "主播", "给了", "户主", "同学", "妹妹", "姐姐", "哥哥", "弟弟", "老婆",
            "老公", "妻子", "儿子", "女儿", "同伙", "朋友", "亲戚", "战友", "侄子", "父亲", "母亲", "舅舅", "阿姨",
            "叔叔", "经理", "员工", "财务", "会计",
        ])
        .filter_map(|word| text.rfind(word).map(|at| at + word.len()))
        .filter(|at| text.get(*at..).is_some_and(|rest| (2..=4).contains(&rest.chars().count())))
        .max()
        .unwrap_or(0);
    let name = text.get(head..)?;
    let length = name.chars().count();
    // 付到衣锦荣账户6217…: between the verb and 账户 stands the holder, whatever the family name.
    let paid_into =
        ["转入", "转到", "转至", "转给", "汇入", "汇到", "汇给", "打入", "打到", "打给", "付到", "付给", "存入"]
            .iter()
            .any(|word| text.get(..head).unwrap_or_default().ends_with(word));
    if belongs && paid_into && (2..=4).contains(&length) && is_holder(name) {
        return finding(scan, end - length, length, side);
    }
    let surname = surname_length(name).filter(|_| !is_joining_word(name))?;
    // Three characters behind the family name are rare; they must begin behind a mark or a verb.
    let bounded = head > 0 || run == length;
    let most = if bounded && is_holder(name) { surname + 3 } else { surname + 2 };
    let fits = (surname + 1..=most).contains(&length) && !name.contains('某');
    let no_word = !ENDINGS.iter().any(|word| name.chars().count() > 2 && name.ends_with(word))
        && !["银行", "账号", "卡号", "账户", "公司", "客服"].iter().any(|word| name.contains(word));
    (fits && no_word).then(|| finding(scan, end - length, length, side)).flatten()
}

/// A person behind 向, 给, 转至 and the like: 向李海英转账, 给 宋公明 转, 转给“王晓敏”.
fn towards(scan: &Scan, index: usize) -> Option<NameFinding> {
    let (_, length) = scan.word(index, &TOWARDS)?;
    if !scan.is_free(index) {
        return None;
    }
    let word = scan.plain_text(index, index + length);
    // 快递到付, 直至: these lead to a payee only behind a verb or an amount.
    let verb = matches!(
        scan.at(index.wrapping_sub(1)),
        '转' | '汇'
            | '打'
            | '存'
            | '充'
            | '入'
            | '付'
            | '款'
            | '元'
            | '万'
            | '划'
            | '账'
            | '出'
            | '卡'
            | '给'
            | '块'
    );
    if matches!(word.as_str(), "到" | "至") && !verb && scan.is_free(index.wrapping_sub(1)) {
        return None;
    }
    let mut at = index + length;
    at += scan
        .word(at, &["了", "一个叫", "一个", "网友", "房东", "车主", "卖家", "老板"])
        .map_or(0, |(_, length)| length);
    let mut quoted = false;
    for _ in 0..3 {
        match scan.at(at) {
            ' ' => at += 1,
            '"' => {
                at += 1;
                quoted = true;
            }
            _ => break,
        }
    }
    let (length, text) = if quoted {
        let length = quoted_length(scan, at)?;
        let text = scan.plain_text(at, at + length);
        let behind = scan.plain_text(at + length + 1, at + length + 4);
        let account = ["转", "汇", "付", "支", "的", "账", "(", ",", "。", "了", "名", "打"]
            .iter()
            .any(|w| behind.starts_with(w));
        let no_person = [
            "账", "户", "平台", "客服", "老师", "中心", "局", "院", "行", "部", "对方", "卡", "警", "官", "经理",
            "导师", "领导", "公安", "办", "专员", "总",
        ]
        .iter()
        .any(|w| text.contains(w));
        let han = text.chars().all(is_name_char);
        let paid = (2..=4).contains(&length) && account && han && !no_person;
        (paid).then_some((length, text))?
    } else {
        let length = name_length(scan, at, 24)?;
        (length, scan.plain_text(at, at + length))
    };
    if company_length(&text).is_some() {
        // 给清关公司的人: what has no name of its own is nobody's name.
        return (length >= 7).then(|| finding(scan, at, length, Side::Payee)).flatten();
    }
    surname_length(&text).filter(|_| quoted || !is_joining_word(&text)).or(quoted.then_some(0))?;
    let behind = scan.plain_text(at + length, at + length + 3);
    let told = quoted
        || behind.is_empty()
        || !behind.chars().next().is_some_and(is_name_char)
        || !scan.is_free(at + length)
        || ["转", "汇", "付", "支付", "的", "账", "名下", "跨行", "打", "存", "借", "那", "这", "手上", "处"]
            .iter()
            .any(|word| behind.starts_with(word));
    told.then(|| finding(scan, at, length, Side::Payee)).flatten()
}

/// Further places of the payees' names that were found.
fn again(scan: &mut Scan, names: &mut Vec<NameFinding>) {
    let mut known: Vec<(Vec<char>, String)> = Vec::new();
    for name in names.iter().filter(|name| name.side == Side::Payee) {
        if known.len() < NAMES_AGAIN_MAX && !known.iter().any(|(_, value)| *value == name.value) {
            let plain = scan.plain_text(name.span.start, name.span.end).chars().collect();
            known.push((plain, name.value.clone()));
        }
    }
    let mut more = Vec::new();
    let mut index = 0;
    while index < scan.len() {
        let hit = scan.is_free(index).then(|| {
            known.iter().find(|(plain, _)| {
                plain.first() == Some(&scan.at(index))
                    && plain
                        .iter()
                        .enumerate()
                        .all(|(offset, c)| scan.at(index + offset) == *c && scan.is_free(index + offset))
            })
        });
        match hit.flatten() {
            Some((plain, value)) => {
                let span = Span { start: index, end: index + plain.len() };
                more.push(NameFinding { span, text: scan.text(span), value: value.clone(), side: Side::Payee });
                index = span.end;
            }
            None => index += 1,
        }
    }
    for name in more {
        scan.take(name.span.range());
        names.push(name);
    }
}
