//! Values bound to the places of a statement.

use kernel::Timestamp;

/// One bound value; the option says SQL `NULL` with its type, which PostgreSQL wants to know.
#[derive(Debug, Clone)]
pub enum Arg {
    /// `BIGINT`.
    Int(Option<i64>),
    /// `TEXT`.
    Text(Option<String>),
    /// `BOOLEAN`.
    Bool(Option<bool>),
    /// `BYTEA` or `BLOB`.
    Bytes(Option<Vec<u8>>),
}

impl Arg {
    /// Whether it is SQL `NULL`.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Int(None) | Self::Text(None) | Self::Bool(None) | Self::Bytes(None))
    }
}

/// The bound values of a statement, in the order of their places.
pub type Args = Vec<Arg>;

/// Builds [`Args`]: `args![id, 5, name]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { ::std::vec![$($crate::Arg::from($value)),*] };
}

/// `($1,$2),($3,$4)`: the places of `rows` rows of `columns` columns, counted from `first`.
pub fn places(columns: usize, rows: usize, first: usize) -> String {
    let mut text = String::with_capacity(columns * rows * 7);
    let mut next = first;
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..columns {
            if column > 0 {
                text.push(',');
            }
            text.push('$');
            text.push_str(&next.to_string());
            next += 1;
        }
        text.push(')');
    }
    text
}

macro_rules! arg_from {
    ($($t:ty => $variant:ident($convert:expr)),* $(,)?) => {$(
        impl From<$t> for Arg {
            fn from(value: $t) -> Self {
                Arg::$variant(Some($convert(value)))
            }
        }
        impl From<Option<$t>> for Arg {
            fn from(value: Option<$t>) -> Self {
                Arg::$variant(value.map($convert))
            }
        }
    )*};
}

arg_from! {
    i64 => Int(|v| v),
    i32 => Int(i64::from),
    u32 => Int(i64::from),
    u16 => Int(i64::from),
    u8 => Int(i64::from),
    Timestamp => Int(|v: Timestamp| v.0),
    kernel::Duration => Int(|v: kernel::Duration| v.0),
    bool => Bool(|v| v),
    String => Text(storable),
    &str => Text(|v: &str| storable(v.to_owned())),
    &String => Text(|v: &String| storable(v.clone())),
    Vec<u8> => Bytes(|v| v),
    &[u8] => Bytes(|v: &[u8]| v.to_vec()),
}

/// A text as both databases take it: PostgreSQL has no place for U+0000 and refuses the whole statement, with which a
/// partner's or a file's odd name would hold up everything that is written in the same transaction. A reader sees the
/// sign for a character that could not be read.
fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text }
}

macro_rules! arg_from_id {
    ($($t:ident),* $(,)?) => { arg_from! { $(kernel::$t => Text(|v: kernel::$t| v.to_string()),)* } };
}

arg_from_id!(
    ReportId,
    OrderId,
    MessageId,
    UserId,
    SessionId,
    RuleId,
    TimerId,
    CustomerId,
    AccountId,
    TransferId,
    HoldId,
    PaperId,
    ImportId,
    NoticeId,
    ListEntryId,
    AppealId,
    MeasureId,
);
