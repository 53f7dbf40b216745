//! Rows out of CSV: every fault of a row at once.

use std::path::Path;

use kernel::{AccountNo, Currency, Fault, Faults, Money, Msisdn, PersonName, Text, Timestamp};
use wire::Channel;

use super::ROWS_MAX;
use crate::account::{AccountKind, CustomerKind};
use crate::error::{Error, Result};
use crate::ledger::booking::day_of;

/// Longest number, reference or memo, in characters.
const TEXT_CHARS_MAX: usize = 200;

const MISSING: Text = Text::new("import.missing", ("该栏为空", "the field is empty"), ("请补齐", "Fill it in"));
const TOO_LONG: Text = Text::new(
    "import.too_long",
    ("该栏超过 {most} 个字符", "the field has more than {most} characters"),
    ("请缩短", "Shorten it"),
);
const UNKNOWN: Text = Text::new(
    "import.unknown_word",
    ("“{found}”不在代码表中", "“{found}” is not on the list"),
    ("可用:{words}", "Use one of: {words}"),
);
const TIME: Text = Text::new(
    "import.time",
    ("不是时间", "this is not a time"),
    (
        "请写成 2026-11-23T08:00:00+08:00 或 2026-11-23 08:00:00",
        "Write it as 2026-11-23T08:00:00+08:00 or 2026-11-23 08:00:00",
    ),
);
const FUTURE: Text =
    Text::new("import.future", ("时间晚于现在", "the time is later than now"), ("请核对时间", "Check the time"));
const DAY: Text =
    Text::new("import.day", ("不是日期", "this is not a date"), ("请写成 2026-11-23", "Write it as 2026-11-23"));
const NEGATIVE: Text =
    Text::new("import.negative", ("不能为负数", "this cannot be below zero"), ("请核对", "Check it"));

const COLUMN: Text = Text::new(
    "import.bank_column",
    ("文件中没有列“{column}”", "the file has no column {column}"),
    ("请核对标题行", "Check the row of column names"),
);
const CURRENCY: Text = Text::new(
    "import.bank_currency",
    ("金额中的币种不是 {currency}", "the amount names a currency other than {currency}"),
    ("请核对 currency 列和金额", "Check the column currency and the amount"),
);

/// Texts of this module.
pub(super) const TEXTS: &[Text] = &[MISSING, TOO_LONG, UNKNOWN, TIME, FUTURE, DAY, NEGATIVE, COLUMN, CURRENCY];

/// A row of one kind.
pub(super) trait Row: Sized {
    /// Columns that must be there.
    const NEEDED: &'static [&'static str];

    /// Reads a row; `None` when it had a fault.
    fn read(fields: &mut Fields<'_>) -> Option<Self>;
}

/// Which seat a row belongs to.
pub(super) enum Of<T> {
    /// This one.
    Us(T),
    /// Another.
    Elsewhere,
}

/// A read file: good rows with their line, and the lines that have faults.
pub(super) struct Table<T> {
    pub(super) rows: Vec<(u64, Of<T>)>,
    pub(super) refused: Vec<(u64, Vec<Fault>)>,
}

/// Reads a whole file.
///
/// # Errors
/// It is neither CSV nor a workbook, lacks a column that must be there, or has too many rows.
pub(super) async fn table<T: Row>(path: &Path, me: &str, now: Timestamp) -> Result<Table<T>> {
    let fail = |faults: Faults| {
        let said = faults.0.first().map_or_else(String::new, |fault| format!("{} · {}", fault.said.zh, fault.said.en));
        Error::File { path: path.display().to_string(), problem: said }
    };
    let one = |fault: Fault| fail(Faults(vec![fault]));
    let rows = sheet::Rows::open(path, &sheet::Options::rows(ROWS_MAX)).await.map_err(one)?;
    let mut rows = sheet::header::headed(rows, columns::<T>).await.map_err(fail)?;
    let mut out = Table { rows: Vec::new(), refused: Vec::new() };
    while let Some(row) = rows.next().await.map_err(one)? {
        if row.too_long {
            out.refused.push((row.number, vec![sheet::texts::ROW_LONG.at("", &[])]));
            continue;
        }
        let dates_1904 = rows.dates_1904();
        let mut fields = Fields { columns: &rows.columns, row: &row, faults: Faults::none(), now, dates_1904 };
        if fields.get("bank").is_some_and(|bank| bank != me) {
            out.rows.push((row.number, Of::Elsewhere));
            continue;
        }
        fields.look_for_rounded();
        match T::read(&mut fields) {
            Some(made) if fields.faults.is_empty() => out.rows.push((row.number, Of::Us(made))),
            _ => out.refused.push((row.number, fields.faults.0)),
        }
    }
    Ok(out)
}

/// The names of the columns, where those that must be there are among them.
fn columns<T: Row>(names: &[String]) -> std::result::Result<Vec<String>, Faults> {
    let names: Vec<String> = names.iter().map(|name| name.trim().to_lowercase()).collect();
    let missing: Vec<&str> = T::NEEDED.iter().copied().filter(|name| !names.iter().any(|c| c == *name)).collect();
    if missing.is_empty() {
        return Ok(names);
    }
    Err(Faults(missing.into_iter().map(|name| COLUMN.at("file", &[("column", name)])).collect()))
}

/// A row under reading.
pub(super) struct Fields<'a> {
    columns: &'a [String],
    row: &'a sheet::Row,
    faults: Faults,
    now: Timestamp,
    dates_1904: bool,
}

impl Fields<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        let at = self.columns.iter().position(|column| column == name)?;
        self.row.cells.get(at).map(|cell| cell.text.as_str()).filter(|text| !text.is_empty())
    }

    /// Numbers whose last digits a spreadsheet lost, where the file proves it. The check digit proves nothing here: a
    /// bank's own books hold numbers without one.
    fn look_for_rounded(&mut self) {
        for (name, cell) in self.columns.iter().zip(&self.row.cells) {
            let exact =
                name == "account" || name.ends_with("_account") || name.ends_with("_id") || name.ends_with("number");
            if exact && cell.rounded {
                self.faults.push(sheet::texts::ROUNDED.at(name, &[]));
            }
        }
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let text = self.get(name)?.to_owned();
        if text.chars().count() > TEXT_CHARS_MAX {
            self.faults.push(TOO_LONG.at(name, &[("most", &TEXT_CHARS_MAX.to_string())]));
            return None;
        }
        Some(text)
    }

    fn needed(&mut self, name: &str) -> Option<String> {
        if self.get(name).is_none() {
            self.faults.push(MISSING.at(name, &[]));
            return None;
        }
        self.text(name)
    }

    fn parsed<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> std::result::Result<T, Fault>) -> Option<T> {
        let text = self.needed(name)?;
        self.faults.keep(parse(&text).map_err(|fault| Fault { field: name.to_owned(), ..fault }))
    }

    fn word<T>(&mut self, name: &str, otherwise: T, parse: impl FnOnce(&str) -> Option<T>, words: &str) -> Option<T> {
        let Some(text) = self.text(name) else { return Some(otherwise) };
        let parsed = parse(&text);
        if parsed.is_none() {
            self.faults.push(UNKNOWN.at(name, &[("found", &text), ("words", words)]));
        }
        parsed
    }

    fn time(&mut self, name: &str) -> Option<Timestamp> {
        let text = sheet::time::joined(self.get(name)?, "", self.dates_1904);
        let parsed = sheet::time::moment(&text);
        match parsed {
            None => self.faults.push(TIME.at(name, &[])),
            Some(time) if time > self.now => self.faults.push(FUTURE.at(name, &[])),
            Some(_) => {}
        }
        parsed
    }

    fn currency(&mut self) -> Option<Currency> {
        match self.text("currency") {
            None => Some(Currency::CNY),
            Some(text) => self.faults.keep(
                Currency::parse(sheet::amount::currency_of(&text).unwrap_or(&text))
                    .map_err(|fault| Fault { field: "currency".to_owned(), ..fault }),
            ),
        }
    }

    fn money(&mut self, name: &str, currency: Currency) -> Option<i64> {
        let found = sheet::amount::amount(&self.text(name)?);
        if found.currency.is_some_and(|code| code != currency.code()) {
            self.faults.push(CURRENCY.at(name, &[("currency", currency.code())]));
        }
        let money = self.faults.keep(Money::parse_at(name, &found.text, currency))?;
        if found.negative && money.minor != 0 || money.minor < 0 {
            self.faults.push(NEGATIVE.at(name, &[]));
        }
        Some(money.minor)
    }
}

/// A row of `customers.csv`.
pub(super) struct CustomerRow {
    pub(super) external_id: String,
    pub(super) kind: CustomerKind,
    pub(super) name: String,
    pub(super) id_number: Option<String>,
    pub(super) phones: Vec<String>,
    pub(super) since: Option<Timestamp>,
}

impl Row for CustomerRow {
    const NEEDED: &'static [&'static str] = &["customer_id", "name"];

    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let external_id = f.needed("customer_id");
        let kinds = |word: &str| [CustomerKind::Person, CustomerKind::Company].into_iter().find(|k| k.code() == word);
        let kind = f.word("kind", CustomerKind::Person, kinds, "person, company");
        let name = f.parsed("name", PersonName::parse);
        let id_number = f.text("id_number");
        let mut phones = Vec::new();
        for phone in f.text("phones").iter().flat_map(|all| all.split([';', '；'])).map(str::trim) {
            if phone.is_empty() {
                continue;
            }
            phones.extend(f.faults.keep(Msisdn::parse_at("phones", phone)).map(|phone| phone.to_string()));
        }
        let since = f.time("since");
        Some(Self { external_id: external_id?, kind: kind?, name: name?.to_string(), id_number, phones, since })
    }
}

/// A row of `accounts.csv`.
pub(super) struct AccountRow {
    pub(super) no: String,
    pub(super) customer: String,
    pub(super) currency: Currency,
    /// `None` where the file names none.
    pub(super) kind: Option<AccountKind>,
    pub(super) opened_at: Option<Timestamp>,
    pub(super) opening_minor: i64,
    pub(super) overdraft_minor: i64,
    pub(super) protected_reason: Option<String>,
}

impl Row for AccountRow {
    const NEEDED: &'static [&'static str] = &["account", "customer_id"];

    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let no = f.parsed("account", AccountNo::parse);
        let customer = f.needed("customer_id");
        let currency = f.currency();
        let kinds = |word: &str| AccountKind::parse(word).filter(|kind| *kind != AccountKind::Internal);
        let words = "settlement, limited, company, savings, securities, wallet, merchant";
        let kind = f.word("kind", None, |word| kinds(word).map(Some), words);
        let opened_at = f.time("opened_at");
        let of = currency.unwrap_or(Currency::CNY);
        let (opening, overdraft) = (f.money("opening_balance", of), f.money("overdraft", of));
        let protected_reason = f.text("protected");
        Some(Self {
            no: no?.to_string(),
            customer: customer?,
            currency: currency?,
            kind: kind?,
            opened_at,
            opening_minor: opening.unwrap_or(0),
            overdraft_minor: overdraft.unwrap_or(0),
            protected_reason,
        })
    }
}

/// One side of a row of `transfers.csv`, as written.
pub(super) struct SideRow {
    pub(super) bank: Option<String>,
    pub(super) account: Option<String>,
    pub(super) name: String,
}

/// A row of `transfers.csv`.
pub(super) struct TransferRow {
    pub(super) external_id: String,
    pub(super) time: Timestamp,
    pub(super) amount_minor: i64,
    pub(super) currency: Currency,
    pub(super) payer: SideRow,
    pub(super) payee: SideRow,
    pub(super) channel: Channel,
    pub(super) reference: String,
    pub(super) memo: String,
    pub(super) value_date: String,
}

impl Row for TransferRow {
    const NEEDED: &'static [&'static str] = &["transfer_id", "time", "amount"];

    fn read(f: &mut Fields<'_>) -> Option<Self> {
        let external_id = f.needed("transfer_id");
        if f.get("time").is_none() {
            f.faults.push(MISSING.at("time", &[]));
        }
        let time = f.time("time");
        let currency = f.currency();
        if f.get("amount").is_none() {
            f.faults.push(MISSING.at("amount", &[]));
        }
        let amount = f.money("amount", currency.unwrap_or(Currency::CNY));
        if amount == Some(0) {
            f.faults.push(crate::ledger::LedgerFault::AmountNotPositive.text().at("amount", &[]));
        }
        let payer = side(f, ["payer_bank", "payer_account", "payer_name"]);
        let payee = side(f, ["payee_bank", "payee_account", "payee_name"]);
        let known = |word: &str| Channel::from_code(word).filter(|c| *c != Channel::Other || word == "other");
        let words: Vec<&str> = Channel::ALL.iter().map(|c| c.code()).collect();
        let channel = f.word("channel", Channel::Online, known, &words.join(", "));
        let (reference, memo) = (f.text("reference"), f.text("memo"));
        let value_date = f.text("value_date").map(|day| sheet::time::joined(&day, "", f.dates_1904));
        if value_date.as_deref().is_some_and(|day| day.parse::<jiff::civil::Date>().is_err()) {
            f.faults.push(DAY.at("value_date", &[]));
        }
        let time = time?;
        Some(Self {
            external_id: external_id?,
            time,
            amount_minor: amount?,
            currency: currency?,
            payer,
            payee,
            channel: channel?,
            reference: reference.unwrap_or_default(),
            memo: memo.unwrap_or_default(),
            value_date: value_date.unwrap_or_else(|| day_of(time)),
        })
    }
}

fn side(f: &mut Fields<'_>, [bank, account, name]: [&'static str; 3]) -> SideRow {
    let number = f.text(account);
    let number = number.and_then(|no| f.faults.keep(AccountNo::parse_at(account, &no)).map(|no| no.to_string()));
    SideRow { bank: f.text(bank), account: number, name: f.text(name).unwrap_or_default() }
}
