//! Where telephone numbers and offices are, so that desks show and act on what lies in the region of who asks.

use kernel::{Msisdn, Region};
use store::Who;

/// Six digits of a region given as a code of two, four or six digits or as a name; empty for what is no region.
pub fn code_of(region: &str) -> String {
    Region::parse(region).map_or_else(|_| String::new(), |region| format!("{:06}", region.code()))
}

/// The region of who asks; empty for who sees all.
pub fn of_office(who: &Who) -> String {
    who.region.as_deref().map_or_else(String::new, |scope| format!("{scope:0<6}"))
}

/// The region of a fixed line, whole or masked (`0731****8888`): the prefecture, or the province where the area code
/// serves several. A mobile number does not tell, since it moves with its holder.
pub fn of_line(number: &str) -> Option<String> {
    // Any digit would do for one that is hidden, but a local number begins with 2 to 8.
    let regions = Msisdn::parse(&number.replace('*', "8")).ok()?.regions();
    let (first, others) = regions.split_first()?;
    let code = first.code();
    let one = others.is_empty();
    Some(format!("{:06}", if one { code } else { code - code % 10_000 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_line_tells_where_it_is_and_a_mobile_number_does_not() {
        let check = |number: &str, expect: Option<&str>| assert_eq!(of_line(number).as_deref(), expect, "{number}");
        check("+867308888888", Some("430600"));
        check("0730****888", Some("430600"));
        check("0731****8888", Some("430000"));
        check("+8613800138000", None);
        check("138****8000", None);
        check("95588", None);
        check("ICBC", None);
    }

    #[test]
    fn an_office_stands_for_its_region() {
        let who = |region: Option<&str>| Who { region: region.map(str::to_owned), ..Who::system("test") };
        assert_eq!(of_office(&who(Some("4301"))), "430100");
        assert_eq!(of_office(&who(Some("430102"))), "430102");
        assert_eq!(of_office(&who(None)), "");
        assert_eq!(
            (code_of("43").as_str(), code_of("长沙市").as_str(), code_of("x").as_str()),
            ("430000", "430100", "")
        );
    }
}
