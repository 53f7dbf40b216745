//! Looking up by the beginning of a name. Each column that is searched has two indexes, of its first character and of its
//! first two, as they stand in [`begins`]: they work under every collation of both databases, and no search reads more
//! than the rows that begin alike.

/// Rows of one column in one search at most, the newest first.
const ROWS_MAX: usize = 1_000;

/// The identities in `id` of the rows of `table` whose `column` begins with a text: one Chinese character or two letters at least;
/// none where the text is no beginning of a name. The two values are bound at the places `?`.
pub(crate) fn begins(table: &str, id: &str, column: &str, text: &str) -> Option<(String, [String; 2])> {
    let text = text.trim().to_lowercase();
    let length = text.chars().count();
    let enough = length >= 2 || text.chars().any(|c| c.is_alphabetic() && !c.is_ascii());
    if !enough || text.chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    let head = length.min(2);
    let first: String = text.chars().take(head).collect();
    let sql = format!(
        "SELECT {id} FROM {table} WHERE lower(substr({column}, 1, {head})) = ? AND lower(substr({column}, 1, {length})) = ?
         ORDER BY {id} DESC LIMIT {ROWS_MAX}"
    );
    Some((sql, [first, text]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_one_chinese_character_or_two_letters() {
        let binds = |text: &str| begins("t", "id", "name", text).map(|(_, [first, whole])| format!("{first} {whole}"));
        assert_eq!(binds(" 陆 ").as_deref(), Some("陆 陆"));
        assert_eq!(binds("陆建国").as_deref(), Some("陆建 陆建国"));
        assert_eq!(binds("WANG").as_deref(), Some("wa wang"));
        for none in ["", "w", "%", "13800138000", "R261123-0001"] {
            assert_eq!(binds(none), None, "{none}");
        }
    }
}
