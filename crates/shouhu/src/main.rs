//! The command line of 守护 Shouhu, and the wiring of its seats.

mod bench;
mod cli;
mod client;
mod config;
mod demo;
mod evidence;
mod holder;
mod import;
mod input;
mod journal;
mod keys;
mod log;
mod operate;
mod output;
mod partners;
mod ports;
mod private;
mod report;
mod scene;
mod seat;
mod serve;
mod speech;
mod stamping;
mod text;
mod usage;
mod users;
mod watchdog;
mod words;
mod world;

use crate::output::tell;
use std::process::ExitCode;

use clap::CommandFactory;
use cli::{BankTask, CentreTask, Cli, Migrate, OperatorTask, SeatKind, Task};
use speech::{Exit, Fail, Failure, Lang, Outcome, texts};

fn main() -> ExitCode {
    private::make_private();
    let args: Vec<String> = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    // The process that reads a file for a seat: nothing else of the program may run in it.
    if let Some(code) = sheet::answer(&args) {
        return code;
    }
    read_files_in_this_program();
    let lang = Lang::choose(&args);
    let cli = match usage::parse(&args, lang) {
        usage::Parsed::Command(cli) => *cli,
        usage::Parsed::Shown => return ExitCode::SUCCESS,
        usage::Parsed::Wrong(failure) => return end(&failure),
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => end(&failure),
    }
}

/// Files that people send are read by another process of this very binary, also after its file was replaced.
fn read_files_in_this_program() {
    let own = std::path::Path::new("/proc/self/exe");
    if own.exists() {
        sheet::read_in(own.to_owned());
    } else if let Ok(program) = std::env::current_exe() {
        sheet::read_in(program);
    }
}

fn end(failure: &Failure) -> ExitCode {
    eprintln!("{failure}");
    failure.exit_code()
}

fn run(cli: Cli) -> Outcome {
    if let Task::Completions { shell } = cli.task {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "shouhu", &mut script);
        output::raw(&script);
        return Ok(());
    }
    let serves = matches!(
        cli.task,
        Task::Centre(CentreTask::Serve(_)) | Task::Bank(BankTask::Serve(_)) | Task::Operator(OperatorTask::Serve(_))
    );
    let level = cli.log.as_deref().unwrap_or(if serves { "info" } else { "warn" });
    log::start(level, cli.log_format)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| texts::FAULT.fail(Exit::Fault, &[("why", &error.to_string())]))?;
    runtime.block_on(task(cli.task))
}

async fn task(task: Task) -> Outcome {
    match task {
        Task::Keys(task) => keys::run(task),
        Task::Journal(task) => journal::run(task).await,
        Task::Users(task) => users::run(task).await,
        Task::Partners(task) => partners::run(task).await,
        Task::Centre(CentreTask::Serve(flags)) => serve::run(SeatKind::Centre, *flags).await,
        Task::Centre(CentreTask::Openapi) => serve::print_openapi(SeatKind::Centre).await,
        Task::Bank(BankTask::Serve(flags)) => serve::run(SeatKind::Bank, *flags).await,
        Task::Bank(BankTask::Openapi) => serve::print_openapi(SeatKind::Bank).await,
        Task::Bank(BankTask::Import(options)) => import::run(&options).await,
        Task::Operator(task) => operate::run(task).await,
        Task::Demo(options) => demo::run(options).await,
        Task::Scene(options) => scene::run(&options).await,
        Task::Migrate(options) => migrate(options).await,
        Task::Report(task) => report::run(task).await,
        Task::Bench(options) => bench::run(&options).await,
        Task::World(task) => world::run(task),
        Task::Text(task) => text::run(task),
        Task::Completions { .. } => Ok(()),
    }
}

async fn migrate(options: Migrate) -> Outcome {
    let (absent, making) = match options.seat {
        Some(_) => (config::Absent::Make, seat::Making::Whole),
        None => (config::Absent::Refuse, seat::Making::Nothing),
    };
    let seat = seat::Seat::open(config::resolve_quiet(&options.serve, options.seat, absent)?, making).await?;
    match Lang::now() {
        Lang::Zh => tell!("{} 的数据表已是最新", seat.config.id),
        Lang::En => tell!("the tables of {} are up to date", seat.config.id),
    }
    seat.db.close().await;
    Ok(())
}
