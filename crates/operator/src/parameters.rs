//! What may be set of the carrier seat, with its default and where that comes from.

use kernel::{Duration, Faults, ListBounds, ServiceNumbers, Text};

/// The unit of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Days.
    Days,
    /// Hours.
    Hours,
    /// Minutes.
    Minutes,
    /// Seconds.
    Seconds,
    /// A count.
    Count,
    /// Parts of a thousand.
    Permille,
}

/// A row of the table.
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
    /// Where the default comes from.
    pub source: &'static str,
}

macro_rules! parameters {
    ($( $code:ident $default:literal ..= $max:literal $unit:ident, $zh:literal, $en:literal, $source:literal; )*) => {
        /// Every parameter of the carrier seat.
        pub const TABLE: &[Parameter] = &[$(Parameter {
            code: stringify!($code), default: $default, max: $max, unit: Unit::$unit, zh: $zh, en: $en, source: $source,
        }),*];

        /// The values in force, in their units.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Parameters {
            $(#[doc = $en] pub $code: i64,)*
        }

        impl Parameters {
            fn from_values(value: impl Fn(&str) -> i64) -> Self {
                Self { $($code: value(stringify!($code)),)* }
            }

            /// The value in force of a row of the table, in its unit.
            pub fn value(&self, code: &str) -> i64 {
                match code {
                    $(stringify!($code) => self.$code,)*
                    _ => 0,
                }
            }
        }
    };
}

parameters! {
    record_hours 720 ..= 17_520 Hours, "话单保存时长", "How long records of calls and messages are kept",
        "ours; 反电信网络诈骗法 asks operators to keep what an inquiry needs, without a span";
    prefix_digits_min 5 ..= 12 Count, "号段拦截至少须写明的数字位数（含国家代码）", "Digits, country code included, that a blocked prefix must have at least",
        "ours: a shorter one silences a province";
    range_numbers_max 1_000_000 ..= 100_000_000 Count, "号码区间拦截最多包含的号码数", "Numbers that a blocked range may have at most",
        "the centre's own bound: a wider one silences a network";
    signal_seconds 60 ..= 3_600 Seconds, "向中心报送信号的周期", "How often signals go to the centre",
        "ours";
    signal_hits_max 5_000 ..= 5_000 Count, "每份信号所带命中明细的上限，其余只计数", "Hits in one document of signals; the rest is only counted",
        "docs/protocol.md";
    signal_documents_max 1_440 ..= 20_000 Count, "中心不可达时最多缓存的信号份数", "Documents of signals kept while the centre is away",
        "ours: a day of minutes";
    sample_permille 10 ..= 1_000 Permille, "抽样报送的比例", "Share of hits sent where a rule says sampled",
        "ours";
    answer_contacts_max 20_000 ..= 20_000 Count, "一次联系人查询回复的上限", "Contacts in one answer",
        "docs/protocol.md";
    warnings_max 5_000 ..= 100_000 Count, "一次指令最多发送的预警短信数", "Warning messages that one order sends",
        "ours";
    appeal_burst 5 ..= 1_000 Count, "同一地址可连续提交的申诉数", "Appeals that one address may send at once",
        "ours";
    appeal_interval_seconds 120 ..= 86_400 Seconds, "其后每隔多久可再提交一件", "Time after which it may send one more",
        "ours";
    roaming_abroad_hours 720 ..= 8_760 Hours, "漫游登记未写明结束时间时的有效时长", "How long a subscriber counts as abroad whose row names no end",
        "ours: a month's journey; the register sends another row when it ends";
    roaming_home_hours 24 ..= 720 Hours, "登记“在归属网络”的有效时长", "How long a subscriber counts as at home whose row names no end",
        "ours: an event that got lost must not block somebody abroad for longer";
    list_stale_hours 24 ..= 8_760 Hours, "中心名单多久未更新即提示", "Age from which the centre's list is called old",
        "ours";
}

impl Default for Parameters {
    fn default() -> Self {
        Self::from_values(|code| TABLE.iter().find(|p| p.code == code).map_or(0, |p| p.default))
    }
}

const UNKNOWN: Text = Text::new(
    "operator.parameter.unknown",
    ("没有名为 {code} 的参数", "there is no parameter {code}"),
    ("请对照参数表修改配置", "Compare the configuration with the table of parameters"),
);
const OUT_OF_RANGE: Text = Text::new(
    "operator.parameter.range",
    ("参数 {code} 须在 1 到 {max} 之间", "parameter {code} must lie between 1 and {max}"),
    ("请改为范围内的整数", "Use a whole number in that range"),
);

/// Texts of this module.
pub(crate) const TEXTS: &[Text] = &[UNKNOWN, OUT_OF_RANGE];

impl Parameters {
    /// The defaults with some values set by configuration; all faults at once.
    ///
    /// # Errors
    /// Names that are none, and values out of range.
    pub fn with(settings: &[(String, i64)]) -> Result<Self, Faults> {
        let mut faults = Faults::none();
        for (code, value) in settings {
            let field = format!("parameters.{code}");
            match TABLE.iter().find(|p| p.code == code) {
                None => faults.push(UNKNOWN.at(field, &[("code", code)])),
                Some(p) if !(1..=p.max).contains(value) => {
                    faults.push(OUT_OF_RANGE.at(field, &[("code", code), ("max", &p.max.to_string())]));
                }
                Some(_) => {}
            }
        }
        faults.into_result()?;
        let defaults = Self::default();
        Ok(Self::from_values(|code| {
            let set = settings.iter().rev().find(|(name, _)| name == code).map(|(_, value)| *value);
            set.unwrap_or_else(|| defaults.value(code))
        }))
    }

    /// What this operator's own entries may block.
    pub fn list_bounds(&self) -> ListBounds {
        let digits = u32::try_from(self.prefix_digits_min).unwrap_or(u32::MAX);
        ListBounds {
            prefix_digits_min: digits,
            foreign_prefix_digits_min: digits,
            range_numbers_max: u64::try_from(self.range_numbers_max).unwrap_or(0),
            service_numbers: ServiceNumbers::Any,
        }
    }

    /// What entries of the centre may block: it may stop a whole country, but no more of the mainland than this operator would.
    pub fn centre_list_bounds(&self) -> ListBounds {
        ListBounds { foreign_prefix_digits_min: 1, ..self.list_bounds() }
    }

    /// How long records are kept.
    pub fn retention(&self) -> Duration {
        Duration::hours(self.record_hours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_table_and_every_wrong_setting_is_named() {
        let defaults = Parameters::default();
        for p in TABLE {
            assert_eq!(defaults.value(p.code), p.default, "{}", p.code);
            assert!((1..=p.max).contains(&p.default), "{}", p.code);
        }
        let set = Parameters::with(&[("record_hours".to_owned(), 24)]).unwrap();
        assert_eq!(set.retention(), Duration::hours(24));
        let faults = Parameters::with(&[("record_hours".to_owned(), 0), ("records".to_owned(), 1)]).unwrap_err();
        let fields: Vec<&str> = faults.0.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["parameters.record_hours", "parameters.records"]);
    }
}
