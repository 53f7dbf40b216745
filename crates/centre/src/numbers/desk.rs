//! What is done with the number list: entries are added, confirmed, approved, removed, expire, and are lifted by appeals.

use std::sync::Arc;

use kernel::{Duration, Faults, ListEntryId, Msisdn};
use serde_json::json;
use store::journal::Entry;
use store::{Result, Tx, Who, args, timers};
use wire::{ListAction, ListLift, NumberPattern, PartnerId};

use super::check::check;
use super::entry::{NewEntry, NumberEntry, PatternKind};
use super::model::{self, Event, State};
use super::parameters::Parameters;
use super::{store as rows, texts};
use crate::Post;
use crate::stop::{CaseRef, Refusal};
use crate::telephone::{is_emergency, masked, masked_pattern};

/// Entries that end at one handling of the timer.
const EXPIRED_AT_ONCE: i64 = 2_000;
/// The timer of the next end.
pub(crate) const EXPIRY_TIMER: &str = "numbers.expiry";

/// The desk; cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// Seals and sends.
    pub post: Post,
    /// What practice fixes.
    pub parameters: Arc<Parameters>,
    /// Where the files of whole lists lie.
    pub folder: Arc<std::path::Path>,
}

/// Who names a new entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// A person, who sees what was decided before.
    Hand,
    /// A row of a file.
    File,
}

/// What became of a new entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It stands on the list.
    Active(ListEntryId),
    /// A second person must approve it.
    Review(ListEntryId),
    /// The same entry stands there already.
    Known(ListEntryId),
}

impl Added {
    /// The entry.
    pub const fn id(self) -> ListEntryId {
        match self {
            Self::Active(id) | Self::Review(id) | Self::Known(id) => id,
        }
    }
}

impl Desk {
    /// Adds entries, and publishes those that stand at once: one number needs one officer, a prefix or range waits for
    /// a second. Gives for each what became of it, or its faults.
    ///
    /// # Errors
    /// The database; needs `numbers.write`.
    pub async fn add(
        &self,
        tx: &mut Tx,
        who: &Who,
        entries: Vec<NewEntry>,
    ) -> Result<Vec<std::result::Result<Added, Faults>>> {
        self.add_from(tx, who, entries, Origin::Hand).await
    }

    /// The same for the rows of a file. What a person has taken from the list, or an appeal has lifted, a file does not
    /// put back: the row is refused in words, and a person who has new evidence adds the number by hand.
    ///
    /// # Errors
    /// As [`Desk::add`].
    pub async fn add_rows(
        &self,
        tx: &mut Tx,
        who: &Who,
        entries: Vec<NewEntry>,
    ) -> Result<Vec<std::result::Result<Added, Faults>>> {
        self.add_from(tx, who, entries, Origin::File).await
    }

    async fn add_from(
        &self,
        tx: &mut Tx,
        who: &Who,
        entries: Vec<NewEntry>,
        origin: Origin,
    ) -> Result<Vec<std::result::Result<Added, Faults>>> {
        who.require("numbers.write")?;
        rows::lock_list(tx).await?;
        let mut outcomes = Vec::with_capacity(entries.len());
        let mut touched = Vec::new();
        for new in entries {
            let (pattern, mut faults) = check(&new, tx.now(), &self.parameters);
            let Some(pattern) = pattern else {
                outcomes.push(Err(faults));
                continue;
            };
            if self.protected(tx, &pattern, new.action).await? {
                faults.push(texts::PROTECTED.at("pattern", &[]));
            }
            if origin == Origin::File
                && matches!(new.action, ListAction::Block | ListAction::Watch)
                && let Some((by, reason)) = self.released(tx, &pattern).await?
            {
                faults.push(texts::LIFTED_BEFORE.at("pattern", &[("by", &by), ("reason", &reason)]));
            }
            if !faults.is_empty() {
                outcomes.push(Err(faults));
                continue;
            }
            if self.elsewhere(tx, who, &pattern).await? {
                outcomes.push(Err(Faults(vec![texts::ELSEWHERE.at("pattern", &[])])));
                continue;
            }
            let added = self.add_one(tx, who, &pattern, &new).await?;
            if matches!(added, Added::Active(_)) {
                touched.push(pattern);
            }
            outcomes.push(Ok(added));
        }
        self.publish(tx, who, &touched).await?;
        self.wake_for_next_end(tx).await?;
        Ok(outcomes)
    }

    async fn add_one(&self, tx: &mut Tx, who: &Who, pattern: &NumberPattern, new: &NewEntry) -> Result<Added> {
        let waiting_or_active = [State::Active, State::Review];
        if let Some(known) = rows::standing(tx, pattern, &waiting_or_active).await?
            && known.action == new.action
            && known.reason == new.reason.trim()
            && known.expires_at == new.expires_at
        {
            return Ok(Added::Known(known.id));
        }
        let full = PatternKind::of(pattern) == PatternKind::Full;
        if !full {
            let id = rows::insert(tx, who, pattern, new, State::Review).await?;
            self.journal(tx, who, "number.review", id, pattern, new).await?;
            return Ok(Added::Review(id));
        }
        // A number that a report had proposed is decided by this entry.
        if let Some(proposed) = rows::standing(tx, pattern, &[State::Proposed]).await? {
            rows::decide(tx, who, &proposed, State::Replaced, None).await?;
            tx.append(about("number.replaced", &proposed), who).await?;
        }
        self.make_room(tx, who, pattern).await?;
        let id = rows::insert(tx, who, pattern, new, State::Active).await?;
        self.journal(tx, who, "number.put", id, pattern, new).await?;
        Ok(Added::Active(id))
    }

    /// Who took the pattern from the list last, and why, where a person did and nobody has put it there again since.
    async fn released(&self, tx: &mut Tx, pattern: &NumberPattern) -> Result<Option<(String, String)>> {
        let every = [State::Active, State::Removed, State::Lifted, State::Refused, State::Expired];
        let Some(last) = rows::standing(tx, pattern, &every).await? else { return Ok(None) };
        Ok(match last.state {
            State::Removed | State::Lifted => {
                Some((last.ended_by.unwrap_or_default(), last.end_reason.unwrap_or_default()))
            }
            State::Refused => Some((last.checker.unwrap_or_default(), last.decision_reason.unwrap_or_default())),
            // A granted appeal about a number within a prefix lets it through by an entry of its own.
            State::Active if last.action == ListAction::Allow => Some((last.maker, last.reason)),
            _ => None,
        })
    }

    /// Whether an entry protects the one number that is to be stopped.
    async fn protected(&self, tx: &mut Tx, pattern: &NumberPattern, action: ListAction) -> Result<bool> {
        let NumberPattern::Full(number) = pattern else { return Ok(false) };
        if !matches!(action, ListAction::Block | ListAction::Watch) {
            return Ok(false);
        }
        if let Some(own) = rows::standing(tx, pattern, &[State::Active]).await?
            && own.action == ListAction::Protect
        {
            return Ok(true);
        }
        let wide: Vec<(String,)> = tx
            .fetch_all(
                "SELECT pattern FROM number_entry WHERE kind IN ('prefix','range') AND kind <> 'full'
                    AND state = 'active' AND action = 'protect'",
                args![],
            )
            .await?;
        Ok(wide.iter().any(|(text,)| NumberPattern::parse(text).is_ok_and(|wide| wide.covers(number))))
    }

    /// Whether the entry that stands for the pattern is one of an office on whose entries who asks may not act.
    async fn elsewhere(&self, tx: &mut Tx, who: &Who, pattern: &NumberPattern) -> Result<bool> {
        let standing = rows::standing(tx, pattern, &[State::Active, State::Review]).await?;
        Ok(standing.is_some_and(|entry| !who.covers(&entry.region)))
    }

    /// The entry that stands for the pattern makes room for the next one.
    async fn make_room(&self, tx: &mut Tx, who: &Who, pattern: &NumberPattern) -> Result<()> {
        if let Some(before) = rows::standing(tx, pattern, &[State::Active]).await? {
            rows::end(tx, who, &before, State::Replaced, None).await?;
            tx.append(about("number.replaced", &before), who).await?;
        }
        Ok(())
    }

    async fn journal(
        &self,
        tx: &mut Tx,
        who: &Who,
        kind: &str,
        id: ListEntryId,
        pattern: &NumberPattern,
        new: &NewEntry,
    ) -> Result<()> {
        let body = json!({
            "pattern": masked_pattern(pattern), "action": new.action, "reason": new.reason.trim(),
            "source": new.source.trim(), "case_number": new.case.as_ref().map(|case| &case.number),
            "expires_at": new.expires_at,
        });
        let mut entry = Entry::new(kind, format!("number:{id}")).body(&body).private(&json!({ "pattern": pattern }));
        let region = rows::region_of(who, new);
        if !region.is_empty() {
            entry = entry.region(&region);
        }
        if let Some(case) = &new.case {
            entry = entry.case(case.id);
        }
        tx.append(entry, who).await
    }

    /// Puts an entry on the list that a report led to; needs `numbers.write`.
    ///
    /// # Errors
    /// It does not wait for an officer.
    pub async fn confirm(&self, tx: &mut Tx, who: &Who, id: ListEntryId) -> std::result::Result<(), Refusal> {
        who.require("numbers.write")?;
        rows::lock_list(tx).await?;
        let entry = rows::within(tx, who, id).await?;
        if self.protected(tx, &entry.pattern, entry.action).await? {
            return Err(texts::PROTECTED.at("pattern", &[]).into());
        }
        self.activate(tx, who, entry, Event::Confirm).await
    }

    /// Approves a prefix or a range; needs `numbers.check` and another person than its maker.
    ///
    /// # Errors
    /// It does not wait for a second person, or who asks made it.
    pub async fn approve(&self, tx: &mut Tx, who: &Who, id: ListEntryId) -> std::result::Result<(), Refusal> {
        who.require("numbers.check")?;
        rows::lock_list(tx).await?;
        let entry = rows::within(tx, who, id).await?;
        if entry.maker == who.user {
            return Err(Refusal::Conflict(texts::OWN_ENTRY.say(&[])));
        }
        self.activate(tx, who, entry, Event::Approve).await
    }

    async fn activate(
        &self,
        tx: &mut Tx,
        who: &Who,
        entry: NumberEntry,
        event: Event,
    ) -> std::result::Result<(), Refusal> {
        let next = step(&entry, event)?;
        if entry.expires_at.is_some_and(|end| end <= tx.now()) {
            return Err(texts::EXPIRY.at("expires_at", &[]).into());
        }
        if let Some(standing) = rows::standing(tx, &entry.pattern, &[State::Active]).await?
            && !who.covers(&standing.region)
        {
            return Err(texts::ELSEWHERE.at("pattern", &[]).into());
        }
        self.make_room(tx, who, &entry.pattern).await?;
        rows::decide(tx, who, &entry, next, None).await?;
        tx.append(about("number.put", &entry), who).await?;
        self.publish(tx, who, &[entry.pattern]).await?;
        self.wake_for_next_end(tx).await?;
        Ok(())
    }

    /// Says no to an entry that waits: of a report with `numbers.write`, a prefix or range with `numbers.check`.
    ///
    /// # Errors
    /// It does not wait.
    pub async fn refuse(
        &self,
        tx: &mut Tx,
        who: &Who,
        id: ListEntryId,
        reason: &str,
    ) -> std::result::Result<(), Refusal> {
        rows::lock_list(tx).await?;
        let entry = rows::within(tx, who, id).await?;
        who.require(if entry.state == State::Review { "numbers.check" } else { "numbers.write" })?;
        let next = step(&entry, Event::Refuse)?;
        if reason.trim().is_empty() {
            return Err(texts::REASON.at("reason", &[]).into());
        }
        rows::decide(tx, who, &entry, next, Some(reason.trim())).await?;
        tx.append(about("number.refused", &entry), who).await?;
        Ok(())
    }

    /// Takes an entry from the list, at every operator; needs `numbers.write` or `numbers.check`, for whoever sees it
    /// go wrong must be able to.
    ///
    /// # Errors
    /// It is not on the list.
    pub async fn remove(
        &self,
        tx: &mut Tx,
        who: &Who,
        id: ListEntryId,
        reason: &str,
    ) -> std::result::Result<(), Refusal> {
        if !who.may("numbers.check") {
            who.require("numbers.write")?;
        }
        rows::lock_list(tx).await?;
        let entry = rows::within(tx, who, id).await?;
        let next = step(&entry, Event::Remove)?;
        if reason.trim().is_empty() {
            return Err(texts::REASON.at("reason", &[]).into());
        }
        rows::end(tx, who, &entry, next, Some(reason.trim())).await?;
        tx.append(about("number.removed", &entry), who).await?;
        self.publish(tx, who, &[entry.pattern]).await?;
        Ok(())
    }

    /// An operator has granted an appeal. The entry of one number goes; of a prefix or range the one caller is let
    /// pass. Every operator hears of it in the same transaction.
    pub async fn lift(&self, tx: &mut Tx, from: &PartnerId, lift: &ListLift) -> Result<()> {
        let who = Who::partner(from.as_str());
        let now = tx.now();
        rows::lock_list(tx).await?;
        let standing = rows::standing(tx, &lift.pattern, &[State::Active]).await?;
        let fresh = tx
            .execute(
                "INSERT INTO number_appeal (id, partner, number, pattern, entry_id, reason, granted_by, granted_at,
                    received_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT (id) DO NOTHING",
                args![
                    lift.appeal_id,
                    from,
                    &lift.number,
                    lift.pattern.to_string(),
                    standing.as_ref().map(|entry| entry.id),
                    &lift.reason,
                    &lift.granted_by,
                    lift.granted_at,
                    now,
                ],
            )
            .await?;
        if fresh == 0 {
            return Ok(());
        }
        let body = json!({
            "appeal_id": lift.appeal_id, "partner": from, "pattern": masked_pattern(&lift.pattern),
            "number": masked(&lift.number), "reason": lift.reason, "granted_by": lift.granted_by,
            "maker": standing.as_ref().map(|entry| &entry.maker),
        });
        let stops = |entry: &NumberEntry| matches!(entry.action, ListAction::Block | ListAction::Watch);
        let Some(entry) = standing.filter(stops).filter(|entry| entry.pattern.covers(&lift.number)) else {
            let entry = Entry::new("number.lift_unknown", format!("appeal:{}", lift.appeal_id)).body(&body);
            return tx.append(entry, &who).await;
        };
        tx.append(about("number.lifted", &entry).body(&body).private(&json!({ "number": lift.number })), &who).await?;
        if PatternKind::of(&entry.pattern) == PatternKind::Full {
            rows::end(tx, &who, &entry, State::Lifted, Some(&lift.reason)).await?;
            return self.publish(tx, &who, &[entry.pattern]).await;
        }
        let Ok(number) = NumberPattern::parse(&lift.number) else { return Ok(()) };
        // An officer put this very number on the list: an appeal about the prefix around it says nothing of that entry.
        if let Some(own) = rows::standing(tx, &number, &[State::Active]).await?.filter(stops) {
            return tx.append(about("number.lift_left", &own).body(&body), &who).await;
        }
        let pass = NewEntry {
            pattern: lift.number.clone(),
            action: ListAction::Allow,
            reason: format!("申诉成立（{}）", lift.granted_by).chars().take(200).collect(),
            source: "申诉".into(),
            case: None,
            expires_at: None,
            label: None,
        };
        // The entry that lets the one caller pass is of the region of the one that stopped him.
        let placed = Who { region: (!entry.region.is_empty()).then_some(entry.region), ..who };
        self.make_room(tx, &placed, &number).await?;
        let id = rows::insert(tx, &placed, &number, &pass, State::Active).await?;
        self.journal(tx, &placed, "number.put", id, &number, &pass).await?;
        self.publish(tx, &placed, &[number]).await
    }

    /// Puts up for confirmation what a submitted report names: the numbers by which the scammer was in touch.
    pub async fn propose(
        &self,
        tx: &mut Tx,
        case: &CaseRef,
        number: Msisdn,
        reason: &str,
    ) -> Result<Option<ListEntryId>> {
        let who = Who::system("numbers");
        let now = tx.now();
        let mut new = NewEntry {
            pattern: number.to_string(),
            action: ListAction::Block,
            reason: reason.to_owned(),
            source: format!("报案 {}", case.number),
            case: Some(case.clone()),
            expires_at: Some(now + Duration::hours(24 * self.parameters.report_entry_days)),
            label: None,
        };
        let (pattern, faults) = check(&new, now, &self.parameters);
        let Some(pattern) = pattern.filter(|_| faults.is_empty() && !is_emergency(&number)) else { return Ok(None) };
        rows::lock_list(tx).await?;
        // An officer who confirms is told that a person has decided otherwise before; the page of the number says who and
        // why. Not in the reason: a blocked caller is told that.
        if self.released(tx, &pattern).await?.is_some() {
            new.source = format!("报案 {}（此号码此前已由人员解除或不予列入）", case.number);
        }
        let known = [State::Active, State::Proposed, State::Review];
        if rows::standing(tx, &pattern, &known).await?.is_some()
            || self.protected(tx, &pattern, ListAction::Block).await?
        {
            return Ok(None);
        }
        let id = rows::insert(tx, &who, &pattern, &new, State::Proposed).await?;
        self.journal(tx, &who, "number.proposed", id, &pattern, &new).await?;
        Ok(Some(id))
    }

    /// Handles one due timer of this desk: the ends of entries.
    pub async fn due(&self, tx: &mut Tx, timer: &timers::Timer) -> Result<()> {
        // The list before its timer, as every other change takes them.
        rows::lock_list(tx).await?;
        if !timers::done(tx, timer).await? || timer.kind != EXPIRY_TIMER {
            return Ok(());
        }
        let who = Who::system("numbers");
        let over = rows::expired(tx, EXPIRED_AT_ONCE).await?;
        for entry in &over {
            rows::end(tx, &who, entry, State::Expired, None).await?;
            tx.append(about("number.expired", entry), &who).await?;
        }
        let patterns: Vec<NumberPattern> = over.into_iter().map(|entry| entry.pattern).collect();
        self.publish(tx, &who, &patterns).await?;
        self.wake_for_next_end(tx).await
    }

    async fn wake_for_next_end(&self, tx: &mut Tx) -> Result<()> {
        match rows::next_end(tx).await? {
            Some(end) => timers::set(tx, EXPIRY_TIMER, EXPIRY_TIMER, "numbers", end).await,
            None => Ok(()),
        }
    }
}

fn step(entry: &NumberEntry, event: Event) -> std::result::Result<State, Refusal> {
    model::apply(entry.state, event)
        .map_err(|misfit| Refusal::Conflict(texts::STATE.say(&[("state", misfit.state.code())])))
}

fn about(kind: &str, entry: &NumberEntry) -> Entry {
    let body = json!({
        "pattern": masked_pattern(&entry.pattern), "action": entry.action, "reason": entry.reason,
        "case_number": entry.case_number, "maker": entry.maker, "expires_at": entry.expires_at,
    });
    let mut about = Entry::new(kind, format!("number:{}", entry.id)).body(&body);
    if !entry.region.is_empty() {
        about = about.region(&entry.region);
    }
    match entry.case_id {
        Some(case_id) => about.case(case_id),
        None => about,
    }
}
