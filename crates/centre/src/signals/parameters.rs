//! What practice fixes, as parameters with their defaults.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Parameters of the signals desk; one table `[signals]` in the centre's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = SignalParameters)]
#[serde(default, deny_unknown_fields)]
pub struct Parameters {
    /// How long hits are kept, days.
    pub hit_days: i64,
    /// How long counters are kept, days.
    pub counter_days: i64,
    /// The region of each operator, by its name in the directory: of a hit whose line does not tell where it is. An
    /// operator that is not named serves the whole of the centre's region, and only who sees all sees such a hit.
    pub operator_regions: BTreeMap<String, String>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { hit_days: 30, counter_days: 400, operator_regions: BTreeMap::new() }
    }
}
