//! Text in a file that somebody may open in a spreadsheet.
//!
//! A cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return is taken for a formula by Excel and others, and
//! text in our files comes from reports, partners and strangers. Such a cell gets an apostrophe in front, which
//! spreadsheets do not show; what we read back loses it again.

/// What makes a spreadsheet take a cell for a formula.
const LEADS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A text as a cell that no spreadsheet computes.
pub fn sheet_cell(text: &str) -> std::borrow::Cow<'_, str> {
    let first = text.trim_start_matches(' ').chars().next();
    // One that has the apostrophe already gets another, so that reading back gives the same.
    let marked = text.strip_prefix('\'').is_some_and(is_marked);
    if first.is_some_and(|c| LEADS.contains(&c) || is_wide_lead(c)) || marked {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

/// The text behind a cell that [`sheet_cell`] wrote.
pub fn from_sheet_cell(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_marked(rest)).unwrap_or(cell)
}

fn is_marked(rest: &str) -> bool {
    let first = rest.trim_start_matches([' ', '\'']).chars().next();
    first.is_some_and(|c| LEADS.contains(&c) || is_wide_lead(c))
}

/// Full-width forms, which some spreadsheets read as the plain ones.
fn is_wide_lead(c: char) -> bool {
    matches!(c, '＝' | '＋' | '－' | '＠')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_and_read_back() {
        for text in [
            "=HYPERLINK(\"http://evil.example\")",
            "+1+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "  =1",
            "＝1+1",
            "'=1",
            "''=1",
        ] {
            let cell = sheet_cell(text);
            assert!(cell.starts_with('\''), "{cell}");
            assert_eq!(from_sheet_cell(&cell), text);
        }
    }

    #[test]
    fn other_text_stays() {
        for text in ["", "冒充客服", "13800138000", "a=b", "'quoted'", "1-2"] {
            assert_eq!(sheet_cell(text), text);
            assert_eq!(from_sheet_cell(text), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_reads_back(text in "[ '=+@-]{0,4}.{0,6}") {
            let cell = sheet_cell(&text);
            proptest::prop_assert_eq!(from_sheet_cell(&cell), text.as_str());
        }
    }
}
