//! Scores the reader on narratives with their right reading: what was found of what should be, by field.

use std::collections::BTreeMap;

use centre::intake::BankNames;
use centre::intake::reader::{AmountRole, Found, Side, read_narrative};
use kernel::{Currency, Money, Timestamp};

/// The narratives to work with.
pub const OPEN: &str = include_str!("open.txt");
/// The hundred kept apart.
#[allow(dead_code)]
pub const APART: &str = include_str!("apart.txt");

/// What is scored, in the order of printing.
pub const FIELDS: [&str; 14] = [
    "payment",
    "payee of payment",
    "bank of payment",
    "time of payment",
    "account, side",
    "name, side",
    "bank",
    "amount",
    "amount, role",
    "phone",
    "identity number",
    "url",
    "chat, alipay",
    "reference",
];

/// Right, found too much, and missed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    pub right: usize,
    pub wrong: usize,
    pub missed: usize,
}

impl Score {
    /// Right of all found, in thousandths.
    pub fn precision(self) -> usize {
        1000 * self.right / (self.right + self.wrong).max(1)
    }

    /// Found of all there is, in thousandths.
    pub fn recall(self) -> usize {
        1000 * self.right / (self.right + self.missed).max(1)
    }
}

/// Values by field; a value may stand there several times.
type Facts = BTreeMap<&'static str, Vec<String>>;

pub struct Record {
    pub reference: Timestamp,
    pub text: String,
    facts: Facts,
    /// Payments of which a field is not scored: (field, amount).
    unscored: Vec<(&'static str, String)>,
}

pub fn banks() -> BankNames {
    let names = [
        ("icbc", "中国工商银行"),
        ("abc", "中国农业银行"),
        ("boc", "中国银行"),
        ("ccb", "中国建设银行"),
        ("bocom", "交通银行"),
        ("psbc", "中国邮政储蓄银行"),
        ("cmb", "招商银行"),
        ("spdb", "上海浦东发展银行"),
        ("citic", "中信银行"),
        ("ceb", "中国光大银行"),
        ("hxb", "华夏银行"),
        ("cmbc", "中国民生银行"),
        ("cgb", "广发银行"),
        ("pab", "平安银行"),
        ("cib", "兴业银行"),
        ("czb", "浙商银行"),
        ("bohai", "渤海银行"),
        ("hfb", "恒丰银行"),
        ("bjb", "北京银行"),
        ("shb", "上海银行"),
        ("jsb", "江苏银行"),
        ("hzb", "杭州银行"),
        ("hunan", "湖南银行"),
        ("changsha", "长沙银行"),
        ("csrcb", "长沙农村商业银行"),
        ("webank", "深圳前海微众银行"),
        ("mybank", "浙江网商银行"),
        ("hsbc", "汇丰银行"),
    ];
    BankNames::new(names.map(|(id, name)| (id, vec![name])))
}

/// The records of a file.
pub fn records(file: &str) -> Vec<Record> {
    file.split("==== ").skip(1).map(record).collect()
}

fn record(text: &str) -> Record {
    let (reference, rest) = text.split_once('\n').expect("a reference time");
    let (text, lines) = rest.split_once("\n----\n").expect("facts behind a rule");
    let mut record = Record {
        reference: Timestamp::parse(&reference.replace('+', ":00+")).expect("a time"),
        text: text.to_owned(),
        facts: Facts::new(),
        unscored: Vec::new(),
    };
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let (key, rest) = line.split_once(' ').expect("a key and a value");
        record.note(key, rest);
    }
    record
}

fn minor(text: &str) -> String {
    let (amount, currency) = text.split_once(' ').unwrap_or((text, "CNY"));
    let money = Money::parse(amount, Currency::parse(currency).expect("a currency")).expect("an amount");
    money.to_string()
}

impl Record {
    fn add(&mut self, field: &'static str, value: String) {
        let values = self.facts.entry(field).or_default();
        let once = !matches!(field, "payment" | "payee of payment" | "bank of payment" | "time of payment");
        if !(once && values.contains(&value)) {
            values.push(value);
        }
    }

    fn has(&self, field: &str, value: &str) -> bool {
        self.facts.get(field).is_some_and(|values| values.iter().any(|v| v == value))
    }

    fn note(&mut self, key: &str, rest: &str) {
        if key == "pay" {
            return self.pay(rest);
        }
        let names = matches!(key, "name" | "victim");
        for word in rest.split(if names { '\n' } else { ' ' }) {
            let word = word.to_owned();
            match key {
                "ask" | "sum" | "other" => {
                    let role = if key == "ask" {
                        "demanded"
                    } else if key == "sum" {
                        "total"
                    } else {
                        "other"
                    };
                    self.add("amount", minor(&word));
                    self.add("amount, role", format!("{role} {}", minor(&word)));
                }
                "own" => self.add("account, side", format!("payer {word}")),
                "acct" => self.add("account, side", format!("payee {word}")),
                "name" => self.add("name, side", format!("payee {word}")),
                "victim" => self.add("name, side", format!("payer {word}")),
                "bank" => self.add("bank", word),
                "tel" => self.add("phone", word),
                "id" => self.add("identity number", word),
                "url" => self.add("url", word),
                "ref" => self.add("reference", word),
                service => self.add("chat, alipay", format!("{service} {word}")),
            }
        }
    }

    fn pay(&mut self, rest: &str) {
        let parts: Vec<&str> = rest.split('|').map(str::trim).collect();
        let [account, amount, name, bank, time] = parts.as_slice() else { panic!("five parts in {rest}") };
        let told = |part: &str| !matches!(part, "-" | "?");
        let sum = if told(amount) { minor(amount) } else { String::new() };
        let number = if told(account) { *account } else { "" };
        self.add("payment", format!("{number} {sum}"));
        if told(account) {
            self.add("account, side", format!("payee {account}"));
        }
        if told(amount) {
            self.add("amount", sum.clone());
            self.add("amount, role", format!("paid {sum}"));
        }
        for (field, part) in [("payee of payment", name), ("bank of payment", bank), ("time of payment", time)] {
            if *part == "?" {
                self.unscored.push((field, sum.clone()));
            } else if told(part) {
                let value = if field == "time of payment" {
                    let clock = if part.matches(':').count() == 1 { format!("{part}:00") } else { (*part).to_owned() };
                    Timestamp::parse(&format!("2026-{clock}+08:00")).expect(part).to_rfc3339()
                } else {
                    (*part).to_owned()
                };
                self.add(field, format!("{sum} {value}"));
            }
        }
        if told(name) {
            self.add("name, side", format!("payee {name}"));
        }
        if told(bank) {
            self.add("bank", (*bank).to_owned());
        }
    }

    /// What the reader says, in the same form.
    fn read(&self, banks: &BankNames) -> Facts {
        let found = read_narrative(&self.text, self.reference, banks);
        let mut read =
            Self { reference: self.reference, text: String::new(), facts: Facts::new(), unscored: Vec::new() };
        read.findings(&found);
        for suggested in &found.payments {
            let payment = serde_json::to_value(&suggested.payment).expect("a payment as JSON");
            let text = |key: &str| payment[key].as_str().unwrap_or_default().to_owned();
            let sum = match payment["amount"]["minor"].as_i64() {
                Some(minor) => {
                    let currency = Currency::parse(payment["amount"]["currency"].as_str().unwrap_or("CNY"));
                    Money::new(minor, currency.expect("a currency")).to_string()
                }
                None => String::new(),
            };
            read.add("payment", format!("{} {sum}", text("payee_account")));
            for (field, key) in
                [("payee of payment", "payee_name"), ("bank of payment", "payee_bank"), ("time of payment", "paid_at")]
            {
                let mut value = text(key);
                if let Some(day) = Timestamp::parse(&format!("{value}T00:00:00+08:00")) {
                    value = day.to_rfc3339();
                }
                let scored = !self.unscored.contains(&(field, sum.clone())) && !value.contains('*');
                if scored && !value.is_empty() {
                    read.add(field, format!("{sum} {value}"));
                }
            }
        }
        read.facts
    }

    fn findings(&mut self, found: &Found) {
        let side = |side: Side| if side == Side::Payer { "payer" } else { "payee" };
        for f in &found.accounts {
            self.add("account, side", format!("{} {}", side(f.side), f.value));
        }
        for f in found.names.iter().filter(|f| !f.value.contains('*')) {
            self.add("name, side", format!("{} {}", side(f.side), f.value));
        }
        for f in &found.banks {
            self.add("bank", f.value.clone());
        }
        for f in &found.amounts {
            let role = match f.role {
                AmountRole::Paid => "paid",
                AmountRole::Demanded => "demanded",
                AmountRole::Total => "total",
                AmountRole::Other => "other",
            };
            self.add("amount", f.value.to_string());
            self.add("amount, role", format!("{role} {}", f.value));
        }
        for (field, findings) in [
            ("phone", &found.phones),
            ("identity number", &found.citizen_ids),
            ("url", &found.urls),
            ("reference", &found.references),
        ] {
            for f in findings {
                self.add(field, f.value.clone());
            }
        }
        for f in &found.chats {
            self.add("chat, alipay", format!("{} {}", f.service, f.value));
        }
    }
}

/// The score by field; `told` hears of each narrative that is not read right: its text, what was missed, what is wrong.
pub fn score(records: &[Record], mut told: impl FnMut(&Record, &[String], &[String])) -> BTreeMap<&'static str, Score> {
    let banks = banks();
    let mut scores: BTreeMap<&'static str, Score> = FIELDS.iter().map(|field| (*field, Score::default())).collect();
    for record in records {
        let mut read = record.read(&banks);
        // What was demanded and then paid stands in the text twice; the facts name it once.
        if let Some(roles) = read.get_mut("amount, role") {
            let paid = |sum: &str| record.has("amount, role", &format!("paid {sum}"));
            let stated = |role: &str| record.has("amount, role", role);
            roles.retain(|role| stated(role) || role.strip_prefix("demanded ").is_none_or(|sum| !paid(sum)));
        }
        let (mut all_missed, mut all_wrong) = (Vec::new(), Vec::new());
        for field in FIELDS {
            let mut wrong = read.remove(field).unwrap_or_default();
            let score = scores.get_mut(field).expect("a field");
            for value in record.facts.get(field).into_iter().flatten() {
                match wrong.iter().position(|w| w == value) {
                    Some(at) => {
                        wrong.swap_remove(at);
                        score.right += 1;
                    }
                    None => {
                        score.missed += 1;
                        all_missed.push(format!("{field}: {value}"));
                    }
                }
            }
            score.wrong += wrong.len();
            all_wrong.extend(wrong.into_iter().map(|value| format!("{field}: {value}")));
        }
        if !(all_missed.is_empty() && all_wrong.is_empty()) {
            told(record, &all_missed, &all_wrong);
        }
    }
    scores
}
