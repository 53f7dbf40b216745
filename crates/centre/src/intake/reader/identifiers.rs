//! Numbers, addresses, amounts and times, as the reader of texts finds them, put among the findings of a narrative.

use kernel::{AccountKind, Timestamp};
use text::{Reader, Value};

use super::scan::Scan;
use super::{AccountFinding, AmountFinding, AmountRole, ChatFinding, Finding, Found, Side, Span, TimeFinding};
use crate::intake::check::canonical_url;

/// Finds them outside of the rows of tables; addresses there too.
pub(super) fn read(narrative: &str, reference: Timestamp, scan: &mut Scan, found: &mut Found) {
    let places = Places::of(narrative);
    let rows: Vec<text::Span> = scan.rows().iter().map(|row| places.bytes(*row)).collect();
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
                let side = side(scan, span.start);
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

const PAYER_WORDS: [&str; 14] = [
    "我的",
    "本人",
    "自己",
    "我名下",
    "付款",
    "转出",
    "从",
    "用",
    "我",
    "报警人",
    "报案人",
    "事主",
    "受害人",
    "汇款账",
];
const PAYEE_WORDS: [&str; 27] = [
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
];

/// Whose an account is by the nearest telling word before it in the sentence.
pub(super) fn side(scan: &Scan, start: usize) -> Side {
    let sentence = scan.sentence(start);
    let mut begin = start;
    while begin > 0 && start - begin < 24 && scan.sentence(begin - 1) == sentence {
        begin -= 1;
    }
    let before = scan.plain_text(begin, start);
    let nearest = |words: &[&str]| words.iter().filter_map(|word| before.rfind(word).map(|at| at + word.len())).max();
    match (nearest(&PAYER_WORDS), nearest(&PAYEE_WORDS)) {
        (Some(payer), Some(payee)) if payer > payee => Side::Payer,
        (Some(_), None) => Side::Payer,
        _ => Side::Payee,
    }
}
