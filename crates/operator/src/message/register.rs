//! The register of official senders (短信端口、官方号码): who may send as 95588, 10086, 12381, 12110.

use std::collections::HashMap;

use screen::{BareDigits, Number, Registration};

use super::judge::Party;

/// One sender and the accounts that may use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredSender {
    /// An address or a name; with `*` behind, every address that begins so.
    pub sender: String,
    /// `system_id`s of the accounts.
    pub accounts: Vec<String>,
}

/// The senders that belong to somebody. Anybody else who uses one is refused.
#[derive(Debug, Default)]
pub struct Register {
    exact: HashMap<String, Vec<String>>,
    beginnings: HashMap<String, Vec<String>>,
}

impl Register {
    /// Builds the register.
    pub fn build(senders: impl IntoIterator<Item = RegisteredSender>) -> Self {
        let mut register = Self::default();
        for RegisteredSender { sender, accounts } in senders {
            let (map, key) = match sender.strip_suffix('*') {
                Some(beginning) => (&mut register.beginnings, canonical(beginning.into())),
                None => (&mut register.exact, canonical(sender.as_str().into())),
            };
            map.entry(key).or_default().extend(accounts);
        }
        register
    }

    /// What the register says about a sender that an account uses.
    pub fn look_up<'a>(&self, sender: impl Into<Party<'a>>, account: &str) -> Registration {
        if self.exact.is_empty() && self.beginnings.is_empty() {
            return Registration::Absent;
        }
        let key = canonical(sender.into());
        let beginning = || {
            let ends = key.char_indices().map(|(at, c)| at + c.len_utf8());
            ends.rev().find_map(|end| self.beginnings.get(key.get(..end)?))
        };
        match self.exact.get(&key).or_else(beginning) {
            None => Registration::Absent,
            Some(accounts) if accounts.iter().any(|a| a == account) => Registration::Matches,
            Some(_) => Registration::WrongRoute,
        }
    }
}

/// Whether one of an account's own senders allows this one.
pub(super) fn is_allowed<'a>(senders: &[String], sender: impl Into<Party<'a>>) -> bool {
    senders.is_empty() || {
        let key = canonical(sender.into());
        senders.iter().any(|allowed| match allowed.strip_suffix('*') {
            Some(beginning) => key.starts_with(&canonical(beginning.into())),
            None => key == canonical(allowed.as_str().into()),
        })
    }
}

/// The form in which senders are compared: a number without country code where it is a service number, a name folded
/// to half-width capitals without spaces and signs.
fn canonical(sender: Party<'_>) -> String {
    if let Some(number) = sender.number(BareDigits::National) {
        let digits = number.digits().to_string();
        // `8695588` without a sign before it is 95588 to whoever reads it on a screen.
        let with_country = || digits.strip_prefix("86").and_then(|_| Number::read(&format!("+{digits}"))?.service());
        return match number.service().or_else(with_country) {
            Some(service) => service.to_string(),
            None => digits,
        };
    }
    sender.address.chars().map(half_width).filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register() -> Register {
        let sender =
            |sender: &str, account: &str| RegisteredSender { sender: sender.into(), accounts: vec![account.into()] };
        Register::build([
            sender("95588", "icbc"),
            sender("12110", "police"),
            sender("ICBC", "icbc"),
            sender("10690*", "port"),
        ])
    }

    #[test]
    fn a_registered_sender_is_its_holders_alone() {
        let register = register();
        for written in ["95588", "+8695588", "0086 95588", "8695588"] {
            assert_eq!(register.look_up(written, "icbc"), Registration::Matches, "{written}");
        }
        for written in ["95588", "+8695588", "8695588", "icbc", "ＩＣＢＣ", "I.C.B.C", "12110"] {
            assert_eq!(register.look_up(written, "shop"), Registration::WrongRoute, "{written}");
        }
        assert_eq!(register.look_up("106900001234", "port"), Registration::Matches);
        assert_eq!(register.look_up("106900001234", "shop"), Registration::WrongRoute);
        assert_eq!(register.look_up("13800138000", "shop"), Registration::Absent);
    }

    #[test]
    fn a_number_of_another_country_is_not_the_same_digits_at_home() {
        let own = ["13055550100".to_owned()];
        let of = |ton| Party { ton, address: "13055550100" };
        assert!(is_allowed(&own, of(0)) && is_allowed(&own, of(2)) && !is_allowed(&own, of(1)));
        assert!(is_allowed(&["+13055550100".to_owned()], of(1)));
        assert_eq!(register().look_up(Party { ton: 1, address: "95588" }, "shop"), Registration::WrongRoute);
        assert_eq!(register().look_up(Party { ton: 1, address: "106900001234" }, "shop"), Registration::WrongRoute);
    }

    #[test]
    fn an_account_may_be_bound_to_its_own_senders() {
        let own = ["10690001*".to_owned(), "12381".to_owned()];
        assert!(is_allowed(&own, "1069000177") && is_allowed(&own, "+8612381"));
        assert!(!is_allowed(&own, "10690002") && is_allowed(&[], "anything"));
    }
}
