//! A rule, and the stages of its life.

use kernel::{Fault, Timestamp};
use serde::{Deserialize, Serialize};

use crate::fault::{SAME_PERSON, STAGE};

/// The number of a rule, given by the store that keeps it; it stays the rule's own through every edit and reload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(pub u32);

/// Where a rule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Being written; evaluated nowhere (草稿).
    Draft,
    /// Counts what it would have done (试运行).
    Shadow,
    /// In force (生效).
    Live,
    /// Taken out of use (停用).
    Retired,
}

impl Stage {
    /// The word in files and answers.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Shadow => "shadow",
            Self::Live => "live",
            Self::Retired => "retired",
        }
    }
}

/// A rule with an action of any kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule<A> {
    /// Number.
    pub id: RuleId,
    /// Raised by each edit of expression or action; what was learnt of an earlier one does not hold for the next.
    pub revision: u32,
    /// Name in Chinese.
    pub name_zh: String,
    /// Name in English.
    pub name_en: String,
    /// CEL expression over the features of the schema; its type is bool.
    pub expression: String,
    /// What is done when it holds.
    pub action: A,
    /// Who answers for it.
    pub owner: String,
    /// Where it stands.
    pub stage: Stage,
    /// The rule with the lower priority number is asked first; the first live rule that holds decides.
    pub priority: i32,
}

/// Where a rule stands, and what somebody has proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Stage.
    pub stage: Stage,
    /// Revision of expression and action.
    pub revision: u32,
    /// Who proposed that it go live, when nobody has answered yet.
    pub proposed: Option<Proposal>,
}

/// A proposal that a rule go live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What happens to a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleEvent {
    /// Expression or action were changed: a new revision, which is a draft.
    Edit,
    /// Let it count in shadow. No second person: it touches no call.
    Try,
    /// Propose that it go live (提交).
    Propose {
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// A second person approves (复核通过).
    Approve {
        /// Who.
        by: String,
    },
    /// A second person refuses, or the first takes it back.
    Decline,
    /// Back to shadow, at once and by one person: the safe direction.
    StandDown,
    /// The rule hit far above its norm and was put back to shadow by the screen itself.
    CutOut,
    /// Take it out of use.
    Retire,
    /// Take it back into use as a draft.
    Restore,
}

impl Standing {
    /// A new rule.
    pub const fn draft() -> Self {
        Self { stage: Stage::Draft, revision: 1, proposed: None }
    }

    /// The standing after an event. Faults: `rule.stage`, `rule.same_person`.
    pub fn after(&self, event: &RuleEvent) -> Result<Self, Fault> {
        let to = |stage| Ok(Self { stage, revision: self.revision, proposed: None });
        match (event, self.stage) {
            (RuleEvent::Edit, Stage::Draft | Stage::Shadow | Stage::Live) => {
                Ok(Self { stage: Stage::Draft, revision: self.revision.saturating_add(1), proposed: None })
            }
            (RuleEvent::Try, Stage::Draft) => to(Stage::Shadow),
            (RuleEvent::Propose { by, at }, Stage::Shadow) if self.proposed.is_none() => {
                Ok(Self { proposed: Some(Proposal { by: by.clone(), at: *at }), ..self.clone() })
            }
            (RuleEvent::Approve { by }, Stage::Shadow) => match &self.proposed {
                Some(proposal) if proposal.by == *by => Err(SAME_PERSON.at("by", &[])),
                Some(_) => to(Stage::Live),
                None => self.refused(),
            },
            (RuleEvent::Decline, Stage::Shadow) if self.proposed.is_some() => to(Stage::Shadow),
            (RuleEvent::StandDown | RuleEvent::CutOut, Stage::Live) => to(Stage::Shadow),
            (RuleEvent::StandDown, Stage::Shadow) => to(Stage::Draft),
            (RuleEvent::Retire, Stage::Draft | Stage::Shadow | Stage::Live) => to(Stage::Retired),
            (RuleEvent::Restore, Stage::Retired) => to(Stage::Draft),
            _ => self.refused(),
        }
    }

    fn refused(&self) -> Result<Self, Fault> {
        Err(STAGE.at("stage", &[("stage", self.stage.word())]))
    }
}
