//! The HTTP route for senders without SMPP: `POST /messages`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use kernel::{Faults, Said};
use screen::Number;
use serde::{Deserialize, Serialize};
use smpp::{Address, DefaultAlphabet, Message, MessageKind, Pdu, Status};
use tokio::sync::oneshot;
use utoipa_axum::{router::OpenApiRouter, routes};
use web::{Json, Problem};

use super::account::Account;
use super::front::{Accounts, MessageFront};
use super::session::Asker;
use super::{register, secret, texts};
use crate::screening::Front;

/// Receivers of one request.
pub const RECIPIENTS_MAX: usize = 1_000;
/// Characters of a text.
pub const TEXT_CHARS_MAX: usize = 1_000;

/// A message to one or more receivers.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendInput {
    /// The sender that people see: a number or a name that the account may use.
    pub from: String,
    /// The receivers, at most 1,000.
    pub to: Vec<String>,
    /// The text, at most 1,000 characters; it is split into parts where it must be.
    pub text: String,
}

/// What became of it, by receiver, in the order of the input.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SendOutput {
    /// One for each receiver.
    pub recipients: Vec<RecipientOutcome>,
}

/// What became of it for one receiver.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecipientOutcome {
    /// Whether the message was taken.
    pub taken: bool,
    /// The numbers of its parts, where it was taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// Why it was not, in both languages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Said>,
}

/// The route; its key is the credential, it needs no session.
pub fn router(front: &MessageFront) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(send_message)).with_state(front.accounts.clone())
}

/// Sends a text to one or more receivers. The account is named by its key: `Authorization: Bearer <key>`.
#[utoipa::path(post, path = "/messages", tag = "messages", security(()), request_body = SendInput,
    responses((status = 200, body = SendOutput)))]
async fn send_message(
    State(accounts): State<Arc<Accounts>>,
    headers: HeaderMap,
    Json(input): Json<SendInput>,
) -> Result<Json<SendOutput>, Problem> {
    let account = account_of(&accounts, &headers).await?;
    let to = checked(&account, &input)?;
    let mut recipients = Vec::with_capacity(to.len());
    for number in to {
        // Whoever writes to those who help is not asked to come again.
        if !number.calls_for_help() && !account.rate_allows(account.now()) {
            recipients.push(refused(texts::AWAY.say(&[])));
            continue;
        }
        let answers = account.send_text(&input.from, number, &input.text, Judged::Yes).await;
        recipients.push(outcome(&account, answers));
    }
    Ok(Json(SendOutput { recipients }))
}

fn refused(said: Said) -> RecipientOutcome {
    RecipientOutcome { taken: false, ids: Vec::new(), refused: Some(said) }
}

/// The account of the key. Keys are looked through one by one: there are few, and each comparison takes the same time.
async fn account_of(accounts: &Accounts, headers: &HeaderMap) -> Result<Arc<Account>, Problem> {
    let wrong = || Problem::new(StatusCode::UNAUTHORIZED, texts::KEY.say(&[]));
    let key = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    let key = key.filter(|key| !key.is_empty() && key.len() <= 256).ok_or_else(wrong)?;
    for account in accounts.all() {
        if let Some(hash) = account.config.api_key_hash.as_deref()
            && secret::fits(key.as_bytes(), hash).await
        {
            return Ok(account.clone());
        }
    }
    Err(wrong())
}

/// Every fault of the input at once.
fn checked(account: &Account, input: &SendInput) -> Result<Vec<Number>, Problem> {
    let mut faults = Faults::none();
    // Whoever writes to those who help, and to nobody else, may do so under any name.
    let help = input.to.iter().all(|to| Number::parse(to).is_some_and(Number::calls_for_help));
    if input.from.trim().is_empty() {
        faults.push(texts::EMPTY.at("from", &[]));
    } else if input.from.len() >= smpp::ADDRESS_LEN_MAX
        || !input.from.is_ascii()
        || !help && !register::is_allowed(&account.config.senders, input.from.as_str())
        || !help
            && account.shared.judge.registration(input.from.as_str().into(), account.name())
                == screen::Registration::WrongRoute
    {
        let shown: String = input.from.chars().take(smpp::ADDRESS_LEN_MAX).collect();
        faults.push(texts::FROM.at("from", &[("found", &shown)]));
    }
    if input.text.trim().is_empty() {
        faults.push(texts::EMPTY.at("text", &[]));
    } else if input.text.chars().count() > TEXT_CHARS_MAX {
        faults.push(texts::TEXT_LENGTH.at("text", &[("most", &TEXT_CHARS_MAX.to_string())]));
    }
    if input.to.is_empty() {
        faults.push(texts::EMPTY.at("to", &[]));
    } else if input.to.len() > RECIPIENTS_MAX {
        faults.push(texts::TOO_MANY.at("to", &[("most", &RECIPIENTS_MAX.to_string())]));
        return Err(Problem::from(faults));
    }
    let mut numbers = Vec::with_capacity(input.to.len());
    for (at, to) in input.to.iter().enumerate() {
        match Number::parse(to) {
            Some(number) => numbers.push(number),
            None => {
                let shown: String = to.chars().take(24).collect();
                faults.push(texts::NUMBER.at(format!("to[{at}]"), &[("found", &shown)]));
            }
        }
    }
    faults.into_result().map_err(Problem::from)?;
    Ok(numbers)
}

fn outcome(account: &Account, answers: Vec<(Status, Vec<u8>)>) -> RecipientOutcome {
    let bad = answers.iter().map(|(status, _)| *status).find(|status| *status != Status::OK);
    match bad {
        None if !answers.is_empty() => RecipientOutcome {
            taken: true,
            ids: answers.iter().map(|(_, id)| String::from_utf8_lossy(id).into_owned()).collect(),
            refused: None,
        },
        status => {
            let policy = &account.shared.policy;
            let said = match status {
                Some(status) if status == policy.reject_status => texts::SCAM.say(&[]),
                Some(status) if !status.is_temporary() => {
                    texts::REFUSED.say(&[("status", status.name().unwrap_or("?"))])
                }
                _ => texts::AWAY.say(&[]),
            };
            refused(said)
        }
    }
}

/// Whether a text of this process is judged like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    /// It comes from a sender.
    Yes,
    /// It is a warning of the centre.
    No,
}

impl Account {
    /// Sends a text, split where it must be, and waits for the answer to each part. Empty when it cannot be split.
    pub(super) async fn send_text(
        self: &Arc<Self>,
        from: &str,
        to: Number,
        text: &str,
        judged: Judged,
    ) -> Vec<(Status, Vec<u8>)> {
        let (data_coding, alphabet) = match smpp::narrowest(text, self.config.default_alphabet) {
            // Behind a header packed septets would have to be aligned; such texts go as UTF-16.
            (0, _) if self.config.default_alphabet == DefaultAlphabet::Gsm7Packed => (8, smpp::Alphabet::Utf16),
            chosen => chosen,
        };
        let reference = {
            let mut state = self.state();
            state.reference = state.reference.wrapping_add(1);
            state.reference
        };
        let Some(parts) = smpp::split(text, alphabet, reference) else { return Vec::new() };
        let to = to.to_string();
        let to = to.trim_start_matches('+');
        let name = from.bytes().any(|b| !b.is_ascii_digit());
        let source = Address { ton: if name { 5 } else { 0 }, npi: u8::from(!name), digits: from.as_bytes() };
        let destination = Address { ton: 1, npi: 1, digits: to.as_bytes() };
        let mut waiting = Vec::new();
        for content in parts.contents() {
            let mut message = Message::new(MessageKind::Submit, source, destination);
            message.data_coding = data_coding;
            message.esm_class = if parts.is_many() { smpp::ESM_UDHI } else { 0 };
            message.short_message = content;
            let mut pdu = Vec::new();
            message.write(0, &[], &[], &mut pdu);
            let (sender, receiver) = oneshot::channel();
            waiting.push(receiver);
            let asker = Asker::Task(sender);
            if judged == Judged::No {
                self.pass(super::account::Outgoing { pdu, asker }).await;
            } else if let Some(message) = Pdu::whole(&pdu).and_then(|pdu| Message::read(&pdu).ok()) {
                self.take_message(Front::Http, &message, &pdu, asker, self.now()).await;
            }
        }
        self.flush();
        let mut answers = Vec::with_capacity(waiting.len());
        for receiver in waiting {
            answers.push(receiver.await.unwrap_or((Status::SYSTEM_ERROR, Vec::new())));
        }
        answers
    }
}
