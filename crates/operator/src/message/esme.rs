//! Binds of ESMEs: who may bind, and what is read from them.

use std::net::SocketAddr;
use std::sync::Arc;

use kernel::{Duration, Timestamp};
use smpp::{Bind, CommandId, Frame, HEADER_LEN, Pdu, ReadFault, Status, VERSION_5_0, frame};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use super::account::{Account, Shared};
use super::front::Accounts;
use super::outbox::Outbox;
use super::secret;
use super::session::Session;
use super::stream::{self, Reading};

/// Octets read at once.
const READ_OCTETS: usize = 64 * 1024;
/// Octets that a peer may send before it is bound.
const BEFORE_BIND_OCTETS_MAX: usize = 1_024;

/// Serves one connection from its first octet to its last.
pub(super) async fn serve(
    accounts: Arc<Accounts>,
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    stop: watch::Receiver<bool>,
) {
    let Ok((mut reading, writing)) = stream::accept(stream, tls.as_ref()).await else { return };
    let outbox = Arc::new(Outbox::default());
    let writer = tokio::spawn(stream::write_out(outbox.clone(), writing));
    let mut buffer = Vec::with_capacity(READ_OCTETS);
    let shared = &accounts.shared;
    let within = std::time::Duration::from_secs(u64::try_from(shared.limits.answer_within_seconds).unwrap_or(30));
    let first = tokio::time::timeout(within, first_pdu(&mut reading, &mut buffer, &outbox)).await;
    if let Ok(Some(len)) = first {
        let bound = match Pdu::whole(buffer.get(..len).unwrap_or_default()) {
            Some(pdu) => bind(&accounts, &pdu, peer, &outbox).await,
            None => None,
        };
        buffer.drain(..len.min(buffer.len()));
        if let Some((account, session)) = bound {
            account.hand_receipts(&session);
            read(&account, &session, &mut reading, &mut buffer, stop).await;
            account.leave(&session);
        }
    }
    outbox.close();
    // What was answered last is still written.
    let _written = writer.await;
}

/// Reads until the first PDU is whole; gives its length. An enquiry before the bind is answered.
async fn first_pdu(reading: &mut Reading, buffer: &mut Vec<u8>, outbox: &Outbox) -> Option<usize> {
    loop {
        match frame(buffer) {
            Frame::Whole(pdu) if pdu.header.command == CommandId::ENQUIRE_LINK => {
                let (len, sequence) = (pdu.bytes.len(), pdu.header.sequence);
                outbox.write(|out| smpp::write_empty(CommandId::ENQUIRE_LINK_RESP, Status::OK, sequence, out));
                outbox.flush();
                buffer.drain(..len);
                continue;
            }
            Frame::Whole(pdu) => return Some(pdu.bytes.len()),
            Frame::Broken(fault) => {
                refuse_length(outbox, fault.sequence);
                return None;
            }
            Frame::Partial if buffer.len() > BEFORE_BIND_OCTETS_MAX => return None,
            Frame::Partial => {}
        }
        if reading.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

fn refuse_length(outbox: &Outbox, sequence: u32) {
    outbox.write(|out| smpp::write_empty(CommandId::GENERIC_NACK, Status::INVALID_COMMAND_LENGTH, sequence, out));
    outbox.flush();
}

/// Answers the bind; gives the account and the session when it is good.
async fn bind(
    accounts: &Accounts,
    pdu: &Pdu<'_>,
    peer: SocketAddr,
    outbox: &Arc<Outbox>,
) -> Option<(Arc<Account>, Arc<Session>)> {
    let shared = &accounts.shared;
    let header = pdu.header;
    let bind = match Bind::read(pdu) {
        Ok(bind) => bind,
        Err(fault) => {
            let status = if fault == ReadFault::Command { Status::INVALID_BIND_STATE } else { fault.status() };
            let command =
                if header.command.is_response() { CommandId::GENERIC_NACK } else { header.command.response() };
            outbox.write(|out| smpp::write_empty(command, status, header.sequence, out));
            outbox.flush();
            return None;
        }
    };
    let (status, bound) = match admit(accounts, &bind, peer, outbox, shared.clock.steady()).await {
        Ok(bound) => (Status::OK, Some(bound)),
        Err(status) => (status, None),
    };
    if status != Status::OK {
        metrics::counter!("operator_binds_refused_total", "status" => status.to_string()).increment(1);
        tracing::warn!(%peer, %status, "a bind was refused");
    }
    let versions = (bind.interface_version, VERSION_5_0.min(bind.interface_version.max(smpp::VERSION_3_4)));
    let name = shared.system_id.as_bytes();
    outbox.write(|out| smpp::write_bind_response(bind.mode, status, header.sequence, name, versions, out));
    outbox.flush();
    bound
}

/// Whether the bind is allowed. An unknown name costs as much time as a wrong password, and is not told apart by
/// anybody but its status, which the specification asks for.
async fn admit(
    accounts: &Accounts,
    bind: &Bind<'_>,
    peer: SocketAddr,
    outbox: &Arc<Outbox>,
    now: kernel::Duration,
) -> Result<(Arc<Account>, Arc<Session>), Status> {
    accounts.tries.take(&web::trier(&peer.ip().to_string()), now).map_err(|_| Status::THROTTLED)?;
    let name = std::str::from_utf8(bind.system_id).unwrap_or_default();
    let account = accounts.find(name).ok_or(Status::INVALID_SYSTEM_ID)?;
    let hash = account.config.password_hash.as_deref().ok_or(Status::INVALID_SYSTEM_ID)?;
    if !secret::fits(bind.password, hash).await {
        return Err(Status::INVALID_PASSWORD);
    }
    let session = Arc::new(Session::new(outbox.clone(), bind.mode));
    if account.enter(&session) { Ok((account, session)) } else { Err(Status::THROTTLED) }
}

/// Reads requests and answers until the bind ends.
async fn read(
    account: &Arc<Account>,
    session: &Arc<Session>,
    reading: &mut Reading,
    buffer: &mut Vec<u8>,
    mut stop: watch::Receiver<bool>,
) {
    let shared: &Shared = &account.shared;
    let (ask_after, within) = (
        Duration::seconds(shared.limits.enquire_after_seconds),
        Duration::seconds(shared.limits.answer_within_seconds),
    );
    let mut heard = account.now();
    let mut asked: Option<Timestamp> = None;
    loop {
        let (used, goes_on) = handle(account, session, buffer).await;
        buffer.drain(..used);
        if !goes_on {
            return;
        }
        let next = asked.map_or(heard + ask_after, |asked| asked + within);
        let wait = shared.clock.wait_until(next).min(std::time::Duration::from_secs(1));
        let read = tokio::select! {
            read = tokio::time::timeout(wait, reading.read_buf(buffer)) => read,
            _ = stop.changed() => {
                session.outbox.write(|out| smpp::write_empty(CommandId::UNBIND, Status::OK, 0x7fff_ffff, out));
                session.outbox.flush();
                return;
            }
        };
        let now = account.now();
        match read {
            Ok(Ok(0) | Err(_)) => return,
            Ok(Ok(_)) => (heard, asked) = (now, None),
            Err(_) if session.outbox.is_closed() => return,
            Err(_) if asked.is_some_and(|asked| asked + within <= now) => return,
            Err(_) if asked.is_none() && heard + ask_after <= now => {
                asked = Some(now);
                session.outbox.write(|out| {
                    smpp::write_empty(CommandId::ENQUIRE_LINK, Status::OK, 0x7fff_ffff, out);
                });
                session.outbox.flush();
            }
            Err(_) => {}
        }
    }
}

/// Handles every whole PDU; gives the octets used, and whether the bind goes on.
async fn handle(account: &Arc<Account>, session: &Arc<Session>, buffer: &[u8]) -> (usize, bool) {
    let mut used = 0;
    let mut goes_on = true;
    while goes_on {
        match frame(buffer.get(used..).unwrap_or_default()) {
            Frame::Partial => break,
            Frame::Broken(fault) => {
                refuse_length(&session.outbox, fault.sequence);
                goes_on = false;
            }
            Frame::Whole(pdu) => {
                used += pdu.bytes.len().max(HEADER_LEN);
                goes_on = one(account, session, &pdu).await;
            }
        }
    }
    if used > 0 {
        account.flush();
        session.outbox.flush();
    }
    (used, goes_on)
}

/// Handles one PDU; `false` when the bind is over.
async fn one(account: &Arc<Account>, session: &Arc<Session>, pdu: &Pdu<'_>) -> bool {
    let header = pdu.header;
    match header.command {
        CommandId::ENQUIRE_LINK => session.respond(header.command, Status::OK, header.sequence, b""),
        CommandId::UNBIND => {
            session.respond(header.command, Status::OK, header.sequence, b"");
            return false;
        }
        CommandId::ENQUIRE_LINK_RESP | CommandId::UNBIND_RESP => {}
        command if command.is_response() => session.delivered(pdu),
        _ => account.take(session, pdu, account.now()).await,
    }
    true
}
