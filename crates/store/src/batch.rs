//! Several statements that travel to the database as one.

use crate::{Arg, Args};

/// Statements in one batch at most.
const STATEMENTS_MAX: usize = 16;
/// Bound values in one batch, from which it travels; the database takes 32,766.
const ARGS_MAX: usize = 500;

/// Statements that wait, and what is bound to them.
#[derive(Debug, Default)]
pub struct Batch {
    sql: String,
    args: Args,
    statements: usize,
}

impl Batch {
    /// Adds a statement. The places of its values are counted on from those before it.
    pub fn push(&mut self, sql: &str, args: Vec<Arg>) {
        if !self.sql.is_empty() {
            self.sql.push_str("; ");
        }
        place_from(&mut self.sql, sql, self.args.len());
        self.args.extend(args);
        self.statements += 1;
    }

    /// Whether nothing waits.
    pub const fn is_empty(&self) -> bool {
        self.statements == 0
    }

    /// Whether it should travel now.
    pub const fn is_full(&self) -> bool {
        self.statements >= STATEMENTS_MAX || self.args.len() >= ARGS_MAX
    }

    /// All of it as one text, with its values.
    pub fn into_statement(self) -> (String, Args) {
        (self.sql, self.args)
    }
}

/// Writes a statement with `$1` as `$(before + 1)` and so on. A dollar sign within quotes is no place.
fn place_from(out: &mut String, sql: &str, before: usize) {
    let mut quoted = false;
    let mut rest = sql;
    while let Some(at) = rest.find(['$', '\'']) {
        let (text, from) = rest.split_at(at);
        out.push_str(text);
        let (sign, behind) = from.split_at(1);
        let digits = behind.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        out.push_str(sign);
        rest = behind;
        match digits.parse::<usize>() {
            Ok(place) if sign == "$" && !quoted => {
                out.push_str(&(before + place).to_string());
                rest = behind.split_at(digits.len()).1;
            }
            _ => quoted ^= sign == "'",
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::Batch;
    use crate::args;

    #[test]
    fn places_are_counted_on_and_quotes_are_left_alone() {
        let mut batch = Batch::default();
        batch.push("INSERT INTO a VALUES ($1,$2)", args![1_i64, "x"]);
        batch.push("UPDATE a SET b = '$1 of ''it''', c = $12 WHERE d = $1", args![2_i64]);
        let (sql, bound) = batch.into_statement();
        assert_eq!(sql, "INSERT INTO a VALUES ($1,$2); UPDATE a SET b = '$1 of ''it''', c = $14 WHERE d = $3");
        assert_eq!(bound.len(), 3);
    }
}
