//! What banks tell of their own accord (银行主动报送): a victim at the counter, an account opened strangely, a suspect
//! account or event.
//!
//! Nothing is lost: every notice is journaled with its personal part; a victim's case becomes a report, and where it
//! has faults, a draft for the intake desk.

use serde_json::json;
use store::journal::Entry;
use store::{Tx, Who};
use wire::{HandleError, Notice, NoticeTaken, PartnerId};

use crate::intake::{self, Error};

/// Takes a notice in the transaction that applies its message, and says under which number.
pub async fn take(
    tx: &mut Tx,
    rules: intake::Rules<'_>,
    from: &PartnerId,
    notice: &Notice,
) -> Result<NoticeTaken, HandleError> {
    let who = Who::partner(from.as_str());
    let number = match intake::take_case(tx, &who, from, notice, rules).await {
        Ok(outcome) => outcome.map(|o| o.joined_to.map_or(o.number, |(_, number)| number)),
        Err(Error::Store(error)) => return Err(error.into()),
        Err(Error::Faulty(_) | Error::Conflict(_)) => match intake::draft_of_notice(notice) {
            Some(draft) => Some(
                intake::create_draft(tx, &who, &draft).await.map_err(|e| HandleError::failed(e.to_string()))?.number,
            ),
            None => None,
        },
    };
    let body = json!({
        "notice_id": notice.notice_id, "notice_kind": notice.kind, "from": from, "branch": notice.branch,
        "signs": notice.signs, "movements": notice.movements.len(), "case_number": number,
    });
    let private = serde_json::to_value(notice).map_err(HandleError::failed)?;
    let mut entry = Entry::new("notice.received", format!("notice:{}", notice.notice_id)).body(&body).private(&private);
    if let Some(region) = &notice.region {
        entry = entry.region(region);
    }
    tx.append(entry, &who).await?;
    Ok(NoticeTaken { notice_id: notice.notice_id, case_number: number })
}
