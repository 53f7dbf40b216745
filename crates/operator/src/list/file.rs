//! List files: CSV with number, action and reason, and where known expiry, source and case. Bad rows are told with all
//! their faults; the good ones hold.

use std::io::Read;

use kernel::{Fault, Faults, ListBounds, ListRefusal, Text, Timestamp, from_sheet_cell, list_refusals, sheet_cell};
use screen::{EntryKind, ListEntry, Number, NumberKind, Pattern};

/// Longest reason or source, in characters.
pub const WORDS_CHARS_MAX: usize = 200;
/// Refused rows kept with their faults; the rest are counted.
pub const REFUSED_KEPT_MAX: usize = 1_000;

const NO_COLUMN: Text = Text::new(
    "operator.file.column",
    ("文件缺少“{column}”列", "the file has no column {column}"),
    (
        "第一行写列名：number,action,reason，可另有 expires,source,case_number",
        "Begin with a line of column names: number,action,reason, and where known expires,source,case_number",
    ),
);
const NOT_CSV: Text = Text::new(
    "operator.file.row",
    ("这一行不是有效的 CSV：{problem}", "this line is not valid CSV: {problem}"),
    ("请检查引号和列数", "Check the quotes and the number of columns"),
);
const NUMBER: Text = Text::new(
    "operator.pattern",
    ("“{found}”不是号码、号段前缀或号码区间", "“{found}” is not a number, a prefix or a range of numbers"),
    (
        "号码写作 13800138000 或 +86…，前缀写作 +86170*，区间写作 +8617012340000-+8617012349999",
        "Write a number as +8613800138000, a prefix as +86170*, a range as +8617012340000-+8617012349999",
    ),
);
const ACTION: Text = Text::new(
    "operator.action",
    ("“{found}”不是名单动作", "“{found}” is not an action of the list"),
    ("可用：block（拦截）、watch（关注）、allow（放行）、protect（保护）", "Use block, watch, allow or protect"),
);
const REASON: Text = Text::new(
    "operator.reason",
    ("没有写明理由", "there is no reason"),
    ("请写明理由，被拦截的人会看到", "Say why; a caller who is stopped is told"),
);
const TOO_LONG: Text = Text::new(
    "operator.too_long",
    ("文字超过 {max} 个字符", "the text has more than {max} characters"),
    ("请缩短", "Make it shorter"),
);
const EXPIRES: Text = Text::new(
    "operator.expires",
    ("“{found}”不是时间", "“{found}” is not a time"),
    ("写作 2026-12-31 或 2026-12-31T08:00:00+08:00", "Write it as 2026-12-31 or 2026-12-31T08:00:00+08:00"),
);
const EXPIRED: Text = Text::new(
    "operator.expired",
    ("到期时间已过", "the expiry has passed"),
    ("请改为将来的时间，或留空", "Give a time to come, or none"),
);
const EMERGENCY: Text = Text::new(
    "operator.emergency",
    ("紧急号码和反诈专线不得拦截", "emergency numbers and the lines of the centre cannot be blocked"),
    ("请删去该行", "Leave it out"),
);
const SERVICE: Text = Text::new(
    "operator.service",
    ("客服和政务号码不得拦截", "service numbers cannot be blocked"),
    ("请删去该行", "Leave it out"),
);
const LONG_RANGE: Text = Text::new(
    "operator.range_long",
    ("区间超过 {max} 个号码", "the range has more than {max} numbers"),
    ("请缩小区间，以免误拦整个号段", "Make it shorter, so that no whole block is silenced"),
);
const SHORT_PREFIX: Text = Text::new(
    "operator.prefix_short",
    ("号段只写明 {digits} 位，至少要 {min} 位", "the prefix has {digits} digits; it needs at least {min}"),
    ("请写更长的前缀，以免误拦整个地区", "Give a longer one, so that no whole region is silenced"),
);

/// Texts of this module.
pub(crate) const TEXTS: &[Text] = &[
    NO_COLUMN,
    NOT_CSV,
    NUMBER,
    ACTION,
    REASON,
    TOO_LONG,
    EXPIRES,
    EXPIRED,
    EMERGENCY,
    SERVICE,
    LONG_RANGE,
    SHORT_PREFIX,
];

/// A text of a field is longer than it may be.
pub(crate) fn too_long(field: &str, chars_max: usize) -> Fault {
    TOO_LONG.at(field, &[("max", &chars_max.to_string())])
}

/// A row that does not load.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Refused {
    /// Line in the file, from 1.
    pub line: u64,
    /// All that is wrong with it.
    pub faults: Vec<Fault>,
}

/// What was made of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileReport {
    /// Rows read, the line of names not counted.
    pub rows: u64,
    /// Rows refused.
    pub refused: u64,
    /// The first [`REFUSED_KEPT_MAX`] of them.
    pub kept: Vec<Refused>,
}

impl FileReport {
    /// Counts a refused row, and keeps it while there are few.
    pub(crate) fn refuse(&mut self, line: u64, faults: Faults) {
        self.refused += 1;
        if self.kept.len() < REFUSED_KEPT_MAX {
            self.kept.push(Refused { line, faults: faults.0 });
        }
    }
}

/// What rows are checked against.
#[derive(Debug, Clone)]
pub struct RowRules {
    /// Now.
    pub now: Timestamp,
    /// What may be blocked.
    pub bounds: ListBounds,
    /// The source of rows that name none.
    pub source: String,
}

/// A row as it stands, before it is checked; also what the page sends.
#[derive(Debug, Clone, Default)]
pub struct RowInput<'a> {
    /// Number, prefix or range.
    pub number: &'a str,
    /// Word of the action.
    pub action: &'a str,
    /// Why.
    pub reason: &'a str,
    /// Expiry; empty for none.
    pub expires: &'a str,
    /// Who says so; empty for the default.
    pub source: &'a str,
    /// Case number; empty for none.
    pub case: &'a str,
}

/// A pattern from any of the ways in which people and files write it; a range of one number is that number.
pub fn read_pattern(text: &str) -> Option<Pattern> {
    match as_written(text)? {
        Pattern::Range(from, to) if from == to => Some(Pattern::Full(from)),
        pattern => Some(pattern),
    }
}

fn as_written(text: &str) -> Option<Pattern> {
    let text = text.trim();
    let pattern = Pattern::parse(text);
    let is_known = |pattern: &Pattern| match pattern {
        Pattern::Full(number) => number.kind() != NumberKind::Unassigned || number.calls_for_help(),
        _ => true,
    };
    // `95500-95509` would be one number of ten digits, which no plan has.
    if !pattern.as_ref().is_some_and(is_known)
        && let Some((from, to)) = text.split_once('-')
        && from.len() == to.len()
        && let (Some(from), Some(to)) = (Number::read(from), Number::read(to))
        && let Some(range) = Pattern::range(from, to)
    {
        return Some(range);
    }
    if pattern.is_some() {
        return pattern;
    }
    // `+8617012340000-+8617012349999`, as documents between seats write it; a dash may also stand inside of a number.
    text.match_indices('-').find_map(|(at, _)| {
        let (from, to) = (text.get(..at)?, text.get(at + 1..)?);
        Pattern::range(Number::read(from)?, Number::read(to)?)
    })
}

/// The action of a word in either language.
pub fn read_kind(word: &str) -> Option<EntryKind> {
    let word = word.trim().to_ascii_lowercase();
    EntryKind::from_word(&word).or(match word.as_str() {
        "拦截" | "black" | "黑名单" => Some(EntryKind::Block),
        "关注" | "grey" | "灰名单" => Some(EntryKind::Watch),
        "放行" | "white" | "白名单" => Some(EntryKind::Allow),
        "保护" => Some(EntryKind::Protect),
        _ => None,
    })
}

fn read_expiry(text: &str) -> Option<Timestamp> {
    if let Some(at) = Timestamp::parse(text) {
        return Some(at);
    }
    let text = sheet::time::joined(text, "", false);
    // A day alone stands until its end in China Standard Time.
    if let Ok(day) = text.parse::<jiff::civil::Date>() {
        return Timestamp::from_civil_cst(day.tomorrow().ok()?.at(0, 0, 0, 0));
    }
    let at = sheet::time::moment(&text)?;
    let only_a_day = !text.contains(':') && text.chars().filter(char::is_ascii_digit).count() <= 8;
    Some(if only_a_day { at + kernel::Duration::hours(24) } else { at })
}

/// Checks a row and tells all its faults.
///
/// # Errors
/// Every fault, by the field's name.
pub fn check(row: &RowInput<'_>, rules: &RowRules) -> Result<ListEntry, Faults> {
    let mut faults = Faults::none();
    let pattern = faults.keep(read_pattern(row.number).ok_or_else(|| {
        let found: String = row.number.chars().take(40).collect();
        NUMBER.at("number", &[("found", &found)])
    }));
    let kind = faults.keep(read_kind(row.action).ok_or_else(|| {
        let found: String = row.action.chars().take(40).collect();
        ACTION.at("action", &[("found", &found)])
    }));
    let (reason, source) = (row.reason.trim(), row.source.trim());
    if reason.is_empty() {
        faults.push(REASON.at("reason", &[]));
    }
    for (field, text) in [("reason", reason), ("source", source), ("case_number", row.case.trim())] {
        if text.chars().count() > WORDS_CHARS_MAX {
            faults.push(too_long(field, WORDS_CHARS_MAX));
        }
    }
    let expires_at = match row.expires.trim() {
        "" => None,
        text => faults.keep(match read_expiry(text) {
            None => Err(EXPIRES.at("expires", &[("found", &text.chars().take(40).collect::<String>())])),
            Some(at) if at <= rules.now => Err(EXPIRED.at("expires", &[])),
            Some(at) => Ok(at),
        }),
    };
    if let (Some(pattern), Some(EntryKind::Block)) = (&pattern, kind) {
        not_blockable(pattern, &rules.bounds).for_each(|fault| faults.push(fault));
    }
    let (Some(pattern), Some(kind), true) = (pattern, kind, faults.is_empty()) else { return Err(faults) };
    Ok(ListEntry {
        pattern,
        kind,
        reason: reason.to_owned(),
        source: if source.is_empty() { rules.source.clone() } else { source.to_owned() },
        expires_at,
        case: Some(row.case.trim()).filter(|case| !case.is_empty()).map(str::to_owned),
    })
}

/// Every reason why these numbers may not be blocked; see [`kernel::list_refusals`].
fn not_blockable(pattern: &Pattern, bounds: &ListBounds) -> impl Iterator<Item = Fault> {
    list_refusals(pattern.listed(), bounds).into_iter().map(|refusal| match refusal {
        ListRefusal::Help => EMERGENCY.at("number", &[]),
        ListRefusal::Service => SERVICE.at("number", &[]),
        ListRefusal::PrefixShort { digits, min } => {
            SHORT_PREFIX.at("number", &[("digits", &digits.to_string()), ("min", &min.to_string())])
        }
        ListRefusal::RangeLong { max } => LONG_RANGE.at("number", &[("max", &max.to_string())]),
    })
}

/// Where each column stands.
#[derive(Debug, Clone)]
pub struct Columns {
    number: usize,
    action: usize,
    reason: usize,
    expires: Option<usize>,
    source: Option<usize>,
    case: Option<usize>,
}

impl Columns {
    /// Finds them in the row of their names.
    ///
    /// # Errors
    /// Those that must be there and are not.
    pub(crate) fn find(names: &[String]) -> Result<Self, Faults> {
        let position = |words: &[&str]| {
            names
                .iter()
                .position(|name| words.contains(&name.trim().trim_start_matches('\u{feff}').to_lowercase().as_str()))
        };
        let mut faults = Faults::none();
        let mut needed = |words: &[&str], name: &str| {
            faults.keep(position(words).ok_or_else(|| NO_COLUMN.at(name, &[("column", name)])))
        };
        let number = needed(&["number", "pattern", "号码", "电话号码", "号段"], "number");
        let action = needed(&["action", "kind", "动作", "处置"], "action");
        let reason = needed(&["reason", "理由", "原因"], "reason");
        let (Some(number), Some(action), Some(reason)) = (number, action, reason) else { return Err(faults) };
        Ok(Self {
            number,
            action,
            reason,
            expires: position(&["expires", "expires_at", "到期", "到期时间", "有效期"]),
            source: position(&["source", "来源"]),
            case: position(&["case_number", "case", "案号", "案件编号"]),
        })
    }

    /// What a row says.
    pub(crate) fn input<'a>(&self, row: &'a sheet::Row) -> RowInput<'a> {
        let field = |at: Option<usize>| at.map_or("", |at| row.text(at));
        RowInput {
            number: field(Some(self.number)),
            action: field(Some(self.action)),
            reason: field(Some(self.reason)),
            expires: field(self.expires),
            source: field(self.source),
            case: field(self.case),
        }
    }

    /// The cell of the number.
    pub(crate) fn number_of<'a>(&self, row: &'a sheet::Row) -> Option<&'a sheet::Cell> {
        row.cells.get(self.number)
    }
}

/// Reads a file row by row and hands on the entries; GB 18030 is read where it is not UTF-8.
///
/// # Errors
/// The columns are not there; then nothing is handed on.
pub fn read(input: impl Read, rules: &RowRules, mut take: impl FnMut(u64, ListEntry)) -> Result<FileReport, Faults> {
    let mut report = FileReport::default();
    each_record(
        input,
        |names| Columns::find(&texts_of(names)),
        |line, row| {
            report.rows += 1;
            let checked = match row {
                Ok((row, columns)) => check(&input_of(&row, columns), rules).map(|entry| take(line, entry)),
                Err(error) => {
                    let faults = Faults(vec![NOT_CSV.at("", &[("problem", &error.to_string())])]);
                    if matches!(error.kind(), csv::ErrorKind::Io(_)) {
                        return Err(faults);
                    }
                    Err(faults)
                }
            };
            if let Err(faults) = checked {
                report.refuse(line, faults);
            }
            Ok(true)
        },
    )?;
    Ok(report)
}

/// Goes through the records of a CSV file, of which the first names the columns, with the line of each, until `take` has
/// enough; GB 18030 is read where it is not UTF-8.
///
/// # Errors
/// Those of `find`, which reads the names, also of a file without any; and those of `take`.
pub(crate) fn each_record<C>(
    input: impl Read,
    find: impl Fn(&csv::StringRecord) -> Result<C, Faults>,
    mut take: impl FnMut(u64, Result<(csv::StringRecord, &C), csv::Error>) -> Result<bool, Faults>,
) -> Result<(), Faults> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(input);
    let mut bytes = csv::ByteRecord::new();
    let mut columns = None;
    // Short Chinese words in GB 18030 can look like UTF-8; once a row cannot be, the file is not.
    let mut is_utf8 = true;
    loop {
        let line = reader.position().line();
        let row = match reader.read_byte_record(&mut bytes) {
            Ok(false) => break,
            Ok(true) => {
                is_utf8 = is_utf8 && bytes.iter().all(|field| std::str::from_utf8(field).is_ok());
                let row = decode(&bytes, is_utf8);
                let Some(columns) = &columns else {
                    columns = Some(find(&row)?);
                    continue;
                };
                Ok((row, columns))
            }
            Err(error) => Err(error),
        };
        if !take(line, row)? {
            return Ok(());
        }
    }
    match columns {
        Some(_) => Ok(()),
        None => find(&csv::StringRecord::new()).map(|_| ()),
    }
}

/// The texts of a record, of a file that is UTF-8 or else GB 18030.
fn decode(bytes: &csv::ByteRecord, is_utf8: bool) -> csv::StringRecord {
    let encoding = if is_utf8 { encoding_rs::UTF_8 } else { encoding_rs::GB18030 };
    bytes.iter().map(|field| encoding.decode_without_bom_handling(field).0.into_owned()).collect()
}

fn texts_of(names: &csv::StringRecord) -> Vec<String> {
    names.iter().map(str::to_owned).collect()
}

fn input_of<'a>(row: &'a csv::StringRecord, columns: &Columns) -> RowInput<'a> {
    let field = |at: Option<usize>| from_sheet_cell(at.and_then(|at| row.get(at)).unwrap_or(""));
    RowInput {
        number: field(Some(columns.number)),
        action: field(Some(columns.action)),
        reason: field(Some(columns.reason)),
        expires: field(columns.expires),
        source: field(columns.source),
        case: field(columns.case),
    }
}

/// The pattern as documents between seats write it: a range with a dash.
pub fn wire_pattern(pattern: &Pattern) -> String {
    pattern.to_string().replace("..", "-")
}

/// Writes entries as a list file; gives the number of rows.
///
/// # Errors
/// The writer fails.
pub fn write<'a>(
    out: impl std::io::Write,
    entries: impl IntoIterator<Item = &'a ListEntry>,
) -> Result<u64, csv::Error> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["number", "action", "reason", "expires", "source", "case_number"])?;
    let mut rows = 0;
    for entry in entries {
        let expires = entry.expires_at.map(Timestamp::to_rfc3339).unwrap_or_default();
        let case = entry.case.as_deref().unwrap_or("");
        let pattern = wire_pattern(&entry.pattern);
        let cells = [&pattern, entry.kind.word(), &entry.reason, &expires, &entry.source, case];
        writer.write_record(cells.map(|text| sheet_cell(text).into_owned()))?;
        rows += 1;
    }
    writer.flush()?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_392_000_000_000);

    fn rules() -> RowRules {
        RowRules { now: NOW, bounds: crate::Parameters::default().list_bounds(), source: "file".into() }
    }

    fn load(text: &[u8]) -> (Vec<ListEntry>, FileReport) {
        let mut entries = Vec::new();
        let report = read(text, &rules(), |_, entry| entries.push(entry)).unwrap();
        (entries, report)
    }

    #[test]
    fn good_rows_load_and_bad_ones_are_told_with_every_fault() {
        let (entries, report) = load(
            "number,action,reason,expires,source\n\
             13800138000,block,举报三次,2026-12-31,110\n\
             +86170*,拦截,号段,,\n\
             +8617012340000-+8617012349999,watch,区间,2027-01-01T00:00:00+08:00,\n\
             abc,ban,,2020-01-01,\n\
             110,block,恶作剧,,\n\
             +86*,block,太短,,\n\
             95588,protect,银行客服,,\n"
                .as_bytes(),
        );
        let shown: Vec<String> = entries.iter().map(|e| format!("{} {}", e.pattern, e.kind.word())).collect();
        assert_eq!(
            shown,
            ["+8613800138000 block", "+86170* block", "+8617012340000..+8617012349999 watch", "95588 protect"]
        );
        assert_eq!(entries[0].expires_at, Timestamp::parse("2027-01-01T00:00:00+08:00"), "the end of the day");
        assert_eq!((entries[0].source.as_str(), entries[1].source.as_str()), ("110", "file"));
        assert_eq!((report.rows, report.refused), (7, 3));
        let codes = |at: usize| -> Vec<String> {
            report.kept[at].faults.iter().map(|f| format!("{} {}", f.field, f.said.code)).collect()
        };
        assert_eq!(report.kept[0].line, 5);
        assert_eq!(
            codes(0),
            ["number operator.pattern", "action operator.action", "reason operator.reason", "expires operator.expired"]
        );
        assert_eq!(codes(1), ["number operator.emergency"]);
        assert_eq!(codes(2), ["number operator.prefix_short"]);
    }

    #[test]
    fn no_pattern_blocks_calls_for_help_or_a_whole_network() {
        let (entries, report) = load(
            "number,action,reason\n\
             96110*,block,a\n\
             12110*,block,a\n\
             110-120,block,a\n\
             110..120,block,a\n\
             0731-96110,block,a\n\
             0731961*,block,a\n\
             +86731*,block,a\n\
             13000000000-19999999999,block,a\n\
             +8617012340000-+8617013340000,block,a\n\
             +8617012340000-+8617013339999,block,a\n\
             96110*,protect,a\n"
                .as_bytes(),
        );
        let shown: Vec<String> = entries.iter().map(|e| format!("{} {}", e.pattern, e.kind.word())).collect();
        assert_eq!(shown, ["+8617012340000..+8617013339999 block", "96110* protect"]);
        let codes: Vec<&str> = report.kept.iter().map(|refused| refused.faults[0].said.code.as_str()).collect();
        assert_eq!(codes, [&["operator.emergency"; 7][..], &["operator.range_long"; 2][..]].concat());
    }

    #[test]
    fn chinese_exports_load() {
        let text = "号码,动作,理由\n13800138000,拦截,诈骗\n";
        let (entries, _) = load(&encoding_rs::GB18030.encode(text).0);
        assert_eq!(entries[0].reason, "诈骗");
    }

    #[test]
    fn a_file_without_its_columns_is_refused_whole() {
        let fields: Vec<String> = read("phone,reason\n1,2\n".as_bytes(), &rules(), |_, _| ())
            .unwrap_err()
            .0
            .into_iter()
            .map(|f| f.field)
            .collect();
        assert_eq!(fields, ["number", "action"]);
        assert!(read("".as_bytes(), &rules(), |_, _| ()).is_err());
    }

    #[test]
    fn what_is_written_reads_back() {
        let (entries, _) = load(
            "number,action,reason\n+8613800138000,block,\"a, \"\"b\"\"\"\n+861701*,allow,x\n95500..95509,watch,x\n"
                .as_bytes(),
        );
        let mut out = Vec::new();
        assert_eq!(write(&mut out, &entries).unwrap(), 3);
        assert_eq!(load(&out).0, entries);
    }

    #[test]
    fn no_cell_of_an_export_is_a_formula() {
        let (entries, _) = load(
            "number,action,reason,source\n13800138000,block,\"=HYPERLINK(\"\"http://a.example\"\")\",@SUM(A1)\n\
             +8617012340000-+8617012349999,watch,-1+2,\t=1\n"
                .as_bytes(),
        );
        assert_eq!(entries.len(), 2);
        let mut out = Vec::new();
        write(&mut out, &entries).unwrap();
        let mut rows = csv::Reader::from_reader(out.as_slice());
        for row in rows.records() {
            let row = row.unwrap();
            assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{row:?}");
        }
        assert_eq!(load(&out).0, entries);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_are_too_strange(bytes: Vec<u8>) {
            let mut with_names = b"number,action,reason,expires\n".to_vec();
            with_names.extend(&bytes);
            let _ = read(bytes.as_slice(), &rules(), |_, _| ());
            let _ = read(with_names.as_slice(), &rules(), |_, _| ());
        }
    }
}
