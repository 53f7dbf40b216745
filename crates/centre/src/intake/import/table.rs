//! The rows of a file as payments: where the columns are, where money went, and what a cell says besides its value.

use std::path::Path;

use kernel::{Fault, Faults};
use sheet::amount::{self, Direction};
use sheet::{HEADER_ROWS_MAX, Options, Row, Rows, is_rounded_number};

use super::RowFault;
use super::mapping::{self, FIELDS, Mapping, Places};
use crate::intake::texts;

/// Rows in one file at most.
pub const ROWS_MAX: u64 = 50_000;
/// Bytes of all cells at most, for the rows of one key are put together in memory.
const CELLS_BYTES_MAX: usize = 96 << 20;
/// Where at least one row of so many has an amount below zero, the file is a statement with signs.
const ROWS_PER_SIGN: usize = 10;

/// A file with its columns found.
pub(super) struct Table {
    pub(super) places: Places,
    /// Mapped columns that the file does not have, as its row of names tells them.
    pub(super) remarks: Vec<(u64, RowFault)>,
    mapping: Mapping,
    rows: Vec<Row>,
    dates_1904: bool,
    signs: Signs,
}

/// What the signs of amounts say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signs {
    /// Nothing: the file is a list of reports, which names victims and payees by columns, and no account statement.
    List,
    /// Few amounts or none are below zero.
    Few,
    /// Amounts below zero went out, and the others came in.
    Minus,
    /// Both directions bear a sign.
    Both,
}

/// What a row says.
#[derive(Debug, Default)]
pub(super) struct Facts {
    values: std::collections::BTreeMap<&'static str, String>,
    /// By the field; the row is refused.
    pub(super) faults: Vec<Fault>,
    /// By the field; the row is taken.
    pub(super) remarks: Vec<Fault>,
    /// It is no payment of the victim, in these words.
    pub(super) passed_over: Option<Fault>,
}

impl Facts {
    pub(super) fn text(&self, field: &str) -> String {
        self.values.get(field).cloned().unwrap_or_default()
    }

    fn take(&mut self, field: &str) -> String {
        self.values.get_mut(field).map(std::mem::take).unwrap_or_default()
    }
}

impl Table {
    /// Reads a file and finds its columns.
    pub(super) async fn read(path: &Path, kept: Option<Mapping>, source: &str) -> Result<Self, Faults> {
        let one = |fault: Fault| Faults(vec![fault]);
        let sheet = kept.as_ref().and_then(|mapping| mapping.sheet.clone());
        let mut reading = Rows::open(path, &Options { sheet, rows_max: ROWS_MAX }).await.map_err(one)?;
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while let Some(row) = reading.next().await.map_err(one)? {
            bytes += row.cells.iter().map(|cell| cell.text.len() + size_of::<sheet::Cell>()).sum::<usize>();
            if bytes > CELLS_BYTES_MAX {
                return Err(one(sheet::texts::BYTES.at("file", &[("most", &(CELLS_BYTES_MAX >> 20).to_string())])));
            }
            rows.push(row);
        }
        if rows.is_empty() {
            return Err(one(texts::FILE_EMPTY.at("file", &[])));
        }
        let Found { header, places, missing, mapping } = columns(&rows, kept, source)?;
        let names = rows.get(header).map(|row| (row.number, mapping::present(&row.texts())));
        let remarks = missing.into_iter().filter_map(|column| {
            let (number, present) = names.as_ref()?;
            let fault = texts::COLUMN_USUAL.at("file", &[("column", &column), ("present", present)]);
            Some((*number, RowFault { column, fault }))
        });
        let remarks = remarks.collect();
        let rows = rows.split_off((header + 1).min(rows.len()));
        if rows.is_empty() {
            return Err(one(texts::FILE_EMPTY.at("file", &[])));
        }
        let mut table = Self { places, remarks, mapping, rows, dates_1904: reading.dates_1904(), signs: Signs::Few };
        table.signs = table.signs();
        Ok(table)
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    fn signs(&self) -> Signs {
        let victims = ["victim.name", "victim.phone", "victim.citizen_id"];
        if victims.iter().any(|field| self.places.get(field).is_some()) {
            return Signs::List;
        }
        let Some(place) = self.places.get("payment.amount") else { return Signs::Few };
        let (mut below, mut above) = (0, 0);
        for found in self.rows.iter().map(|row| amount::amount(row.text(place.column))).filter(|found| found.signed) {
            *(if found.negative { &mut below } else { &mut above }) += 1;
        }
        match below > 0 && below * ROWS_PER_SIGN >= self.rows.len() {
            true if above > 0 => Signs::Both,
            true => Signs::Minus,
            false => Signs::Few,
        }
    }

    fn value(&self, row: &Row, field: &str) -> String {
        let text = self.places.get(field).map_or("", |place| row.text(place.column));
        match text {
            "" => self.mapping.default_of(field).unwrap_or_default().to_owned(),
            text => text.to_owned(),
        }
    }

    /// What a row says, every value in a form that the check of reports reads.
    pub(super) fn facts(&self, row: &Row) -> Facts {
        let mut facts = Facts::default();
        if row.too_long {
            facts.faults.push(sheet::texts::ROW_LONG.at("", &[]));
        }
        for field in FIELDS {
            let cell = self.places.get(field).and_then(|place| row.cells.get(place.column));
            let text = self.value(row, field);
            let exact = field.ends_with("account")
                || field.ends_with("phone")
                || field.ends_with("citizen_id")
                || field.ends_with("reference")
                || field == "payment.counterparty";
            let spoiled = cell.is_some_and(|cell| cell.rounded)
                || (field.ends_with("account") || field.ends_with("citizen_id")) && is_rounded_number(&text);
            if exact && spoiled {
                facts.faults.push(sheet::texts::ROUNDED.at(field, &[]));
            }
            if cell.is_some_and(|cell| cell.replaced) {
                facts.remarks.push(sheet::texts::REPLACED.at(field, &[]));
            }
            facts.values.insert(field, text);
        }
        for field in ["payment.payee_bank", "payment.payer_bank"] {
            // A branch whose name was cut off is still one of its bank.
            let text = facts.take(field).replace('\u{fffd}', "");
            facts.values.insert(field, text);
        }
        let (day, time) = (facts.take("payment.paid_at"), facts.take("payment.paid_time"));
        let paid_at = match day.is_empty() {
            true => sheet::time::joined(&time, "", self.dates_1904),
            false => sheet::time::joined(&day, &time, self.dates_1904),
        };
        facts.values.insert("payment.paid_at", paid_at);
        let occurred_at = sheet::time::joined(&facts.take("occurred_at"), "", self.dates_1904);
        facts.values.insert("occurred_at", occurred_at);
        counterparty(&mut facts);
        self.direction(&mut facts);
        facts
    }

    /// Where the money went, and how much.
    fn direction(&self, facts: &mut Facts) {
        let (out, income) = (facts.take("payment.expense"), facts.take("payment.income"));
        let mark = facts.take("payment.direction");
        let (mut field, mut text) = ("payment.amount", facts.take("payment.amount"));
        let mut way = None;
        match (amount::is_nothing(&out), amount::is_nothing(&income)) {
            (false, false) => facts.faults.push(texts::BOTH_WAYS.at("payment.expense", &[])),
            (false, true) => (field, text, way) = ("payment.expense", out, Some(Direction::Out)),
            (true, false) => (field, text, way) = ("payment.income", income, Some(Direction::In)),
            (true, true) => {}
        }
        let found = amount::amount(&text);
        if !mark.is_empty() {
            match amount::direction(&mark) {
                Some(marked) => way = Some(marked),
                None => {
                    let given: String = mark.chars().take(20).collect();
                    facts.faults.push(texts::DIRECTION.at("payment.direction", &[("given", &given)]));
                }
            }
        } else if way.is_none() && found.signed {
            way = match (found.negative, self.signs) {
                (true, Signs::Minus | Signs::Both) => Some(Direction::Out),
                (true, Signs::List | Signs::Few) => {
                    facts.faults.push(texts::NEGATIVE.at("payment.amount", &[]));
                    None
                }
                (false, Signs::List) => None,
                // A plus says that others have a minus.
                (false, _) => Some(Direction::In),
            };
        } else if way.is_none() && self.signs == Signs::Minus {
            way = Some(Direction::In);
        } else if way.is_none() && self.signs == Signs::Both && !amount::is_nothing(&text) {
            facts.faults.push(texts::DIRECTION_MISSING.at("payment.amount", &[]));
        } else if way.is_none() && self.places.get("payment.direction").is_some() {
            facts.faults.push(texts::DIRECTION_MISSING.at("payment.direction", &[]));
        }
        facts.passed_over = match way {
            Some(Direction::In) => Some(texts::INCOMING.at(field, &[])),
            Some(Direction::Neither) => Some(texts::NO_FLOW.at("payment.direction", &[])),
            Some(Direction::Out) | None => None,
        };
        let place = self.places.get(field);
        let named = facts.take("payment.currency");
        let named = amount::currency_of(&named).map_or(named, str::to_owned);
        let shown = found.currency.or_else(|| place.and_then(|place| place.currency));
        if let Some(shown) = shown
            && !named.is_empty()
            && !named.eq_ignore_ascii_case(shown)
        {
            facts.faults.push(texts::CURRENCIES.at("payment.currency", &[]));
        }
        let currency = if named.is_empty() { shown.unwrap_or("").to_owned() } else { named };
        facts.values.insert("payment.currency", currency);
        let whole =
            place.is_some_and(|place| place.ten_thousands) && !found.text.contains('万') && !found.text.is_empty();
        facts.values.insert("payment.amount", if whole { format!("{}万", found.text) } else { found.text });
    }
}

/// Name and account out of one cell: `齐正平6228480000000103015`, `6228 4800 0000 0103 015/齐正平`.
fn counterparty(facts: &mut Facts) {
    let cell = facts.take("payment.counterparty");
    if cell.is_empty() {
        return;
    }
    let of_number = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-');
    let mut longest: Option<&str> = None;
    for run in cell.split(|c: char| !of_number(c)) {
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        if digits(run) >= 8 && longest.is_none_or(|known| digits(run) > digits(known)) {
            longest = Some(run);
        }
    }
    let number = longest.unwrap_or("");
    let name = cell.replacen(number, " ", 1);
    let name = name.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '/' | '|' | ',' | '，' | ':' | '：' | '-' | '_' | '(' | ')' | '（' | '）' | '[' | ']' | ';' | '；'
            )
    });
    if facts.text("payment.payee_account").is_empty() {
        let account: String = number.chars().filter(char::is_ascii_digit).collect();
        if is_rounded_number(&account) {
            facts.faults.push(sheet::texts::ROUNDED.at("payment.counterparty", &[]));
        }
        facts.values.insert("payment.payee_account", account);
    }
    if facts.text("payment.payee_name").is_empty() {
        facts.values.insert("payment.payee_name", name.to_owned());
    }
}

/// The columns of a file.
struct Found {
    /// Place of the row of the names.
    header: usize,
    places: Places,
    /// Mapped columns that are not there.
    missing: Vec<String>,
    mapping: Mapping,
}

/// The row of the names, and the columns: by the mapping where the source has one, and by the usual names. A source may
/// send files of another form: what has not all mapped columns is read where the usual names are enough.
fn columns(rows: &[Row], kept: Option<Mapping>, source: &str) -> Result<Found, Faults> {
    let by_hand = kept.is_some();
    let mapping = kept.unwrap_or_default();
    let wanted = mapping.header_row.and_then(|n| u64::try_from(n).ok());
    let named = rows.iter().position(|row| Some(row.number) == wanted);
    let mut best: Option<(usize, Places, Vec<String>)> = None;
    let mut first_faults = None;
    for index in named.into_iter().chain(0..rows.len().min(HEADER_ROWS_MAX)) {
        let Some(row) = rows.get(index) else { continue };
        let names = row.texts();
        let (places, missing) = mapping.places(&names);
        if missing.is_empty() && by_hand && Some(index) == named {
            best = Some((index, places, missing));
            break;
        }
        if places.are_enough() || by_hand && missing.is_empty() {
            // All mapped columns come before many known ones.
            let better = best.as_ref().is_none_or(|(_, known, lacks)| {
                (missing.is_empty(), places.count()) > (lacks.is_empty(), known.count())
            });
            if better {
                best = Some((index, places, missing));
            }
        } else if !missing.is_empty() {
            first_faults.get_or_insert_with(|| {
                Faults(missing.iter().map(|column| mapping::missing_column(column, &names)).collect())
            });
        }
    }
    if let Some((header, places, missing)) = best {
        return Ok(Found { header, places, missing, mapping });
    }
    Err(first_faults.unwrap_or_else(|| {
        let present = mapping::present(&fullest(rows));
        Faults(vec![texts::COLUMNS_UNKNOWN.at("file", &[("source", source), ("present", &present)])])
    }))
}

/// The names of the row that most looks like a header.
fn fullest(rows: &[Row]) -> Vec<String> {
    let filled = |row: &&Row| row.cells.iter().filter(|cell| !cell.text.is_empty()).count();
    let top = rows.iter().take(HEADER_ROWS_MAX);
    // The first of those with the most cells.
    top.rev().max_by_key(filled).map(Row::texts).unwrap_or_default()
}
