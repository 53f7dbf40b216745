//! How a text is set down: with real contacts or as anonymised collections have it, with signs or without, careless,
//! or disguised against filters.

use super::grammar::{Piece, Pieces};
use crate::Dice;

/// Who sets a text down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Whoever sends it.
    Sender,
    /// In half of the cases a collection that has taken contacts and names out.
    Collections,
}

/// Sets the pieces down as one text; `disguise` says whether its sender may have reason to.
pub(super) fn apply(dice: &mut Dice, pieces: Pieces, disguise: bool, source: Source) -> String {
    let bare = dice.permille(500) && source == Source::Collections;
    let mut text = String::new();
    for (piece, value) in pieces {
        match piece {
            Piece::Words => text.push_str(&value),
            _ if bare => placeholder(dice, piece, &value, &mut text),
            Piece::Mobile if disguise && dice.permille(60) => text.push_str(&spoken(&value)),
            Piece::Mobile if dice.permille(150) => text.push_str(&grouped(&value)),
            Piece::Link if disguise && dice.permille(60) => text.push_str(&value.replace('.', "点")),
            _ => text.push_str(&value),
        }
    }
    let mut text = drop_clauses(dice, &text);
    if bare || dice.permille(120) {
        text.retain(|c| c.is_alphanumeric());
    }
    if bare && dice.permille(250) {
        scatter_names(dice, &mut text);
    }
    if dice.permille(250) {
        lose_characters(dice, &mut text);
    }
    if disguise && !bare && dice.permille(150) {
        text = disguised(dice, &text);
    }
    text
}

/// What anonymised collections write: single digits are lost, names and places are noticed mostly.
fn placeholder(dice: &mut Dice, piece: Piece, value: &str, text: &mut String) {
    let word = match piece {
        Piece::Link => "URL",
        Piece::Mobile if dice.permille(900) => "CELLPHONE",
        Piece::Fixed | Piece::Mobile => "PHONE",
        Piece::Hotline => dice.pick(&["HOTLINE", "PHONE", "DIGIT"]).copied().unwrap_or("PHONE"),
        Piece::Chat => dice.pick(&["WECHAT", "WECHAT", "", "DIGIT"]).copied().unwrap_or("WECHAT"),
        Piece::Card => "BANK",
        Piece::Name if dice.permille(700) => "NAME",
        Piece::Place if dice.permille(800) => "PLACE",
        Piece::Number if value.chars().filter(char::is_ascii_digit).count() > 1 => {
            for part in value.split(|c: char| c.is_ascii_digit()) {
                text.push_str(part);
                if dice.permille(500) && !text.ends_with("DIGIT") {
                    text.push_str("DIGIT");
                }
            }
            return;
        }
        Piece::Number if value.is_ascii() => "",
        _ => value,
    };
    text.push_str(word);
}

fn is_sign(c: char) -> bool {
    matches!(c, '，' | '。' | '！' | '；' | '？')
}

/// Leaves out some clauses, so that no part of a text is always there.
fn drop_clauses(dice: &mut Dice, text: &str) -> String {
    let clauses: Vec<&str> = text.split_inclusive(is_sign).filter(|clause| !clause.starts_with(is_sign)).collect();
    if clauses.len() < 2 {
        return clauses.concat();
    }
    let kept: Vec<&str> = clauses.iter().copied().filter(|_| !dice.permille(160)).collect();
    if kept.iter().map(|clause| clause.chars().count()).sum::<usize>() < 8 { clauses.concat() } else { kept.concat() }
}

/// Recognisers of names take other words for names now and then.
fn scatter_names(dice: &mut Dice, text: &mut String) {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..1 + dice.below(2) {
        let at = dice.index(characters.len());
        let end = (at + 2).min(characters.len());
        if characters.get(at..end).is_some_and(|cut| cut.iter().all(|c| !c.is_ascii())) {
            let word = if dice.permille(600) { "NAME" } else { "PLACE" };
            characters.splice(at..end, word.chars());
        }
    }
    *text = characters.into_iter().collect();
}

/// Words lose characters by haste and bad copies.
fn lose_characters(dice: &mut Dice, text: &mut String) {
    *text = text.chars().filter(|c| c.is_ascii() || !dice.permille(25)).collect();
}

fn spoken(digits: &str) -> String {
    digits
        .chars()
        .map(|c| c.to_digit(10).and_then(|d| "零幺二三四五六七八九".chars().nth(d as usize)).unwrap_or(c))
        .collect()
}

fn grouped(mobile: &str) -> String {
    let at = |from: usize, to: usize| mobile.get(from..to).unwrap_or_default();
    format!("{}-{}-{}", at(0, 3), at(3, 7), at(7, 11))
}

/// Words that filters look for, as they are written to pass them.
const DISGUISES: &[(&str, &[&str])] = &[
    ("微信", &["薇信", "徽信", "V信", "威❤", "微.信", "wx", "VX", "溦信"]),
    ("QQ", &["扣扣", "Q Q", "企鹅", "ＱＱ"]),
    ("银行", &["銀行", "钅艮行", "银-行", "银 行"]),
    ("转账", &["轉賬", "转 账", "转/账"]),
    ("贷款", &["貸款", "贷 款", "代款", "贷.款"]),
    ("发票", &["發票", "发-票", "发漂"]),
    ("刷单", &["刷單", "刷 单", "s单"]),
    ("验证码", &["驗證碼", "验-证-码"]),
    ("积分", &["積分", "积 分"]),
    ("领取", &["領取", "领-取"]),
    ("用户", &["用戶"]),
    ("客户", &["客戶"]),
    ("手机", &["手機", "手木几"]),
    ("兑换", &["兌換", "兑-换"]),
    ("您", &["伱", "妳", "悠"]),
    ("的", &["旳", "菂"]),
];

fn disguised(dice: &mut Dice, text: &str) -> String {
    let mut out = text.to_owned();
    for (word, ways) in DISGUISES {
        if dice.permille(500)
            && let Some(way) = dice.pick(ways)
        {
            out = out.replace(word, way);
        }
    }
    match dice.below(4) {
        0 => out
            .chars()
            .map(|c| if c.is_ascii_digit() { char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c) } else { c })
            .collect(),
        1 => {
            let mut spread = String::new();
            for c in out.chars() {
                spread.push(c);
                if dice.permille(40) {
                    spread.push('\u{200B}');
                }
            }
            spread
        }
        2 => format!("{out}{}", dice.pick(&["🎁🎁", "💰", "👉👉", "✅"]).copied().unwrap_or("💰")),
        _ => out,
    }
}
