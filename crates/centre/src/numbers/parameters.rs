//! What practice fixes, as parameters with their defaults.

use kernel::{ListBounds, ServiceNumbers};
use serde::{Deserialize, Serialize};

/// Parameters of the number list; one table `[numbers]` in the centre's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = NumberParameters)]
#[serde(default, deny_unknown_fields)]
pub struct Parameters {
    /// Shortest prefix of mainland numbers, digits with the country code: 7 is a block of a million mobile numbers.
    pub prefix_digits_min: usize,
    /// Shortest prefix of numbers of other countries, digits.
    pub foreign_prefix_digits_min: usize,
    /// Longest range, numbers.
    pub range_numbers_max: u64,
    /// How long an entry stands that a report led to, days.
    pub report_entry_days: i64,
    /// Changed entries up to which an operator that was away gets changes; above, it gets the whole list as a file.
    pub changes_max: i64,
    /// How long the file of a whole list may be fetched, hours.
    pub file_hours: i64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            prefix_digits_min: 7,
            foreign_prefix_digits_min: 2,
            range_numbers_max: 1_000_000,
            report_entry_days: 90,
            changes_max: 50_000,
            file_hours: 24,
        }
    }
}

impl Parameters {
    /// How wide an entry may be; `stops` where it stops or marks calls.
    pub(super) fn bounds(&self, stops: bool) -> ListBounds {
        let digits = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        ListBounds {
            prefix_digits_min: digits(self.prefix_digits_min),
            foreign_prefix_digits_min: digits(self.foreign_prefix_digits_min),
            range_numbers_max: self.range_numbers_max,
            service_numbers: if stops { ServiceNumbers::MessagePorts } else { ServiceNumbers::Any },
        }
    }
}
