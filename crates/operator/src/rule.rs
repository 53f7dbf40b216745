//! The rules of the screen as the seat keeps them: who owns them, where they stand, every version; and what they are in
//! memory. Editing, trying and proposing are one person's; publishing needs a second.

use std::collections::HashMap;

use kernel::{Duration, Faults, Text, Timestamp};
use rules::{CutOutSettings, Rule, RuleBook, RuleEvent, RuleId, Stage, Standing};
use screen::{Action, MessageAction};
use serde_json::json;
use store::journal::Entry;
use store::{Db, Tx, Who, args};

use crate::desk::Operator;
use crate::error::{Error, Result, stored_json, to_json};
use crate::list::file::too_long;
use crate::records::{Keeper, Record, RecordKind};
use crate::replay::{Played, play};
use crate::signals::Report;

/// Right to see, edit, try and propose rules.
pub const WRITE: &str = "operator.rules.write";
/// Right to publish them.
pub const PUBLISH: &str = "operator.rules.publish";
/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 100;

const NO_NAME: Text = Text::new(
    "operator.rule.name",
    ("没有名称", "there is no name"),
    ("请用中文和英文写明规则拦什么", "Say in Chinese and English what the rule stops"),
);

/// Texts of this module.
pub(crate) const TEXTS: &[Text] = &[NO_NAME];

/// What a rule is about, with what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "channel", content = "action", rename_all = "snake_case")]
pub enum RuleAction {
    /// Calls.
    Call(Action),
    /// Messages.
    Message(MessageAction),
}

impl RuleAction {
    /// `call` or `message`.
    pub const fn channel(self) -> &'static str {
        match self {
            Self::Call(_) => "call",
            Self::Message(_) => "message",
        }
    }
}

/// What a person writes of a rule.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Definition {
    /// Name in Chinese.
    pub name_zh: String,
    /// Name in English.
    pub name_en: String,
    /// CEL condition over the features of its channel.
    pub expression: String,
    /// What is done when it holds.
    #[serde(flatten)]
    pub action: RuleAction,
    /// The rule with the lower number is asked first.
    pub priority: i32,
    /// How much of its hits the centre gets.
    #[serde(default)]
    pub report: Report,
}

/// A rule as the seat keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Number.
    pub id: RuleId,
    /// What it says.
    pub definition: Definition,
    /// Who answers for it.
    pub owner: String,
    /// Where it stands.
    pub standing: Standing,
    /// Number of the last version.
    pub version: i64,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// By whom.
    pub changed_by: String,
    /// When it was cut out, where that was the last that happened to it.
    pub cut_out_at: Option<Timestamp>,
}

/// A version of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Number of the version.
    pub version: i64,
    /// What happened: `made`, `edited`, `tried`, `proposed`, `published`, `declined`, `stood_down`, `cut_out`, `retired`,
    /// `restored`.
    pub what: String,
    /// Where it stood then.
    pub stage: String,
    /// What it said.
    pub definition: Definition,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    version: i64,
    stage: String,
    owner: String,
    definition: String,
    changed_at: i64,
    changed_by: String,
    cut_out_at: Option<i64>,
}

const COLUMNS: &str = "id, version, stage, owner, definition, changed_at, changed_by, cut_out_at";

impl Row {
    fn read(self) -> Result<Kept> {
        let id = u32::try_from(self.id).map_err(|_| Error::Corrupt(format!("rule {}", self.id)))?;
        Ok(Kept {
            id: RuleId(id),
            definition: stored_json(&self.definition, "rule")?,
            owner: self.owner,
            standing: stored_json(&self.stage, "rule")?,
            version: self.version,
            changed_at: Timestamp(self.changed_at),
            changed_by: self.changed_by,
            cut_out_at: self.cut_out_at.map(Timestamp),
        })
    }
}

impl Kept {
    /// What the centre is told of it.
    fn on_the_wire(&self) -> wire::SignalRule {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let stage = match self.standing.stage {
            Stage::Draft => wire::SignalRuleStage::Draft,
            Stage::Shadow => wire::SignalRuleStage::Shadow,
            Stage::Live => wire::SignalRuleStage::Live,
            Stage::Retired => wire::SignalRuleStage::Retired,
        };
        wire::SignalRule {
            rule: format!("rule:{}", self.id.0),
            title: self.definition.name_zh.clone(),
            title_en: given(&self.definition.name_en),
            owner: given(&self.owner),
            stage,
        }
    }

    fn as_rule<A>(&self, action: A) -> Rule<A> {
        Rule {
            id: self.id,
            revision: self.standing.revision,
            name_zh: self.definition.name_zh.clone(),
            name_en: self.definition.name_en.clone(),
            expression: self.definition.expression.clone(),
            action,
            owner: self.owner.clone(),
            stage: self.standing.stage,
            priority: self.definition.priority,
        }
    }
}

/// What people do to a rule that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Let it count in shadow.
    Try,
    /// Propose that it go live.
    Propose,
    /// A second person publishes it.
    Publish,
    /// A second person refuses, or the first takes it back.
    Decline,
    /// From live to shadow, from shadow to draft.
    StandDown,
    /// Take it out of use.
    Retire,
    /// Take it back into use as a draft.
    Restore,
}

impl Step {
    const fn word(self) -> &'static str {
        match self {
            Self::Try => "tried",
            Self::Propose => "proposed",
            Self::Publish => "published",
            Self::Decline => "declined",
            Self::StandDown => "stood_down",
            Self::Retire => "retired",
            Self::Restore => "restored",
        }
    }
}

/// Tells every fault of a definition.
///
/// # Errors
/// All faults found, by field.
pub fn check(definition: &Definition) -> Result<()> {
    let mut faults = Faults::none();
    for (field, text) in [("name_zh", &definition.name_zh), ("name_en", &definition.name_en)] {
        if text.trim().is_empty() {
            faults.push(NO_NAME.at(field, &[]));
        }
        if text.chars().count() > NAME_CHARS_MAX {
            faults.push(too_long(field, NAME_CHARS_MAX));
        }
    }
    let schema = match definition.action {
        RuleAction::Call(_) => screen::call_schema(),
        RuleAction::Message(_) => screen::message_schema(),
    };
    if let Err(found) = rules::check_expression(&definition.expression, &schema) {
        found.0.into_iter().for_each(|fault| faults.push(fault));
    }
    faults.into_result().map_err(Error::Input)
}

/// Every rule in order of priority; needs `operator.rules.write`.
pub async fn list(db: &Db, who: &Who) -> Result<Vec<Kept>> {
    who.require(WRITE)?;
    all(db).await
}

async fn all(db: &Db) -> Result<Vec<Kept>> {
    let sql = store::AssertSqlSafe(format!("SELECT {COLUMNS} FROM operator_rule"));
    let rows: Vec<Row> = db.fetch_all(sql, args![]).await?;
    let mut all = rows.into_iter().map(Row::read).collect::<Result<Vec<_>>>()?;
    all.sort_by_key(|rule| (rule.definition.priority, rule.id));
    Ok(all)
}

/// One rule; needs `operator.rules.write`.
pub async fn of_id(db: &Db, who: &Who, id: RuleId) -> Result<Kept> {
    who.require(WRITE)?;
    let sql = store::AssertSqlSafe(format!("SELECT {COLUMNS} FROM operator_rule WHERE id = $1"));
    let row: Option<Row> = db.fetch_optional(sql, args![id.0]).await?;
    row.ok_or(Error::NotFound("rule"))?.read()
}

async fn lock(tx: &mut Tx, id: RuleId) -> Result<Kept> {
    store::lock_row(tx, "operator_rule", "id", id.0).await?;
    let sql = store::AssertSqlSafe(format!("SELECT {COLUMNS} FROM operator_rule WHERE id = $1"));
    let row: Option<Row> = tx.fetch_optional(sql, args![id.0]).await?;
    row.ok_or(Error::NotFound("rule"))?.read()
}

/// The versions of a rule, the latest first; needs `operator.rules.write`.
pub async fn versions(db: &Db, who: &Who, id: RuleId) -> Result<Vec<Version>> {
    who.require(WRITE)?;
    let rows: Vec<(i64, String, String, String, i64, String)> = db
        .fetch_all(
            "SELECT version, what, stage, definition, at, by_whom FROM operator_rule_version WHERE id = $1
             ORDER BY version DESC LIMIT 500",
            args![id.0],
        )
        .await?;
    rows.into_iter()
        .map(|(version, what, stage, definition, at, by)| {
            let definition = stored_json(&definition, "rule")?;
            Ok(Version { version, what, stage, definition, at: Timestamp(at), by })
        })
        .collect()
}

async fn write_version(tx: &mut Tx, who: &Who, kept: &Kept, what: &str) -> Result<()> {
    let now = tx.now();
    tx.write(
        "INSERT INTO operator_rule_version (id, version, stage, definition, at, by_whom, what)
         VALUES ($1,$2,$3,$4,$5,$6,$7)",
        args![
            kept.id.0,
            kept.version,
            kept.standing.stage.word(),
            to_json(&kept.definition, "rule")?,
            now,
            &who.user,
            what
        ],
    )
    .await?;
    let body = json!({
        "rule": kept.id, "version": kept.version, "stage": kept.standing.stage, "name_zh": kept.definition.name_zh,
        "name_en": kept.definition.name_en, "expression": kept.definition.expression,
        "action": kept.definition.action, "priority": kept.definition.priority,
    });
    Ok(tx.append(Entry::new(&format!("rule.{what}"), format!("rule:{}", kept.id.0)).body(&body), who).await?)
}

/// Makes a rule, as a draft; needs `operator.rules.write`.
///
/// # Errors
/// Every fault of the definition.
pub async fn make(tx: &mut Tx, who: &Who, definition: &Definition) -> Result<Kept> {
    who.require(WRITE)?;
    check(definition)?;
    let (last,): (i64,) = tx.fetch_one("SELECT COALESCE(MAX(id), 0) FROM operator_rule", args![]).await?;
    let now = tx.now();
    let kept = Kept {
        // Numbers below a thousand are those of the rules that come with the program.
        id: RuleId(u32::try_from(last.max(999) + 1).map_err(|_| Error::Corrupt("rule numbers".into()))?),
        definition: definition.clone(),
        owner: who.user.clone(),
        standing: Standing::draft(),
        version: 1,
        changed_at: now,
        changed_by: who.user.clone(),
        cut_out_at: None,
    };
    insert(tx, &kept).await?;
    write_version(tx, who, &kept, "made").await?;
    Ok(kept)
}

async fn insert(tx: &mut Tx, kept: &Kept) -> Result<()> {
    tx.write(
        "INSERT INTO operator_rule (id, channel, version, stage, owner, definition, changed_at, changed_by)
         VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
        args![
            kept.id.0,
            kept.definition.action.channel(),
            kept.version,
            to_json(&kept.standing, "rule")?,
            &kept.owner,
            to_json(&kept.definition, "rule")?,
            kept.changed_at,
            &kept.changed_by
        ],
    )
    .await?;
    Ok(())
}

async fn save(tx: &mut Tx, who: &Who, kept: &mut Kept, what: &str) -> Result<()> {
    let now = tx.now();
    let read = kept.version;
    kept.version += 1;
    (kept.changed_at, kept.changed_by) = (now, who.user.clone());
    kept.cut_out_at = (what == "cut_out").then_some(now);
    store::transition("operator_rule", kept.id.0)
        .expect("version", read)
        .set("version", kept.version)
        .set("stage", to_json(&kept.standing, "rule")?)
        .set("definition", to_json(&kept.definition, "rule")?)
        .set("changed_at", now)
        .set("changed_by", &kept.changed_by)
        .set("cut_out_at", kept.cut_out_at)
        .set("channel", kept.definition.action.channel())
        .apply(tx)
        .await?;
    write_version(tx, who, kept, what).await
}

/// Edits a rule: it becomes a draft of a new revision; needs `operator.rules.write`.
///
/// # Errors
/// Every fault of the definition; the rule is retired.
pub async fn edit(tx: &mut Tx, who: &Who, id: RuleId, definition: &Definition) -> Result<Kept> {
    who.require(WRITE)?;
    check(definition)?;
    let mut kept = lock(tx, id).await?;
    kept.standing = after(&kept.standing, &RuleEvent::Edit)?;
    kept.definition = definition.clone();
    save(tx, who, &mut kept, "edited").await?;
    Ok(kept)
}

/// Takes a step with a rule; needs `operator.rules.write`, and `operator.rules.publish` to publish.
///
/// # Errors
/// The rule does not stand where the step begins; who proposed it publishes it.
pub async fn step(tx: &mut Tx, who: &Who, id: RuleId, step: Step) -> Result<Kept> {
    who.require(if step == Step::Publish { PUBLISH } else { WRITE })?;
    let mut kept = lock(tx, id).await?;
    let event = match step {
        Step::Try => RuleEvent::Try,
        Step::Propose => RuleEvent::Propose { by: who.user.clone(), at: tx.now() },
        Step::Publish => RuleEvent::Approve { by: who.user.clone() },
        Step::Decline => RuleEvent::Decline,
        Step::StandDown => RuleEvent::StandDown,
        Step::Retire => RuleEvent::Retire,
        Step::Restore => RuleEvent::Restore,
    };
    kept.standing = after(&kept.standing, &event)?;
    save(tx, who, &mut kept, step.word()).await?;
    Ok(kept)
}

fn after(standing: &Standing, event: &RuleEvent) -> Result<Standing> {
    standing.after(event).map_err(|fault| Error::Conflict(Box::new(fault.said)))
}

impl Operator {
    /// Brings the rules into the screen. A rule that does not compile any more is left out, with an error in the log, so
    /// that the others hold.
    pub(crate) async fn load_rules(&self) -> Result<()> {
        let kept = all(self.db()).await?;
        let (mut calls, mut messages, mut reports) = (Vec::new(), Vec::new(), HashMap::new());
        for rule in &kept {
            reports.insert(rule.id.0, rule.definition.report);
            if let Err(error) = check(&rule.definition) {
                tracing::error!(rule = rule.id.0, %error, "a stored rule does not compile and is left out");
                continue;
            }
            match rule.definition.action {
                RuleAction::Call(action) => calls.push(rule.as_rule(action)),
                RuleAction::Message(action) => messages.push(rule.as_rule(action)),
            }
        }
        self.gathered().set_reports(reports);
        self.gathered().set_rule_names(kept.iter().map(Kept::on_the_wire).collect());
        let screen = self.screening().screen();
        let before = screen.call_rules();
        let built = RuleBook::build(calls, screen::call_schema(), CutOutSettings::default(), Some(&before));
        screen.swap_call_rules(built.map_err(Error::Input)?);
        let before = screen.message_rules();
        let built = RuleBook::build(messages, screen::message_schema(), CutOutSettings::default(), Some(&before));
        screen.swap_message_rules(built.map_err(Error::Input)?);
        Ok(())
    }

    /// Writes down which rules the screen has cut out, and puts them into shadow.
    pub(crate) async fn cut_out_rules(&self) -> Result<()> {
        let screen = self.screening().screen();
        let counts = [screen.call_rules().counts(), screen.message_rules().counts()].concat();
        for count in counts.iter().filter(|count| count.cut_out) {
            let mut tx = self.db().begin().await?;
            let mut kept = lock(&mut tx, count.id).await?;
            if kept.standing.stage != Stage::Live {
                continue;
            }
            kept.standing = after(&kept.standing, &RuleEvent::CutOut)?;
            save(&mut tx, &Who::system("rules"), &mut kept, "cut_out").await?;
            tx.commit().await?;
            metrics::counter!("operator_rules_cut_out_total").increment(1);
            tracing::error!(
                rule = count.id.0,
                held = count.held,
                norm = count.norm.mean,
                "a rule hit far above its norm and was put back to shadow; somebody must look at it"
            );
            self.catch_up().await?;
        }
        Ok(())
    }

    /// Puts the rules that come with the program into an empty register; at first start.
    ///
    /// # Errors
    /// The database.
    pub async fn seed_rules(&self) -> Result<()> {
        let (count,): (i64,) = self.db().fetch_one("SELECT COUNT(*) FROM operator_rule", args![]).await?;
        if count > 0 {
            return Ok(());
        }
        let mut tx = self.db().begin().await?;
        let who = Who::system("rules");
        let now = tx.now();
        for (id, definition, stage) in built_in() {
            let kept = Kept {
                id,
                definition,
                owner: who.user.clone(),
                standing: Standing { stage, ..Standing::draft() },
                version: 1,
                changed_at: now,
                changed_by: who.user.clone(),
                cut_out_at: None,
            };
            insert(&mut tx, &kept).await?;
            write_version(&mut tx, &who, &kept, "made").await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// What the rules in memory have done.
    pub fn rule_counts(&self) -> HashMap<u32, rules::RuleCount> {
        let screen = self.screening().screen();
        let counts = [screen.call_rules().counts(), screen.message_rules().counts()].concat();
        counts.into_iter().map(|count| (count.id.0, count)).collect()
    }
}

/// The rules that come with the program.
fn built_in() -> Vec<(RuleId, Definition, Stage)> {
    fn of<A: Copy>(rule: Rule<A>, action: fn(A) -> RuleAction) -> (RuleId, Definition, Stage) {
        let definition = Definition {
            name_zh: rule.name_zh,
            name_en: rule.name_en,
            expression: rule.expression,
            action: action(rule.action),
            priority: rule.priority,
            report: Report::Whole,
        };
        (rule.id, definition, rule.stage)
    }
    let calls = screen::default_call_rules().into_iter().map(|rule| of(rule, RuleAction::Call));
    calls.chain(screen::default_message_rules().into_iter().map(|rule| of(rule, RuleAction::Message))).collect()
}

/// Puts the rules that come with the program into a screen without a seat.
///
/// # Errors
/// None of ours: they compile in a test.
pub fn put_built_in(screen: &screen::Screen) -> Result<()> {
    let (mut calls, mut messages) = (Vec::new(), Vec::new());
    for (id, definition, stage) in built_in() {
        let kept = Kept {
            id,
            definition,
            owner: String::new(),
            standing: Standing { stage, ..Standing::draft() },
            version: 1,
            changed_at: Timestamp(0),
            changed_by: String::new(),
            cut_out_at: None,
        };
        match kept.definition.action {
            RuleAction::Call(action) => calls.push(kept.as_rule(action)),
            RuleAction::Message(action) => messages.push(kept.as_rule(action)),
        }
    }
    let settings = CutOutSettings::default;
    let built = RuleBook::build(calls, screen::call_schema(), settings(), None);
    screen.swap_call_rules(built.map_err(Error::Input)?);
    let built = RuleBook::build(messages, screen::message_schema(), settings(), None);
    screen.swap_message_rules(built.map_err(Error::Input)?);
    Ok(())
}

/// What a rule would have done with recorded calls or messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Tested {
    /// Calls or messages looked at.
    pub events: u64,
    /// For how many of them it would have decided.
    pub hits: u64,
    /// What was done with those at the time, by action.
    pub then: std::collections::BTreeMap<String, u64>,
    /// Different callers or senders among the hits.
    pub callers: u64,
    /// Some of the hits, masked, the first of each caller or sender.
    pub samples: Vec<Sample>,
    /// The records were more than are looked at; these are the earliest.
    pub cut_short: bool,
}

/// A call or message for which the rule would have decided.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// Caller or sender, masked.
    pub caller: String,
    /// Callee or receiver, masked.
    pub callee: String,
    /// What was done at the time.
    pub then: String,
}

/// Records on which a rule is tested at most.
const TEST_RECORDS_MAX: u64 = 5_000_000;
/// Hits shown.
const SAMPLES_MAX: usize = 50;
/// Records before the span that fill the windows and what is remembered of numbers; none of them is counted.
const WARM_UP: Duration = Duration::hours(24 * (screen::WATCHED_DAYS_MIN as i64 + 1));

impl Operator {
    /// Plays recorded calls or messages through a screen that has this rule alone. Its windows are filled from the records
    /// of [`WARM_UP`] before, as far as they are kept. Of messages the features of their texts are kept, not the texts: what
    /// another model would say of them is not told.
    ///
    /// # Errors
    /// The records cannot be read, or the rule does not compile.
    pub async fn test_rule(&self, definition: Definition, from: Timestamp, until: Timestamp) -> Result<Tested> {
        // The cut-out would hide what a test is there to show.
        let settings = CutOutSettings { hits_min: u64::MAX, ..CutOutSettings::default() };
        let screen = screen::Screen::new();
        screen.swap_list(self.screening().screen().list());
        let kind = match definition.action {
            RuleAction::Call(action) => {
                let book = RuleBook::build([alone(definition, action)], screen::call_schema(), settings, None);
                screen.swap_call_rules(book.map_err(Error::Input)?);
                RecordKind::Call
            }
            RuleAction::Message(action) => {
                let book = RuleBook::build([alone(definition, action)], screen::message_schema(), settings, None);
                screen.swap_message_rules(book.map_err(Error::Input)?);
                RecordKind::Message
            }
        };
        let records = self.records().clone();
        let tested = tokio::task::spawn_blocking(move || test(&records, &screen, kind, from, until)).await;
        tested.map_err(|error| Error::Corrupt(error.to_string()))?
    }
}

/// The rule as the only one of a book.
fn alone<A>(definition: Definition, action: A) -> Rule<A> {
    Rule {
        id: RuleId(1),
        revision: 1,
        name_zh: definition.name_zh,
        name_en: definition.name_en,
        expression: definition.expression,
        action,
        owner: String::new(),
        stage: Stage::Live,
        priority: 1,
    }
}

fn test(
    records: &Keeper,
    screen: &screen::Screen,
    kind: RecordKind,
    from: Timestamp,
    until: Timestamp,
) -> Result<Tested> {
    let mut tested = Tested::default();
    let mut callers = std::collections::HashSet::new();
    records.each(from - WARM_UP, until, |record| {
        let reason = match play(screen, &record) {
            Played::Call(decision) => decision.reason,
            Played::Message(decision) => decision.reason,
            Played::Nothing => return true,
        };
        if record.kind != kind || record.at < from {
            return true;
        }
        tested.events += 1;
        if matches!(reason, screen::Reason::Rule(_)) {
            tested.hit(&record, callers.insert((record.from, record.from_raw.clone())));
        }
        tested.cut_short = tested.events >= TEST_RECORDS_MAX;
        !tested.cut_short
    })?;
    tested.callers = u64::try_from(callers.len()).unwrap_or(0);
    Ok(tested)
}

impl Tested {
    fn hit(&mut self, record: &Record, is_first: bool) {
        self.hits += 1;
        *self.then.entry(record.action.to_string()).or_default() += 1;
        if is_first && self.samples.len() < SAMPLES_MAX {
            let masked = |packed| {
                screen::Number::from_packed(packed).map_or_else(|| "—".to_owned(), |n| kernel::Maskable::mask(&n))
            };
            self.samples.push(Sample {
                at: record.at,
                caller: masked(record.from),
                callee: masked(record.to),
                then: record.action.to_string(),
            });
        }
    }
}
