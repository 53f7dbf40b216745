//! Checks a report as typed: every fault at once by field path, and cautions apart from faults.

use kernel::{
    AccountNo, CitizenId, Currency, Duration, Fault, Faults, Maskable, Masked, Money, Msisdn, MsisdnKind, PersonName,
    Region, ScamType, Timestamp,
};

use super::model::*;
use super::moment::{Given, parse_civil, parse_moment};
use super::partners::BankNames;
use super::texts;

pub use kernel::bounds::{CONTACTS_MAX, NARRATIVE_CHARS_MAX, PAYMENTS_MAX, SHORT_CHARS_MAX};

/// Amounts from here on ask for a second look: ten million yuan.
const LARGE_MINOR: i64 = 1_000_000_000;

/// Payments longer ago than this ask for a second look.
const LONG_AGO: Duration = Duration::hours(366 * 24);
/// Account numbers with fewer characters ask for a second look.
const ACCOUNT_CHARS_USUAL: usize = 8;

/// What checking found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The report, or every fault.
    pub report: Result<Submitted, Faults>,
    /// Worth a second look; never a reason to refuse.
    pub cautions: Vec<Fault>,
}

/// The payments that read, each with its place; for looking up duplicates while a report is still being typed.
pub(crate) fn payments_that_read(
    drafts: &[DraftPayment],
    now: Timestamp,
    partners: &BankNames,
) -> Vec<(usize, Payment)> {
    let channel = Channel::Public;
    let mut check = Check { now, partners, channel, faults: Faults::none(), cautions: Vec::new() };
    let read = drafts.iter().take(PAYMENTS_MAX).enumerate();
    read.filter_map(|(index, draft)| check.payment("", draft).map(|payment| (index, payment))).collect()
}

/// Checks a report of the public page. Who paid by a code, or in distress, may not know the payee's account: the officer
/// asks for it.
pub(crate) fn check_public(draft: &Draft, now: Timestamp, partners: &BankNames) -> Result<(), Faults> {
    let Err(mut faults) = check(draft, now, partners).report else { return Ok(()) };
    let without = draft.payments.iter().enumerate().filter(|(_, paid)| paid.payee_account.trim().is_empty());
    let accounts: Vec<String> = without.map(|(index, _)| format!("payments[{index}].payee_account")).collect();
    faults.0.retain(|fault| !accounts.contains(&fault.field));
    faults.into_result()
}

struct Check<'a> {
    now: Timestamp,
    partners: &'a BankNames,
    channel: Channel,
    faults: Faults,
    cautions: Vec<Fault>,
}

/// Checks a report as typed against the time and the partners known.
///
/// The payee's bank may be unknown or no partner: the payment then waits for a person. A report of the public page, a
/// partner or an import may lack the scam type; officers are asked for it.
pub fn check(draft: &Draft, now: Timestamp, partners: &BankNames) -> Checked {
    let channel = Channel::read(&draft.channel);
    let mut check = Check {
        now,
        partners,
        channel: channel.unwrap_or(Channel::Counter),
        faults: Faults::none(),
        cautions: Vec::new(),
    };
    if channel.is_none() {
        check.not_in_list("channel", &draft.channel, Channel::ALL.iter().map(|c| c.code()));
    }
    let report = check.report(draft);
    let Check { faults, cautions, .. } = check;
    let report = match (faults.into_result(), report) {
        (Ok(()), Some(report)) => Ok(report),
        (Err(faults), _) => Err(faults),
        (Ok(()), None) => Err(Faults(vec![texts::MISSING.at("", &[])])),
    };
    Checked { report, cautions }
}

impl Check<'_> {
    fn report(&mut self, draft: &Draft) -> Option<Submitted> {
        let victim_region = self.optional("victim.region", &draft.victim.region, Region::parse_at);
        let region = self.optional("region", &draft.region, Region::parse_at);
        if draft.region.trim().is_empty() && draft.victim.region.trim().is_empty() {
            if self.by_officer() {
                self.faults.push(texts::REGION.at("victim.region", &[]));
            }
            self.faults.push(texts::REGION.at("region", &[]));
        }
        let name = self.faults.keep(PersonName::parse_at("victim.name", &draft.victim.name));
        let citizen_id = self.optional("victim.citizen_id", &draft.victim.citizen_id, CitizenId::parse_at);
        let phone = self.faults.keep(Msisdn::parse_at("victim.phone", &draft.victim.phone));
        if phone.is_some_and(|p| p.kind() == MsisdnKind::Service) {
            self.cautions.push(texts::SERVICE_PHONE.at("victim.phone", &[]));
        }
        let narrative = self.limited("narrative", &draft.narrative, NARRATIVE_CHARS_MAX);
        let scam_type = match (draft.scam_type.trim().is_empty(), self.by_officer()) {
            (true, false) => Some(ScamType::Other),
            (true, true) => {
                self.faults.push(texts::MISSING.at("scam_type", &[]));
                None
            }
            (false, _) => self.faults.keep(ScamType::parse_at("scam_type", &draft.scam_type)),
        };
        let payments = self.payments(&draft.payments);
        let contacts = self.contacts(&draft.contacts);
        let occurred_at = match draft.occurred_at.trim().is_empty() {
            true => Some(payments.iter().map(|p| p.paid_at).min().unwrap_or(self.now)),
            false => self.moment("occurred_at", &draft.occurred_at),
        };
        Some(Submitted {
            channel: self.channel,
            victim: Victim {
                name: Masked::new(name?),
                citizen_id: citizen_id.map(Masked::new),
                phone: Masked::new(phone?),
                region: victim_region.or(region)?.current(),
            },
            narrative,
            payments,
            contacts,
            scam_type: scam_type?,
            region: region.or(victim_region)?.current(),
            occurred_at: occurred_at?,
        })
    }

    /// Whether an officer took the report and can be asked for more.
    fn by_officer(&self) -> bool {
        matches!(self.channel, Channel::Call110 | Channel::Call96110 | Channel::Counter)
    }

    fn payments(&mut self, drafts: &[DraftPayment]) -> Vec<Payment> {
        if drafts.len() > PAYMENTS_MAX {
            self.too_many("payments", drafts.len(), PAYMENTS_MAX);
            return Vec::new();
        }
        if drafts.is_empty() {
            self.cautions.push(texts::NO_PAYMENT.at("payments", &[]));
        }
        let mut payments: Vec<Payment> = Vec::with_capacity(drafts.len());
        for (index, draft) in drafts.iter().enumerate() {
            let Some(payment) = self.payment(&format!("payments[{index}]"), draft) else { continue };
            let same = payments.iter().position(|other| {
                other.payee_account == payment.payee_account
                    && other.amount == payment.amount
                    && other.paid_at == payment.paid_at
                    && other.reference == payment.reference
            });
            if let Some(other) = same {
                let number = (other + 1).to_string();
                self.faults.push(texts::PAYMENT_TWICE.at(format!("payments[{index}]"), &[("other", &number)]));
            }
            payments.push(payment);
        }
        payments
    }

    fn payment(&mut self, path: &str, draft: &DraftPayment) -> Option<Payment> {
        let field = |name: &str| format!("{path}.{name}");
        let payer_account = self.optional(&field("payer_account"), &draft.payer_account, AccountNo::parse_at);
        let payer_name = self.optional(&field("payer_name"), &draft.payer_name, PersonName::parse_at);
        let payer_bank = self.bank_where_known(&draft.payer_bank);
        let payee_account = self.faults.keep(AccountNo::parse_at(&field("payee_account"), &draft.payee_account));
        let payee_name = self.optional(&field("payee_name"), &draft.payee_name, PersonName::parse_at);
        if draft.payee_name.trim().is_empty() {
            self.cautions.push(texts::NO_PAYEE_NAME.at(field("payee_name"), &[]));
        }
        let (payee_bank, payee_bank_said) = self.payee_bank(&field("payee_bank"), &draft.payee_bank);
        let amount = self.amount(&field("amount"), &field("currency"), draft);
        let paid_at = match draft.paid_at.trim().is_empty() {
            true => {
                self.faults.push(texts::MISSING.at(field("paid_at"), &[]));
                None
            }
            false => self.moment(&field("paid_at"), &draft.paid_at),
        };
        if paid_at.is_some_and(|at| at < self.now - LONG_AGO) {
            self.cautions.push(texts::LONG_AGO.at(field("paid_at"), &[]));
        }
        if parse_civil(&draft.paid_at).is_some_and(|(_, given)| given == Given::DateOnly) {
            self.cautions.push(texts::TIME_OF_DAY.at(field("paid_at"), &[]));
        }
        let channel = match draft.channel.trim() {
            "" => None,
            text => PaymentChannel::read(text).or_else(|| {
                self.not_in_list(&field("channel"), text, PaymentChannel::ALL.iter().map(|c| c.code()));
                None
            }),
        };
        let reference = self.reference(&field("reference"), &draft.reference);
        for (name, account) in [("payer_account", &payer_account), ("payee_account", &payee_account)] {
            let Some(account) = account else { continue };
            if let Some(said) = account.caution() {
                self.cautions.push(Fault { field: field(name), said });
            }
            if account.as_str().chars().count() < ACCOUNT_CHARS_USUAL {
                self.cautions.push(texts::SHORT_ACCOUNT.at(field(name), &[]));
            }
        }
        if payer_account.is_some() && payer_account == payee_account {
            self.cautions.push(texts::SAME_ACCOUNT.at(field("payee_account"), &[]));
        }
        Some(Payment {
            payer_account: payer_account.map(Masked::new),
            payer_name: payer_name.map(Masked::new),
            payer_bank,
            payee_account: Masked::new(payee_account?),
            payee_name: payee_name.map(Masked::new),
            payee_bank,
            payee_bank_said,
            amount: amount?,
            paid_at: paid_at?,
            channel,
            reference,
        })
    }

    /// The partner that the text names, or the name itself where it is none.
    fn payee_bank(&mut self, field: &str, text: &str) -> (Option<String>, Option<String>) {
        let said = self.limited(field, text, SHORT_CHARS_MAX);
        if said.is_empty() {
            self.cautions.push(texts::NO_PAYEE_BANK.at(field, &[]));
            return (None, None);
        }
        match self.bank_where_known(&said) {
            Some(partner) => (Some(partner), None),
            None => {
                self.cautions.push(texts::BANK.at(field, &[("given", &shown(&said))]));
                (None, Some(said))
            }
        }
    }

    /// The payer's bank need not be a partner: the order goes to the payee's.
    fn bank_where_known(&self, text: &str) -> Option<String> {
        self.partners.resolve(text).map(str::to_owned)
    }

    fn amount(&mut self, field: &str, currency_field: &str, draft: &DraftPayment) -> Option<Money> {
        let money = match &draft.amount {
            DraftAmount::Money(money) => *money,
            DraftAmount::Text(text) => {
                let currency = match draft.currency.trim() {
                    "" => Some(Currency::CNY),
                    code => self.faults.keep(Currency::parse_at(currency_field, code)),
                };
                self.faults.keep(Money::parse_at(field, text, currency?))?
            }
        };
        if money.minor <= 0 {
            self.faults.push(texts::AMOUNT.at(field, &[]));
            return None;
        }
        if !kernel::bounds::amount_fits(money.minor) {
            let max = Money::new(kernel::bounds::AMOUNT_MINOR_MAX, money.currency).format();
            self.faults.push(kernel::bounds::AMOUNT_TOO_LARGE.at(field, &[("max", &max)]));
            return None;
        }
        if money.minor >= LARGE_MINOR {
            let limit = Money::new(LARGE_MINOR, Currency::CNY).format();
            self.cautions.push(texts::LARGE.at(field, &[("amount", &limit)]));
        }
        Some(money)
    }

    fn contacts(&mut self, drafts: &[DraftContact]) -> Vec<Contact> {
        if drafts.len() > CONTACTS_MAX {
            self.too_many("contacts", drafts.len(), CONTACTS_MAX);
            return Vec::new();
        }
        let mut contacts = Vec::with_capacity(drafts.len());
        for (index, draft) in drafts.iter().enumerate() {
            let contact = self.contact(&format!("contacts[{index}]"), draft);
            if let Some(contact) = contact.filter(|c| !contacts.contains(c)) {
                contacts.push(contact);
            }
        }
        contacts
    }

    fn contact(&mut self, path: &str, draft: &DraftContact) -> Option<Contact> {
        let (kind_field, value_field) = (format!("{path}.kind"), format!("{path}.value"));
        let Some(kind) = ContactKind::read(&draft.kind) else {
            self.not_in_list(&kind_field, &draft.kind, ContactKind::ALL.iter().map(|c| c.code()));
            return None;
        };
        let value = match kind {
            ContactKind::Phone => self.faults.keep(Msisdn::parse_at(&value_field, &draft.value))?.to_string(),
            ContactKind::Url => canonical_url(&draft.value).or_else(|| {
                self.faults.push(texts::URL.at(&value_field, &[]));
                None
            })?,
            ContactKind::Chat | ContactKind::App => {
                let value = self.limited(&value_field, &draft.value, SHORT_CHARS_MAX);
                if value.is_empty() {
                    self.faults.push(texts::MISSING.at(&value_field, &[]));
                    return None;
                }
                value
            }
        };
        Some(Contact { kind, value })
    }

    fn moment(&mut self, field: &str, text: &str) -> Option<Timestamp> {
        let Some(moment) = parse_moment(text) else {
            self.faults.push(texts::TIME.at(field, &[("given", &shown(text))]));
            return None;
        };
        if moment > self.now + kernel::bounds::AHEAD_MAX {
            self.faults.push(texts::TIME_FUTURE.at(field, &[]));
        } else if moment < self.now - kernel::bounds::AGE_MAX {
            self.faults.push(texts::TIME_OLD.at(field, &[]));
        }
        Some(moment)
    }

    fn reference(&mut self, field: &str, text: &str) -> Option<String> {
        let text = self.limited(field, text, SHORT_CHARS_MAX);
        if let Some(found) = text.chars().find(|c| !(c.is_ascii_graphic() || c.is_alphanumeric() || *c == ' ')) {
            self.faults.push(texts::REFERENCE.at(field, &[("found", &found.to_string())]));
            return None;
        }
        (!text.is_empty()).then_some(text)
    }

    fn limited(&mut self, field: &str, text: &str, most: usize) -> String {
        let text = text.trim();
        let length = text.chars().count();
        if length > most {
            let (length, most) = (length.to_string(), most.to_string());
            self.faults.push(texts::TOO_LONG.at(field, &[("length", &length), ("most", &most)]));
        }
        text.to_owned()
    }

    fn optional<T>(&mut self, field: &str, text: &str, parse: fn(&str, &str) -> Result<T, Fault>) -> Option<T> {
        if text.trim().is_empty() {
            return None;
        }
        self.faults.keep(parse(field, text))
    }

    fn too_many(&mut self, field: &str, count: usize, most: usize) {
        let (count, most) = (count.to_string(), most.to_string());
        self.faults.push(texts::TOO_MANY.at(field, &[("count", &count), ("most", &most)]));
    }

    fn not_in_list<'c>(&mut self, field: &str, given: &str, choices: impl Iterator<Item = &'c str>) {
        if given.trim().is_empty() {
            self.faults.push(texts::MISSING.at(field, &[]));
            return;
        }
        let choices = choices.collect::<Vec<_>>().join(", ");
        self.faults.push(texts::NOT_IN_LIST.at(field, &[("given", &shown(given)), ("choices", &choices)]));
    }
}

/// As much of an input as an answer repeats.
fn shown(text: &str) -> String {
    text.trim().chars().take(40).collect()
}

/// A web address without surrounding space, scheme and host in lower case; none when it has no host with a dot.
pub(crate) fn canonical_url(text: &str) -> Option<String> {
    let text = text.trim();
    if text.chars().count() > SHORT_CHARS_MAX * 10 || text.chars().any(char::is_whitespace) {
        return None;
    }
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) if scheme.chars().all(|c| c.is_ascii_alphanumeric()) && !scheme.is_empty() => {
            (Some(scheme.to_ascii_lowercase()), rest)
        }
        Some(_) => return None,
        None => (None, text),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let labels_fit = name
        .split('.')
        .all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_'));
    if !labels_fit || !name.contains('.') {
        return None;
    }
    let host = host.to_lowercase();
    Some(match scheme {
        Some(scheme) => format!("{scheme}://{host}{path}"),
        None => format!("{host}{path}"),
    })
}

/// The mask of a text that may not read as the value it should be.
pub(crate) fn mask_as<T: Maskable>(text: &str, parse: impl FnOnce(&str) -> Result<T, Fault>) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    match parse(text) {
        Ok(value) => value.mask(),
        Err(_) => "****".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partners() -> BankNames {
        BankNames::new([("bank-a", vec!["湘江示范银行"]), ("pay-c", vec!["橘洲支付"])])
    }

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-23T08:00:00+08:00").unwrap()
    }

    fn draft(json: serde_json::Value) -> Draft {
        serde_json::from_value(json).unwrap()
    }

    fn good() -> serde_json::Value {
        serde_json::json!({
            "channel": "110",
            "victim": {"name": "张 三丰", "phone": "138 0013 8000", "region": "430521", "citizen_id": null},
            "payments": [{"payee_account": "4111 1111 1111 1111", "payee_name": "李四", "payee_bank": "湘江示范银行长沙分行",
                "amount": "3万", "paid_at": "2026-11-22 15:20:05", "channel": "手机银行"}],
            "contacts": [{"kind": "phone", "value": "0731-88888888"}, {"kind": "url", "value": "HTTPS://Bad.Example.COM/A"}],
            "scam_type": "刷单"
        })
    }

    fn told(draft: &Draft) -> Vec<(String, String)> {
        let faults = check(draft, now(), &partners()).report.unwrap_err();
        faults.0.into_iter().map(|f| (f.field, f.said.code)).collect()
    }

    #[test]
    fn a_good_report_becomes_canonical() {
        let checked = check(&draft(good()), now(), &partners());
        let report = checked.report.unwrap();
        assert_eq!(report.region.to_string(), "430582", "the county's code in force today");
        assert_eq!(report.scam_type, ScamType::FakeTaskRebate);
        assert_eq!(report.total(), Money::new(3_000_000, Currency::CNY));
        assert_eq!(report.occurred_at, parse_moment("2026-11-22 15:20:05").unwrap());
        let canonical = report.to_draft();
        assert_eq!(canonical.payments[0].payee_bank, "bank-a");
        assert_eq!(canonical.payments[0].channel, "mobile");
        assert_eq!(canonical.contacts[0].value, "+867318888 8888".replace(' ', ""));
        assert_eq!(canonical.contacts[1].value, "https://bad.example.com/A");
        assert_eq!(check(&canonical, now(), &partners()).report.unwrap(), report, "canonical form stands");
        assert!(checked.cautions.is_empty(), "{:?}", checked.cautions);
        assert!(!format!("{report:?}").contains("13800138000"), "printing shows masks only");
    }

    #[test]
    fn every_fault_is_told_at_once_by_field() {
        let faulty = draft(serde_json::json!({
            "channel": "fax",
            "victim": {"name": "", "phone": "138", "region": "999999", "citizen_id": "11010519491231002Y"},
            "payments": [
                {"payee_account": "12*4", "payee_bank": "无名银行", "amount": "3,0", "paid_at": "昨天", "channel": "鸽子"},
                {"payee_account": "4111111111111111", "payee_bank": "bank-a", "amount": {"minor": 0, "currency": "CNY"},
                 "paid_at": "2026-11-24 15:20"},
                {"amount": "5", "currency": "ABC"}
            ],
            "contacts": [{"kind": "pigeon", "value": "x"}, {"kind": "url", "value": "not a url"}, {"kind": "phone", "value": "1"}],
            "scam_type": "新骗术"
        }));
        let expected = [
            ("channel", "report.not_in_list"),
            ("victim.region", "region.unknown"),
            ("victim.name", "person_name.empty"),
            ("victim.citizen_id", "citizen_id.characters"),
            ("victim.phone", "msisdn.length"),
            ("scam_type", "scam_type.unknown"),
            ("payments[0].payee_account", "account_no.characters"),
            ("payments[0].amount", "money.grouping"),
            ("payments[0].paid_at", "report.time"),
            ("payments[0].channel", "report.not_in_list"),
            ("payments[1].amount", "report.amount"),
            ("payments[1].paid_at", "report.time_future"),
            ("payments[2].payee_account", "account_no.empty"),
            ("payments[2].currency", "currency.unknown"),
            ("payments[2].paid_at", "report.missing"),
            ("contacts[0].kind", "report.not_in_list"),
            ("contacts[1].value", "report.url"),
            ("contacts[2].value", "msisdn.length"),
        ];
        let expected: Vec<_> = expected.iter().map(|(f, c)| ((*f).to_owned(), (*c).to_owned())).collect();
        assert_eq!(told(&faulty), expected);
        assert_eq!(told(&Draft::default()).len(), 6, "channel, both regions, name, phone, type");
    }

    #[test]
    fn the_same_payment_twice_is_a_fault_and_odd_things_are_cautions() {
        let mut json = good();
        let mut second = json["payments"][0].clone();
        second["amount"] = serde_json::json!("30000元");
        json["payments"].as_array_mut().unwrap().push(second);
        assert_eq!(told(&draft(json)), [("payments[1]".to_owned(), "report.payment_twice".to_owned())]);

        let mut json = good();
        json["victim"]["phone"] = "110".into();
        json["payments"][0]["payee_account"] = "4111111111111112".into();
        json["payments"][0]["payer_account"] = "4111111111111112".into();
        json["payments"][0]["payee_name"] = "".into();
        json["payments"][0]["paid_at"] = "2016-11-22".into();
        json["payments"][0]["amount"] = "1亿".into();
        let mut short = json["payments"][0].clone();
        short["payee_account"] = "62284".into();
        json["payments"].as_array_mut().unwrap().push(short);
        let checked = check(&draft(json), now(), &partners());
        assert!(checked.report.is_ok());
        let mut cautions: Vec<_> = checked.cautions.iter().map(|c| c.said.code.as_str()).collect();
        cautions.sort_unstable();
        assert_eq!(
            cautions,
            [
                "account_no.check_digit",
                "account_no.check_digit",
                "account_no.check_digit",
                "report.large",
                "report.large",
                "report.long_ago",
                "report.long_ago",
                "report.no_payee_name",
                "report.no_payee_name",
                "report.same_account",
                "report.service_phone",
                "report.short_account",
                "report.time_of_day",
                "report.time_of_day",
            ]
        );
    }

    #[test]
    fn the_public_may_leave_the_type_open() {
        let mut json = good();
        json["channel"] = "public".into();
        json["scam_type"] = "".into();
        let report = check(&draft(json), now(), &partners()).report.unwrap();
        assert_eq!(report.scam_type, ScamType::Other);
    }

    #[test]
    fn a_bank_that_is_no_partner_is_kept_as_it_was_said() {
        for channel in Channel::ALL {
            for (given, said, caution) in
                [(" 中国农业银行 ", Some("中国农业银行"), "report.bank"), ("", None, "report.no_payee_bank")]
            {
                let mut json = good();
                json["channel"] = channel.code().into();
                json["payments"][0]["payee_bank"] = given.into();
                let checked = check(&draft(json), now(), &partners());
                let report = checked.report.unwrap();
                assert_eq!(report.payments[0].payee_bank, None);
                assert_eq!(report.payments[0].payee_bank_said.as_deref(), said);
                assert_eq!(report.to_draft().payments[0].payee_bank, said.unwrap_or(""));
                let cautions: Vec<_> = checked.cautions.iter().map(|c| c.said.code.as_str()).collect();
                assert_eq!(cautions, [caution], "{channel:?}");
            }
        }
        let mut json = good();
        json["payments"][0]["payee_bank"] = "行".repeat(SHORT_CHARS_MAX + 1).into();
        assert_eq!(told(&draft(json)), [("payments[0].payee_bank".to_owned(), "report.too_long".to_owned())]);
    }

    proptest::proptest! {
        #[test]
        fn no_input_panics_and_what_passes_is_canonical(
            name in "\\PC{0,8}", phone in "[0-9+ -]{0,16}", account in "[0-9A-Z ]{0,24}",
            amount in "[0-9.,万千元]{0,10}", at in "[0-9:/ -]{0,20}", url in "\\PC{0,30}", region in "4301[0-9]{2}|",
        ) {
            let draft = Draft {
                channel: "public".into(),
                victim: DraftVictim { name, phone, region, ..DraftVictim::default() },
                payments: vec![DraftPayment { payee_account: account, amount: DraftAmount::Text(amount), paid_at: at, ..DraftPayment::default() }],
                contacts: vec![DraftContact { kind: "url".into(), value: url }],
                ..Draft::default()
            };
            if let Ok(report) = check(&draft, now(), &partners()).report {
                proptest::prop_assert_eq!(check(&report.to_draft(), now(), &partners()).report.unwrap(), report);
            }
        }
    }
}
