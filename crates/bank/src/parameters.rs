//! What a notice or a statute fixes, as parameters with their default and their source: rules change.
//!
//! [`TABLE`] is the list that pages and documents show; [`Parameters`] is the checked form that the desks read.

use kernel::{Duration, Faults, Text};

/// Where the default of a parameter comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Text of a statute or a ministry's procedure.
    Law,
    /// A notice of a ministry or the central bank.
    Notice,
    /// Common practice.
    Practice,
    /// Our own decision; no public rule was found.
    Ours,
}

/// The unit of a parameter's whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Calendar months.
    Months,
    /// A count of things.
    Count,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, serde::Serialize, utoipa::ToSchema)]
pub struct Parameter {
    /// Name in the configuration.
    pub code: &'static str,
    /// Default value.
    pub default: i64,
    /// Largest value that a configuration may set.
    pub max: i64,
    /// Unit of the value.
    pub unit: Unit,
    /// What it governs, in Chinese.
    pub zh: &'static str,
    /// What it governs, in English.
    pub en: &'static str,
    /// Kind of source.
    pub mark: Mark,
    /// The source itself.
    pub source: &'static str,
}

macro_rules! parameters {
    ($( $code:literal $default:literal ..= $max:literal $unit:ident, $zh:literal, $en:literal, $mark:ident $source:literal; )*) => {
        /// Every parameter of the bank seat.
        pub const TABLE: &[Parameter] = &[$(Parameter {
            code: $code, default: $default, max: $max, unit: Unit::$unit, zh: $zh, en: $en, mark: Mark::$mark, source: $source,
        }),*];
    };
}

parameters! {
    "stop_hours" 48 ..= 720 Hours, "紧急止付的期限,自银行止付时起算", "How long an emergency stop lasts, from the moment the bank stopped",
        Notice "银发〔2016〕86号";
    "stops_max" 2 ..= 20 Count, "同一账户在同一案件中止付的次数上限", "Stops of one account in one case, at most",
        Notice "银发〔2016〕86号";
    "own_stop_hours" 24 ..= 168 Hours, "收付款行为同一法人时银行先行止付的期限,公安指令须在此前到达", "How long the bank's own stop lasts where payer and payee bank are one legal person; the police order must follow within it",
        Practice "先行止付";
    "freeze_months" 6 ..= 12 Months, "存款、汇款冻结及续冻的期限", "A freeze of deposits or remittances, and each renewal",
        Law "公安机关办理刑事案件程序规定 art. 243";
    "freeze_months_major" 12 ..= 24 Months, "重大、复杂案件经设区的市一级批准的冻结期限", "The same in a major or complex case approved at prefecture level",
        Law "公安机关办理刑事案件程序规定 art. 243";
    "freeze_months_securities" 24 ..= 36 Months, "债券、股票、基金份额的冻结期限", "A freeze of bonds, shares and fund units",
        Law "公安机关办理刑事案件程序规定 art. 244";
    "check_minutes" 10 ..= 1440 Minutes, "四要素核对中交易时间的允许误差", "Tolerance of the transaction time in the four-point check",
        Ours "no public rule found";
    "diagnosis_hours" 720 ..= 8760 Hours, "核对不符时在其前后多长时间内查找同额交易,以说明是金额不符还是时间不符", "How far around the stated time a differing check looks for the same amount, to say which of the two differs",
        Ours "no public rule found";
    "statement_rows_max" 5000 ..= 20000 Count, "一次查询回复的交易笔数上限,其余以下一时段续查", "Movements in one answer; the rest is asked for with the next period",
        Ours "no public rule found";
    "holder_accounts_max" 500 ..= 1000 Count, "一次回复的账户数上限", "Accounts of a holder in one answer",
        Ours "no public rule found";
}

/// The values in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    /// Span of an emergency stop.
    pub stop_span: Duration,
    /// Stops of one account in one case, at most.
    pub stops_max: i64,
    /// Span of the bank's own stop.
    pub own_stop_span: Duration,
    /// Months of a freeze, and of each renewal.
    pub freeze_months: i64,
    /// Months in a major or complex case.
    pub freeze_months_major: i64,
    /// Months for bonds, shares and fund units.
    pub freeze_months_securities: i64,
    /// Tolerance of the transaction time.
    pub check_tolerance: Duration,
    /// How far a differing check looks for the amount.
    pub diagnosis_span: Duration,
    /// Movements in one answer.
    pub statement_rows_max: i64,
    /// Accounts in one answer.
    pub holder_accounts_max: i64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self::from_values(|code| TABLE.iter().find(|p| p.code == code).map_or(0, |p| p.default))
    }
}

const UNKNOWN: Text = Text::new(
    "bank.parameter.unknown",
    ("没有名为 {code} 的参数", "there is no parameter {code}"),
    ("请对照参数表修改配置", "Compare the configuration with the table of parameters"),
);
const OUT_OF_RANGE: Text = Text::new(
    "bank.parameter.range",
    ("参数 {code} 须在 1 到 {max} 之间", "parameter {code} must lie between 1 and {max}"),
    ("请改为范围内的整数", "Use a whole number in that range"),
);

/// Texts of this module.
pub const TEXTS: &[Text] = &[UNKNOWN, OUT_OF_RANGE];

impl Parameters {
    /// The defaults with some values set by configuration; all faults at once.
    pub fn with(settings: &[(String, i64)]) -> Result<Self, Faults> {
        let mut faults = Faults::none();
        for (code, value) in settings {
            match TABLE.iter().find(|p| p.code == code) {
                None => faults.push(UNKNOWN.at(format!("parameters.{code}"), &[("code", code)])),
                Some(p) if *value < 1 || *value > p.max => {
                    faults.push(
                        OUT_OF_RANGE.at(format!("parameters.{code}"), &[("code", code), ("max", &p.max.to_string())]),
                    );
                }
                Some(_) => {}
            }
        }
        faults.into_result()?;
        Ok(Self::from_values(|code| {
            let set = settings.iter().rev().find(|(name, _)| name == code).map(|(_, value)| *value);
            set.or_else(|| TABLE.iter().find(|p| p.code == code).map(|p| p.default)).unwrap_or(0)
        }))
    }

    /// The value in force of a row of the table, in its unit; months and counts as they are.
    pub fn value(&self, code: &str) -> i64 {
        let hours = |span: Duration| span.as_seconds() / 3600;
        match code {
            "stop_hours" => hours(self.stop_span),
            "stops_max" => self.stops_max,
            "own_stop_hours" => hours(self.own_stop_span),
            "freeze_months" => self.freeze_months,
            "freeze_months_major" => self.freeze_months_major,
            "freeze_months_securities" => self.freeze_months_securities,
            "check_minutes" => self.check_tolerance.as_seconds() / 60,
            "diagnosis_hours" => hours(self.diagnosis_span),
            "statement_rows_max" => self.statement_rows_max,
            "holder_accounts_max" => self.holder_accounts_max,
            _ => 0,
        }
    }

    fn from_values(value: impl Fn(&str) -> i64) -> Self {
        Self {
            stop_span: Duration::hours(value("stop_hours")),
            stops_max: value("stops_max"),
            own_stop_span: Duration::hours(value("own_stop_hours")),
            freeze_months: value("freeze_months"),
            freeze_months_major: value("freeze_months_major"),
            freeze_months_securities: value("freeze_months_securities"),
            check_tolerance: Duration::minutes(value("check_minutes")),
            diagnosis_span: Duration::hours(value("diagnosis_hours")),
            statement_rows_max: value("statement_rows_max"),
            holder_accounts_max: value("holder_accounts_max"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_table_and_every_wrong_setting_is_named() {
        let defaults = Parameters::default();
        assert_eq!(defaults.stop_span, Duration::hours(48));
        assert_eq!(defaults.stops_max, 2);
        for p in TABLE {
            assert_eq!(defaults.value(p.code), p.default, "{}", p.code);
        }
        let set = Parameters::with(&[("stop_hours".to_owned(), 24)]).ok();
        assert_eq!(set.map(|p| p.stop_span), Some(Duration::hours(24)));
        let faults = Parameters::with(&[("stop_hours".to_owned(), 0), ("stop".to_owned(), 1)]);
        let fields: Vec<String> = faults.err().map(|f| f.0.into_iter().map(|x| x.field).collect()).unwrap_or_default();
        assert_eq!(fields, ["parameters.stop_hours", "parameters.stop"]);
    }
}
