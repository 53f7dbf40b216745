//! A pasted bank table: lines of cells by tabs, bars, commas or wide gaps, with a header or recognised by shape.

use jiff::civil::{Date, Time};
use kernel::{AccountKind, AccountNo, Currency, Money, PersonName, Timestamp};

use super::scan::Scan;
use super::{
    AccountFinding, AmountFinding, AmountRole, BankFinding, Finding, Found, NameFinding, Precision, Side, Span,
    SuggestedPayment, TimeFinding, paid_at,
};
use crate::intake::check::SHORT_CHARS_MAX;
use crate::intake::model::{DraftAmount, DraftPayment, PaymentChannel};
use crate::intake::moment::{Given, civil_date, civil_time, parse_civil, parse_moment};
use crate::intake::partners::BankNames;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Time,
    Date,
    TimeOfDay,
    Amount,
    Income,
    Direction,
    Balance,
    PayerAccount,
    PayerName,
    PayerBank,
    PayeeAccount,
    PayeeName,
    PayeeBank,
    /// Account and name of the other side in one cell.
    Counterparty,
    Reference,
    Channel,
    Currency,
    Unknown,
}

/// Header words of Chinese bank tables, without spaces and units in brackets.
pub(crate) fn column(header: &str) -> Column {
    let bare: String = header.chars().filter(|c| !c.is_whitespace()).collect();
    // 记账金额(收入), 金额（支出）: what stands in brackets is the direction.
    if let Some((_, inside)) =
        bare.split_once(['(', '（']).filter(|(name, _)| name.contains("金额") || *name == "发生额")
    {
        if ["收入", "贷", "存入", "转入"].iter().any(|word| inside.starts_with(word)) {
            return Column::Income;
        }
        if ["支出", "借", "转出"].iter().any(|word| inside.starts_with(word)) {
            return Column::Amount;
        }
    }
    let bare = bare.split(['(', '（', '[']).next().unwrap_or("").trim_matches(['"', '*', ':', '：']);
    match bare {
        "交易时间" | "时间" | "转账时间" | "付款时间" | "转入时间" | "记账时间" | "交易日期时间" | "汇款时间"
        | "支付时间" | "转出时间" | "汇入时间" | "打款时间" => Column::Time,
        "交易日期" | "日期" | "记账日期" | "转账日期" | "付款日期" | "汇款日期" | "转出日期" => {
            Column::Date
        }
        "时刻" | "时分秒" => Column::TimeOfDay,
        "金额" | "交易金额" | "转账金额" | "付款金额" | "支出" | "支出金额" | "借方金额" | "借方发生额"
        | "转出金额" | "汇款金额" | "汇出金额" | "打款金额" | "发生额" => Column::Amount,
        "收入" | "收入金额" | "汇入金额" | "贷方金额" | "贷方发生额" | "转入金额" | "存入" => {
            Column::Income
        }
        "收支" | "收/付" | "借/贷" | "进出" | "类型" | "交易类型" | "进出标志" | "借贷标志" | "借贷" | "收付标志"
        | "方向" | "收/支" => Column::Direction,
        "余额" | "账户余额" | "交易后余额" | "可用余额" => Column::Balance,
        "付款账号" | "本方账号" | "我方账号" | "转出账号" | "付款卡号" | "交易卡号" | "付款人账号" | "付款方账号"
        | "转出卡" | "转出卡号" | "转出账户" | "付款卡" | "付款账户" | "本方卡号" | "本人卡号" => {
            Column::PayerAccount
        }
        "付款人" | "付款户名" | "本方户名" | "付款方" | "付款人姓名" | "付款人名称" => {
            Column::PayerName
        }
        "付款银行" | "付款行" | "付款开户行" => Column::PayerBank,
        "对方账号" | "收款账号" | "账号" | "卡号" | "对方卡号" | "收款卡号" | "转入账号" | "收款人账号"
        | "收款方账号" | "对方账户" | "收款账户" | "交易对手账号" | "对手账号" | "收款卡" | "转入卡" | "转入卡号"
        | "转入账户" | "对方卡" | "收款人卡号" | "收款人账户" | "收款方卡号" => {
            Column::PayeeAccount
        }
        "对方户名" | "收款户名" | "户名" | "收款人" | "对方姓名" | "收款方" | "收款人姓名" | "收款人名称"
        | "对方名称" | "对手名称" | "交易对手" | "对手户名" | "收款方户名" | "姓名" | "转入户名" | "收款人户名"
        | "收款方名称" => Column::PayeeName,
        "对方银行" | "收款银行" | "开户行" | "收款行" | "对方开户行" | "对方行名" | "收款开户行" | "银行"
        | "收款机构" | "转入银行" | "开户银行" | "收款人开户行" | "对方开户银行" => {
            Column::PayeeBank
        }
        "交易对方"
        | "交易对方信息"
        | "对手信息"
        | "对方信息"
        | "对方账号与户名"
        | "对方账户信息"
        | "交易对手账卡号"
        | "交易对手信息"
        | "对方账号户名"
        | "收款方信息"
        | "对方账号及户名" => Column::Counterparty,
        "流水号" | "交易流水号" | "交易流水" | "参考号" | "凭证号" | "订单号" | "交易单号" | "流水" => {
            Column::Reference
        }
        "渠道" | "交易渠道" | "交易方式" | "付款方式" => Column::Channel,
        "币种" => Column::Currency,
        _ => Column::Unknown,
    }
}

#[derive(Debug, Clone)]
struct Cell {
    span: Span,
    text: String,
}

/// Finds rows, puts their parts among the findings, and gives one payment a row.
pub(super) fn payments(
    scan: &mut Scan,
    reference: Timestamp,
    partners: &BankNames,
    found: &mut Found,
) -> Vec<SuggestedPayment> {
    let today = reference.civil_cst().date();
    let lines: Vec<(Span, Vec<Cell>)> = scan.lines().into_iter().map(|line| (line, cells(scan, line))).collect();
    let mut payments = Vec::new();
    let mut header: Option<Vec<Column>> = None;
    let shaped: Vec<bool> = lines.iter().map(|(_, cells)| guess(cells, today, partners).is_some()).collect();
    let shaped_count = shaped.iter().filter(|s| **s).count();
    let mut rows: Vec<(Span, Row)> = Vec::new();
    for ((line, cells), shaped) in lines.iter().zip(shaped) {
        let columns: Vec<Column> = cells.iter().map(|cell| column(&cell.text)).collect();
        if columns.iter().filter(|c| **c != Column::Unknown).count() >= 2 && !shaped {
            header = Some(of_payments(columns));
            scan.mark_table(*line);
            continue;
        }
        let row = match &header {
            Some(columns) if cells.len() >= 2 => by_header(cells, columns, today, partners),
            _ if shaped_count >= 2 || cells.len() >= 4 => guess(cells, today, partners),
            _ => None,
        };
        match row {
            Some(row) => rows.push((*line, row)),
            None if cells.len() < 2 => header = None,
            None => {}
        }
    }
    // Where some amounts are negative, those are what was paid, and the others came in. Where what came in bears a plus,
    // a row without sign says nothing of its direction: it is suggested, and the officer decides.
    let signed = rows.iter().any(|(_, row)| row.amount.minor < 0);
    let both = signed && rows.iter().any(|(_, row)| row.plus);
    for (line, row) in rows {
        scan.mark_table(line);
        scan.take(line.range());
        let outgoing = !row.income && (row.amount.minor < 0 || !signed || both && !row.plus);
        payments.extend(row.into_findings(scan, outgoing, found).filter(|_| outgoing));
    }
    payments
}

/// Where a header names only what came in and no balance, it lists what came into the accounts of the other side.
fn of_payments(mut columns: Vec<Column>) -> Vec<Column> {
    let has = |column: Column| columns.contains(&column);
    if has(Column::Income) && has(Column::PayeeAccount) && !has(Column::Amount) && !has(Column::Balance) {
        for column in columns.iter_mut().filter(|column| **column == Column::Income) {
            *column = Column::Amount;
        }
    }
    columns
}

fn cells(scan: &Scan, line: Span) -> Vec<Cell> {
    let text = scan.plain_text(line.start, line.end);
    let tabs = text.contains('\t');
    let bars = text.matches('|').count() >= 2;
    let slashes = !tabs && !bars && text.matches(" / ").count() >= 3;
    let gaps = text.contains("  ");
    // Commas that only group digits divide no cells where wide gaps do.
    let dividing = (line.start..line.end).filter(|i| scan.at(*i) == ',' && !is_grouping(scan, *i)).count();
    let commas = if gaps { dividing >= 2 } else { text.matches(',').count() >= 2 };
    let mut cells = Vec::new();
    let (mut start, mut quoted) = (line.start, false);
    let mut index = line.start;
    while index <= line.end {
        let c = if index == line.end { '\n' } else { scan.at(index) };
        if c == '"' {
            quoted = !quoted;
        }
        let splits = index == line.end
            || (!quoted
                && match () {
                    () if tabs => c == '\t',
                    () if bars => c == '|',
                    () if slashes => c == '/' && scan.at(index - 1) == ' ' && scan.at(index + 1) == ' ',
                    () if commas => c == ',',
                    () if gaps => c == ' ' && scan.at(index + 1) == ' ',
                    () => false,
                });
        if splits {
            cells.push(trimmed(scan, Span { start, end: index }));
            start = index + 1;
        }
        index += 1;
    }
    if bars || gaps {
        cells.retain(|cell| !cell.text.is_empty());
    }
    cells
}

/// A comma between digits with exactly three behind it.
fn is_grouping(scan: &Scan, comma: usize) -> bool {
    comma > 0
        && scan.is_digit(comma - 1)
        && (1..=3).all(|offset| scan.is_digit(comma + offset))
        && !scan.is_digit(comma + 4)
}

fn trimmed(scan: &Scan, span: Span) -> Cell {
    let blank = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '=');
    let (mut start, mut end) = (span.start, span.end);
    while start < end && blank(scan.at(start)) {
        start += 1;
    }
    while end > start && blank(scan.at(end - 1)) {
        end -= 1;
    }
    Cell { span: Span { start, end }, text: scan.plain_text(start, end) }
}

#[derive(Debug, Clone)]
struct Placed<T> {
    span: Span,
    value: T,
}

#[derive(Debug, Clone)]
struct Row {
    amount: Money,
    amount_span: Span,
    /// The amount is written with a plus.
    plus: bool,
    income: bool,
    time: Option<Placed<(Timestamp, Precision)>>,
    payer_account: Option<Placed<AccountNo>>,
    payee_account: Option<Placed<AccountNo>>,
    payer_name: Option<Placed<PersonName>>,
    payee_name: Option<Placed<PersonName>>,
    payee_bank: Option<Placed<String>>,
    payer_bank: Option<Placed<String>>,
    reference: Option<Placed<String>>,
    channel: Option<PaymentChannel>,
}

fn money(text: &str, currency: Currency) -> Option<Money> {
    if text.chars().filter(char::is_ascii_digit).count() > 13 {
        return None;
    }
    Money::parse(text, currency).ok().filter(|m| m.minor != 0)
}

fn has_plus(cell: &Cell) -> bool {
    let found = sheet::amount::amount(&cell.text);
    found.signed && !found.negative
}

fn account(text: &str) -> Option<AccountNo> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    AccountNo::parse(text).ok().filter(|a| (8..=34).contains(&digits) && digits + 4 >= a.as_str().len())
}

fn moment(text: &str, today: Date) -> Option<(Timestamp, Precision)> {
    whole_moment(text).or_else(|| yearless_moment(text, today))
}

/// 11-27 08:55, 11月28日 15:31:07, 11/24: a day without its year, the last one that has passed. A day alone must show by
/// its sign that it is one.
fn yearless_moment(text: &str, today: Date) -> Option<(Timestamp, Precision)> {
    let (month, rest) = leading_number(text.trim())?;
    let sign = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.' | '月'))?;
    let (day, rest) = leading_number(rest.get(sign.len_utf8()..)?)?;
    let rest = rest.trim_start_matches(['日', '号']).trim();
    if rest.is_empty() && sign == '.' {
        return None;
    }
    let year = i32::from(today.year());
    let date = civil_date(year, month, day).filter(|d| *d <= today).or_else(|| civil_date(year - 1, month, day))?;
    if rest.is_empty() {
        return Timestamp::from_civil_cst(date.to_datetime(Time::midnight())).map(|at| (at, Precision::Day));
    }
    let (time, precision) = time_of_day(rest)?;
    Timestamp::from_civil_cst(date.to_datetime(time)).map(|at| (at, precision))
}

/// The one or two digits at the start, and what follows.
fn leading_number(text: &str) -> Option<(i32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length).filter(|_| (1..=2).contains(&length))?;
    digits.parse().ok().map(|number| (number, rest))
}

/// A whole cell that is a time of day: 15:40, 15:40:07.
fn time_of_day(text: &str) -> Option<(Time, Precision)> {
    let parts: Vec<&str> = text.trim().split([':', '：']).collect();
    let number = |part: &str| leading_number(part).filter(|(_, rest)| rest.is_empty()).map(|(number, _)| number);
    match parts.as_slice() {
        [hour, minute] => civil_time(number(hour)?, number(minute)?, 0).map(|time| (time, Precision::Minute)),
        [hour, minute, second] => {
            civil_time(number(hour)?, number(minute)?, number(second)?).map(|time| (time, Precision::Second))
        }
        _ => None,
    }
}

fn whole_moment(text: &str) -> Option<(Timestamp, Precision)> {
    let precision = match parse_civil(text) {
        Some((_, Given::DateOnly)) => Precision::Day,
        Some(_) if text.matches(':').count() < 2 && text.chars().filter(char::is_ascii_digit).count() < 14 => {
            Precision::Minute
        }
        _ => Precision::Second,
    };
    parse_moment(text).map(|at| (at, precision))
}

fn by_header(cells: &[Cell], columns: &[Column], today: Date, partners: &BankNames) -> Option<Row> {
    let cell = |wanted: Column| {
        columns
            .iter()
            .zip(cells)
            .find(|(column, cell)| **column == wanted && !cell.text.is_empty())
            .map(|(_, cell)| cell)
    };
    let place = |cell: &Cell| cell.span;
    let currency = cell(Column::Currency).and_then(|c| Currency::parse(&c.text).ok()).unwrap_or(Currency::CNY);
    let spent = cell(Column::Amount).and_then(|c| money(&c.text, currency).map(|m| (m, c.span)));
    let received = cell(Column::Income).and_then(|c| money(&c.text, currency).map(|m| (m, c.span)));
    let income_word = cell(Column::Direction)
        .is_some_and(|c| is_income(&c.text) || ["收入", "转入", "存入", "入账"].iter().any(|w| c.text.contains(w)));
    let income = income_word || (spent.is_none() && received.is_some());
    let (amount, amount_span) = spent.or(received)?;
    let joined_time = || {
        let (date, time) = (cell(Column::Date)?, cell(Column::TimeOfDay).or_else(|| cell(Column::Time))?);
        moment(&format!("{} {}", date.text, time.text), today).map(|value| Placed { span: date.span, value })
    };
    let single_time = || {
        let cell = cell(Column::Time).filter(|c| moment(&c.text, today).is_some()).or_else(|| cell(Column::Date))?;
        moment(&cell.text, today).map(|value| Placed { span: cell.span, value })
    };
    let read_account =
        |column| cell(column).and_then(|c| account(&c.text).map(|value| Placed { span: place(c), value }));
    let read_name = |column| {
        cell(column).and_then(|c| PersonName::parse(&c.text).ok().map(|value| Placed { span: place(c), value }))
    };
    let read_bank = |column| {
        cell(column).and_then(|c| partners.resolve(&c.text).map(|id| Placed { span: place(c), value: id.to_owned() }))
    };
    // A bank that is no partner is suggested by the name in its column.
    let named_bank = || {
        let named = cell(Column::PayeeBank).filter(|c| (2..=SHORT_CHARS_MAX).contains(&c.text.chars().count()));
        named.map(|c| Placed { span: place(c), value: c.text.clone() })
    };
    let other = cell(Column::Counterparty).map(|c| counterparty(c, partners)).unwrap_or_default();
    let plus =
        [Column::Amount, Column::Income].into_iter().filter_map(cell).any(|c| c.span == amount_span && has_plus(c));
    Some(Row {
        amount,
        amount_span,
        plus,
        income,
        time: joined_time().or_else(single_time),
        payer_account: read_account(Column::PayerAccount),
        payee_account: read_account(Column::PayeeAccount).or(other.account),
        payer_name: read_name(Column::PayerName),
        payee_name: read_name(Column::PayeeName).or(other.name),
        payer_bank: read_bank(Column::PayerBank),
        payee_bank: read_bank(Column::PayeeBank).or(other.bank).or_else(named_bank),
        reference: cell(Column::Reference).map(|c| Placed { span: place(c), value: c.text.clone() }),
        channel: cell(Column::Channel).and_then(|c| PaymentChannel::read(&c.text)),
    })
}

/// A cell that says that money came in.
fn is_income(text: &str) -> bool {
    ["收入", "贷", "转入", "收", "入账", "入", "进", "贷方", "存入", "C", "转存"].contains(&text)
}

/// The parts of a cell such as 齐正平6228480000000103015 or 仇千/6229080000008244559/兴业银行.
#[derive(Debug, Default)]
struct Counterparty {
    account: Option<Placed<AccountNo>>,
    name: Option<Placed<PersonName>>,
    bank: Option<Placed<String>>,
}

fn counterparty(cell: &Cell, partners: &BankNames) -> Counterparty {
    let mut other = Counterparty::default();
    let characters: Vec<char> = cell.text.chars().collect();
    let mut start = 0;
    while start < characters.len() {
        let kind = |c: char| (c.is_ascii_alphanumeric(), is_separator(c));
        let first = characters.get(start).copied().unwrap_or(' ');
        let length = characters.iter().skip(start).take_while(|c| kind(**c) == kind(first)).count().max(1);
        let part: String = characters.iter().skip(start).take(length).collect();
        let span = Span { start: cell.span.start + start, end: cell.span.start + start + length };
        start += length;
        if is_separator(first) {
            continue;
        }
        if let Some(value) = account(&part).filter(|_| other.account.is_none()) {
            other.account = Some(Placed { span, value });
        } else if let Some(id) = partners.resolve(&part) {
            other.bank.get_or_insert(Placed { span, value: id.to_owned() });
        } else if !first.is_ascii_digit()
            && other.name.is_none()
            && let Ok(value) = PersonName::parse(&part)
        {
            other.name = Some(Placed { span, value });
        }
    }
    other
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '/' | '|' | ',' | '，' | '-' | '(' | ')' | '（' | '）' | ':' | '：' | ';' | '；' | '_')
}

/// A row without header: a time, an amount and an account, each a whole cell. Of two accounts the first paid; of two
/// amounts the second is the balance.
fn guess(cells: &[Cell], today: Date, partners: &BankNames) -> Option<Row> {
    if cells.len() < 3 {
        return None;
    }
    let (mut time, mut amount, mut accounts, mut name, mut bank, mut reference) =
        (None::<Placed<(Timestamp, Precision)>>, None, Vec::new(), None, None, None);
    let mut income = false;
    for cell in cells.iter().filter(|cell| !cell.text.is_empty()) {
        let digits = cell.text.chars().filter(char::is_ascii_digit).count();
        let only_digits = digits == cell.text.chars().filter(|c| !matches!(c, ' ' | '-')).count();
        if let Some(value) = moment(&cell.text, today) {
            time.get_or_insert(Placed { span: cell.span, value });
        } else if let Some((clock, precision)) = time_of_day(&cell.text) {
            // The day stands in a cell of its own.
            let day = time.as_mut().filter(|time| time.value.1 == Precision::Day);
            if let Some(day) = day
                && let Some(at) = Timestamp::from_civil_cst(day.value.0.civil_cst().date().to_datetime(clock))
            {
                day.value = (at, precision);
            }
        } else if is_income(&cell.text) {
            income = true;
        } else if only_digits
            && (12..=19).contains(&digits)
            && let Some(value) = account(&cell.text)
        {
            accounts.push(Placed { span: cell.span, value });
        } else if (20..=40).contains(&cell.text.len()) && cell.text.chars().all(|c| c.is_ascii_alphanumeric()) {
            reference.get_or_insert(Placed { span: cell.span, value: cell.text.clone() });
        } else if let Some(value) =
            money(&cell.text, Currency::CNY).filter(|_| digits > 0 && (!only_digits || digits <= 9))
        {
            amount.get_or_insert((value, cell.span, has_plus(cell)));
        } else if let Some(id) = partners.resolve(&cell.text) {
            bank.get_or_insert(Placed { span: cell.span, value: id.to_owned() });
        } else if let Some(bare) = bare_name(&cell.text)
            && let Ok(value) = PersonName::parse(bare)
        {
            name.get_or_insert(Placed { span: cell.span, value });
        }
    }
    let mut accounts = accounts.into_iter();
    let (first, second) = (accounts.next()?, accounts.next());
    let (payer_account, payee_account) = match second {
        Some(second) => (Some(first), Some(second)),
        None => (None, Some(first)),
    };
    let (amount, amount_span, plus) = amount?;
    time.as_ref()?;
    Some(Row {
        amount,
        amount_span,
        plus,
        income,
        time,
        payer_account,
        payee_account,
        payer_name: None,
        payee_name: name,
        payee_bank: bank,
        payer_bank: None,
        reference,
        channel: None,
    })
}

/// The name in a cell such as 雷明 or 对方:雷明.
fn bare_name(text: &str) -> Option<&str> {
    let bare = text.rsplit_once([':', '：']).map_or(text, |(_, name)| name.trim());
    let bare = ["户名 ", "姓名 ", "收款人 ", "对方 "].iter().find_map(|label| bare.strip_prefix(label)).unwrap_or(bare);
    is_name(bare).then_some(bare)
}

fn is_name(text: &str) -> bool {
    let count = text.chars().count();
    let han = text.chars().all(|c| matches!(c, '\u{4E00}'..='\u{9FFF}' | '·'));
    han && ((2..=4).contains(&count) || text.ends_with("公司"))
        && !["转账", "汇款", "支出", "收入", "人民币", "消费", "跨行转账", "转出", "网银", "成功"].contains(&text)
}

impl Row {
    fn into_findings(self, scan: &Scan, outgoing: bool, found: &mut Found) -> std::option::IntoIter<SuggestedPayment> {
        let mut spans = vec![self.amount_span];
        let amount = Money::new(self.amount.minor.saturating_abs(), self.amount.currency);
        found.amounts.push(AmountFinding {
            span: self.amount_span,
            text: scan.text(self.amount_span),
            value: amount,
            role: if outgoing { AmountRole::Paid } else { AmountRole::Other },
        });
        let mut payment = DraftPayment {
            amount: DraftAmount::Money(amount),
            currency: amount.currency.to_string(),
            channel: self.channel.map(|c| c.code().to_owned()).unwrap_or_default(),
            ..DraftPayment::default()
        };
        if let Some(Placed { span, value: (value, precision) }) = self.time {
            spans.push(span);
            payment.paid_at = paid_at(value, precision);
            found.times.push(TimeFinding { span, text: scan.text(span), value, precision });
        }
        for (placed, side, field) in [
            (self.payer_account, Side::Payer, &mut payment.payer_account),
            (self.payee_account, Side::Payee, &mut payment.payee_account),
        ] {
            let Some(Placed { span, value }) = placed else { continue };
            spans.push(span);
            *field = value.to_string();
            let kind = match value.kind() {
                AccountKind::Card => "card",
                AccountKind::Other => "other",
            };
            found.accounts.push(AccountFinding { span, text: scan.text(span), value: value.to_string(), side, kind });
        }
        for (placed, side, field) in [
            (self.payer_name, Side::Payer, &mut payment.payer_name),
            (self.payee_name, Side::Payee, &mut payment.payee_name),
        ] {
            let Some(Placed { span, value }) = placed else { continue };
            spans.push(span);
            *field = value.to_string();
            found.names.push(NameFinding { span, text: scan.text(span), value: value.to_string(), side });
        }
        for (placed, field) in [(self.payer_bank, &mut payment.payer_bank), (self.payee_bank, &mut payment.payee_bank)]
        {
            let Some(Placed { span, value }) = placed else { continue };
            spans.push(span);
            field.clone_from(&value);
            found.banks.push(BankFinding { span, text: scan.text(span), value });
        }
        if let Some(Placed { span, value }) = self.reference {
            spans.push(span);
            payment.reference.clone_from(&value);
            found.references.push(Finding { span, text: scan.text(span), value });
        }
        spans.sort_unstable();
        Some(SuggestedPayment { payment, spans }).into_iter()
    }
}
