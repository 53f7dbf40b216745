//! `shouhu operator …`: the carrier seat on the command line.

mod check;
mod feed;
mod list;
mod replay;
pub mod serve;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::cli::{OperatorCalls, OperatorRoaming, OperatorServe, OperatorTask, SeatKind};
use crate::config::{self, Absent};
use crate::speech::{Exit, Failure, Outcome, faulty};

/// Where SIP is listened for when nothing else is asked for.
const SIP_DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5060);

/// Does what is asked.
///
/// # Errors
/// What was asked cannot be done, or the answer is no.
pub async fn run(task: OperatorTask) -> Outcome {
    match task {
        OperatorTask::Serve(flags) => serve(*flags).await,
        OperatorTask::Openapi => crate::serve::print_openapi(SeatKind::Operator).await,
        OperatorTask::Check(options) => check::run(&options).await,
        OperatorTask::List(task) => list::run(task).await,
        OperatorTask::Calls(OperatorCalls::Import(options)) => feed::import_calls(&options).await,
        OperatorTask::Roaming(OperatorRoaming::Import(options)) => feed::import_roaming(&options).await,
        OperatorTask::Replay(options) => replay::run(&options).await,
    }
}

async fn serve(flags: OperatorServe) -> Outcome {
    let mut config = config::resolve(&flags.serve, Some(SeatKind::Operator), Absent::Make)?;
    if let Some(address) = flags.sip {
        config.ask_sip(address);
    }
    if let Some(address) = flags.smpp {
        config.ask_smpp(address);
    }
    if let Some(path) = flags.list {
        config.ask_list(path);
    }
    let sip = &config.sip;
    let no_sip = sip.udp.is_empty() && sip.tcp.is_empty() && sip.tls.is_empty() && sip.proxy.is_none();
    if no_sip && config.messages.is_none() {
        config.sip.udp.push(SIP_DEFAULT);
        config.sip.tcp.push(SIP_DEFAULT);
    }
    crate::serve::run_with(config, flags.serve.until_stdin_ends).await
}

/// The words of a failure of the carrier seat.
pub fn failure(error: operator::Error) -> Failure {
    match error {
        operator::Error::Input(faults) => faulty(&faults),
        operator::Error::Store(error) => error.into(),
        other => {
            let exit = match &other {
                operator::Error::NotFound(_) | operator::Error::Conflict(_) => Exit::No,
                operator::Error::File { .. } | operator::Error::Records(_) => Exit::Surroundings,
                _ => Exit::Fault,
            };
            Failure::new(exit, other.said())
        }
    }
}
