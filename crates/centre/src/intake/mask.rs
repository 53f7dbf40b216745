//! What anybody with the right to reports may see of one: personal data masked, the rest as it is. And the way back:
//! a masked field that comes in unchanged keeps its value.

use kernel::{AccountNo, CitizenId, Msisdn, PersonName, Timestamp};
use sha2::{Digest, Sha256};

use super::check::mask_as;
use super::model::{Draft, DraftContact, DraftPayment};
use super::partners::BankNames;
use super::reader::{self, Span};

/// What the reader finds in a narrative: each number and name with the mask that stands for it. Places are counted in the
/// narrative without the space around it, which checking takes away.
#[derive(Debug, Default)]
pub struct Masks {
    /// SHA-256 of that narrative; it tells whether the masks are those of a text.
    sha256: [u8; 32],
    spans: Vec<(Span, String)>,
}

impl Masks {
    /// Reads a narrative; takes a moment, so not on a thread that serves requests.
    pub fn of(narrative: &str) -> Self {
        let text = narrative.trim();
        // The reference time and the partners change no span of numbers and names.
        let found = reader::read_narrative(text, Timestamp(0), &BankNames::default());
        let mut spans: Vec<(Span, String)> = Vec::new();
        spans.extend(found.phones.iter().map(|f| (f.span, mask_as(&f.value, Msisdn::parse))));
        spans.extend(found.accounts.iter().map(|f| (f.span, account(&f.value))));
        spans.extend(found.wallets.iter().map(|f| (f.span, account(&f.value))));
        spans.extend(found.citizen_ids.iter().map(|f| (f.span, mask_as(&f.value, CitizenId::parse))));
        spans.extend(found.names.iter().map(|f| (f.span, name(&f.value))));
        Self { sha256: Sha256::digest(text.as_bytes()).into(), spans }
    }

    /// Whether they are those of a narrative.
    pub fn fit(&self, narrative: &str) -> bool {
        <[u8; 32]>::from(Sha256::digest(narrative.trim().as_bytes())) == self.sha256
    }
}

fn name(text: &str) -> String {
    mask_as(text, PersonName::parse)
}

fn account(text: &str) -> String {
    mask_as(text, AccountNo::parse)
}

fn contact(kind: &str, value: &str) -> String {
    if kind == "phone" { mask_as(value, Msisdn::parse) } else { value.to_owned() }
}

/// The report with names, identity number, telephone numbers and account numbers masked, in the narrative too. None where
/// the masks are those of another narrative.
pub fn mask_draft(draft: &Draft, masks: &Masks) -> Option<Draft> {
    if !masks.fit(&draft.narrative) {
        return None;
    }
    let mut masked = mask_fields(draft);
    masked.narrative = mask_narrative(draft, masks);
    Some(masked)
}

/// The report with its fields masked; its narrative is as it was.
fn mask_fields(draft: &Draft) -> Draft {
    let mut masked = draft.clone();
    masked.victim.name = name(&draft.victim.name);
    masked.victim.citizen_id = mask_as(&draft.victim.citizen_id, CitizenId::parse);
    masked.victim.phone = mask_as(&draft.victim.phone, Msisdn::parse);
    for payment in &mut masked.payments {
        payment.payer_account = account(&payment.payer_account);
        payment.payer_name = name(&payment.payer_name);
        payment.payee_account = account(&payment.payee_account);
        payment.payee_name = name(&payment.payee_name);
    }
    for c in &mut masked.contacts {
        c.value = contact(&c.kind, &c.value);
    }
    masked
}

/// The narrative with each number and name that the reader finds masked, and each name that the report knows.
fn mask_narrative(draft: &Draft, masks: &Masks) -> String {
    let mut out = String::with_capacity(draft.narrative.len());
    let mut rest = draft.narrative.chars().enumerate().peekable();
    for (span, mask) in personal(draft, masks) {
        while let Some((_, c)) = rest.next_if(|(at, _)| *at < span.start) {
            out.push(c);
        }
        out.push_str(&mask);
        while rest.next_if(|(at, _)| *at < span.end).is_some() {}
    }
    out.extend(rest.map(|(_, c)| c));
    out
}

/// Spans of personal data in the narrative with the mask of each, in order, none inside another.
fn personal(draft: &Draft, masks: &Masks) -> Vec<(Span, String)> {
    let text = draft.narrative.as_str();
    let before = text.chars().take_while(|c| c.is_whitespace()).count();
    let moved = |span: &Span| Span { start: span.start + before, end: span.end + before };
    let mut spans: Vec<(Span, String)> = masks.spans.iter().map(|(span, mask)| (moved(span), mask.clone())).collect();
    let payments = draft.payments.iter().flat_map(|p| [&p.payer_name, &p.payee_name]);
    for known in payments.chain([&draft.victim.name]).map(|known| known.trim()) {
        spans.extend(occurrences(text, known).map(|span| (span, name(known))));
    }
    spans.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    let mut end = 0;
    spans.retain(|(span, _)| {
        let apart = span.start >= end;
        if apart {
            end = span.end;
        }
        apart
    });
    spans
}

/// Where a name of two characters or more stands in a text.
fn occurrences<'a>(text: &'a str, known: &'a str) -> impl Iterator<Item = Span> + 'a {
    let length = known.chars().count();
    let hits = text.match_indices(known).filter(move |_| length >= 2);
    hits.map(move |(at, _)| {
        let start = text.get(..at).map_or(0, |before| before.chars().count());
        Span { start, end: start + length }
    })
}

/// Puts back what a page got masked and sends unchanged: each personal field of `given` that equals the mask of the
/// stored one takes the stored value. Payments that were moved are found by their mask. The masks are those of the stored
/// narrative.
pub(crate) fn restore(given: &mut Draft, stored: &Draft, masks: &Masks) {
    let masked = mask_fields(stored);
    put_back(&mut given.victim.name, &masked.victim.name, &stored.victim.name);
    put_back(&mut given.victim.citizen_id, &masked.victim.citizen_id, &stored.victim.citizen_id);
    put_back(&mut given.victim.phone, &masked.victim.phone, &stored.victim.phone);
    put_back_words(&mut given.narrative, stored, masks);
    for (index, payment) in given.payments.iter_mut().enumerate() {
        for (field, candidates) in [
            (&mut payment.payee_account, fields(stored, &masked, |p| &p.payee_account)),
            (&mut payment.payer_account, fields(stored, &masked, |p| &p.payer_account)),
            (&mut payment.payee_name, fields(stored, &masked, |p| &p.payee_name)),
            (&mut payment.payer_name, fields(stored, &masked, |p| &p.payer_name)),
        ] {
            put_back_from(field, index, &candidates);
        }
    }
    let contacts: Vec<(&str, &str)> =
        masked.contacts.iter().zip(&stored.contacts).map(|(m, s)| (m.value.as_str(), s.value.as_str())).collect();
    for (index, DraftContact { value, .. }) in given.contacts.iter_mut().enumerate() {
        put_back_from(value, index, &contacts);
    }
}

fn fields<'a>(
    stored: &'a Draft,
    masked: &'a Draft,
    field: impl Fn(&'a DraftPayment) -> &'a String,
) -> Vec<(&'a str, &'a str)> {
    masked.payments.iter().zip(&stored.payments).map(|(m, s)| (field(m).as_str(), field(s).as_str())).collect()
}

fn put_back(given: &mut String, mask: &str, value: &str) {
    if given.trim() == mask.trim() {
        value.clone_into(given);
    }
}

/// Masks that stand in an edited narrative, in the order of the stored one, become what they hide.
fn put_back_words(given: &mut String, stored: &Draft, masks: &Masks) {
    if !given.contains('*') {
        return;
    }
    let hidden: Vec<char> = stored.narrative.chars().collect();
    let mut out = String::with_capacity(stored.narrative.len());
    let mut rest = given.as_str();
    for (span, mask) in personal(stored, masks) {
        let Some((before, after)) = rest.split_once(mask.as_str()).filter(|_| !mask.is_empty()) else { continue };
        out.push_str(before);
        out.extend(hidden.iter().skip(span.start).take(span.end - span.start));
        rest = after;
    }
    out.push_str(rest);
    *given = out;
}

/// The same place first, then any other whose mask fits; two different values with one mask are left alone.
fn put_back_from(given: &mut String, index: usize, candidates: &[(&str, &str)]) {
    if !given.contains('*') {
        return;
    }
    if let Some((_, value)) = candidates.get(index).filter(|(mask, _)| *mask == given.as_str()) {
        (*value).clone_into(given);
        return;
    }
    let mut fitting = candidates.iter().filter(|(mask, _)| *mask == given.as_str()).map(|(_, value)| *value);
    if let Some(first) = fitting.next()
        && fitting.all(|other| other == first)
    {
        first.clone_into(given);
    }
}

/// The value of a personal field by its path: `victim.name`, `victim.citizen_id`, `victim.phone`, `narrative`,
/// `payments[0].payee_account` and its siblings, `contacts[0].value`.
pub fn reveal_field(draft: &Draft, field: &str) -> Option<String> {
    let value = match field {
        "victim.name" => &draft.victim.name,
        "victim.citizen_id" => &draft.victim.citizen_id,
        "victim.phone" => &draft.victim.phone,
        "narrative" => &draft.narrative,
        _ => {
            let (list, rest) = field.split_once('[')?;
            let (index, name) = rest.split_once("].")?;
            let index: usize = index.parse().ok()?;
            match (list, name) {
                ("payments", "payer_account") => &draft.payments.get(index)?.payer_account,
                ("payments", "payer_name") => &draft.payments.get(index)?.payer_name,
                ("payments", "payee_account") => &draft.payments.get(index)?.payee_account,
                ("payments", "payee_name") => &draft.payments.get(index)?.payee_name,
                ("contacts", "value") => &draft.contacts.get(index)?.value,
                _ => return None,
            }
        }
    };
    (!value.is_empty()).then(|| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Draft {
        serde_json::from_value(serde_json::json!({
            "victim": {"name": "王小明", "phone": "13800138000", "citizen_id": "11010519491231002X"},
            "narrative": "王小明称对方13900139000让其转到账号6222021234567890128，户名李四，李四后失联",
            "payments": [{"payee_account": "6222021234567890128", "payee_name": "李四", "amount": "3万"},
                         {"payee_account": "6217001234567890123", "payee_name": "赵六"}],
            "contacts": [{"kind": "phone", "value": "13900139000"}, {"kind": "chat", "value": "wx_abc123"}]
        }))
        .unwrap()
    }

    #[test]
    fn nothing_personal_is_left_and_all_comes_back() {
        let stored = sample();
        let masks = Masks::of(&stored.narrative);
        let mut masked = mask_draft(&stored, &masks).unwrap();
        let shown = serde_json::to_string(&masked).unwrap();
        for secret in
            ["王小明", "13800138000", "11010519491231002X", "6222021234567890128", "李四", "赵六", "13900139000"]
        {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        assert_eq!(masked.narrative, "王*称对方139****9000让其转到账号6222****0128，户名李*，李*后失联");
        masked.payments.swap(0, 1);
        masked.payments[0].payee_name = "钱七".into();
        masked.narrative.push_str("，已核实");
        restore(&mut masked, &stored, &masks);
        assert_eq!(masked.victim, stored.victim);
        assert_eq!(masked.narrative, format!("{}，已核实", stored.narrative));
        assert_eq!(masked.payments[0].payee_account, "6217001234567890123");
        assert_eq!(masked.payments[0].payee_name, "钱七");
        assert_eq!(masked.payments[1], stored.payments[0]);
        assert_eq!(masked.contacts, stored.contacts);
    }

    #[test]
    fn masks_hold_for_their_narrative_whatever_space_is_around_it() {
        let mut stored = sample();
        let masks = Masks::of(&stored.narrative);
        let shown = mask_draft(&stored, &masks).unwrap().narrative;
        stored.narrative = format!(" \n{} ", stored.narrative);
        assert_eq!(mask_draft(&stored, &masks).unwrap().narrative, format!(" \n{shown} "));
        stored.narrative.push_str("，电话13700137000");
        assert!(mask_draft(&stored, &masks).is_none(), "a narrative that was not read is not shown");
    }

    #[test]
    fn fields_are_revealed_by_path() {
        let draft = sample();
        assert_eq!(reveal_field(&draft, "payments[1].payee_name").as_deref(), Some("赵六"));
        assert_eq!(reveal_field(&draft, "victim.phone").as_deref(), Some("13800138000"));
        for none in ["payments[2].payee_name", "payments[0].amount", "victim", "payments[x].payee_name", ""] {
            assert_eq!(reveal_field(&draft, none), None, "{none}");
        }
    }
}
