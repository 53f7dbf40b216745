//! What passes between seats: the envelope, and the kinds of body.

use kernel::{Duration, Faults, MessageId, Text, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answer::Answer;
use crate::fields::Fields;
use crate::head::{JournalHead, read_head};
use crate::line::LineOrder;
use crate::line_answer::{LineAnswer, LineAnswerCode};
use crate::list::{ListAsk, ListChange, ListLift, ListOffer};
use crate::movement::{Lapse, MovementPush};
use crate::notice::{Notice, NoticeTaken};
use crate::order::Order;
use crate::signals::Signals;

/// The version of the protocol that this crate speaks.
pub const VERSION: u16 = 1;

/// Name of a seat, for instance `bank-a`: 2–40 lower-case letters, digits and dashes, a letter first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct PartnerId(String);

pub(crate) const PARTNER_ID: Text = Text::new(
    "wire.partner_id",
    ("席位编号不符合格式", "this is not the name of a seat"),
    (
        "使用 2 至 40 个小写字母、数字和短横，以字母开头，例如 bank-a",
        "use 2 to 40 lower-case letters, digits and dashes, a letter first, such as bank-a",
    ),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[PARTNER_ID];

impl PartnerId {
    /// Reads a name.
    ///
    /// # Errors
    /// `wire.partner_id`: another length or another character.
    pub fn parse(text: &str) -> Result<Self, kernel::Fault> {
        let fits = (2..=40).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits { Ok(Self(text.to_owned())) } else { Err(PARTNER_ID.at("", &[])) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PartnerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for PartnerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for PartnerId {
    type Err = kernel::Fault;
    fn from_str(text: &str) -> Result<Self, kernel::Fault> {
        Self::parse(text)
    }
}

impl<'de> Deserialize<'de> for PartnerId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|fault| serde::de::Error::custom(format!("{} / {}", fault.said.zh, fault.said.en)))
    }
}

impl From<&PartnerId> for store::Arg {
    fn from(id: &PartnerId) -> Self {
        id.as_str().into()
    }
}

impl From<PartnerId> for store::Arg {
    fn from(id: PartnerId) -> Self {
        id.0.into()
    }
}

/// The words of `kind` in an envelope.
pub mod kind {
    use crate::partner::PartnerRole;

    /// An [`crate::Order`], centre to bank.
    pub const ORDER: &str = "order";
    /// An [`crate::Answer`], bank to centre.
    pub const ANSWER: &str = "answer";
    /// A [`crate::MovementPush`], bank to centre.
    pub const MOVEMENT: &str = "movement";
    /// A [`crate::Lapse`], bank to centre.
    pub const LAPSE: &str = "lapse";
    /// A [`crate::Notice`], bank to centre.
    pub const NOTICE: &str = "notice";
    /// A [`crate::NoticeTaken`], centre to bank.
    pub const NOTICE_TAKEN: &str = "notice_taken";
    /// A [`crate::LineOrder`], centre to operator.
    pub const LINE_ORDER: &str = "line_order";
    /// A [`crate::LineAnswer`], operator to centre.
    pub const LINE_ANSWER: &str = "line_answer";
    /// A [`crate::ListChange`], centre to operator.
    pub const LIST_CHANGE: &str = "list_change";
    /// A [`crate::ListAsk`], operator to centre.
    pub const LIST_ASK: &str = "list_ask";
    /// A [`crate::ListOffer`], centre to operator.
    pub const LIST_OFFER: &str = "list_offer";
    /// A [`crate::ListLift`], operator to centre.
    pub const LIST_LIFT: &str = "list_lift";
    /// [`crate::Signals`], operator to centre.
    pub const SIGNALS: &str = "signals";
    /// Nothing but a sign of life; a receipt is the whole answer.
    pub const PING: &str = "ping";

    /// Who may send a document of a kind: the roles of partner. A word that we do not know may come from anybody; the
    /// seat then says that it does not take it.
    pub fn senders(kind: &str) -> Option<&'static [PartnerRole]> {
        use PartnerRole::{Bank, Centre, Operator};
        const TABLE: &[(&str, &[PartnerRole])] = &[
            (ORDER, &[Centre]),
            (ANSWER, &[Bank]),
            (MOVEMENT, &[Bank]),
            (LAPSE, &[Bank]),
            (NOTICE, &[Bank]),
            (NOTICE_TAKEN, &[Centre]),
            (LINE_ORDER, &[Centre]),
            (LINE_ANSWER, &[Operator]),
            (LIST_CHANGE, &[Centre]),
            (LIST_ASK, &[Operator]),
            (LIST_OFFER, &[Centre]),
            (LIST_LIFT, &[Operator]),
            (SIGNALS, &[Operator]),
            (PING, &[Centre, Bank, Operator]),
        ];
        TABLE.iter().find(|(word, _)| *word == kind).map(|(_, roles)| *roles)
    }

    /// Every word.
    pub const ALL: &[&str] = &[
        ORDER,
        ANSWER,
        MOVEMENT,
        LAPSE,
        NOTICE,
        NOTICE_TAKEN,
        LINE_ORDER,
        LINE_ANSWER,
        LIST_CHANGE,
        LIST_ASK,
        LIST_OFFER,
        LIST_LIFT,
        SIGNALS,
        PING,
    ];
}

/// The content of a sealed document.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Version of the protocol, 1.
    pub v: u16,
    /// Identity; the receiver applies it once.
    pub id: MessageId,
    /// Who sealed it.
    pub from: PartnerId,
    /// For whom.
    pub to: PartnerId,
    /// What the body is; see [`kind`].
    pub kind: String,
    /// When it was sealed.
    pub issued_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
    /// The message that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<MessageId>,
    /// The last sealed head of the sender's journal, which the receiver's receipts repeat.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "read_head")]
    pub journal: Option<JournalHead>,
    /// The body, as it stands in the document; [`Message::read`] reads it.
    #[serde(default)]
    pub body: Value,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Message({} {} {} → {})", self.kind, self.id, self.from, self.to)
    }
}

/// The body of a message, read.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// An order.
    Order(Box<Order>),
    /// The answer to one.
    Answer(Box<Answer>),
    /// Movements of a watched account.
    Movement(MovementPush),
    /// A hold has ended by itself.
    Lapse(Lapse),
    /// A bank reports of its own accord.
    Notice(Box<Notice>),
    /// The centre has taken a notice.
    NoticeTaken(NoticeTaken),
    /// An order about a line.
    LineOrder(Box<LineOrder>),
    /// The answer to one.
    LineAnswer(Box<LineAnswer>),
    /// A change of the number list.
    ListChange(ListChange),
    /// An operator asks for what it lacks of the list.
    ListAsk(ListAsk),
    /// The whole list, to be fetched.
    ListOffer(ListOffer),
    /// An operator has granted an appeal.
    ListLift(ListLift),
    /// What an operator saw.
    Signals(Box<Signals>),
    /// A sign of life.
    Ping,
}

impl Body {
    /// The word of its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Order(_) => kind::ORDER,
            Self::Answer(_) => kind::ANSWER,
            Self::Movement(_) => kind::MOVEMENT,
            Self::Lapse(_) => kind::LAPSE,
            Self::Notice(_) => kind::NOTICE,
            Self::NoticeTaken(_) => kind::NOTICE_TAKEN,
            Self::LineOrder(_) => kind::LINE_ORDER,
            Self::LineAnswer(_) => kind::LINE_ANSWER,
            Self::ListChange(_) => kind::LIST_CHANGE,
            Self::ListAsk(_) => kind::LIST_ASK,
            Self::ListOffer(_) => kind::LIST_OFFER,
            Self::ListLift(_) => kind::LIST_LIFT,
            Self::Signals(_) => kind::SIGNALS,
            Self::Ping => kind::PING,
        }
    }

    fn to_value(&self) -> Result<Value, serde_json::Error> {
        match self {
            Self::Order(body) => serde_json::to_value(body),
            Self::Answer(body) => serde_json::to_value(body),
            Self::Movement(body) => serde_json::to_value(body),
            Self::Lapse(body) => serde_json::to_value(body),
            Self::Notice(body) => serde_json::to_value(body),
            Self::NoticeTaken(body) => serde_json::to_value(body),
            Self::LineOrder(body) => serde_json::to_value(body),
            Self::LineAnswer(body) => serde_json::to_value(body),
            Self::ListChange(body) => serde_json::to_value(body),
            Self::ListAsk(body) => serde_json::to_value(body),
            Self::ListOffer(body) => serde_json::to_value(body),
            Self::ListLift(body) => serde_json::to_value(body),
            Self::Signals(body) => serde_json::to_value(body),
            Self::Ping => Ok(Value::Object(serde_json::Map::new())),
        }
    }
}

impl From<Order> for Body {
    fn from(body: Order) -> Self {
        Self::Order(Box::new(body))
    }
}
impl From<Answer> for Body {
    fn from(body: Answer) -> Self {
        Self::Answer(Box::new(body))
    }
}
impl From<MovementPush> for Body {
    fn from(body: MovementPush) -> Self {
        Self::Movement(body)
    }
}
impl From<Lapse> for Body {
    fn from(body: Lapse) -> Self {
        Self::Lapse(body)
    }
}
impl From<Notice> for Body {
    fn from(body: Notice) -> Self {
        Self::Notice(Box::new(body))
    }
}
impl From<NoticeTaken> for Body {
    fn from(body: NoticeTaken) -> Self {
        Self::NoticeTaken(body)
    }
}
impl From<LineOrder> for Body {
    fn from(body: LineOrder) -> Self {
        Self::LineOrder(Box::new(body))
    }
}
impl From<LineAnswer> for Body {
    fn from(body: LineAnswer) -> Self {
        Self::LineAnswer(Box::new(body))
    }
}
impl From<ListChange> for Body {
    fn from(body: ListChange) -> Self {
        Self::ListChange(body)
    }
}
impl From<ListAsk> for Body {
    fn from(body: ListAsk) -> Self {
        Self::ListAsk(body)
    }
}
impl From<ListOffer> for Body {
    fn from(body: ListOffer) -> Self {
        Self::ListOffer(body)
    }
}
impl From<ListLift> for Body {
    fn from(body: ListLift) -> Self {
        Self::ListLift(body)
    }
}
impl From<Signals> for Body {
    fn from(body: Signals) -> Self {
        Self::Signals(Box::new(body))
    }
}

/// A body that cannot be taken as it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Unread {
    /// The kind of message or of order is not one that we know: answer `function_not_offered`.
    NotOffered {
        /// The unknown word, shortened.
        kind: String,
        /// The order concerned, where its id could be read.
        order_id: Option<kernel::OrderId>,
    },
    /// Fields are missing or wrong: answer `order_incomplete`, with all of them.
    Faulty {
        /// Every fault.
        faults: Faults,
        /// The order concerned, where its id could be read.
        order_id: Option<kernel::OrderId>,
    },
}

impl Unread {
    /// The answer that an order deserves which could not be read; `None` where not even its id could be read.
    pub fn answer(&self) -> Option<Answer> {
        use crate::answer::AnswerCode;
        match self {
            Self::NotOffered { order_id, .. } => order_id.map(|id| Answer::new(id, AnswerCode::FunctionNotOffered)),
            Self::Faulty { faults, order_id } => order_id.map(|id| {
                let mut answer = Answer::new(id, AnswerCode::OrderIncomplete);
                answer.faults.clone_from(&faults.0);
                answer
            }),
        }
    }

    /// The same for an order about a line.
    pub fn line_answer(&self) -> Option<LineAnswer> {
        match self {
            Self::NotOffered { order_id, .. } => {
                order_id.map(|id| LineAnswer::new(id, LineAnswerCode::FunctionNotOffered))
            }
            Self::Faulty { faults, order_id } => order_id.map(|id| {
                let mut answer = LineAnswer::new(id, LineAnswerCode::OrderIncomplete);
                answer.faults.clone_from(&faults.0);
                answer
            }),
        }
    }
}

impl Message {
    /// A message around a body, valid from now for a while.
    ///
    /// # Errors
    /// The body does not become JSON, which none of ours does.
    pub fn new(
        from: &PartnerId,
        to: &PartnerId,
        body: &Body,
        now: Timestamp,
        valid_for: Duration,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            v: VERSION,
            id: MessageId::new(now),
            from: from.clone(),
            to: to.clone(),
            kind: body.kind().to_owned(),
            issued_at: now,
            expires_at: now + valid_for,
            in_reply_to: None,
            journal: None,
            body: body.to_value()?,
        })
    }

    /// The same message as the answer to another.
    pub fn replying_to(mut self, message: MessageId) -> Self {
        self.in_reply_to = Some(message);
        self
    }

    /// Reads the body and tells every fault of it at once.
    ///
    /// # Errors
    /// See [`Unread`].
    pub fn read(&self) -> Result<Body, Unread> {
        let mut faults = Faults::none();
        let order_id = self.body.get("order_id").and_then(Value::as_str).and_then(|t| t.parse().ok());
        let not_offered = |kind: &str| Unread::NotOffered { kind: kind.chars().take(40).collect(), order_id };
        if !kind::ALL.contains(&self.kind.as_str()) {
            return Err(not_offered(&self.kind));
        }
        if self.kind == kind::PING {
            return Ok(Body::Ping);
        }
        if let Some(word) = self.unknown_variant() {
            return Err(not_offered(word));
        }
        let body = Fields::of(&self.body, "", &mut faults).and_then(|mut f| match self.kind.as_str() {
            kind::ORDER => Order::read(&mut f).map(Body::from),
            kind::ANSWER => Answer::read(&mut f).map(Body::from),
            kind::MOVEMENT => MovementPush::read(&mut f).map(Body::from),
            kind::LAPSE => Lapse::read(&mut f).map(Body::from),
            kind::NOTICE => Notice::read(&mut f).map(Body::from),
            kind::LINE_ORDER => LineOrder::read(&mut f).map(Body::from),
            kind::LINE_ANSWER => LineAnswer::read(&mut f).map(Body::from),
            kind::LIST_CHANGE => ListChange::read(&mut f).map(Body::from),
            kind::LIST_ASK => ListAsk::read(&mut f).map(Body::from),
            kind::LIST_OFFER => ListOffer::read(&mut f).map(Body::from),
            kind::LIST_LIFT => ListLift::read(&mut f).map(Body::from),
            kind::SIGNALS => Signals::read(&mut f).map(Body::from),
            _ => NoticeTaken::read(&mut f).map(Body::from),
        });
        match body {
            Some(body) if faults.is_empty() => Ok(body),
            _ => Err(Unread::Faulty { faults, order_id }),
        }
    }

    /// The word of an order or notice of a kind that we do not know.
    fn unknown_variant(&self) -> Option<&str> {
        let word = self.body.get("kind").and_then(Value::as_str)?;
        let known = match self.kind.as_str() {
            kind::ORDER => crate::order::OrderKind::from_code(word).is_some(),
            kind::NOTICE => crate::notice::NoticeKind::from_code(word).is_some(),
            kind::LINE_ORDER => crate::line::LineOrderKind::from_code(word).is_some(),
            _ => true,
        };
        (!known).then_some(word)
    }
}
