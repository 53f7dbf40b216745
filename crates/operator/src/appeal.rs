//! Appeals (申诉): somebody who was stopped says why that is wrong, and hears what became of it. A grant lets the number
//! through here at once and tells the centre, so that it is let through everywhere.

use kernel::{AppealId, Duration, Faults, Text, Timestamp};
use screen::{EntryKind, ListEntry, Number, Pattern};
use serde_json::json;
use store::journal::Entry as JournalEntry;
use store::{Args, AssertSqlSafe, Db, Tx, Who, args};
use wire::{ListLift, NumberPattern};

use crate::desk::Operator;
use crate::error::{Error, Result, stored_id, stored_json, to_json};
use crate::list::centre::SOURCE as CENTRE_SOURCE;
use crate::list::entry::{self, EntryState};
use crate::list::file::{too_long, wire_pattern};
use crate::list::{APPEAL, OWN};

/// Right to see and decide appeals.
pub const DECIDE: &str = "operator.appeals.decide";
/// Longest words of an appeal or a decision, in characters.
const WORDS_CHARS_MAX: usize = 2_000;
/// Longest contact, in characters.
const CONTACT_CHARS_MAX: usize = 100;
/// How long a granted appeal lets a number through, unless somebody ends it: rules learn from it meanwhile.
const ALLOWED_FOR: Duration = Duration::hours(24 * 180);

const NUMBER: Text = Text::new(
    "operator.appeal.number",
    ("这不是电话号码", "this is not a telephone number"),
    ("请填写被拦截的主叫号码，固话带区号", "Give the number that was stopped, a fixed line with its area code"),
);
const WORDS: Text = Text::new(
    "operator.appeal.words",
    ("请写明情况", "say what happened"),
    ("请说明号码的用途，以及何时被拦截", "Say what the number is used for, and when it was stopped"),
);
const REASON: Text =
    Text::new("operator.appeal.reason", ("请写明理由", "there is no reason"), ("申诉人会看到", "The caller is told"));
const OPEN: Text = Text::new(
    "operator.appeal.open",
    ("以这一联系方式对该号码提出的申诉尚在处理", "an appeal about this number with this contact is being looked at"),
    (
        "如系您本人提出，请用受理编号查询进度；如不是，请留下您的联系方式再提交",
        "If it is yours, ask for its state with its reference; if not, give a contact of your own and send again",
    ),
);
const DECIDED: Text = Text::new(
    "operator.appeal.decided",
    ("该申诉已处理", "the appeal has been decided"),
    ("请查看处理结果", "Look at the decision"),
);
const SECOND: Text = Text::new(
    "operator.appeal.second",
    ("号段或区间的放行须由第二人复核", "letting a prefix or a range through needs a second person"),
    ("请由另一人复核", "Let somebody else confirm it"),
);

/// Texts of this module.
pub(crate) const TEXTS: &[Text] = &[NUMBER, WORDS, REASON, OPEN, DECIDED, SECOND];

/// Where an appeal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AppealState {
    /// Nobody has decided.
    Open,
    /// Granted by one; a second person must confirm.
    Asked,
    /// Granted: the number goes through.
    Granted,
    /// Refused.
    Refused,
}

impl AppealState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Asked, Self::Granted, Self::Refused];

    /// The word in the database and in answers.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Asked => "asked",
            Self::Granted => "granted",
            Self::Refused => "refused",
        }
    }

    /// Reads the word.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// The words for the caller.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Open | Self::Asked => ("处理中", "being looked at"),
            Self::Granted => ("已解除拦截", "the block is lifted"),
            Self::Refused => ("维持拦截", "the block stands"),
        }
    }
}

/// An entry that spoke of the number when it appealed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Found {
    /// The pattern.
    pub pattern: Pattern,
    /// What it asks for.
    pub kind: EntryKind,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub source: String,
}

impl Found {
    fn is_wide(&self) -> bool {
        !matches!(self.pattern, Pattern::Full(_))
    }
}

/// How much of the block is lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lift {
    /// The number alone; a prefix or a range that covers it stands for all others.
    #[default]
    Number,
    /// Every entry that covers it, prefixes and ranges too; needs a second person.
    Everything,
}

/// An appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    /// Identity.
    pub id: AppealId,
    /// Reference, told to the caller.
    pub number: String,
    /// The number that was stopped.
    pub caller: Number,
    /// What the caller says.
    pub words: String,
    /// How to reach the caller.
    pub contact: Option<String>,
    /// Where it stands.
    pub state: AppealState,
    /// What spoke of the number then.
    pub found: Vec<Found>,
    /// When it was made.
    pub made_at: Timestamp,
    /// Who granted it first, where a second person must confirm.
    pub asked_by: Option<String>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
    /// How much was lifted.
    pub lift: Option<Lift>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    number: String,
    caller: String,
    words: String,
    contact: Option<String>,
    state: String,
    found: String,
    made_at: i64,
    asked_by: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<i64>,
    reason: Option<String>,
    lifted: Option<String>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, number, caller, words, contact, state, found, made_at, asked_by, decided_by, decided_at, reason, \
             lifted FROM operator_appeal ",
            $rest
        )
    };
}

impl Row {
    fn read(self) -> Result<Appeal> {
        let corrupt = |what: &str| Error::Corrupt(format!("appeal {}: {what}", self.id));
        Ok(Appeal {
            id: stored_id(&self.id)?,
            caller: Number::read(&self.caller).ok_or_else(|| corrupt("caller"))?,
            state: AppealState::parse(&self.state).ok_or_else(|| corrupt("state"))?,
            found: stored_json(&self.found, "appeal")?,
            lift: self.lifted.as_deref().map(|text| stored_json(text, "appeal")).transpose()?,
            number: self.number,
            words: self.words,
            contact: self.contact,
            made_at: Timestamp(self.made_at),
            asked_by: self.asked_by,
            decided_by: self.decided_by,
            decided_at: self.decided_at.map(Timestamp),
            reason: self.reason,
        })
    }
}

/// What the caller enters.
#[derive(Clone, serde::Deserialize, utoipa::ToSchema)]
pub struct AppealInput {
    /// The number that was stopped.
    pub caller: String,
    /// What the number is used for, and what happened.
    pub words: String,
    /// How to reach the caller: another number or an address; may be left out.
    #[serde(default)]
    pub contact: Option<String>,
}

impl std::fmt::Debug for AppealInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppealInput(..)")
    }
}

/// What is decided.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
pub struct DecisionInput {
    /// Why; the caller is told.
    pub reason: String,
    /// With a grant: how much is lifted.
    #[serde(default)]
    pub lift: Lift,
}

impl Operator {
    /// Takes an appeal from the public page.
    ///
    /// # Errors
    /// Every fault of the input; there is an open one about the number with the same contact.
    pub async fn appeal(&self, tx: &mut Tx, input: &AppealInput) -> Result<Appeal> {
        let mut faults = Faults::none();
        let caller = faults.keep(Number::parse(&input.caller).ok_or_else(|| NUMBER.at("caller", &[])));
        let (words, contact) = (input.words.trim(), input.contact.as_deref().map(str::trim).unwrap_or(""));
        if words.is_empty() {
            faults.push(WORDS.at("words", &[]));
        }
        for (field, text, most) in [("words", words, WORDS_CHARS_MAX), ("contact", contact, CONTACT_CHARS_MAX)] {
            if text.chars().count() > most {
                faults.push(too_long(field, most));
            }
        }
        let (Some(caller), true) = (caller, faults.is_empty()) else { return Err(Error::Input(faults)) };
        store::lock_name(tx, &format!("appeal:{caller}")).await?;
        // Anybody may appeal about any number; nobody keeps its owner from it, or learns of his appeal.
        let open: Vec<(Option<String>,)> = tx
            .fetch_all(
                "SELECT contact FROM operator_appeal WHERE caller = $1 AND state IN ('open', 'asked')",
                args![caller.to_string()],
            )
            .await?;
        let is_same = |other: &str| other.trim().to_lowercase() == contact.to_lowercase();
        if open.iter().any(|(other,)| is_same(other.as_deref().unwrap_or_default())) {
            return Err(Error::conflict(OPEN, &[]));
        }
        let now = tx.now();
        let appeal = Appeal {
            id: AppealId::new(now),
            number: store::serial::next(tx, "A").await?,
            caller,
            words: words.to_owned(),
            contact: Some(contact.to_owned()).filter(|c| !c.is_empty()),
            state: AppealState::Open,
            found: self.blocks_of(caller, now),
            made_at: now,
            asked_by: None,
            decided_by: None,
            decided_at: None,
            reason: None,
            lift: None,
        };
        tx.write(
            "INSERT INTO operator_appeal (id, number, caller, words, contact, state, found, made_at)
             VALUES ($1,$2,$3,$4,$5,'open',$6,$7)",
            args![
                appeal.id,
                &appeal.number,
                caller.to_string(),
                words,
                appeal.contact.clone(),
                to_json(&appeal.found, "appeal")?,
                now
            ],
        )
        .await?;
        let private = json!({ "caller": caller, "words": words, "contact": appeal.contact });
        let body = json!({ "number": appeal.number, "entries": appeal.found.len() });
        let entry = JournalEntry::new("appeal.made", format!("appeal:{}", appeal.id)).body(&body).private(&private);
        tx.append(entry, &Who::user("public", &[])).await?;
        Ok(appeal)
    }

    /// The block and watch entries that speak of a number now.
    fn blocks_of(&self, number: Number, now: Timestamp) -> Vec<Found> {
        let list = self.screening().screen().list();
        let holds = |e: &ListEntry| {
            matches!(e.kind, EntryKind::Block | EntryKind::Watch) && e.expires_at.is_none_or(|end| end > now)
        };
        list.entries_of(number)
            .into_iter()
            .filter(holds)
            .map(|e| Found { pattern: e.pattern, kind: e.kind, reason: e.reason, source: e.source })
            .collect()
    }

    /// Grants an appeal; needs `operator.appeals.decide`. A lift of more than the number itself is only asked for, and
    /// takes effect when a second person calls this too. Other open appeals about the number are granted with it.
    ///
    /// # Errors
    /// It has been decided; the same person confirms; no reason.
    pub async fn grant_appeal(&self, tx: &mut Tx, who: &Who, id: AppealId, input: &DecisionInput) -> Result<Appeal> {
        who.require(DECIDE)?;
        // The names go before the rows: two that grant appeals about one number follow each other.
        let caller = locked(tx, id).await?.caller;
        store::lock_name(tx, &format!("appeal:{caller}")).await?;
        let appeal = open_one(tx, who, id, &input.reason).await?;
        let now = tx.now();
        let found = self.blocks_of(appeal.caller, now);
        let wide = input.lift == Lift::Everything && found.iter().any(Found::is_wide);
        if wide && appeal.asked_by.is_none() {
            store::transition("operator_appeal", id)
                .from(appeal.state.code())
                .to(AppealState::Asked.code())
                .set("asked_by", &who.user)
                .set("asked_at", now)
                .set("reason", input.reason.trim())
                .apply(tx)
                .await?;
            note(tx, who, "appeal.asked", &appeal, &input.reason).await?;
            return locked(tx, id).await;
        }
        if wide && appeal.asked_by.as_deref() == Some(&who.user) {
            return Err(Error::conflict(SECOND, &[]));
        }
        self.lift_blocks(tx, who, &appeal, &found, input).await?;
        decided(&appeal, who, now, AppealState::Granted, &input.reason)
            .set("lifted", to_json(&input.lift, "appeal")?)
            .apply(tx)
            .await?;
        tx.write(
            "INSERT INTO operator_day (day, name, count) VALUES ($1,'appeals_granted',1)
             ON CONFLICT (day, name) DO UPDATE SET count = operator_day.count + 1",
            args![now.day_cst()],
        )
        .await?;
        note(tx, who, "appeal.granted", &appeal, &input.reason).await?;
        let others: Vec<Row> = tx.fetch_all(BESIDE, args![appeal.caller.to_string(), appeal.id]).await?;
        for other in others {
            let other = other.read()?;
            let granted = decided(&other, who, now, AppealState::Granted, &input.reason);
            if granted.set("lifted", to_json(&input.lift, "appeal")?).try_apply(tx).await? {
                note(tx, who, "appeal.granted", &other, &input.reason).await?;
            }
        }
        locked(tx, id).await
    }

    /// Ends this operator's own blocks, lets the number through whatever others say of it, and tells the centre.
    async fn lift_blocks(
        &self,
        tx: &mut Tx,
        who: &Who,
        appeal: &Appeal,
        found: &[Found],
        input: &DecisionInput,
    ) -> Result<()> {
        let now = tx.now();
        let why = format!("申诉 {} 成立", appeal.number);
        for block in found {
            if (input.lift == Lift::Everything || !block.is_wide())
                && let Some(own) = entry::active(tx, &block.pattern, block.kind).await?
            {
                entry::finish_if_active(tx, who, own.id, EntryState::Ended, &why).await?;
            }
            if block.source.starts_with(CENTRE_SOURCE)
                && let Some(centre) = &self.settings().centre
                && let Ok(pattern) = NumberPattern::parse(&wire_pattern(&block.pattern))
            {
                let lift = ListLift {
                    appeal_id: appeal.id,
                    number: appeal.caller.to_string(),
                    pattern,
                    reason: input.reason.trim().to_owned(),
                    granted_by: who.user.clone(),
                    granted_at: now,
                };
                self.send(tx, centre, lift, format!("appeal:{}", appeal.id), None).await?;
            }
        }
        // The centre's entry stays in memory until its next change, and a wider one may stay for good: this entry is
        // the closest to the number and wins over both.
        let allowed = ListEntry {
            pattern: Pattern::Full(appeal.caller),
            kind: EntryKind::Allow,
            reason: why,
            source: APPEAL.to_owned(),
            expires_at: Some(now + ALLOWED_FOR),
            case: None,
        };
        match entry::active(tx, &allowed.pattern, EntryKind::Allow).await? {
            Some(_) => Ok(()),
            None => entry::put(tx, who, allowed, &format!("{OWN} {}", appeal.number)).await.map(|_| ()),
        }
    }
}

/// The other open appeals about a number.
const BESIDE: &str = select!("WHERE caller = $1 AND id <> $2 AND state IN ('open', 'asked') ORDER BY id");

/// The other open appeals about the same number, the earliest first.
pub async fn beside(db: &Db, appeal: &Appeal) -> Result<Vec<Appeal>> {
    let rows: Vec<Row> = db.fetch_all(BESIDE, args![appeal.caller.to_string(), appeal.id]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// Refuses an appeal; needs `operator.appeals.decide`.
///
/// # Errors
/// It has been decided; no reason.
pub async fn refuse(tx: &mut Tx, who: &Who, id: AppealId, reason: &str) -> Result<Appeal> {
    let appeal = open_one(tx, who, id, reason).await?;
    let now = tx.now();
    decided(&appeal, who, now, AppealState::Refused, reason).apply(tx).await?;
    note(tx, who, "appeal.refused", &appeal, reason).await?;
    locked(tx, id).await
}

/// The decision about an appeal, from the state in which it was read.
fn decided(appeal: &Appeal, who: &Who, now: Timestamp, to: AppealState, reason: &str) -> store::Transition {
    store::transition("operator_appeal", appeal.id)
        .from(appeal.state.code())
        .to(to.code())
        .set("decided_by", &who.user)
        .set("decided_at", now)
        .set("reason", reason.trim())
}

/// An appeal that can still be decided.
async fn open_one(tx: &mut Tx, who: &Who, id: AppealId, reason: &str) -> Result<Appeal> {
    who.require(DECIDE)?;
    let mut faults = Faults::none();
    if reason.trim().is_empty() {
        faults.push(REASON.at("reason", &[]));
    }
    if reason.chars().count() > WORDS_CHARS_MAX {
        faults.push(too_long("reason", WORDS_CHARS_MAX));
    }
    faults.into_result().map_err(Error::Input)?;
    // Two that decide at once wait for each other here.
    store::lock_row(tx, "operator_appeal", "id", id).await?;
    let appeal = locked(tx, id).await?;
    match appeal.state {
        AppealState::Open | AppealState::Asked => Ok(appeal),
        AppealState::Granted | AppealState::Refused => Err(Error::conflict(DECIDED, &[])),
    }
}

async fn locked(tx: &mut Tx, id: AppealId) -> Result<Appeal> {
    let row: Option<Row> = tx.fetch_optional(select!("WHERE id = $1"), args![id]).await?;
    row.ok_or(Error::NotFound("appeal"))?.read()
}

async fn note(tx: &mut Tx, who: &Who, kind: &str, appeal: &Appeal, reason: &str) -> Result<()> {
    let body = json!({ "number": appeal.number });
    let entry = JournalEntry::new(kind, format!("appeal:{}", appeal.id)).body(&body);
    Ok(tx.append(entry.private(&json!({ "reason": reason.trim() })), who).await?)
}

/// Which appeals are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<AppealState>,
    /// About this number.
    pub caller: Option<Number>,
    /// Part of the reference.
    pub text: Option<String>,
    /// Before this one, the latest being first.
    pub before: Option<AppealId>,
    /// At most so many.
    pub limit: i64,
}

/// Appeals that fit, the latest first; needs `operator.appeals.decide`.
pub async fn list(db: &Db, who: &Who, filter: &Filter) -> Result<Vec<Appeal>> {
    who.require(DECIDE)?;
    let mut sql = select!("WHERE id < $1").to_owned();
    let mut bound: Args = args![filter.before.map_or_else(|| "g".to_owned(), |id| id.to_string())];
    if let Some(state) = filter.state {
        bound.push(state.code().into());
        sql.push_str(&format!(" AND state = ${}", bound.len()));
    }
    if let Some(caller) = filter.caller {
        bound.push(caller.to_string().into());
        sql.push_str(&format!(" AND caller = ${}", bound.len()));
    }
    if let Some(text) = &filter.text {
        bound.push(crate::desk::like(&text.to_uppercase()).into());
        sql.push_str(&format!(" AND number LIKE ${}", bound.len()));
    }
    bound.push(filter.limit.into());
    sql.push_str(&format!(" ORDER BY id DESC LIMIT ${}", bound.len()));
    let rows: Vec<Row> = db.fetch_all(AssertSqlSafe(sql), bound).await?;
    rows.into_iter().map(Row::read).collect()
}

/// One appeal.
pub async fn of_id(db: &Db, id: AppealId) -> Result<Appeal> {
    let row: Option<Row> = db.fetch_optional(select!("WHERE id = $1"), args![id]).await?;
    row.ok_or(Error::NotFound("appeal"))?.read()
}

/// The appeal of a reference, for who knows the number too.
pub async fn of_reference(db: &Db, reference: &str, caller: &str) -> Result<Appeal> {
    let caller = Number::parse(caller).ok_or(Error::NotFound("appeal"))?;
    let row: Option<Row> = db
        .fetch_optional(
            select!("WHERE number = $1 AND caller = $2"),
            args![reference.trim().to_uppercase(), caller.to_string()],
        )
        .await?;
    row.ok_or(Error::NotFound("appeal"))?.read()
}

/// How many are open.
pub async fn count_open(db: &Db) -> Result<i64> {
    let (count,): (i64,) =
        db.fetch_one("SELECT COUNT(*) FROM operator_appeal WHERE state IN ('open', 'asked')", args![]).await?;
    Ok(count)
}

/// Granted appeals against stopped calls and messages of the last days.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct FalseBlocks {
    /// Days looked at, today included.
    pub days: i64,
    /// Calls and messages stopped.
    pub stopped: i64,
    /// Appeals granted.
    pub granted: i64,
    /// Granted appeals for each million stopped; absent where nothing was stopped.
    pub per_million: Option<f64>,
}

/// The false-block rate of the last days.
pub async fn false_blocks(db: &Db, days: i64) -> Result<FalseBlocks> {
    let since = (db.clock().now() - Duration::hours(24 * (days - 1))).day_cst();
    let rows: Vec<(String, i64)> = db
        .fetch_all(
            "SELECT name, CAST(SUM(count) AS BIGINT) FROM operator_day
             WHERE day >= $1 AND name IN ('calls_stopped', 'messages_stopped', 'appeals_granted') GROUP BY name",
            args![since],
        )
        .await?;
    let sum = |names: &[&str]| rows.iter().filter(|(name, _)| names.contains(&name.as_str())).map(|(_, n)| n).sum();
    let (stopped, granted): (i64, i64) = (sum(&["calls_stopped", "messages_stopped"]), sum(&["appeals_granted"]));
    #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
    let per_million = (stopped > 0).then(|| granted as f64 * 1_000_000.0 / stopped as f64);
    Ok(FalseBlocks { days, stopped, granted, per_million })
}
