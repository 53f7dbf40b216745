//! Names behind words such as 户名 and 收款人, and banks among the partners.

use kernel::PersonName;

use super::scan::Scan;
use super::{BankFinding, NameFinding, Side, Span};
use crate::intake::bank_names::Strength;
use crate::intake::partners::BankNames;

const NAME_WORDS: [(&str, Side); 27] = [
    ("收款人姓名", Side::Payee),
    ("收款户名", Side::Payee),
    ("收款人", Side::Payee),
    ("收款方", Side::Payee),
    ("对方户名", Side::Payee),
    ("对方姓名", Side::Payee),
    ("账户名称", Side::Payee),
    ("账户名", Side::Payee),
    ("开户名", Side::Payee),
    ("开户人", Side::Payee),
    ("持卡人", Side::Payee),
    ("户名", Side::Payee),
    ("付款人", Side::Payer),
    ("付款户名", Side::Payer),
    ("汇款人", Side::Payer),
    ("报警人", Side::Payer),
    ("报案人", Side::Payer),
    ("受害人", Side::Payer),
    ("事主", Side::Payer),
    ("我叫", Side::Payer),
    ("本人姓名", Side::Payer),
    ("姓名", Side::Payee),
    ("名叫", Side::Payee),
    ("名为", Side::Payee),
    ("对方叫", Side::Payee),
    ("自称叫", Side::Payee),
    ("一个叫", Side::Payee),
];

/// Characters and words at which a name ends when nothing else ends it.
const ENDINGS: [&str; 46] = [
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
];

const COMPANY_ENDINGS: [&str; 8] = ["有限公司", "公司", "商行", "经营部", "工作室", "商店", "中心", "店"];

pub(super) fn names(scan: &mut Scan) -> Vec<NameFinding> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < scan.len() {
        match name_at(scan, index) {
            Some(name) => {
                index = name.span.end;
                scan.take(name.span.range());
                found.push(name);
            }
            None => index += 1,
        }
    }
    found
}

fn name_at(scan: &Scan, index: usize) -> Option<NameFinding> {
    let (word, side) = NAME_WORDS.iter().find(|(word, _)| scan.starts(index, word))?;
    let mut start = index + word.chars().count();
    let mut skipped = 0;
    while matches!(scan.at(start), ' ' | ':' | '是' | '为' | '叫' | '“' | '"' | '(' | '[' | '「') && skipped < 4 {
        start += 1;
        skipped += 1;
    }
    let length = name_length(scan, start)?;
    let span = Span { start, end: start + length };
    if !(span.start..span.end).all(|i| scan.is_free(i)) {
        return None;
    }
    let name = PersonName::parse(&scan.text(span)).ok()?;
    Some(NameFinding { span, text: scan.text(span), value: name.to_string(), side: *side })
}

fn is_name_char(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '·' | '•')
}

fn name_length(scan: &Scan, start: usize) -> Option<usize> {
    let run = (start..scan.len()).take_while(|i| is_name_char(scan.at(*i))).take(40).count();
    let text = scan.plain_text(start, start + run);
    let company = COMPANY_ENDINGS.iter().filter_map(|ending| {
        text.find(ending).map(|at| text.get(..at).map_or(0, |head| head.chars().count()) + ending.chars().count())
    });
    if let Some(length) = company.min().filter(|length| (4..=30).contains(length)) {
        return Some(length);
    }
    // A name has two characters at least, so an ending counts from the third on.
    let cut = (2..run).find(|offset| scan.word(start + offset, &ENDINGS).is_some()).unwrap_or(run);
    let dotted = (start..start + cut).any(|i| matches!(scan.at(i), '·' | '•'));
    let fits = if dotted { (4..=20).contains(&cut) } else { (2..=4).contains(&cut) };
    let false_start =
        scan.word(start, &["账号", "帐号", "银行", "账户", "卡号", "不详", "不明", "未知", "某某", "为"]).is_some();
    (fits && !false_start).then_some(cut)
}

pub(super) fn banks(scan: &mut Scan, partners: &BankNames) -> Vec<BankFinding> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < scan.len() {
        let named = partners
            .written_names()
            .filter(|(_, _, strength)| *strength == Strength::Anywhere)
            .find(|(name, _, _)| scan.starts(index, name) && !cuts_a_word(scan, index, name));
        match named.filter(|_| scan.is_free(index)) {
            Some((name, id, _)) => {
                let span = Span { start: index, end: index + name.chars().count() };
                scan.take(span.range());
                found.push(BankFinding { span, text: scan.text(span), value: id.to_owned() });
                index = span.end;
            }
            None => index += 1,
        }
    }
    found
}

/// A name in Latin letters must stand by itself.
fn cuts_a_word(scan: &Scan, index: usize, name: &str) -> bool {
    let end = index + name.chars().count();
    name.is_ascii()
        && ((index > 0 && scan.at(index - 1).is_ascii_alphanumeric()) || scan.at(end).is_ascii_alphanumeric())
}
