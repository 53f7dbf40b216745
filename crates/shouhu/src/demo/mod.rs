//! `shouhu demo`: a centre, three banks and a carrier on this machine, with synthetic people and money.
//!
//! Each seat is a process of its own, so that killing one is a real kill; it is started again a moment later. The
//! seats end when this process does, however it ends: they hold the other end of a pipe. The message centre behind the
//! carrier is a part of this process.

mod banner;
pub mod carrier;
pub mod cast;
pub mod csv;
pub mod load;
pub mod province;
mod setup;
pub mod smsc;
pub mod stage;
mod supervise;

use crate::cli::Demo;
use crate::output::tell;
use crate::speech::{Lang, Outcome};

/// Prepares what is missing, starts the seats, says where they are, and waits for Ctrl-C.
///
/// # Errors
/// A seat cannot be prepared or does not start.
pub async fn run(options: Demo) -> Outcome {
    let (_lock, stage) = setup::prepare(&options).await?;
    let lang = Lang::now();
    tell!("{}", lang.pick("启动五个席位……", "starting five seats …"));
    // It ends with this process, like the seats.
    let _smsc = smsc::serve(&stage.smsc, &options.data).await?;
    let mut seats = supervise::Seats::start(&options.data)?;
    let outcome = async {
        seats.wait_healthy(&stage).await?;
        setup::standing_rules(&stage).await?;
        tell!("{}", banner::banner(&stage, &options.data));
        seats.watch_over().await
    };
    let ended = tokio::select! {
        ended = outcome => ended,
        () = web::told_to_stop() => Ok(()),
    };
    tell!("{}", lang.pick("正在停止……", "stopping …"));
    seats.stop().await;
    ended
}
