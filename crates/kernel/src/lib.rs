//! The words that every seat shares: identifiers, money, time, regions, scam types, masking and the texts of faults.
//!
//! Nothing here does I/O, knows a database or speaks HTTP.

mod account_no;
pub mod bounds;
mod citizen_id;
mod clock;
mod credit_code;
mod id;
mod list_rule;
mod masked;
mod money;
pub mod msisdn;
mod person_name;
mod region;
mod said;
mod scam_type;
mod sheet;
mod value;

pub use account_no::{AccountKind, AccountNo};
pub use citizen_id::{CitizenId, Sex};
pub use clock::{Clock, Duration, ManualClock, SystemClock, Timestamp};
pub use credit_code::CreditCode;
pub use id::*;
pub use list_rule::{ListBounds, ListRefusal, ListedDigits, ListedNumbers, ServiceNumbers, list_refusals};
pub use masked::{Maskable, Masked};
pub use money::{Currency, Money, chinese_digit, chinese_unit};
pub use msisdn::{Msisdn, MsisdnKind};
pub use person_name::PersonName;
pub use region::{Region, RegionLevel};
pub use said::{Fault, Faults, Said, Text};
pub use scam_type::{ScamType, TEN_OF_2018};
pub use sheet::{from_sheet_cell, sheet_cell};

/// Every [`Text`] of this crate: faults, and the words about each scam type.
pub fn catalogue() -> Vec<Text> {
    [
        account_no::TEXTS,
        bounds::TEXTS,
        citizen_id::TEXTS,
        credit_code::TEXTS,
        money::TEXTS,
        msisdn::TEXTS,
        person_name::TEXTS,
        region::TEXTS,
        scam_type::TEXTS,
        scam_type::TYPE_TEXTS,
    ]
    .concat()
}

/// Says what is wrong with a catalogue: doubled codes, missing words, places that the two languages name differently.
/// Each crate's test asks this of its own catalogue.
pub fn catalogue_defects(texts: &[Text]) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    let mut defects = Vec::new();
    for text in texts {
        if !seen.insert(text.code) {
            defects.push(format!("{}: the code is used twice", text.code));
        }
        if text.zh.is_empty() || text.en.is_empty() || text.zh_remedy.is_empty() != text.en_remedy.is_empty() {
            defects.push(format!("{}: one language is missing", text.code));
        }
        let [zh, en, zh_remedy, en_remedy] = text.places();
        if zh != en || zh_remedy != en_remedy {
            defects.push(format!("{}: the languages name different places", text.code));
        }
    }
    defects
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_text_speaks_both_languages() {
        assert_eq!(super::catalogue_defects(&super::catalogue()), Vec::<String>::new());
    }
}
