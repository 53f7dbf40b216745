//! Reads the body of a message field by field and collects every fault, so that a partner learns all of them from
//! one answer. Unknown fields are passed over.

use kernel::{Faults, Text, Timestamp};
use serde_json::{Map, Value};

use crate::code::CodeList;
use crate::list::{NumberPattern, PATTERN};

/// Longest short text: names, numbers, references.
pub(crate) const SHORT: usize = 200;
/// Longest label that a called person sees with a call.
pub(crate) const LABEL: usize = 40;
/// Longest long text: reasons, narratives.
pub(crate) const LONG: usize = 20_000;

const MISSING: Text = Text::new(
    "wire.field.missing",
    ("缺少此项", "this field is missing"),
    ("请补齐后重发", "fill it in and send again"),
);
const WRONG_TYPE: Text = Text::new(
    "wire.field.type",
    ("此项的类型不对，应为{expected}", "this field has the wrong type; {expected} is expected"),
    ("请按协议文档填写", "write it as the protocol document says"),
);
const TOO_LONG: Text = Text::new(
    "wire.field.too_long",
    ("此项有 {length} 个字符，最多 {most} 个", "this field has {length} characters; {most} at most"),
    ("请缩短", "shorten it"),
);
const TOO_MANY: Text = Text::new(
    "wire.field.too_many",
    ("此项有 {count} 条，最多 {most} 条", "this list has {count} entries; {most} at most"),
    ("请分批发送", "send it in parts"),
);
const NOT_A_TIME: Text = Text::new(
    "wire.field.time",
    ("不是带时区的时间", "this is not a time with offset"),
    ("请写成 2026-11-23T08:00:00+08:00", "write it as 2026-11-23T08:00:00+08:00"),
);
const UNKNOWN_WORD: Text = Text::new(
    "wire.field.code",
    ("“{found}”不在代码表中", "“{found}” is not in the list of codes"),
    ("可用的代码：{words}", "use one of {words}"),
);
const OUT_OF_RANGE: Text = Text::new(
    "wire.field.range",
    ("数值 {found} 超出范围 {least} 至 {most}", "{found} lies outside {least} to {most}"),
    ("请核对数值", "check the number"),
);
const NOT_AN_ID: Text = Text::new(
    "wire.field.id",
    ("不是有效的编号（应为 UUID）", "this is not an identifier (a UUID is expected)"),
    ("请使用原报文中的编号", "use the identifier of the original message"),
);
const ACCOUNT: Text = Text::new(
    "wire.field.account",
    ("账号应为 5 至 34 位数字或大写字母", "an account number has 5 to 34 digits or capital letters"),
    ("请去掉空格和短横并核对", "leave out spaces and dashes and check it"),
);
const NUMBER: Text = Text::new(
    "wire.field.number",
    ("不是电话号码", "this is not a telephone number"),
    (
        "写成 + 加国际号码，例如 +8613800138000；短号、客服号直接写数字",
        "write + and the international number, such as +8613800138000; a service number stands alone",
    ),
);
const CURRENCY: Text = Text::new(
    "wire.field.currency",
    ("币种应为三位大写字母", "a currency is three capital letters"),
    ("人民币写作 CNY", "the yuan is CNY"),
);
const HASH: Text = Text::new(
    "wire.field.sha256",
    ("应为 64 位小写十六进制的 SHA-256", "a SHA-256 of 64 lower-case hex digits is expected"),
    ("请重新计算文件摘要", "compute the digest of the file again"),
);
const ORDERED: Text = Text::new(
    "wire.field.period",
    ("结束时间不晚于开始时间", "the end does not come after the start"),
    ("请核对起止时间", "check both times"),
);
const NOT_PLAIN: Text = Text::new(
    "wire.field.plain",
    ("不得含链接或电话号码", "this holds a link or what reads like a telephone number"),
    ("请去掉链接和五位以上的连续数字", "leave out links and five or more digits in a row"),
);
const NEEDED_HERE: Text = Text::new(
    "wire.field.needed",
    ("“{kind}”必须填写此项", "{kind} needs this field"),
    ("请补齐后重发", "fill it in and send again"),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[
    MISSING,
    WRONG_TYPE,
    TOO_LONG,
    TOO_MANY,
    NOT_A_TIME,
    UNKNOWN_WORD,
    OUT_OF_RANGE,
    NOT_AN_ID,
    ACCOUNT,
    NUMBER,
    CURRENCY,
    HASH,
    ORDERED,
    NOT_PLAIN,
    NEEDED_HERE,
];

/// Digits in a row that read like a number to call.
const DIGITS_OF_A_NUMBER: usize = 5;

/// Whether a text that is shown or sent to people holds neither a link nor what reads like a telephone number: who
/// imitates the centre's own texts must find nothing in them to put his own number or page in place of.
pub fn is_plain(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let link = ["http", "://", "www.", ".com", ".cn", ".net"].iter().any(|sign| lower.contains(sign));
    let mut run = 0;
    let number = text.chars().any(|c| {
        run = if c.is_numeric() { run + 1 } else { 0 };
        run >= DIGITS_OF_A_NUMBER
    });
    !link && !number
}

/// An object under reading.
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: String,
    faults: &'a mut Faults,
    before: usize,
}

impl<'a> Fields<'a> {
    /// Starts at a value; a fault and `None` when it is not an object.
    pub(crate) fn of(value: &'a Value, path: &str, faults: &'a mut Faults) -> Option<Self> {
        let before = faults.0.len();
        match value.as_object() {
            Some(map) => Some(Self { map, path: path.to_owned(), faults, before }),
            None => {
                faults.push(WRONG_TYPE.at(path, &[("expected", "object")]));
                None
            }
        }
    }

    /// Whether this object and what lies in it had no fault so far.
    pub(crate) fn clean(&self) -> bool {
        self.faults.0.len() == self.before
    }

    fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    fn fault(&mut self, name: &str, text: &Text, values: &[(&str, &str)]) {
        let fault = text.at(self.at(name), values);
        self.faults.push(fault);
    }

    /// A fault: this kind of document needs the field.
    pub(crate) fn needed(&mut self, name: &str, kind: &str) {
        self.fault(name, &NEEDED_HERE, &[("kind", kind)]);
    }

    /// The present value; `null` counts as absent.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|v| !v.is_null())
    }

    fn required<T>(&mut self, name: &str, read: impl FnOnce(&mut Self, &'a Value) -> Option<T>) -> Option<T> {
        match self.get(name) {
            Some(value) => read(self, value),
            None => {
                self.fault(name, &MISSING, &[]);
                None
            }
        }
    }

    fn optional<T>(&mut self, name: &str, read: impl FnOnce(&mut Self, &'a Value) -> Option<T>) -> Option<T> {
        let value = self.get(name)?;
        read(self, value)
    }

    fn as_text(&mut self, name: &str, value: &'a Value, most: usize) -> Option<String> {
        let Some(text) = value.as_str() else {
            self.fault(name, &WRONG_TYPE, &[("expected", "string")]);
            return None;
        };
        let text = text.trim();
        let length = text.chars().count();
        if length > most {
            self.fault(name, &TOO_LONG, &[("length", &length.to_string()), ("most", &most.to_string())]);
            return None;
        }
        Some(text.to_owned())
    }

    /// A text that must be there and not be empty.
    pub(crate) fn text(&mut self, name: &str, most: usize) -> Option<String> {
        self.required(name, |f, v| {
            let text = f.as_text(name, v, most)?;
            if text.is_empty() {
                f.fault(name, &MISSING, &[]);
                return None;
            }
            Some(text)
        })
    }

    /// A text that may be absent; an empty one counts as absent.
    pub(crate) fn text_opt(&mut self, name: &str, most: usize) -> Option<String> {
        self.optional(name, |f, v| f.as_text(name, v, most)).filter(|t| !t.is_empty())
    }

    /// A text for people that may be absent, without a link and without a number to call ([`is_plain`]).
    pub(crate) fn plain_opt(&mut self, name: &str, most: usize) -> Option<String> {
        let text = self.text_opt(name, most)?;
        self.shaped(name, text, is_plain, &NOT_PLAIN)
    }

    fn as_integer(&mut self, name: &str, value: &'a Value, least: i64, most: i64) -> Option<i64> {
        let Some(number) = value.as_i64() else {
            self.fault(name, &WRONG_TYPE, &[("expected", "integer")]);
            return None;
        };
        if !(least..=most).contains(&number) {
            let (found, least, most) = (number.to_string(), least.to_string(), most.to_string());
            self.fault(name, &OUT_OF_RANGE, &[("found", &found), ("least", &least), ("most", &most)]);
            return None;
        }
        Some(number)
    }

    /// An integer that must be there.
    pub(crate) fn integer(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        self.required(name, |f, v| f.as_integer(name, v, least, most))
    }

    /// An integer that may be absent.
    pub(crate) fn integer_opt(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        self.optional(name, |f, v| f.as_integer(name, v, least, most))
    }

    /// A small count that must be there.
    pub(crate) fn count(&mut self, name: &str, most: u32) -> Option<u32> {
        self.integer(name, 0, i64::from(most)).and_then(|n| u32::try_from(n).ok())
    }

    /// A large count that must be there.
    pub(crate) fn large(&mut self, name: &str, most: i64) -> Option<u64> {
        self.integer(name, 0, most).and_then(|n| u64::try_from(n).ok())
    }

    /// A large count that may be absent.
    pub(crate) fn large_opt(&mut self, name: &str, most: i64) -> Option<u64> {
        self.integer_opt(name, 0, most).and_then(|n| u64::try_from(n).ok())
    }

    /// A small count that may be absent.
    pub(crate) fn count_opt(&mut self, name: &str, most: u32) -> Option<u32> {
        self.integer_opt(name, 0, i64::from(most)).and_then(|n| u32::try_from(n).ok())
    }

    /// Yes or no; absent is no.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        self.optional(name, |f, v| {
            let flag = v.as_bool();
            if flag.is_none() {
                f.fault(name, &WRONG_TYPE, &[("expected", "true / false")]);
            }
            flag
        }) == Some(true)
    }

    fn as_time(&mut self, name: &str, value: &'a Value) -> Option<Timestamp> {
        let time = value.as_str().and_then(Timestamp::parse);
        if time.is_none() {
            self.fault(name, &NOT_A_TIME, &[]);
        }
        time
    }

    /// A time that must be there.
    pub(crate) fn time(&mut self, name: &str) -> Option<Timestamp> {
        self.required(name, |f, v| f.as_time(name, v))
    }

    /// A time that may be absent.
    pub(crate) fn time_opt(&mut self, name: &str) -> Option<Timestamp> {
        self.optional(name, |f, v| f.as_time(name, v))
    }

    fn as_parsed<T: std::str::FromStr>(&mut self, name: &str, value: &'a Value, otherwise: &Text) -> Option<T> {
        self.as_one_of(name, value, otherwise, &[])
    }

    /// A text that reads; where it does not, the fault may name the words that do.
    fn as_one_of<T: std::str::FromStr>(
        &mut self,
        name: &str,
        value: &'a Value,
        otherwise: &Text,
        words: &[&str],
    ) -> Option<T> {
        let Some(text) = value.as_str() else {
            self.fault(name, &WRONG_TYPE, &[("expected", "string")]);
            return None;
        };
        let parsed = text.parse().ok();
        if parsed.is_none() {
            let found: String = text.chars().take(40).collect();
            self.fault(name, otherwise, &[("found", &found), ("words", &words.join(", "))]);
        }
        parsed
    }

    fn as_code<T: CodeList>(&mut self, name: &str, value: &'a Value) -> Option<T> {
        self.as_one_of(name, value, &UNKNOWN_WORD, T::WORDS)
    }

    /// A word of a code list that must be there.
    pub(crate) fn code<T: CodeList>(&mut self, name: &str) -> Option<T> {
        self.required(name, |f, v| f.as_code(name, v))
    }

    /// A word of a code list that may be absent.
    pub(crate) fn code_opt<T: CodeList>(&mut self, name: &str) -> Option<T> {
        self.optional(name, |f, v| f.as_code(name, v))
    }

    /// A typed identifier that must be there.
    pub(crate) fn id<T: std::str::FromStr>(&mut self, name: &str) -> Option<T> {
        self.required(name, |f, v| f.as_parsed(name, v, &NOT_AN_ID))
    }

    /// A typed identifier that may be absent.
    pub(crate) fn id_opt<T: std::str::FromStr>(&mut self, name: &str) -> Option<T> {
        self.optional(name, |f, v| f.as_parsed(name, v, &NOT_AN_ID))
    }

    fn shaped(&mut self, name: &str, text: String, fits: impl Fn(&str) -> bool, otherwise: &Text) -> Option<String> {
        if fits(&text) {
            return Some(text);
        }
        self.fault(name, otherwise, &[]);
        None
    }

    /// An account number that must be there.
    pub(crate) fn account(&mut self, name: &str) -> Option<String> {
        let text = self.text(name, SHORT)?;
        self.shaped(name, text, is_account, &ACCOUNT)
    }

    /// A telephone number that must be there.
    pub(crate) fn number(&mut self, name: &str) -> Option<String> {
        let text = self.text(name, SHORT)?;
        self.shaped(name, text, is_number, &NUMBER)
    }

    /// A telephone number that may be absent.
    pub(crate) fn number_opt(&mut self, name: &str) -> Option<String> {
        let text = self.text_opt(name, SHORT)?;
        self.shaped(name, text, is_number, &NUMBER)
    }

    /// A number, prefix or range that must be there.
    pub(crate) fn pattern(&mut self, name: &str) -> Option<NumberPattern> {
        self.required(name, |f, v| f.as_parsed(name, v, &PATTERN))
    }

    /// A number, prefix or range that may be absent.
    pub(crate) fn pattern_opt(&mut self, name: &str) -> Option<NumberPattern> {
        self.optional(name, |f, v| f.as_parsed(name, v, &PATTERN))
    }

    /// A list of numbers, prefixes and ranges; absent is empty.
    pub(crate) fn patterns(&mut self, name: &str, most: usize) -> Vec<NumberPattern> {
        let mut out = Vec::new();
        for (index, item) in self.items(name, most).iter().enumerate() {
            out.extend(self.as_parsed(&format!("{name}[{index}]"), item, &PATTERN));
        }
        out
    }

    /// A currency that must be there.
    pub(crate) fn currency(&mut self, name: &str) -> Option<String> {
        let text = self.text(name, SHORT)?;
        self.shaped(name, text, is_currency, &CURRENCY)
    }

    /// A currency that may be absent.
    pub(crate) fn currency_opt(&mut self, name: &str) -> Option<String> {
        let text = self.text_opt(name, SHORT)?;
        self.shaped(name, text, is_currency, &CURRENCY)
    }

    /// A SHA-256 that must be there.
    pub(crate) fn sha256(&mut self, name: &str) -> Option<String> {
        let text = self.text(name, SHORT)?;
        self.shaped(name, text, is_sha256, &HASH)
    }

    /// An object that must be there.
    pub(crate) fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Option<T> {
        self.required(name, |f, v| {
            let path = f.at(name);
            read(&mut Fields::of(v, &path, f.faults)?)
        })
    }

    /// An object that may be absent.
    pub(crate) fn object_opt<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Option<T> {
        self.get(name)?;
        self.object(name, read)
    }

    /// A list of objects; absent is empty.
    pub(crate) fn list<T>(&mut self, name: &str, most: usize, read: impl Fn(&mut Fields<'_>) -> Option<T>) -> Vec<T> {
        let mut out = Vec::new();
        for (index, item) in self.items(name, most).iter().enumerate() {
            let path = format!("{}[{index}]", self.at(name));
            if let Some(mut fields) = Fields::of(item, &path, self.faults) {
                out.extend(read(&mut fields));
            }
        }
        out
    }

    /// A list of short texts; absent is empty.
    pub(crate) fn texts(&mut self, name: &str, most: usize) -> Vec<String> {
        let mut out = Vec::new();
        for (index, item) in self.items(name, most).iter().enumerate() {
            out.extend(self.as_text(&format!("{name}[{index}]"), item, SHORT));
        }
        out
    }

    /// A list of words of a code list; absent is empty.
    pub(crate) fn codes<T: CodeList>(&mut self, name: &str, most: usize) -> Vec<T> {
        let mut out = Vec::new();
        for (index, item) in self.items(name, most).iter().enumerate() {
            out.extend(self.as_code(&format!("{name}[{index}]"), item));
        }
        out
    }

    fn items(&mut self, name: &str, most: usize) -> &'a [Value] {
        let Some(value) = self.get(name) else { return &[] };
        let Some(items) = value.as_array() else {
            self.fault(name, &WRONG_TYPE, &[("expected", "array")]);
            return &[];
        };
        if items.len() > most {
            let (count, most) = (items.len().to_string(), most.to_string());
            self.fault(name, &TOO_MANY, &[("count", &count), ("most", &most)]);
            return &[];
        }
        items
    }

    /// A fault unless `to` comes after `from`.
    pub(crate) fn in_order(&mut self, name: &str, from: Timestamp, to: Timestamp) {
        if to <= from {
            self.fault(name, &ORDERED, &[]);
        }
    }

    /// A fault of a field with a text of the caller's own; an empty name means this object.
    pub(crate) fn refuse(&mut self, name: &str, text: &Text) {
        let field = if name.is_empty() { self.path.clone() } else { self.at(name) };
        self.faults.push(text.at(field, &[]));
    }

    /// This whole object as a type of its own.
    pub(crate) fn whole<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_value(Value::Object(self.map.clone())).ok()
    }

    /// Whether something stands at a path such as `account.name`, whatever it is.
    pub(crate) fn has(&self, path: &str) -> bool {
        let mut names = path.split('.');
        let mut value = names.next().and_then(|name| self.get(name));
        for name in names {
            value = value.and_then(|v| v.get(name)).filter(|v| !v.is_null());
        }
        value.is_some()
    }
}

fn is_account(text: &str) -> bool {
    (5..=34).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

/// `+` and 4 to 15 digits without a zero first (E.164), or a service number or message port of 3 to 20 digits.
pub(crate) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+');
    let length = digits.unwrap_or(text).len();
    let fits = match digits {
        Some(digits) => (4..=15).contains(&length) && !digits.starts_with('0'),
        None => (3..=20).contains(&length),
    };
    fits && digits.unwrap_or(text).bytes().all(|b| b.is_ascii_digit())
}

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
}

pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
