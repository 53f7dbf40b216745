//! The message front over real sockets, between an ESME and an SMSC.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod losses;
mod others;
mod peers;
mod screened;

use std::path::Path;
use std::sync::Arc;

use kernel::Clock;
use operator::message::{
    AccountConfig, Heard, Judge, MessageConfig, MessageFront, Party, Register, Storing, UpstreamConfig, hash_key,
};
use screen::{LabelId, MessageAction, Registration, TrunkKind};
use smpp::{Address, Alphabet, DefaultAlphabet, Message, MessageKind};

/// Judges by words, so that a test says itself what is to happen.
#[derive(Default)]
pub struct ByWords {
    pub register: Register,
}

impl Judge for ByWords {
    fn judge(&self, heard: &Heard<'_>) -> MessageAction {
        let has = |word: &str| heard.text.contains(word);
        if has("安全账户") || has("SAFE ACCOUNT") {
            MessageAction::Reject
        } else if has("中奖") || has("LOTTERY") {
            MessageAction::Mark(LabelId::SCAM)
        } else if has("贷款") {
            MessageAction::Drop
        } else {
            MessageAction::Pass
        }
    }

    fn registration(&self, sender: Party<'_>, account: &str) -> Registration {
        self.register.look_up(sender, account)
    }
}

pub fn account(system_id: &str, smsc: std::net::SocketAddr) -> AccountConfig {
    AccountConfig {
        system_id: system_id.into(),
        password_hash: Some(hash_key("secret08")),
        api_key_hash: Some(hash_key(&format!("key-of-{system_id}"))),
        senders: Vec::new(),
        trunk: 1,
        trunk_kind: TrunkKind::National,
        binds_max: 4,
        window_max: 10_000,
        rate_per_second: 1_000_000,
        default_alphabet: DefaultAlphabet::Gsm7,
        upstream: UpstreamConfig {
            address: smsc.to_string(),
            tls: None,
            system_id: system_id.into(),
            password: "upstream".into(),
            system_type: String::new(),
            window_max: 100,
            storing: Storing::WhenAway,
        },
    }
}

pub fn config(accounts: Vec<AccountConfig>) -> MessageConfig {
    let mut config = MessageConfig { listen: Some(([127, 0, 0, 1], 0).into()), accounts, ..MessageConfig::default() };
    config.limits.bind_tries_per_minute = 10_000;
    config
}

pub async fn start(config: MessageConfig, folder: &Path, clock: Clock) -> MessageFront {
    MessageFront::start(config, folder, Arc::new(ByWords::default()), clock).await.unwrap()
}

/// Waits until the front is bound at the SMSC of an account.
pub async fn linked(front: &MessageFront, account: &str) {
    let bound = async {
        while front.is_linked(account) != Some(true) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(peers::PATIENCE, bound).await.expect("the SMSC is bound");
}

/// A `submit_sm` in the narrowest coding; a text that does not fit one PDU is split.
pub fn submits(text: &str) -> Vec<Vec<u8>> {
    let (data_coding, alphabet) = smpp::narrowest(text, DefaultAlphabet::Gsm7);
    let parts = smpp::split(text, alphabet, 42).unwrap();
    let write = |content: &Vec<u8>| {
        let mut message = Message::new(
            MessageKind::Submit,
            Address { ton: 0, npi: 1, digits: b"106900001" },
            Address { ton: 1, npi: 1, digits: b"8613800138000" },
        );
        message.data_coding = data_coding;
        message.esm_class = if parts.is_many() { smpp::ESM_UDHI } else { 0 };
        message.registered_delivery = 1;
        message.short_message = content;
        let mut out = Vec::new();
        message.write(0, &[], &[], &mut out);
        out
    };
    parts.contents().iter().map(write).collect()
}

pub fn submit(text: &str) -> Vec<u8> {
    let mut all = submits(text);
    assert_eq!(all.len(), 1, "one PDU");
    all.remove(0)
}

pub fn from(sender: &str, text: &str) -> Vec<u8> {
    let octets = smpp::encode(Alphabet::Utf16, text).unwrap();
    let mut message = Message::new(
        MessageKind::Submit,
        Address { ton: 0, npi: 1, digits: sender.as_bytes() },
        Address { ton: 1, npi: 1, digits: b"8613800138000" },
    );
    message.data_coding = 8;
    message.short_message = &octets;
    let mut out = Vec::new();
    message.write(0, &[], &[], &mut out);
    out
}
