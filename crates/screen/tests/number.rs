//! Numbers as signalling writes them; the same plan as the kernel's numbers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use kernel::{Maskable, Msisdn, MsisdnKind};
use proptest::prelude::*;
use screen::{Number, NumberKind};

fn check(text: &str, expect: &str) {
    let got = Number::read(text).map_or_else(|| "nothing".to_owned(), |n| format!("{n} {}", n.kind().word()));
    assert_eq!(got, expect, "{text}");
}

#[test]
fn numbers_as_signalling_writes_them() {
    check("+8613800138000", "+8613800138000 mobile");
    check("8613800138000", "+8613800138000 mobile");
    check("008613800138000", "+8613800138000 mobile");
    check("013800138000", "+8613800138000 mobile");
    check("13800138000", "+8613800138000 mobile");
    check("1795113800138000", "+8613800138000 mobile");
    check("14912345678", "+8614912345678 mobile");
    check("1440123456789", "+861440123456789 mobile");
    check("1064812345678", "+861064812345678 mobile");
    check("+861064812345678", "+861064812345678 mobile");
    check("1065812345678", "1065812345678 service");
    check("tel:+86-138-0013-8000", "+8613800138000 mobile");
    check("sip:+8613800138000@hn.example.com;user=phone", "+8613800138000 mobile");
    check("SIP:13800138000;phone-context=+86@10.0.0.1", "+8613800138000 mobile");
    check("tel:88228822;phone-context=+86731", "+8673188228822 fixed");
    check("073188228822", "+8673188228822 fixed");
    check("+86731 8822 8822", "+8673188228822 fixed");
    check("+8601062345678", "+861062345678 fixed");
    check("0731-96110", "+8673196110 fixed");
    check("110", "110 service");
    check("+8695588", "95588 service");
    check("4008001234", "4008001234 service");
    check("106912345678901234", "106912345678901234 service");
    check("1069123456789012345", "106912345678901234 service");
    check("+85291234567", "+85291234567 foreign");
    check("0012025550123", "+12025550123 foreign");
    // Digits that no plan knows are kept.
    check("+8612345678901", "+8612345678901 unassigned");
    check("15400138000", "+8615400138000 unassigned");
    check("88228822", "88228822 unassigned");
    check("8001", "8001 unassigned");
    check("+862", "+862 unassigned");
    check("00000000", "nothing");
    check("0001234567", "nothing");
    check("+0110", "nothing");
    check("095588", "+8695588 unassigned");
    check("00110", "+110 unassigned");
    check("anonymous", "nothing");
    check("", "nothing");
    check("13800138000x", "nothing");
    check("123456789012345678901234567890", "nothing");
    check("１３８００１３８０００", "+8613800138000 mobile");
    assert_eq!(Number::parse("15400138000"), None);
}

#[test]
fn what_a_number_stands_for() {
    let number = |text| Number::read(text).unwrap();
    for text in [
        "110",
        "119",
        "120",
        "122",
        "112",
        "999",
        "12110",
        "95110",
        "0731-12395",
        "0731110",
        "0731-119",
        "+86731120",
        "+86 0731 110",
        "86731110",
        "0086731110",
        "010110",
        "+86110",
        "86110",
        "tel:110;phone-context=+86731",
        "sip:110;phone-context=+86731@hn.example.cn;user=phone",
        "tel:1-1-0;Phone-Context=+86",
    ] {
        assert!(number(text).is_emergency(), "{text}");
    }
    for text in ["13800000110", "073188888110", "+85288888110", "88110", "+1110", "0731-111", "95588"] {
        assert!(!number(text).is_emergency(), "{text}");
    }
    assert!(
        number("0731-96110").is_warning_line()
            && number("96110").is_warning_line()
            && number("12381").is_warning_line()
    );
    assert_eq!(number("0731-95588").service(), Some(95_588));
    assert_eq!((number("073188228822").area_code(), number("010-62345678").area_code()), (Some(731), Some(10)));
    assert_eq!(number("13800138000").area_code(), None);
}

#[test]
fn bare_digits_of_a_gateway_are_read_as_it_writes_them() {
    use screen::BareDigits::{Either, International, National};
    let check = |text: &str, bare, expect: &str| {
        let got =
            Number::read_as(text, bare).map_or_else(|| "nothing".to_owned(), |n| format!("{n} {}", n.kind().word()));
        assert_eq!(got, expect, "{text} {bare:?}");
    };
    check("13055550100", National, "+8613055550100 mobile");
    check("13055550100", Either, "+8613055550100 mobile");
    check("13055550100", International, "+13055550100 foreign");
    check("85298765432", National, "85298765432 unassigned");
    check("85298765432", Either, "+85298765432 foreign");
    check("852-9876-5432", International, "+85298765432 foreign");
    check("8613800138000", International, "+8613800138000 mobile");
    check("008613800138000", International, "+8613800138000 mobile");
    check("+8613800138000", International, "+8613800138000 mobile");
    check("073188228822", Either, "+8673188228822 fixed");
    check("88228822;phone-context=+86731", International, "+8673188228822 fixed");
    check("110", International, "110 service");
    check("95588", Either, "95588 service");
    check("8001", International, "8001 unassigned");
    check("12345678901234567", Either, "12345678901234567 unassigned");
}

#[test]
fn services_without_a_number_are_calls_for_help() {
    for (service, number) in [
        ("sos", "112"),
        ("sos;x=1", "112"),
        ("sos.police", "110"),
        ("SOS.Fire", "119"),
        ("sos.ecall.automatic", "120"),
        ("sos.x", "112"),
    ] {
        let read = Number::of_service(service).unwrap();
        assert!(read.to_string() == number && read.is_emergency(), "{service} {read}");
    }
    assert_eq!([Number::of_service("counseling"), Number::of_service(""), Number::of_service("sossy")], [None; 3]);
}

#[test]
fn a_number_is_found_behind_what_stands_before_it() {
    let check = |text: &str, expect: &[&str]| {
        let got: Vec<String> = Number::behind_prefixes(text).iter().map(|number| number.to_string()).collect();
        assert_eq!(got, expect, "{text}");
    };
    check("+86017012345678", &["+8617012345678"]);
    check("+008617012345678", &["+8617012345678"]);
    check("000 86 0170-1234-5678", &["+8617012345678"]);
    check("17909017012345678", &["+8617012345678"]);
    check("+8617909017012345678", &["+8617012345678"]);
    check("179110086017012345678", &["+8617012345678"]);
    check("1259317012345678", &["+8617012345678"]);
    check("+00852 9123 4567", &["+85291234567"]);
    check("+86 0731 8888 8888", &["+8673188888888"]);
    check("8001", &[]);
    check("+86", &[]);
    check("", &[]);
    check("99999999999999999999999999", &[]);
}

#[test]
fn a_short_number_behind_a_plus_is_a_call_for_help() {
    for help in ["+112", "+110", "+911", "911", "+86112"] {
        assert!(Number::read(help).unwrap().calls_for_help(), "{help}");
    }
    for other in ["+1120", "+111", "+9110", "9111"] {
        assert!(!Number::read(other).unwrap().calls_for_help(), "{other}");
    }
}

#[test]
fn a_service_number_that_ends_like_a_call_for_help_is_one_only_behind_an_area_that_exists() {
    for help in ["+86951110", "0955120", "86953119"] {
        assert!(Number::read(help).unwrap().is_emergency(), "{help}");
    }
    for service in ["+86950110", "86959120", "950110", "951110"] {
        let number = Number::parse(service).unwrap();
        assert_eq!((number.kind(), number.is_emergency()), (NumberKind::Service, false), "{service}");
        assert_eq!(number.msisdn().map(Number::from), Some(number), "{service}");
    }
}

#[test]
fn what_is_printed_for_people_is_masked() {
    let number = |text| Number::read(text).unwrap();
    assert_eq!(format!("{:?}", number("13800138000")), "Number(138****8000)");
    assert_eq!(number("+8612345678901").mask(), "861******8901");
    assert_eq!(number("8001").mask(), "**01");
}

proptest! {
    #[test]
    fn the_plan_is_the_kernels(text in "(\\+|00|0)?(86)?(1[0-9]{10}|0?[2-9][0-9]{8,11}|10[0-9]{8}|95[0-9]{3,4}|400[0-9]{7}|106[0-9]{5,14}|[1-9][0-9]{2,14})") {
        let ours = Number::parse(&text);
        // A call for help behind the area codes 0951 to 0955 (Ningxia) looks like a service number to the kernel.
        let is_help_there =
            Number::read(&text).is_some_and(|n| n.is_emergency() && matches!(n.digits(), 86_951_000..=86_955_999));
        if is_help_there {
            prop_assert_eq!(ours, None);
        } else if let Ok(theirs) = Msisdn::parse(&text) {
            let kind = match theirs.kind() {
                MsisdnKind::Mobile => NumberKind::Mobile,
                MsisdnKind::Fixed => NumberKind::Fixed,
                MsisdnKind::Service => NumberKind::Service,
                MsisdnKind::Foreign => NumberKind::Foreign,
            };
            prop_assert_eq!(ours.map(|n| (n.to_string(), n.kind())), Some((theirs.to_string(), kind)));
            prop_assert_eq!(ours, Some(Number::from(theirs)));
            prop_assert_eq!(ours.and_then(Number::msisdn), Some(theirs));
            prop_assert_eq!(ours.and_then(Number::area_code), theirs.area_code());
        } else if let Some(ours) = ours {
            // 112, 911 and 999, and the 86 of `+86` twice, are the only liberties.
            prop_assert!(matches!(ours.digits(), 112 | 911 | 999), "{} became {}", text, ours);
        }
    }

    #[test]
    fn any_text_is_answered_and_the_written_form_reads_back(text in "\\PC{0,40}|[+0-9;=@:a-z.-]{0,40}") {
        if let Some(number) = Number::read(&text) {
            prop_assert_eq!(Number::from_packed(number.packed()), Some(number));
            if number.kind() != NumberKind::Unassigned {
                prop_assert_eq!(Number::parse(&number.to_string()), Some(number));
            }
        }
    }
}
