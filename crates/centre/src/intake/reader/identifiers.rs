//! Numbers, addresses, amounts and times, as the reader of texts finds them, put among the findings of a narrative.

use kernel::{AccountKind, Timestamp};
use text::{Reader, Value};

use super::scan::Scan;
use super::{AccountFinding, AmountFinding, AmountRole, ChatFinding, Finding, Found, Side, Span, TimeFinding};
use crate::intake::check::canonical_url;

/// Finds them outside of the rows of tables and of what is virtual currency; addresses there too.
pub(super) fn read(narrative: &str, reference: Timestamp, scan: &mut Scan, found: &mut Found) {
    let places = Places::of(narrative);
    let coins = found.wallets.iter().chain(&found.coins).map(|found| found.span);
    let rows: Vec<text::Span> = scan.rows().iter().copied().chain(coins).map(|row| places.bytes(row)).collect();
    for identifier in Reader::of_report_at(reference).read_besides(narrative, &rows).identifiers {
        let span = places.characters(identifier.span);
        let text = scan.text(span);
        let finding = |value: String| Finding { span, text: text.clone(), value };
        match identifier.value {
            Value::Phone(phone) => found.phones.push(finding(phone.to_string())),
            Value::CitizenId(id) => found.citizen_ids.push(finding(id.to_string())),
            Value::Reference(reference) => found.references.push(finding(reference)),
            Value::Account(account) => {
                let kind = match account.kind() {
                    AccountKind::Card => "card",
                    AccountKind::Other => "other",
                };
                let side = side(scan, span);
                found.accounts.push(AccountFinding { span, text, value: account.to_string(), side, kind });
            }
            Value::Amount(amount) => {
                found.amounts.push(AmountFinding { span, text, value: amount.money, role: AmountRole::Other });
            }
            Value::Time(moment) => {
                let Some(value) = moment.at else { continue };
                found.times.push(TimeFinding { span, text, value, precision: moment.precision.into() });
            }
            Value::Link(link) => {
                let Some(address) = canonical_url(&link.to_string()) else { continue };
                found.urls.push(finding(address));
            }
            Value::Chat(chat) => {
                found.chats.push(ChatFinding { span, text, value: chat.id, service: chat.service.code() });
            }
            // Its words may name a bank, and are read for that.
            Value::App(_) => continue,
        }
        scan.take(span.range());
    }
}

/// Where each character of a text begins, in bytes; last, where the text ends.
struct Places(Vec<usize>);

impl Places {
    fn of(text: &str) -> Self {
        Self(text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect())
    }

    fn bytes(&self, span: Span) -> text::Span {
        let byte = |character: usize| self.0.get(character).or(self.0.last()).copied().unwrap_or_default();
        text::Span { start: byte(span.start), end: byte(span.end) }
    }

    fn characters(&self, span: text::Span) -> Span {
        let character = |byte: usize| self.0.partition_point(|begin| *begin < byte);
        Span { start: character(span.start), end: character(span.end) }
    }
}

const PAYER_WORDS: [&str; 36] = [
    "我的",
    "本人",
    "自己",
    "我名下",
    "付款",
    "转出",
    "从",
    "用",
    "我用",
    "报警人",
    "报案人",
    "事主",
    "受害人",
    "被害人",
    "汇款账",
    "其名下",
    "其尾号",
    "本人名下",
    "通过",
    "付:",
    "其中国",
    "他的",
    "老公的",
    "老婆的",
    "归集到",
    "由",
    "扣款",
    "汇款人",
    "汇出",
    "盗刷的",
    "我儿子",
    "我女儿",
    "我母亲",
    "我父亲",
    "我妈",
    "我爸",
];
const PAYEE_WORDS: [&str; 40] = [
    "对方",
    "收款",
    "转到",
    "转给",
    "转入",
    "转至",
    "转账到",
    "汇到",
    "汇给",
    "汇入",
    "汇至",
    "打到",
    "打给",
    "打入",
    "打进",
    "存入",
    "存到",
    "存进",
    "向",
    "往",
    "给",
    "指定",
    "嫌疑",
    "骗子",
    "提供",
    "安全账户",
    "转进",
    "至",
    "收:",
    "汇往",
    "涉案",
    "户名",
    "提供的",
    "开户名",
    "收了",
    "他表",
    "诈骗",
    "到",
    "转账",
    "入",
];

/// How far behind 我 the number of the teller's own card may stand.
const OWN_CARD_WITHIN: usize = 14;

/// Whose an account is by the words right behind it, else by the nearest telling word before it in the sentence.
pub(super) fn side(scan: &Scan, span: Span) -> Side {
    let sentence = scan.sentence(span.start);
    let mut begin = span.start;
    while begin > 0 && span.start - begin < 24 && scan.sentence(begin - 1) == sentence {
        begin -= 1;
    }
    // What is said of the other side in words that are said of the victim's own: 给他的, 他用的, 他自己的.
    let before = [
        ("给我的", "对方"),
        ("到他的", "到对方"),
        ("给他的", "给对方"),
        ("入他的", "入对方"),
        ("向他的", "向对方"),
        ("到她的", "到对方"),
        ("给她的", "给对方"),
        ("他用的", "对方"),
        ("对方用的", "对方"),
        ("账户用的", "账户"),
        ("他自己", "对方"),
        ("他老婆的", "对方"),
        ("向其", "向对方"),
        ("他本人", "对方"),
        ("她本人", "对方"),
        ("信用社", ""),
        ("入其", "入对方"),
        ("到其", "到对方"),
        ("给其", "给对方"),
        ("至其", "至对方"),
    ]
    .iter()
    .fold(scan.plain_text(begin, span.start), |text, (from, to)| text.replace(from, to));
    let nearest = |words: &[&str]| words.iter().filter_map(|word| before.rfind(word).map(|at| at + word.len())).max();
    let (mut payer, payee) = (nearest(&PAYER_WORDS), nearest(&PAYEE_WORDS));
    // 我6217…, 我中国银行卡6217…, but not 骗子卡我拍了照：6222….
    if let Some((_, rest)) = before.rsplit_once('我') {
        let card = ["卡", "账户", "银行", "账号", "行"].iter().any(|word| rest.contains(word));
        let verb = ["转", "打", "给", "向", "拍", "发", "汇", "说", "了"].iter().any(|word| rest.contains(word));
        let begins =
            rest.chars().next().is_none_or(|c| "的名用从自本老中工农建招交邮光浦兴民平卡手银这长湖".contains(c));
        if rest.is_empty() || begins && (card && !verb && rest.chars().count() <= OWN_CARD_WITHIN) {
            payer = payer.max(Some(before.len() - rest.len()));
        }
    }
    let after = scan.plain_text(span.end, span.end + 8);
    let after = after.trim_start_matches([')', ' ', '的', '"', '账', '户', '卡']);
    let sends = [
        "转至",
        "转到",
        "转入",
        "转给",
        "汇至",
        "汇给",
        "打给",
        "转出",
        "被转",
        "被扣",
        "被盗",
        "信用卡被",
        "银行卡被",
        "储蓄卡被",
        "向",
        "转账给",
        "及密码",
        "和验证码",
        "→",
        "中的钱",
        "里的钱",
    ]
    .iter()
    .any(|word| after.starts_with(word));
    let towards = ["向", "向账户", "给", "至", "到", "向账号", "向对方"].iter().any(|word| before.ends_with(word));
    if sends && !towards && !before.ends_with("对方") {
        return Side::Payer;
    }
    match (payer, payee) {
        (Some(payer), Some(payee)) if payer > payee => Side::Payer,
        (Some(_), None) => Side::Payer,
        _ => Side::Payee,
    }
}
