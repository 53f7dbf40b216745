//! The warning message (预警短信, 12381): to everyone who was in touch with a number that was just found to be
//! involved. It has no link and no telephone number, asks for no reply, and shows only the last digits of the number
//! it warns of.

use kernel::{Fault, Faults, Text};
use screen::Number;
use smpp::Status;
use text::{Reader, Value};

use super::front::MessageFront;
use super::http::Judged;
use super::texts;

/// Characters of a warning: two parts of UTF-16.
pub const CHARS_MAX: usize = 134;
/// Digits of the involved number that are shown.
const SHOWN_DIGITS: usize = 4;

/// The language of a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WarningLanguage {
    /// Chinese.
    Zh,
    /// English, for receivers with a foreign number.
    En,
}

/// What became of a warning to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WarningOutcome {
    /// The SMSC has it, or it is on disk.
    Sent,
    /// It could not be sent; it may be tried again.
    Failed(Status),
}

/// Why a warning is not sent to anybody.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WarningFault {
    /// No account is configured for warnings.
    #[error("no account sends warnings")]
    NotConfigured,
    /// The text does not do as a warning.
    #[error("{} faults in the text of the warning", .0.0.len())]
    Text(Faults),
}

impl WarningFault {
    /// The faults, by field.
    pub fn faults(&self) -> Faults {
        match self {
            Self::NotConfigured => Faults(vec![texts::NO_WARNINGS.at("warning", &[])]),
            Self::Text(faults) => faults.clone(),
        }
    }
}

/// The text of a warning about a number, in the words of the house.
pub fn warning_text(involved: Number, language: WarningLanguage) -> String {
    let digits = involved.digits().to_string();
    let from = digits.len().saturating_sub(SHOWN_DIGITS);
    let tail = digits.get(from..).unwrap_or_default();
    match language {
        WarningLanguage::Zh => format!(
            "【反诈预警】您近期与尾号{tail}的号码有过联系,该号码涉嫌电信网络诈骗。请勿转账,勿泄露验证码,勿下载对方提供的应用。如已转账请立即报警。"
        ),
        WarningLanguage::En => format!(
            "[Anti-scam warning] You were in touch with a number ending in {tail} that is suspected of fraud. Send no money, share no codes, install no app it names. If you have paid, call the police at once."
        ),
    }
}

/// Checks the text of a warning that somebody wrote: its length, and that it holds neither link nor number.
///
/// # Errors
/// Every fault at once.
pub fn check_warning_text(field: &str, text: &str) -> Result<(), Faults> {
    let mut faults = Faults::none();
    let mut fault = |text: &Text, values: &[(&str, &str)]| {
        let fault: Fault = text.at(field, values);
        if !faults.0.contains(&fault) {
            faults.push(fault);
        }
    };
    if text.trim().is_empty() {
        fault(&texts::EMPTY, &[]);
    }
    let most = if text.is_ascii() { 306 } else { CHARS_MAX };
    if text.chars().count() > most {
        fault(&texts::TEXT_LENGTH, &[("most", &most.to_string())]);
    }
    for identifier in Reader::new().read(text).identifiers {
        match identifier.value {
            Value::Link(_) => fault(&texts::WARNING_LINK, &[]),
            Value::Phone(_) => fault(&texts::WARNING_PHONE, &[]),
            _ => {}
        }
    }
    faults.into_result()
}

impl MessageFront {
    /// Sends a warning about `involved` to each of `to`, in the words of the house or in `text`. Each is told whether
    /// it was sent; that a person is warned once for a case is the caller's to keep.
    ///
    /// # Errors
    /// No account sends warnings, or the text does not do.
    pub async fn send_warning(
        &self,
        to: &[Number],
        involved: Number,
        text: Option<&str>,
    ) -> Result<Vec<(Number, WarningOutcome)>, WarningFault> {
        let warning = self.accounts.warning.as_ref().ok_or(WarningFault::NotConfigured)?;
        let account = self.accounts.find(&warning.account).ok_or(WarningFault::NotConfigured)?;
        if let Some(text) = text {
            check_warning_text("text", text).map_err(WarningFault::Text)?;
        }
        let mut outcomes = Vec::with_capacity(to.len());
        for number in to {
            let language =
                if number.kind() == screen::NumberKind::Foreign { WarningLanguage::En } else { WarningLanguage::Zh };
            let text = text.map_or_else(|| warning_text(involved, language), str::to_owned);
            let answers = account.send_text(&warning.sender, *number, &text, Judged::No).await;
            let failed = answers.iter().map(|(status, _)| *status).find(|status| *status != Status::OK);
            let outcome = match failed {
                Some(status) => WarningOutcome::Failed(status),
                None if answers.is_empty() => WarningOutcome::Failed(Status::INVALID_MESSAGE_LENGTH),
                None => WarningOutcome::Sent,
            };
            metrics::counter!("operator_warnings_total").increment(1);
            outcomes.push((*number, outcome));
        }
        Ok(outcomes)
    }
}
