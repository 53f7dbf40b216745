//! The Kamailio in front of a seat knows the numbers for help that the seats know.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use kernel::msisdn::{EMERGENCY, WARNING_LINES};

const CONFIGURATION: &str = include_str!("../../../docs/kamailio/kamailio.cfg");

#[test]
fn the_shipped_configuration_lets_calls_for_help_through_by_the_same_list() {
    let expression = CONFIGURATION.lines().find(|line| line.starts_with("#!substdef \"!HELP!")).unwrap();
    // The last group of the expression, before the ";" that ends what is dialled.
    let (_, listed) = expression.split_once(");").and_then(|(head, _)| head.rsplit_once('(')).unwrap();
    let listed: Vec<u32> = listed.split('|').map(|digits| digits.parse().unwrap()).collect();
    let known: BTreeSet<u32> = EMERGENCY.into_iter().chain(WARNING_LINES).collect();
    assert_eq!(listed.len(), known.len(), "each once");
    assert_eq!(listed.into_iter().collect::<BTreeSet<u32>>(), known);
}
