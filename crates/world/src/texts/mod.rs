//! Writes Chinese messages and call scripts with their truth: scams of every type, advertising, notices of services and
//! warnings of scams, private words, illegal offers. The classifier that ships is trained on these alone.
//!
//! The same seed gives the same texts. Everybody named in them is invented.

mod campaign;
mod grammar;
mod honest;
mod scams;
mod slots;
mod style;

use kernel::ScamType;

use crate::Dice;
pub use campaign::{Campaign, Wording};
use grammar::{Filled, Piece};
use style::Source;

/// A text, and what it is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    /// The text.
    pub text: String,
    /// The code of a [`ScamType`], or `advertising`, `notice`, `private`, `illegal`.
    pub label: &'static str,
}

/// Texts without end.
#[derive(Debug, Clone)]
pub struct Writer {
    dice: Dice,
    source: Source,
}

/// What kinds of text there are, and how often each comes.
const KINDS: [(Kind, u32); 6] = [
    (Kind::Scam, 36),
    (Kind::ScamScript, 6),
    (Kind::Advertising, 27),
    (Kind::Notice, 14),
    (Kind::Private, 8),
    (Kind::Illegal, 9),
];

#[derive(Debug, Clone, Copy)]
enum Kind {
    Scam,
    ScamScript,
    Advertising,
    Notice,
    Private,
    Illegal,
}

impl Writer {
    /// Texts that follow from the seed, half of them as anonymised collections have them.
    pub const fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed), source: Source::Collections }
    }

    /// Texts as they are sent, with the contacts in them.
    pub const fn sent(seed: u64) -> Self {
        Self { dice: Dice::new(seed), source: Source::Sender }
    }

    /// One text of a scam type.
    pub fn scam(&mut self, kind: ScamType) -> Written {
        let templates = scams::SCAMS.iter().find(|(of, _)| *of == kind).map_or(&[][..], |(_, templates)| templates);
        self.finish(templates, kind.code())
    }

    /// One text that is no scam, in turn of all kinds.
    pub fn honest(&mut self) -> Written {
        match self.dice.below(10) {
            0..4 => self.finish(honest::ADVERTISING, "advertising"),
            4..8 => self.notice(),
            _ => self.private(),
        }
    }

    fn notice(&mut self) -> Written {
        let honest = if self.dice.permille(120) { script_of(&mut self.dice) } else { None };
        match honest {
            Some((label, templates)) => self.finish(templates, label),
            None => self.finish(honest::NOTICES, "notice"),
        }
    }

    fn private(&mut self) -> Written {
        self.finish(honest::PRIVATE, "private")
    }

    fn one(&mut self) -> Written {
        let kind = self.dice.weighted(&KINDS.map(|(_, weight)| weight));
        match KINDS.get(kind).map_or(Kind::Private, |(kind, _)| *kind) {
            Kind::Scam => {
                // As many templates as a type has, so often it comes: what is written most is what is sent most.
                let weights: Vec<u32> =
                    scams::SCAMS.iter().map(|(_, templates)| 3 + u32::try_from(templates.len()).unwrap_or(0)).collect();
                let chosen = self.dice.weighted(&weights);
                let kind = scams::SCAMS.get(chosen).map_or(ScamType::Other, |(kind, _)| *kind);
                self.scam(kind)
            }
            Kind::ScamScript => {
                let chosen = self.dice.index(honest::SCRIPTS.len());
                let (kind, templates) =
                    honest::SCRIPTS.get(chosen).map_or((ScamType::Other, &[][..]), |(kind, t)| (*kind, *t));
                self.finish(templates, kind.code())
            }
            Kind::Advertising => self.finish(honest::ADVERTISING, "advertising"),
            Kind::Notice => self.notice(),
            Kind::Private => self.private(),
            Kind::Illegal => self.finish(honest::ILLEGAL, "illegal"),
        }
    }

    fn finish(&mut self, templates: &[&str], label: &'static str) -> Written {
        let template = self.dice.pick(templates).copied().unwrap_or_default();
        let pieces = grammar::write(&mut self.dice, template, &fill);
        Written { text: style::apply(&mut self.dice, pieces, disguised(label), self.source), label }
    }
}

/// Whether who writes such texts may have reason to disguise them.
fn disguised(label: &str) -> bool {
    matches!(label, "illegal" | "advertising") || ScamType::parse(label).is_ok()
}

impl Iterator for Writer {
    type Item = Written;

    fn next(&mut self) -> Option<Written> {
        loop {
            let written = self.one();
            if written.text.chars().count() >= 4 {
                return Some(written);
            }
        }
    }
}

fn script_of(dice: &mut Dice) -> Option<(&'static str, &'static [&'static str])> {
    dice.pick(honest::HONEST_SCRIPTS).copied()
}

/// Fills a slot: a value of its own, or words of the table.
fn fill(dice: &mut Dice, name: &str) -> Option<Filled> {
    let digits = |dice: &mut Dice, count: usize| -> String {
        (0..count).map(|_| char::from(b'0' + u8::try_from(dice.below(10)).unwrap_or(0))).collect()
    };
    let letters = |dice: &mut Dice, count: usize| -> String {
        (0..count).map(|_| char::from(b'a' + u8::try_from(dice.below(26)).unwrap_or(0))).collect()
    };
    let (piece, value) = match name {
        "n" => (Piece::Number, number(dice)),
        "tail" => (Piece::Number, digits(dice, 4)),
        "code" => {
            let length = 4 + dice.index(3);
            (Piece::Number, digits(dice, length))
        }
        "date" => (Piece::Number, format!("{}月{}日", dice.between(1, 12), dice.between(1, 28))),
        "clock" => (Piece::Number, format!("{}:{:02}", dice.between(8, 22), dice.below(60))),
        "mobile" => {
            let second = dice.pick(&["3", "5", "7", "8", "9"]).copied().unwrap_or("3");
            let third = if second == "7" { dice.below(9) } else { dice.below(4) };
            (Piece::Mobile, format!("1{second}{third}{}", digits(dice, 8)))
        }
        "fixed" => {
            let area = dice.pick(&["0731", "010", "021", "0755", "028", "0571", "027", ""]).copied().unwrap_or("");
            (
                Piece::Fixed,
                format!("{area}{}{}", if area.is_empty() { "" } else { "-" }, 20_000_000 + dice.below(69_999_999)),
            )
        }
        "hotline" => {
            let known = ["95588", "95533", "95599", "95555", "10086", "10010", "10000", "12345", "95598", "95338"];
            let own = format!("400-{}-{}", digits(dice, 3), digits(dice, 4));
            let value = if dice.permille(500) { own } else { dice.pick(&known).copied().unwrap_or("95588").to_owned() };
            (Piece::Hotline, value)
        }
        "url" => (Piece::Link, link(dice, &letters)),
        "wechat" => {
            let length = 4 + dice.index(6);
            (Piece::Chat, format!("{}{}", letters(dice, length), digits(dice, 3)))
        }
        "qq" => {
            let length = 8 + dice.index(3);
            (Piece::Number, format!("{}{}", dice.between(1, 9), digits(dice, length)))
        }
        "card" => (Piece::Card, format!("62{}{}", dice.between(1, 3), digits(dice, 16))),
        "flight" => (Piece::Number, format!("{}{}", letters(dice, 2).to_uppercase(), digits(dice, 4))),
        "plate" => (Piece::Number, format!("湘A{}", digits(dice, 5))),
        "surname" => (Piece::Name, surname(dice)),
        "name" => {
            let given = 1 + dice.index(2);
            let characters: Vec<char> = slots::GIVEN.chars().collect();
            let given: String = (0..given).filter_map(|_| dice.pick(&characters).copied()).collect();
            (Piece::Name, format!("{}{given}", surname(dice)))
        }
        "place" => (Piece::Place, dice.pick(slots::PLACES).copied().unwrap_or("长沙").to_owned()),
        _ => return slots::SLOTS.iter().find(|(of, _)| *of == name).map(|(_, words)| Filled::Template(words)),
    };
    Some(Filled::Value(piece, value))
}

fn surname(dice: &mut Dice) -> String {
    let characters: Vec<char> = slots::SURNAMES.chars().collect();
    dice.pick(&characters).copied().unwrap_or('王').to_string()
}

fn number(dice: &mut Dice) -> String {
    match dice.below(8) {
        0 => dice.between(1, 9).to_string(),
        1 | 2 => (dice.between(1, 99) * 10).to_string(),
        3 | 4 => (dice.between(1, 99) * 100).to_string(),
        5 => dice.between(10, 9_999).to_string(),
        6 => dice
            .pick(&["一", "三", "五", "十", "一百", "五千", "一万", "两", "八", "几"])
            .copied()
            .unwrap_or("一")
            .to_owned(),
        _ => dice.between(2, 99).to_string(),
    }
}

fn link(dice: &mut Dice, letters: &impl Fn(&mut Dice, usize) -> String) -> String {
    let length = 3 + dice.index(8);
    let host = letters(dice, length);
    let ending = dice.pick(slots::SCAM_ENDINGS).copied().unwrap_or("com");
    match dice.below(6) {
        0 => format!("http://{host}.{ending}"),
        1 => format!("https://{host}.{ending}/{}", letters(dice, 4)),
        2 => format!("www.{host}.{ending}"),
        3 => format!("t.cn/{}", letters(dice, 6)),
        4 => format!("dwz.cn/{}", letters(dice, 7)),
        _ => format!("{host}.{ending}/{}", letters(dice, 3)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_writes_the_same() {
        let some = |seed| Writer::new(seed).take(200).collect::<Vec<_>>();
        assert_eq!(some(3), some(3));
        assert_ne!(some(3), some(4));
    }

    #[test]
    fn every_label_comes_and_no_slot_stays_open() {
        let mut labels = std::collections::BTreeSet::new();
        for written in Writer::new(1).take(20_000) {
            let Written { text, label } = &written;
            assert!(!text.contains(['{', '}', '|']) && text.chars().count() >= 4, "{written:?}");
            labels.insert(*label);
        }
        assert_eq!(labels.len(), 13 + 4, "{labels:?}");
    }

    #[test]
    fn every_slot_and_choice_of_every_template_is_well_formed() {
        let scams = scams::SCAMS.iter().flat_map(|(_, templates)| templates.iter());
        let scripts = honest::SCRIPTS.iter().flat_map(|(_, templates)| templates.iter());
        let calls = honest::HONEST_SCRIPTS.iter().flat_map(|(_, templates)| templates.iter());
        let plain = [honest::ADVERTISING, honest::NOTICES, honest::PRIVATE, honest::ILLEGAL].concat();
        let words = slots::SLOTS.iter().map(|(_, words)| words);
        for template in scams.chain(scripts).chain(calls).chain(&plain).chain(words) {
            let count = |c: char| template.chars().filter(|x| *x == c).count();
            assert_eq!((count('['), count('{')), (count(']'), count('}')), "{template}");
            for name in template.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name) {
                assert!(fill(&mut Dice::new(1), name).is_some(), "{{{name}}} in {template}");
            }
        }
    }

    #[test]
    fn texts_vary() {
        let texts: std::collections::HashSet<String> = Writer::new(9).take(20_000).map(|w| w.text).collect();
        assert!(texts.len() > 18_500, "{}", texts.len());
    }
}
