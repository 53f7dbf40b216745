//! Which column of a source's files holds which field of a report.

use kernel::{Fault, Faults};
use serde::{Deserialize, Serialize};

use crate::intake::texts;

/// The fields that a column may hold. One row is one payment; rows with the same `key` are one report.
pub const FIELDS: [&str; 25] = [
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
    "payment.amount",
    "payment.currency",
    "payment.paid_at",
    "payment.channel",
    "payment.reference",
    "contact.phone",
    "contact.url",
    "contact.chat",
    "contact.app",
];

/// The mapping of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Sheet of a workbook; absent means the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Row of the column names, from 1.
    #[serde(default = "first_row")]
    pub header_row: usize,
    /// What the columns hold.
    pub columns: Vec<ColumnMapping>,
    /// Values of fields that no column holds, or that are empty in a row.
    #[serde(default)]
    pub defaults: Vec<DefaultValue>,
}

fn first_row() -> usize {
    1
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
        if self.header_row == 0 {
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

    /// A mapping by the usual names of columns; none when neither an account nor an amount is recognised.
    pub fn guess(headers: &[String]) -> Option<Self> {
        let mut columns: Vec<ColumnMapping> = Vec::new();
        for header in headers {
            let Some(field) = usual_field(header) else { continue };
            if columns.iter().all(|c| c.field != field) {
                columns.push(ColumnMapping { field: field.to_owned(), column: header.trim().to_owned() });
            }
        }
        let has = |field: &str| columns.iter().any(|c| c.field == field);
        let enough = has("payment.payee_account") && has("payment.amount");
        enough.then_some(Self { sheet: None, header_row: 1, columns, defaults: Vec::new() })
    }

    /// Where each mapped column stands in this file; a fault for each that is not there.
    pub(super) fn places(&self, headers: &[String]) -> Result<Vec<(usize, &ColumnMapping)>, Faults> {
        let mut faults = Faults::none();
        let mut places = Vec::new();
        for column in &self.columns {
            let wanted = column.column.trim();
            let place = match wanted.strip_prefix('#').and_then(|n| n.parse::<usize>().ok()) {
                Some(number) => number.checked_sub(1).filter(|place| *place < headers.len()),
                None => headers.iter().position(|header| header.trim() == wanted),
            };
            match place {
                Some(place) => places.push((place, column)),
                None => faults.push(missing_column(wanted, headers)),
            }
        }
        faults.into_result().map(|()| places)
    }

    pub(super) fn default_of(&self, field: &str) -> Option<&str> {
        self.defaults.iter().find(|d| d.field == field).map(|d| d.value.as_str())
    }
}

fn missing_column(column: &str, headers: &[String]) -> Fault {
    texts::COLUMN.at("file", &[("column", column), ("present", &present(headers))])
}

/// The columns of a file, for an answer.
pub(super) fn present(headers: &[String]) -> String {
    let shown: String = headers.iter().filter(|h| !h.is_empty()).cloned().collect::<Vec<_>>().join("、");
    shown.chars().take(400).collect()
}

/// The field that a column of this name usually holds.
fn usual_field(header: &str) -> Option<&'static str> {
    let bare: String = header.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    if let Some(field) = FIELDS.iter().find(|field| **field == bare) {
        return Some(field);
    }
    let bare = bare.split(['(', '（']).next().unwrap_or("");
    Some(match bare {
        "案件编号" | "警情编号" | "报案编号" | "编号" | "序号" | "case" => "key",
        "来源" | "报警方式" | "渠道" => "channel",
        "受害人" | "受害人姓名" | "报案人" | "报案人姓名" | "报警人" | "事主" | "姓名" | "victim" => {
            "victim.name"
        }
        "身份证" | "身份证号" | "身份证号码" | "证件号码" | "受害人身份证号" => {
            "victim.citizen_id"
        }
        "联系电话" | "电话" | "手机" | "手机号" | "手机号码" | "受害人电话" | "报案人电话" | "报警电话" | "phone" => {
            "victim.phone"
        }
        "户籍地" | "居住地" | "受害人地区" => "victim.region",
        "简要案情" | "案情" | "警情内容" | "案情描述" | "经过" | "narrative" => "narrative",
        "诈骗类型" | "案件类型" | "类型" | "案别" => "scam_type",
        "地区" | "辖区" | "行政区划" | "区县" | "发案地" | "region" => "region",
        "发案时间" | "案发时间" | "被骗时间" => "occurred_at",
        "付款账号" | "转出账号" | "受害人账号" | "付款卡号" => "payment.payer_account",
        "付款户名" | "付款人" => "payment.payer_name",
        "付款银行" | "付款行" => "payment.payer_bank",
        "收款账号" | "对方账号" | "嫌疑账号" | "涉案账号" | "嫌疑人账号" | "收款卡号" | "转入账号" | "账号" => {
            "payment.payee_account"
        }
        "收款户名" | "对方户名" | "收款人" | "户名" | "嫌疑人户名" => "payment.payee_name",
        "收款银行" | "对方银行" | "开户行" | "收款行" | "收款机构" => "payment.payee_bank",
        "金额" | "转账金额" | "交易金额" | "被骗金额" | "涉案金额" | "损失金额" | "amount" => {
            "payment.amount"
        }
        "币种" => "payment.currency",
        "转账时间" | "交易时间" | "付款时间" | "汇款时间" => "payment.paid_at",
        "转账方式" | "付款方式" | "交易方式" => "payment.channel",
        "流水号" | "交易流水号" | "参考号" => "payment.reference",
        "嫌疑电话" | "嫌疑人电话" | "涉诈电话" | "来电号码" => "contact.phone",
        "网址" | "涉诈网址" | "链接" => "contact.url",
        "嫌疑人qq" | "嫌疑人微信" | "聊天账号" | "qq" | "微信" => "contact.chat",
        "app" | "涉诈app" | "软件名称" => "contact.app",
        _ => return None,
    })
}
