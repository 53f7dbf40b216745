//! A case that a bank reports from its counter becomes a report of the channel `partner`.

use store::{Tx, Who};
use wire::{ContactKind as WireContact, Notice, VictimCase};

use super::error::Error;
use super::model::{Channel, Draft, DraftAmount, DraftContact, DraftPayment, DraftVictim};
use super::store::{Outcome, Rules, submit_new};

/// The report that a notice of a victim's case makes; none for notices of another kind.
pub fn draft_of_notice(notice: &Notice) -> Option<Draft> {
    let case = notice.case.as_ref()?;
    let region = notice.region.clone().unwrap_or_default();
    Some(Draft {
        channel: Channel::Partner.code().into(),
        victim: DraftVictim {
            name: case.victim.name.clone(),
            citizen_id: case.victim.citizen_id.clone().unwrap_or_default(),
            phone: case.victim.phone.clone(),
            region: String::new(),
        },
        narrative: notice.words.clone(),
        payments: case.payments.iter().map(payment).collect(),
        contacts: contacts(case),
        scam_type: case.scam_type.clone().unwrap_or_default(),
        region,
        occurred_at: case.occurred_at.map(|at| at.to_rfc3339()).unwrap_or_default(),
    })
}

fn payment(paid: &wire::Payment) -> DraftPayment {
    let amount = match kernel::Currency::parse(&paid.currency) {
        Ok(currency) => DraftAmount::Money(kernel::Money::new(paid.amount_minor, currency)),
        // The check tells that there is no such currency.
        Err(_) => DraftAmount::Text(paid.amount_minor.to_string()),
    };
    DraftPayment {
        payer_account: paid.payer_account.clone(),
        payee_account: paid.payee_account.clone(),
        payee_name: paid.payee_name.clone(),
        payee_bank: paid.payee_bank.clone(),
        amount,
        currency: paid.currency.clone(),
        paid_at: paid.paid_at.to_rfc3339(),
        reference: paid.reference.clone().unwrap_or_default(),
        ..DraftPayment::default()
    }
}

fn contacts(case: &VictimCase) -> Vec<DraftContact> {
    case.contacts
        .iter()
        .map(|contact| DraftContact {
            kind: match contact.kind {
                WireContact::Phone => "phone".into(),
                WireContact::Url => "url".into(),
                WireContact::App => "app".into(),
                WireContact::Chat | WireContact::Other => "chat".into(),
            },
            value: contact.value.clone(),
        })
        .collect()
}

/// Takes the victim's case of a notice as a report and submits it, in the transaction that applies the message.
/// `who` is the partner. The payer's bank is the partner itself; a notice without
/// region is the centre's own. None for notices of another kind.
pub async fn take_case(
    tx: &mut Tx,
    who: &Who,
    from: &wire::PartnerId,
    notice: &Notice,
    rules: Rules<'_>,
) -> Result<Option<Outcome>, Error> {
    let Some(mut draft) = draft_of_notice(notice) else { return Ok(None) };
    if draft.region.is_empty() {
        draft.region = rules.home_region.map(|region| region.to_string()).unwrap_or_default();
    }
    for payment in &mut draft.payments {
        payment.payer_bank = from.to_string();
    }
    submit_new(tx, who, &draft, rules).await.map(Some)
}
