//! Rules: written, tried on recorded calls, shown in shadow beside those in force, published by a second person.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{Duration, Timestamp};
use rules::{RuleId, Stage};
use screen::{Action, LabelId, MessageAction};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Idem, Json, List, Path, Problem, Session};

use crate::desk::Operator;
use crate::recorder::{call_action, message_action};
use crate::rule::{self, Definition, Kept, PUBLISH, RuleAction, Step, WRITE};
use crate::signals::Report;

/// Hours of records on which a rule is tested unless asked otherwise.
const HOURS: i64 = 24;
/// Hours of records on which a rule is tested at most.
const HOURS_MAX: i64 = 72;
const CALL_ACTIONS: [&str; 7] = ["pass", "monitor", "label", "challenge", "announce", "reject_603", "reject_608"];
const MESSAGE_ACTIONS: [&str; 5] = ["pass", "monitor", "mark", "reject", "drop"];

pub(super) fn router() -> OpenApiRouter<Operator> {
    OpenApiRouter::new()
        .routes(routes!(list_rules, make_rule))
        .routes(routes!(get_rule, edit_rule))
        .routes(routes!(step_rule))
        .routes(routes!(check_rule))
        .routes(routes!(test_rule))
        .routes(routes!(list_rule_features))
}

/// What a person writes of a rule.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
struct RuleInput {
    name_zh: String,
    name_en: String,
    /// `call` or `message`.
    channel: String,
    /// CEL condition over the features of the channel; see `GET /rule-features`.
    expression: String,
    /// Of a call: `pass`, `monitor`, `label`, `challenge`, `announce`, `reject_603`, `reject_608`; of a message: `pass`,
    /// `monitor`, `mark`, `reject`, `drop`.
    action: String,
    /// With `label` and `mark`: `scam`, `forged`, `foreign`, `marketing`, `harassment` or `centre`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// The rule with the lower number is asked first.
    priority: i32,
    /// How much of its hits the centre gets: `count`, `sampled` or `whole`.
    #[serde(default)]
    report: Report,
}

fn label(key: Option<&str>) -> Result<LabelId, Problem> {
    let keys = LabelId::BUILT_IN.map(|(_, key, ..)| key);
    let find = |text: &str| LabelId::BUILT_IN.iter().find(|(_, key, ..)| *key == text).map(|(id, ..)| *id);
    Ok(super::word("label", key, find, &keys)?.unwrap_or(LabelId::SCAM))
}

fn label_key(id: LabelId) -> Option<String> {
    LabelId::BUILT_IN.iter().find(|(own, ..)| *own == id).map(|(_, key, ..)| (*key).to_owned())
}

impl RuleInput {
    fn definition(self) -> Result<Definition, Problem> {
        let missing = |words: &[&str]| -> Problem {
            super::NOT_ONE_OF.at("action", &[("found", ""), ("words", &words.join(", "))]).into()
        };
        let of_label = self.label.as_deref();
        let action = match self.channel.as_str() {
            "message" => {
                let mark = label(of_label)?;
                let find = |text: &str| {
                    Some(match text {
                        "pass" => MessageAction::Pass,
                        "monitor" => MessageAction::Monitor,
                        "mark" => MessageAction::Mark(mark),
                        "reject" => MessageAction::Reject,
                        "drop" => MessageAction::Drop,
                        _ => return None,
                    })
                };
                let action = super::word("action", Some(&self.action), find, &MESSAGE_ACTIONS)?;
                RuleAction::Message(action.ok_or_else(|| missing(&MESSAGE_ACTIONS))?)
            }
            "call" => {
                let shown = label(of_label)?;
                let find = |text: &str| {
                    Some(match text {
                        "pass" => Action::Pass,
                        "monitor" => Action::Monitor,
                        "label" => Action::Label(shown),
                        "challenge" => Action::Challenge,
                        "announce" => Action::Announce,
                        "reject_603" => Action::Reject603,
                        "reject_608" => Action::Reject608,
                        _ => return None,
                    })
                };
                let action = super::word("action", Some(&self.action), find, &CALL_ACTIONS)?;
                RuleAction::Call(action.ok_or_else(|| missing(&CALL_ACTIONS))?)
            }
            other => {
                return Err(super::NOT_ONE_OF.at("channel", &[("found", other), ("words", "call, message")]).into());
            }
        };
        Ok(Definition {
            name_zh: self.name_zh.trim().to_owned(),
            name_en: self.name_en.trim().to_owned(),
            expression: self.expression,
            action,
            priority: self.priority,
            report: self.report,
        })
    }

    fn of(definition: Definition) -> Self {
        let (action, label) = match definition.action {
            RuleAction::Call(action) => {
                let label = if let Action::Label(id) = action { label_key(id) } else { None };
                (call_action(action), label)
            }
            RuleAction::Message(action) => {
                let label = if let MessageAction::Mark(id) = action { label_key(id) } else { None };
                (message_action(action), label)
            }
        };
        Self {
            name_zh: definition.name_zh,
            name_en: definition.name_en,
            channel: definition.action.channel().to_owned(),
            expression: definition.expression,
            action: action.to_owned(),
            label,
            priority: definition.priority,
            report: definition.report,
        }
    }
}

/// A rule.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RuleView {
    id: u32,
    #[serde(flatten)]
    rule: RuleInput,
    owner: String,
    /// `draft`, `shadow`, `live` or `retired`.
    stage: &'static str,
    /// Raised by each edit.
    revision: u32,
    version: i64,
    changed_at: Timestamp,
    changed_by: String,
    /// Who proposed that it go live.
    proposed_by: Option<String>,
    proposed_at: Option<Timestamp>,
    /// It hit far above its norm and was put back to shadow.
    cut_out_at: Option<Timestamp>,
    /// How often it held since the start; of a rule in shadow, what it would have held for.
    held: Option<u64>,
    /// How often it decided, or would have.
    decided: Option<u64>,
    /// The share of calls that it usually holds for.
    usual_share: Option<f64>,
    /// What may be done now.
    actions: Vec<&'static str>,
}

fn view(operator: &Operator, session: &Session, kept: Kept) -> RuleView {
    let counts = operator.rule_counts();
    let count = counts.get(&kept.id.0);
    let may_publish = session.who.may(PUBLISH);
    let actions = actions(&kept, &session.who.user, may_publish);
    let proposed = kept.standing.proposed.as_ref();
    RuleView {
        id: kept.id.0,
        owner: kept.owner.clone(),
        stage: kept.standing.stage.word(),
        revision: kept.standing.revision,
        version: kept.version,
        changed_at: kept.changed_at,
        changed_by: kept.changed_by.clone(),
        proposed_by: proposed.map(|p| p.by.clone()),
        proposed_at: proposed.map(|p| p.at),
        cut_out_at: kept.cut_out_at,
        held: count.map(|count| count.held),
        decided: count.map(|count| count.decided),
        usual_share: count.map(|count| count.norm.mean),
        rule: RuleInput::of(kept.definition),
        actions,
    }
}

fn actions(kept: &Kept, user: &str, may_publish: bool) -> Vec<&'static str> {
    let mut actions = match (kept.standing.stage, &kept.standing.proposed) {
        (Stage::Draft, _) => vec!["edit", "try", "retire"],
        (Stage::Shadow, None) => vec!["edit", "propose", "stand_down", "retire"],
        (Stage::Shadow, Some(_)) => vec!["decline", "retire"],
        (Stage::Live, _) => vec!["edit", "stand_down", "retire"],
        (Stage::Retired, _) => vec!["restore"],
    };
    if may_publish && kept.standing.proposed.as_ref().is_some_and(|proposal| proposal.by != user) {
        actions.push("publish");
    }
    actions
}

/// Lists every rule in the order in which they are asked.
#[utoipa::path(get, path = "/rules", tag = "operator", security(("session" = ["operator.rules.write"])),
    responses((status = 200, body = List<RuleView>)))]
async fn list_rules(State(operator): State<Operator>, session: Session) -> Result<Json<List<RuleView>>, Problem> {
    let all = rule::list(operator.db(), &session.who).await?;
    Ok(Json(List::whole(all.into_iter().map(|kept| view(&operator, &session, kept)).collect())))
}

/// Makes a rule, as a draft.
#[utoipa::path(post, path = "/rules", tag = "operator", security(("session" = ["operator.rules.write"])),
    request_body = RuleInput, responses((status = 201, body = RuleView)))]
async fn make_rule(
    State(operator): State<Operator>,
    session: Session,
    idem: Idem,
    Json(input): Json<RuleInput>,
) -> Result<Response, Problem> {
    let definition = input.definition()?;
    let mut tx = operator.db().begin().await?;
    let kept = rule::make(&mut tx, &session.who, &definition).await?;
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &view(&operator, &session, kept)).await?;
    tx.commit().await?;
    super::followed(&operator).await;
    Ok(answer)
}

/// A version of a rule.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct VersionView {
    version: i64,
    /// `made`, `edited`, `tried`, `proposed`, `published`, `declined`, `stood_down`, `cut_out`, `retired`, `restored`.
    what: String,
    stage: String,
    at: Timestamp,
    by: String,
    #[serde(flatten)]
    rule: RuleInput,
}

/// A rule with its versions.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RuleWithVersions {
    #[serde(flatten)]
    rule: RuleView,
    /// The latest first.
    versions: Vec<VersionView>,
}

/// Shows one rule with all its versions.
#[utoipa::path(get, path = "/rules/{id}", tag = "operator", security(("session" = ["operator.rules.write"])),
    params(("id" = u32, Path)), responses((status = 200, body = RuleWithVersions)))]
async fn get_rule(
    State(operator): State<Operator>,
    session: Session,
    Path(id): Path<u32>,
) -> Result<Json<RuleWithVersions>, Problem> {
    let kept = rule::of_id(operator.db(), &session.who, RuleId(id)).await?;
    let versions = rule::versions(operator.db(), &session.who, RuleId(id)).await?;
    let version = |v: rule::Version| VersionView {
        version: v.version,
        what: v.what,
        stage: v.stage,
        at: v.at,
        by: v.by,
        rule: RuleInput::of(v.definition),
    };
    Ok(Json(RuleWithVersions {
        rule: view(&operator, &session, kept),
        versions: versions.into_iter().map(version).collect(),
    }))
}

/// Edits a rule: it becomes a draft, and no longer holds.
#[utoipa::path(put, path = "/rules/{id}", tag = "operator", security(("session" = ["operator.rules.write"])),
    params(("id" = u32, Path)), request_body = RuleInput, responses((status = 200, body = RuleView)))]
async fn edit_rule(
    State(operator): State<Operator>,
    session: Session,
    idem: Idem,
    Path(id): Path<u32>,
    Json(input): Json<RuleInput>,
) -> Result<Response, Problem> {
    let definition = input.definition()?;
    let mut tx = operator.db().begin().await?;
    let kept = rule::edit(&mut tx, &session.who, RuleId(id), &definition).await?;
    let answer = idem.finish(&mut tx, StatusCode::OK, &view(&operator, &session, kept)).await?;
    tx.commit().await?;
    super::followed(&operator).await;
    Ok(answer)
}

/// What is done with a rule.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct StepInput {
    /// `try`, `propose`, `publish`, `decline`, `stand_down`, `retire` or `restore`.
    step: Step,
}

/// Takes a step with a rule. To publish needs `operator.rules.publish`, and another person than who proposed it.
#[utoipa::path(post, path = "/rules/{id}/step", tag = "operator",
    security(("session" = ["operator.rules.write"]), ("session" = ["operator.rules.publish"])),
    params(("id" = u32, Path)), request_body = StepInput, responses((status = 200, body = RuleView)))]
async fn step_rule(
    State(operator): State<Operator>,
    session: Session,
    idem: Idem,
    Path(id): Path<u32>,
    Json(input): Json<StepInput>,
) -> Result<Response, Problem> {
    let mut tx = operator.db().begin().await?;
    let kept = rule::step(&mut tx, &session.who, RuleId(id), input.step).await?;
    let answer = idem.finish(&mut tx, StatusCode::OK, &view(&operator, &session, kept)).await?;
    tx.commit().await?;
    super::followed(&operator).await;
    Ok(answer)
}

/// A rule that compiles.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Checked {
    /// Always true; faults come as a problem with every one of them.
    fits: bool,
}

/// Tells every fault of a rule, and keeps nothing.
#[utoipa::path(post, path = "/rules/check", tag = "operator", security(("session" = ["operator.rules.write"])),
    request_body = RuleInput, responses((status = 200, body = Checked)))]
async fn check_rule(session: Session, Json(input): Json<RuleInput>) -> Result<Json<Checked>, Problem> {
    session.require(WRITE)?;
    rule::check(&input.definition()?)?;
    Ok(Json(Checked { fits: true }))
}

/// A rule, and on what it is tested.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct TestInput {
    #[serde(flatten)]
    rule: RuleInput,
    /// Hours of records, up to now; 24 where left out, 72 at most.
    #[serde(default)]
    hours: Option<i64>,
}

/// Tests a rule on recorded calls or messages: what it would have held for, and what was done with those.
#[utoipa::path(post, path = "/rules/test", tag = "operator", security(("session" = ["operator.rules.write"])),
    request_body = TestInput, responses((status = 200, body = rule::Tested)))]
async fn test_rule(
    State(operator): State<Operator>,
    session: Session,
    Json(input): Json<TestInput>,
) -> Result<Json<rule::Tested>, Problem> {
    session.require(WRITE)?;
    let definition = input.rule.definition()?;
    rule::check(&definition)?;
    let until = operator.db().clock().now();
    let from = until - Duration::hours(input.hours.unwrap_or(HOURS).clamp(1, HOURS_MAX));
    Ok(Json(operator.test_rule(definition, from, until).await?))
}

/// A feature of which rules may speak.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct FeatureView {
    /// `call` or `message`.
    channel: &'static str,
    /// Name in expressions.
    name: &'static str,
    /// `int`, `bool`, `text` or `texts`.
    kind: &'static str,
    zh: &'static str,
    en: &'static str,
    /// The words that it can be, where they are few.
    words: Vec<&'static str>,
}

/// Lists the features of which rules may speak.
#[utoipa::path(get, path = "/rule-features", tag = "operator", security(("session" = ["operator.rules.write"])),
    responses((status = 200, body = List<FeatureView>)))]
async fn list_rule_features(session: Session) -> Result<Json<List<FeatureView>>, Problem> {
    session.require(WRITE)?;
    let of = |channel, features: &'static [rules::Feature]| {
        features.iter().map(move |f| FeatureView {
            channel,
            name: f.name,
            kind: match f.kind {
                rules::Kind::Int => "int",
                rules::Kind::Bool => "bool",
                rules::Kind::Text => "text",
                _ => "texts",
            },
            zh: f.zh,
            en: f.en,
            words: f.words.to_vec(),
        })
    };
    let all = of("call", screen::CALL_FEATURES).chain(of("message", screen::MESSAGE_FEATURES));
    Ok(Json(List::whole(all.collect())))
}
