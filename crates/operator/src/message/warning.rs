//! The warning message (预警短信, 12381): to everyone who was in touch with a number that was just found to be
//! involved. It has no link and no telephone number, and asks for no reply. That a person is warned once for a case is
//! kept by [`crate::lines`], which also writes the words.

use kernel::{Faults, Text};
use screen::Number;
use smpp::Status;
use text::{Reader, Value};

use super::front::MessageFront;
use super::http::Judged;
use super::texts;
use crate::lines::{Doing, Warnings};

/// Characters of a warning: in two languages, each as long as an order may make it, and the line end between them.
const CHARS_MAX: usize = 2 * wire::WARNING_TEXT_MAX + 1;
/// Warnings under way at once.
const AT_ONCE_MAX: usize = 64;

/// Checks the text of a warning: its length, and that it holds neither a link nor a number to call; the numbers of
/// police and rescue may stand in it.
///
/// # Errors
/// Every fault at once, under the name of the field.
pub fn check_warning_text(field: &str, text: &str) -> Result<(), Faults> {
    let mut faults = Faults::none();
    let mut add = |text: &Text, values: &[(&str, &str)]| {
        let fault = text.at(field, values);
        if !faults.0.contains(&fault) {
            faults.push(fault);
        }
    };
    if text.trim().is_empty() {
        add(&texts::EMPTY, &[]);
    }
    if text.chars().count() > CHARS_MAX {
        add(&texts::TEXT_LENGTH, &[("most", &CHARS_MAX.to_string())]);
    }
    for identifier in Reader::new().read(text).identifiers {
        match identifier.value {
            Value::Link(_) => add(&texts::WARNING_LINK, &[]),
            Value::Phone(phone) => {
                let number = Number::parse(&phone.to_string());
                if !number.is_some_and(|number| number.is_emergency() || number.is_warning_line()) {
                    add(&texts::WARNING_PHONE, &[]);
                }
            }
            _ => {}
        }
    }
    faults.into_result()
}

impl MessageFront {
    /// Sends a warning to each number over the account that is configured for warnings, and tells for each whether the
    /// SMSC has it or it is on disk.
    ///
    /// # Errors
    /// No account sends warnings, or the text does not do.
    pub async fn send_warning(&self, to: &[Number], text: &str) -> Result<Vec<bool>, Faults> {
        let not_configured = || Faults(vec![texts::NO_WARNINGS.at("warning", &[])]);
        let warning = self.accounts.warning.as_ref().ok_or_else(not_configured)?;
        let account = self.accounts.find(&warning.account).ok_or_else(not_configured)?;
        check_warning_text("text", text)?;
        let mut sent = Vec::with_capacity(to.len());
        for some in to.chunks(AT_ONCE_MAX) {
            let each = some.iter().map(|number| account.send_text(&warning.sender, *number, text, Judged::No));
            for answers in futures_util::future::join_all(each).await {
                let taken = !answers.is_empty() && answers.iter().all(|(status, _)| *status == Status::OK);
                metrics::counter!("operator_warnings_total", "taken" => taken.to_string()).increment(1);
                sent.push(taken);
            }
        }
        Ok(sent)
    }
}

impl Warnings for MessageFront {
    fn warn<'a>(&'a self, to: &'a [Number], text: &'a str) -> Doing<'a, Vec<bool>> {
        Box::pin(async move {
            self.send_warning(to, text).await.unwrap_or_else(|faults| {
                let codes: Vec<&str> = faults.0.iter().map(|fault| fault.said.code.as_str()).collect();
                tracing::error!(?codes, "warnings cannot be sent");
                vec![false; to.len()]
            })
        })
    }
}
