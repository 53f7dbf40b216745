//! Sentences with choices: `[a|b]` is one of its parts (they may be empty and hold others), `{name}` a place to fill.

use crate::Dice;

/// Where a piece of a text came from, for what is done to it later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    Words,
    Link,
    Mobile,
    Fixed,
    Hotline,
    Number,
    Name,
    Place,
    Chat,
    Card,
}

/// A text in pieces.
pub(super) type Pieces = Vec<(Piece, String)>;

/// Deepest nesting of slots.
const DEPTH_MAX: usize = 8;

/// Writes one text of a template.
pub(super) fn write(dice: &mut Dice, template: &str, fill: &impl Fn(&mut Dice, &str) -> Option<Filled>) -> Pieces {
    let mut pieces = Vec::new();
    expand(dice, template, fill, &mut pieces, 0);
    pieces
}

/// What a slot gives.
pub(super) enum Filled {
    Template(&'static str),
    Value(Piece, String),
}

fn expand(
    dice: &mut Dice,
    template: &str,
    fill: &impl Fn(&mut Dice, &str) -> Option<Filled>,
    pieces: &mut Pieces,
    depth: usize,
) {
    let mut rest = template;
    while let Some(at) = rest.find(['[', '{']) {
        let (before, after) = rest.split_at(at);
        words(pieces, before);
        if after.starts_with('[') {
            let (parts, behind) = choices(after);
            if let Some(part) = parts.get(dice.below(parts.len().max(1) as u64) as usize) {
                expand(dice, part, fill, pieces, depth);
            }
            rest = behind;
        } else {
            let (name, behind) = after.trim_start_matches('{').split_once('}').unwrap_or(("", ""));
            match fill(dice, name) {
                Some(Filled::Template(template)) if depth < DEPTH_MAX => {
                    expand(dice, template, fill, pieces, depth + 1);
                }
                Some(Filled::Value(piece, value)) => pieces.push((piece, value)),
                _ => {}
            }
            rest = behind;
        }
    }
    words(pieces, rest);
}

fn words(pieces: &mut Pieces, words: &str) {
    if !words.is_empty() {
        pieces.push((Piece::Words, words.to_owned()));
    }
}

/// The parts of the choice that `text` begins with, and what stands behind it.
fn choices(text: &str) -> (Vec<&str>, &str) {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 1);
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            '|' if depth == 1 => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            ']' => {
                depth -= 1;
                if depth == 0 {
                    parts.push(text.get(start..at).unwrap_or_default());
                    return (parts, text.get(at + 1..).unwrap_or_default());
                }
            }
            _ => {}
        }
    }
    (vec![text.get(1..).unwrap_or_default()], "")
}
