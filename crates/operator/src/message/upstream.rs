//! The bind at the SMSC of one account: made, watched, and made again when it breaks.

use std::sync::Arc;

use kernel::{Duration, Timestamp};
use rand::RngExt;
use rustls::pki_types::ServerName;
use smpp::{Bind, BindMode, CommandId, Frame, HEADER_LEN, Pdu, Status, VERSION_3_4, frame};
use tokio::io::AsyncReadExt;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;

use super::account::Account;
use super::outbox::Outbox;
use super::stream::{self, Reading};

/// First pause before another try; it doubles up to [`PAUSE_MAX`], and a random part of it is left out so that many
/// accounts do not knock at once.
const PAUSE_MIN: Duration = Duration::millis(250);
/// Longest pause before another try.
const PAUSE_MAX: Duration = Duration::seconds(15);
/// A bind that lasted so long begins anew with the shortest pause.
const STEADY: Duration = Duration::seconds(30);
/// Octets read at once.
const READ_OCTETS: usize = 64 * 1024;

/// Keeps an account bound at its SMSC until the front stops.
pub(super) async fn keep(
    account: Arc<Account>,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    mut stop: watch::Receiver<bool>,
) {
    let mut pause = PAUSE_MIN;
    while !*stop.borrow() {
        let began = account.now();
        let outcome = tokio::select! {
            // A connection that is up notices the stop itself, and unbinds.
            biased;
            outcome = once(&account, tls.as_ref(), stop.clone()) => outcome,
            _ = stop.changed() => Ok(()),
        };
        if account.is_linked() {
            account.link_lost();
        }
        if *stop.borrow() {
            return;
        }
        match outcome {
            Ok(()) => tracing::warn!(account = account.name(), "the SMSC has ended the bind"),
            Err(why) => tracing::warn!(account = account.name(), why, "no bind at the SMSC"),
        }
        if account.now() - began > STEADY {
            pause = PAUSE_MIN;
        }
        let share = rand::rng().random_range(50..=100);
        let until = account.now() + Duration(pause.0 / 100 * share);
        tokio::select! {
            () = tokio::time::sleep(account.shared.clock.wait_until(until)) => {}
            _ = stop.changed() => {}
        }
        pause = Duration((pause.0 * 2).min(PAUSE_MAX.0));
    }
}

/// One connection: binds, then reads until it breaks.
async fn once(
    account: &Arc<Account>,
    tls: Option<&(TlsConnector, ServerName<'static>)>,
    stop: watch::Receiver<bool>,
) -> Result<(), String> {
    let config = &account.config.upstream;
    let (mut reading, writing) = stream::connect(config, tls).await.map_err(|e| e.to_string())?;
    let link = Arc::new(Outbox::default());
    // However this ends, the writer ends too, and with it the connection.
    let _closing = Closing(link.clone());
    tokio::spawn(stream::write_out(link.clone(), writing));
    let bind = Bind {
        mode: BindMode::Transceiver,
        system_id: config.system_id.as_bytes(),
        password: config.password.as_bytes(),
        system_type: config.system_type.as_bytes(),
        interface_version: VERSION_3_4,
        addr_ton: 0,
        addr_npi: 0,
        address_range: b"",
    };
    link.write(|out| smpp::write_bind(&bind, 1, out));
    link.flush();
    let within =
        std::time::Duration::from_secs(u64::try_from(account.shared.limits.answer_within_seconds).unwrap_or(30));
    let mut buffer = Vec::with_capacity(READ_OCTETS);
    match tokio::time::timeout(within, bound(&mut reading, &mut buffer)).await {
        Ok(Ok(())) => {
            tracing::info!(account = account.name(), "bound at the SMSC");
            account.link_up(link.clone());
            let drain = tokio::spawn(account.clone().drain(link.clone()));
            let outcome = read(account, &mut reading, &mut buffer, &link, stop).await;
            drain.abort();
            outcome
        }
        Ok(Err(why)) => Err(why),
        Err(_) => Err("the bind was not answered".into()),
    }
}

/// Closes an outbox when dropped.
struct Closing(Arc<Outbox>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Waits for the answer to the bind.
async fn bound(reading: &mut Reading, buffer: &mut Vec<u8>) -> Result<(), String> {
    loop {
        match frame(buffer) {
            Frame::Whole(pdu) => {
                let header = pdu.header;
                buffer.drain(..header.len as usize);
                return match (header.command, header.status) {
                    (CommandId::BIND_TRANSCEIVER_RESP, Status::OK) => Ok(()),
                    (command, status) => Err(format!("the bind was answered {command:?} {status}")),
                };
            }
            Frame::Partial => {}
            Frame::Broken(fault) => return Err(fault.to_string()),
        }
        if reading.read_buf(buffer).await.map_err(|e| e.to_string())? == 0 {
            return Err("the SMSC closed the connection".into());
        }
    }
}

/// Reads until the connection ends.
async fn read(
    account: &Arc<Account>,
    reading: &mut Reading,
    buffer: &mut Vec<u8>,
    link: &Arc<Outbox>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), String> {
    let limits = &account.shared.limits;
    let clock = &account.shared.clock;
    let (ask_after, within) =
        (Duration::seconds(limits.enquire_after_seconds), Duration::seconds(limits.answer_within_seconds));
    let mut heard = account.now();
    let mut asked: Option<Timestamp> = None;
    loop {
        let used = handle(account, buffer, link)?;
        buffer.drain(..used);
        let next = asked.map_or(heard + ask_after, |asked| asked + within);
        // An answer that is overdue is looked for now and then, too.
        let wait = clock.wait_until(next).min(std::time::Duration::from_secs(1));
        let read = tokio::select! {
            read = tokio::time::timeout(wait, reading.read_buf(buffer)) => read,
            _ = stop.changed() => {
                link.write(|out| smpp::write_empty(CommandId::UNBIND, Status::OK, 0x7fff_ffff, out));
                link.flush();
                return Ok(());
            }
        };
        let now = account.now();
        match read {
            Ok(Ok(0)) => return Ok(()),
            Ok(Ok(_)) => (heard, asked) = (now, None),
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) if link.is_closed() => return Err("the SMSC takes nothing".into()),
            Err(_) if asked.is_some_and(|asked| asked + within <= now) => {
                return Err("the SMSC answers no enquiry".into());
            }
            Err(_) if account.is_overdue(now, within) => return Err("the SMSC owes an answer".into()),
            Err(_) if asked.is_none() && heard + ask_after <= now => {
                asked = Some(now);
                link.write(|out| smpp::write_empty(CommandId::ENQUIRE_LINK, Status::OK, 0x7fff_ffff, out));
                link.flush();
            }
            Err(_) => {}
        }
    }
}

/// Handles every whole PDU; gives the octets used.
fn handle(account: &Arc<Account>, buffer: &[u8], link: &Arc<Outbox>) -> Result<usize, String> {
    let mut used = 0;
    let mut responses = false;
    let mut at = None;
    let outcome = loop {
        match frame(buffer.get(used..).unwrap_or_default()) {
            Frame::Partial => break Ok(used),
            Frame::Broken(fault) => break Err(fault.to_string()),
            Frame::Whole(pdu) => {
                used += pdu.bytes.len().max(HEADER_LEN);
                let at = *at.get_or_insert_with(|| account.now());
                responses |= pdu.header.command.is_response();
                if !one(account, &pdu, link, at) {
                    break Err("the SMSC unbound".into());
                }
            }
        }
    };
    if responses {
        account.responses_done();
    }
    link.flush();
    outcome
}

/// Handles one PDU; `false` when the bind is over.
fn one(account: &Arc<Account>, pdu: &Pdu<'_>, link: &Arc<Outbox>, at: Timestamp) -> bool {
    let header = pdu.header;
    match header.command {
        CommandId::ENQUIRE_LINK => {
            link.write(|out| smpp::write_empty(CommandId::ENQUIRE_LINK_RESP, Status::OK, header.sequence, out));
        }
        CommandId::UNBIND => {
            link.write(|out| smpp::write_empty(CommandId::UNBIND_RESP, Status::OK, header.sequence, out));
            return false;
        }
        CommandId::ENQUIRE_LINK_RESP => {}
        command if command.is_response() => account.responded(pdu),
        CommandId::DELIVER_SM | CommandId::DATA_SM => {
            if let Some(status) = account.take_delivery(pdu, link, at) {
                link.write(|out| {
                    smpp::write_message_response(header.command, status, header.sequence, b"", out);
                });
            }
        }
        CommandId::ALERT_NOTIFICATION => {
            // It has no answer; without a receiver nobody misses it.
            let _delivered = account.deliver(pdu.bytes, link, header.sequence);
        }
        CommandId::OUTBIND => {}
        _ => {
            link.write(|out| {
                smpp::write_empty(CommandId::GENERIC_NACK, Status::INVALID_COMMAND_ID, header.sequence, out);
            });
        }
    }
    true
}
