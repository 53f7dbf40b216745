//! Which column of a source's files holds which field of a report.

use kernel::{Fault, Faults};
use serde::{Deserialize, Serialize};

use crate::intake::texts;

/// The fields that a column may hold. One row is one payment; rows with the same `key` are one report.
pub const FIELDS: [&str; 30] = [
    "key",
    "channel",
    "victim.name",
    "victim.citizen_id",
    "victim.phone",
    "victim.region",
    "narrative",
    "scam_type",
    "region",
    "occurred_at",
    "payment.payer_account",
    "payment.payer_name",
    "payment.payer_bank",
    "payment.payee_account",
    "payment.payee_name",
    "payment.payee_bank",
    "payment.counterparty",
    "payment.amount",
    "payment.expense",
    "payment.income",
    "payment.direction",
    "payment.currency",
    "payment.paid_at",
    "payment.paid_time",
    "payment.channel",
    "payment.reference",
    "contact.phone",
    "contact.url",
    "contact.chat",
    "contact.app",
];

/// The mapping of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Sheet of a workbook; absent means the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Row of the column names, from 1; where absent, or where they stand elsewhere, they are looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_row: Option<usize>,
    /// What the columns hold.
    pub columns: Vec<ColumnMapping>,
    /// Values of fields that no column holds, or that are empty in a row.
    #[serde(default)]
    pub defaults: Vec<DefaultValue>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnMapping {
    /// Field, one of the list.
    pub field: String,
    /// Name of the column, or its place as `#3`.
    pub column: String,
}

/// A value for a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DefaultValue {
    /// Field, one of the list.
    pub field: String,
    /// Value, as it would stand in a cell.
    pub value: String,
}

impl Mapping {
    /// Every fault of a mapping as sent.
    pub fn check(&self) -> Faults {
        let mut faults = Faults::none();
        let mut seen = std::collections::BTreeSet::new();
        let unknown = |path: String, field: &str| {
            texts::FIELD_UNKNOWN.at(path, &[("field", field), ("fields", &FIELDS.join(", "))])
        };
        if self.header_row == Some(0) {
            faults.push(texts::MISSING.at("header_row", &[]));
        }
        if self.columns.is_empty() {
            faults.push(texts::MISSING.at("columns", &[]));
        }
        for (index, column) in self.columns.iter().enumerate() {
            if !FIELDS.contains(&column.field.as_str()) {
                faults.push(unknown(format!("columns[{index}].field"), &column.field));
            } else if !seen.insert(&column.field) {
                faults.push(texts::FIELD_TWICE.at(format!("columns[{index}].field"), &[("field", &column.field)]));
            }
            if column.column.trim().is_empty() {
                faults.push(texts::MISSING.at(format!("columns[{index}].column"), &[]));
            }
        }
        for (index, default) in self.defaults.iter().enumerate() {
            if !FIELDS.contains(&default.field.as_str()) {
                faults.push(unknown(format!("defaults[{index}].field"), &default.field));
            }
        }
        faults
    }

    /// Where the columns stand, by the mapping and, for fields that it does not give a place, by the usual names; and the
    /// mapped columns that are not there.
    pub(super) fn places(&self, headers: &[String]) -> (Places, Vec<String>) {
        let mut missing = Vec::new();
        let mut places = Places::default();
        for column in &self.columns {
            let wanted = column.column.trim();
            let place = match wanted.strip_prefix('#').and_then(|n| n.parse::<usize>().ok()) {
                Some(number) => number.checked_sub(1).filter(|place| *place < headers.len()),
                None => headers.iter().position(|header| header.trim() == wanted).or_else(|| {
                    let wanted = bare(wanted);
                    headers.iter().position(|header| bare(header) == wanted)
                }),
            };
            match place {
                Some(place) => places.put(&column.field, place, headers),
                None => missing.push(wanted.to_owned()),
            }
        }
        let taken: std::collections::BTreeSet<usize> = places.0.values().map(|place| place.column).collect();
        for (place, header) in headers.iter().enumerate().filter(|(place, _)| !taken.contains(place)) {
            // A value for all rows was chosen by a person; a column of the usual name does not override it.
            if let Some(field) = usual_field(header)
                && !places.0.contains_key(field)
                && self.default_of(field).is_none()
            {
                places.put(field, place, headers);
            }
        }
        (places, missing)
    }

    pub(super) fn default_of(&self, field: &str) -> Option<&str> {
        self.defaults.iter().find(|d| d.field == field).map(|d| d.value.as_str())
    }
}

/// Where the fields stand in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Places(std::collections::BTreeMap<String, Place>);

/// Where one stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The column, from 0.
    pub(super) column: usize,
    /// Its name, or `#3`.
    pub(super) name: String,
    /// What its amounts are counted in: ten thousands where the name says 万元.
    pub(super) ten_thousands: bool,
    /// Code of the currency that its name says.
    pub(super) currency: Option<&'static str>,
}

impl Places {
    fn put(&mut self, field: &str, column: usize, headers: &[String]) {
        let header = headers.get(column).map_or("", |header| header.trim());
        let name = if header.is_empty() { format!("#{}", column + 1) } else { header.to_owned() };
        let brackets = header.split_once(['(', '（']).map_or("", |(_, rest)| rest.trim_end_matches([')', '）']).trim());
        let place = Place {
            column,
            name,
            ten_thousands: brackets.contains('万'),
            currency: sheet::amount::currency_of(brackets),
        };
        self.0.insert(field.to_owned(), place);
    }

    pub(super) fn get(&self, field: &str) -> Option<&Place> {
        self.0.get(field)
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether payments can be read: who got how much.
    pub(super) fn are_enough(&self) -> bool {
        let has = |field: &str| self.0.contains_key(field);
        (has("payment.payee_account") || has("payment.counterparty"))
            && (has("payment.amount") || has("payment.expense"))
    }
}

/// A mapped column that is not in a file that cannot be read without it.
pub(super) fn missing_column(column: &str, headers: &[String]) -> Fault {
    texts::COLUMN.at("file", &[("column", column), ("present", &present(headers))])
}

/// The columns of a file, for an answer.
pub(super) fn present(headers: &[String]) -> String {
    let shown: String = headers.iter().filter(|h| !h.is_empty()).cloned().collect::<Vec<_>>().join("、");
    shown.chars().take(400).collect()
}

/// A name of a column without spaces and brackets at its end, in small letters.
fn bare(header: &str) -> String {
    let all: String = header.chars().filter(|c| !c.is_whitespace() && *c != '*').collect::<String>().to_lowercase();
    all.replace('（', "(").replace('）', ")").replace('／', "/")
}

/// The field that a column of this name usually holds; the names in which the console shows the fields are among them.
fn usual_field(header: &str) -> Option<&'static str> {
    let whole = bare(header);
    if let Some(field) = FIELDS.iter().find(|field| **field == whole) {
        return Some(field);
    }
    // What stands in brackets tells the two columns of amounts apart.
    for (words, field) in
        [(["(支出)", "(借方)", "(支)"], "payment.expense"), (["(收入)", "(贷方)", "(收)"], "payment.income")]
    {
        if whole.contains("金额") && words.iter().any(|word| whole.ends_with(word)) {
            return Some(field);
        }
    }
    let name = whole.split('(').next().unwrap_or("");
    Some(match name {
        "案件编号" | "警情编号" | "报案编号" | "编号" | "序号" | "case" | "key" => "key",
        "来源" | "报警方式" | "渠道" | "来源渠道" | "channel" => "channel",
        "受害人" | "受害人姓名" | "报案人" | "报案人姓名" | "报警人" | "事主" | "姓名" | "victim" | "victim'sname" => {
            "victim.name"
        }
        "身份证"
        | "身份证号"
        | "身份证号码"
        | "证件号码"
        | "受害人身份证号"
        | "报案人身份证号"
        | "victim'scitizenid" => "victim.citizen_id",
        "联系电话" | "电话" | "手机" | "手机号" | "手机号码" | "受害人电话" | "报案人电话" | "报警电话" | "phone"
        | "victim'sphone" => "victim.phone",
        "户籍地" | "居住地" | "受害人地区" | "报案人居住地" | "victim'sregion" => "victim.region",
        "简要案情" | "案情" | "警情内容" | "案情描述" | "案情叙述" | "经过" | "narrative" => {
            "narrative"
        }
        "诈骗类型" | "案件类型" | "类型" | "案别" | "scamtype" => "scam_type",
        "地区" | "辖区" | "行政区划" | "区县" | "发案地" | "受理辖区" | "region" => "region",
        "发案时间" | "案发时间" | "被骗时间" | "发生时间" | "whenithappened" => "occurred_at",
        "付款账号" | "转出账号" | "受害人账号" | "付款卡号" | "付款人账号" | "payeraccount" => {
            "payment.payer_account"
        }
        "付款户名" | "付款人" | "付款人名称" | "付款人户名" | "payername" => "payment.payer_name",
        "付款银行" | "付款行" | "付款人开户行" | "payerbank" => "payment.payer_bank",
        "收款账号"
        | "对方账号"
        | "对方账户"
        | "对方卡号"
        | "交易对手账号"
        | "交易对手账卡号"
        | "交易对方账号"
        | "交易对方账户"
        | "嫌疑账号"
        | "涉案账号"
        | "嫌疑人账号"
        | "收款卡号"
        | "收款人账号"
        | "收款账户"
        | "转入账号"
        | "账号"
        | "payeeaccount" => "payment.payee_account",
        "收款户名" | "对方户名" | "对方名称" | "对方姓名" | "对方账户名称" | "对手户名" | "交易对手名称"
        | "交易对手姓名" | "交易对方名称" | "收款人" | "收款人名称" | "收款人户名" | "户名" | "嫌疑人户名"
        | "payeename" => "payment.payee_name",
        "收款银行"
        | "对方银行"
        | "对方开户行"
        | "交易对手开户行"
        | "开户行"
        | "收款行"
        | "收款人开户行"
        | "收款机构"
        | "payeebank" => "payment.payee_bank",
        "对手信息"
        | "对方信息"
        | "对方账号与户名"
        | "对方户名与账号"
        | "交易对手信息"
        | "交易对手"
        | "交易对方"
        | "对方账户信息"
        | "counterparty" => "payment.counterparty",
        "金额" | "转账金额" | "交易金额" | "被骗金额" | "涉案金额" | "损失金额" | "发生额" | "发生金额"
        | "记账金额" | "amount" => "payment.amount",
        "支出" | "支出金额" | "借方金额" | "借方发生额" | "借方" | "转出金额" | "付款金额" | "支取金额"
        | "moneyout" | "expense" => "payment.expense",
        "收入" | "收入金额" | "贷方金额" | "贷方发生额" | "贷方" | "转入金额" | "存入金额" | "moneyin" | "income" => {
            "payment.income"
        }
        "收付标志" | "借贷标志" | "收支标志" | "进出标志" | "借贷方向" | "收付方向" | "交易方向" | "资金流向"
        | "收支方向" | "收支" | "收/支" | "借贷" | "借/贷" | "借贷标识" | "收付" | "收支类型" | "进出账标志"
        | "收付款标志" | "借贷类型" | "direction" | "dr/cr" => "payment.direction",
        "币种" | "货币" | "交易币种" | "currency" => "payment.currency",
        "转账时间" | "付款时间" | "汇款时间" | "交易日期" | "交易日" | "记账日期" | "日期" | "付款日期"
        | "转账日期" | "交易日期时间" | "paidat" => "payment.paid_at",
        "交易时间" | "交易时刻" | "时间" | "记账时间" | "paidtime" => "payment.paid_time",
        "转账方式" | "付款方式" | "交易方式" | "howpaid" => "payment.channel",
        "流水号" | "交易流水号" | "参考号" | "reference" => "payment.reference",
        "嫌疑电话" | "嫌疑人电话" | "涉诈电话" | "涉案电话" | "来电号码" | "scammer'sphone" => {
            "contact.phone"
        }
        "网址" | "涉诈网址" | "涉案网址" | "链接" | "scamaddress" => "contact.url",
        "嫌疑人qq" | "嫌疑人微信" | "聊天账号" | "涉案社交账号" | "qq" | "微信" | "scammer'schataccount" => {
            "contact.chat"
        }
        "app" | "涉诈app" | "软件名称" | "涉案应用" | "scamapp" => "contact.app",
        _ => return None,
    })
}
