//! Banks among the partners, by their full, short and branch names.

use super::scan::Scan;
use super::{BankFinding, Span};
use crate::intake::bank_names::{BRANCH_ENDS, Strength};
use crate::intake::partners::BankNames;

/// Longest rest of a branch's name, in characters.
const BRANCH_CHARS_MAX: usize = 24;

/// Finds the banks, each with the rest of its branch's name.
pub(super) fn banks(scan: &mut Scan, partners: &BankNames) -> Vec<BankFinding> {
    let names: Vec<(&str, &str, Strength)> = partners.written_names().collect();
    let starts: std::collections::HashSet<char> =
        names.iter().filter_map(|(name, _, _)| name.chars().next()).map(|c| c.to_ascii_uppercase()).collect();
    let mut found = Vec::new();
    let mut index = 0;
    while index < scan.len() {
        if !scan.is_free(index) || !starts.contains(&scan.at(index).to_ascii_uppercase()) {
            index += 1;
            continue;
        }
        let named = names.iter().find(|(name, _, strength)| {
            scan.starts(index, name) && !cuts_a_word(scan, index, name) && stands(scan, index, name, *strength)
        });
        match named {
            Some((name, id, _)) => {
                let end = index + name.chars().count();
                let span = Span { start: index, end };
                let rest = branch_end(scan, end);
                scan.take(index..rest);
                found.push(BankFinding { span, text: scan.text(span), value: (*id).to_owned() });
                index = end;
            }
            None => index += 1,
        }
    }
    found
}

/// A short name that is an everyday word too must stand as a bank's: 民生卡, （平安，…）.
fn stands(scan: &Scan, index: usize, name: &str, strength: Strength) -> bool {
    let end = index + name.chars().count();
    let before = if index == 0 { '\n' } else { scan.at(index - 1) };
    match strength {
        Strength::Anywhere if name.chars().count() == 2 && !name.is_ascii() => {
            // 其中行走, 手工行业, 员工行为
            let cut_before =
                matches!(before, '其' | '途' | '当' | '员' | '手' | '职' | '社' | '成' | '外' | '施' | '停');
            let cut_behind =
                matches!(scan.at(end), '业' | '为' | '情' | '走' | '动' | '程' | '李' | '驶' | '政' | '贿' | '道');
            let card = matches!(scan.at(end), '卡' | '账' | '储' | '信' | '的');
            (card || !cut_before) && !cut_behind
        }
        Strength::Anywhere => true,
        Strength::BesideCard => {
            let card = scan.word(end, &["卡", "账户", "户口", "储蓄卡", "信用卡", "掌银"]).is_some();
            let alone = matches!(before, '(' | ',' | '、' | '/' | ' ' | ':')
                && matches!(scan.at(end), ',' | ')' | '、' | '/' | ' ' | '\n' | '。');
            let number = !scan.is_free(end) && scan.is_digit(end);
            // 这张卡，交通的，
            let of_bank = matches!(before, '(' | ',' | '、') && scan.starts(end, "的,");
            card || alone || number || of_bank
        }
    }
}

/// A name in Latin letters must stand by itself.
fn cuts_a_word(scan: &Scan, index: usize, name: &str) -> bool {
    let end = index + name.chars().count();
    name.is_ascii()
        && ((index > 0 && scan.at(index - 1).is_ascii_alphanumeric()) || scan.at(end).is_ascii_alphanumeric())
}

/// Where 长沙芙蓉支行 behind a bank's name ends.
fn branch_end(scan: &Scan, start: usize) -> usize {
    let run = (start..scan.len())
        .take_while(|i| scan.is_free(*i) && matches!(scan.at(*i), '\u{4E00}'..='\u{9FFF}'))
        .take(BRANCH_CHARS_MAX)
        .count();
    (1..=run)
        .rev()
        .find(|length| {
            let text = scan.plain_text(start, start + length);
            BRANCH_ENDS.iter().any(|end| text.ends_with(end)) || text == "股份有限公司"
        })
        .map_or(start, |length| start + length)
}
