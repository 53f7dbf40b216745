//! What a list is asked for in its address: how many rows, from where on, which words.

use std::str::FromStr;

use crate::list::read_cursor;
use crate::problem::Problem;
use crate::texts::{CURSOR, NOT_ONE_OF};

/// Rows of a list unless asked otherwise.
pub const ROWS: i64 = 50;
/// Rows of a list at most.
pub const ROWS_MAX: i64 = 200;

/// How many rows are shown, within [`ROWS_MAX`], and one more to ask for, which tells whether there is more.
pub fn rows(limit: Option<i64>) -> (usize, i64) {
    rows_within(limit, ROWS, ROWS_MAX)
}

/// The same for a list with bounds of its own: `usual` rows unless asked otherwise, `most` at most.
pub fn rows_within(limit: Option<i64>, usual: i64, most: i64) -> (usize, i64) {
    let shown = limit.unwrap_or(usual).clamp(1, most);
    (usize::try_from(shown).unwrap_or(usize::MAX), shown.saturating_add(1))
}

/// The identifier out of a cursor; an empty cursor begins at the first page.
///
/// # Errors
/// The fault of the field `cursor`.
pub fn before<T: FromStr>(cursor: Option<&str>) -> Result<Option<T>, Problem> {
    let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else { return Ok(None) };
    let key = read_cursor(cursor)?;
    Ok(Some(key.parse().map_err(|_| CURSOR.at("cursor", &[]))?))
}

/// One word of a list; an empty one is none.
///
/// # Errors
/// The fault of the field `name`, with the words that there are.
pub fn word<T>(
    name: &str,
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Option<T>,
    words: &[&str],
) -> Result<Option<T>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    match parse(text) {
        Some(value) => Ok(Some(value)),
        None => Err(NOT_ONE_OF.at(name, &[("found", text), ("words", &words.join(", "))]).into()),
    }
}

/// The text of a search field; an empty one is none.
pub fn asked(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::list::cursor;

    #[test]
    fn a_page_holds_what_was_asked_within_its_bounds_and_one_row_more_is_fetched() {
        assert_eq!(rows(None), (50, 51));
        assert_eq!(rows(Some(7)), (7, 8));
        assert_eq!(rows(Some(0)), (1, 2));
        assert_eq!(rows(Some(i64::MAX)), (200, 201));
        assert_eq!(rows_within(None, 500, 1_000), (500, 501));
    }

    #[test]
    fn a_cursor_gives_its_identifier_and_a_foreign_one_is_refused() {
        assert_eq!(before::<u32>(Some(&cursor("42"))).unwrap(), Some(42));
        assert_eq!(before::<u32>(Some("")).unwrap(), None);
        assert!(before::<u32>(Some(&cursor("a page of another list"))).is_err());
        assert!(before::<u32>(Some("%%")).is_err());
    }

    #[test]
    fn a_word_is_one_of_the_list_or_a_fault() {
        let parse = |text: &str| (text == "open").then_some(1);
        assert_eq!(word("state", Some("open"), parse, &["open"]).unwrap(), Some(1));
        assert_eq!(word("state", Some(""), parse, &["open"]).unwrap(), None);
        assert!(word("state", Some("shut"), parse, &["open"]).is_err());
        assert_eq!(asked(Some("  ".to_owned())), None);
        assert_eq!(asked(Some(" 3024 ".to_owned())).as_deref(), Some("3024"));
    }
}
