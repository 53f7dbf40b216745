//! What each seat answers is what its OpenAPI document says: Schemathesis, a tool of another project, reads the document
//! of a running seat and sends what it allows and what it does not, under a seed that is printed.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::demo::{self, Running};
use crate::run;

/// The tool, in the version with which the documents were reviewed.
pub const SCHEMATHESIS: &str = "schemathesis==4.32.5";
/// Cases of each operation in the fuzzing phase. The run ends when they are through, not after a time: a time would let a
/// slow machine try fewer cases and a fast one others.
const EXAMPLES: u32 = 5;
/// A seat that is not through after this long hangs, seconds. Usual is half a minute, a minute for the centre.
const SEAT_SECONDS_MAX: u32 = 240;
/// What is checked of every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_schema_conformance,response_headers_conformance,unsupported_method,allow_header_conformance";
/// Operations that are left out: the one that ends the session by which all others are called, and those that never end.
const LEFT_OUT: &[&str] = &["DELETE /api/session", "GET /api/events", "GET /api/live/stream"];
/// The login that holds every role of its seat.
const EVERYTHING: &str = "everything";

/// A seat that is checked.
struct Seat {
    /// Its place among the ports of the demonstration.
    port: u16,
    name: &'static str,
    admin: &'static str,
    roles: &'static [&'static str],
}

const SEATS: [Seat; 3] = [
    Seat {
        port: 0,
        name: "centre",
        admin: "admin",
        roles: &["intake_officer", "stop_officer", "lines_officer", "stop_reviewer", "chief", "auditor", "admin"],
    },
    Seat { port: 1, name: "bank", admin: "bank-admin", roles: &["bank_clerk", "bank_admin", "auditor", "admin"] },
    Seat {
        port: 4,
        name: "operator",
        admin: "carrier-admin",
        roles: &["operator_clerk", "operator_reviewer", "operator_admin", "auditor", "admin"],
    },
];
/// The environment variable that chooses another seed than the usual one.
const SEED: &str = "SHOUHU_SCHEMAS_SEED";
/// The usual seed: the same cases on every machine.
const SEED_USUAL: u64 = 4_300;

/// Checks the three seats of a demonstration of its own.
///
/// # Errors
/// An answer is not as its document says, or a seat does not start.
pub fn run(binary: &PathBuf) -> Result<()> {
    let seed = seed()?;
    println!("      seed {seed}; to repeat: {SEED}={seed} cargo xtask test --only schemas");
    let running = Running::start(binary)?;
    let mut failed = Vec::new();
    for seat in &SEATS {
        println!("      {}: {}/api/openapi.json", seat.name, running.url(seat.port));
        if let Err(error) = check(&running, seat, seed).with_context(|| seat.name.to_owned()) {
            println!("      {error:#}");
            failed.push(seat.name);
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    println!("the end of the demonstration's log:\n{}", running.log_tail());
    bail!("answers of {} are not as the document says", failed.join(", "))
}

fn check(running: &Running, seat: &Seat, seed: u64) -> Result<()> {
    let url = running.url(seat.port);
    let admin = Session::open(&url, seat.admin)?;
    let roles = seat.roles.iter().map(|role| format!("\"{role}\"")).collect::<Vec<_>>().join(",");
    let everything = format!(
        "{{\"login\":\"{EVERYTHING}\",\"name\":\"{EVERYTHING}\",\"roles\":[{roles}],\"password\":\"{}\"}}",
        demo::PASSWORD
    );
    let made = post(&url, "/api/users", Some(&admin), &everything)?;
    if !made.starts_with("HTTP/1.1 201") {
        bail!("no user with every role: {}", made.lines().last().unwrap_or_default());
    }
    let Session { cookie, csrf } = Session::open(&url, EVERYTHING)?;
    let tool = run::tools().join("python").join("bin").join("schemathesis");
    let mut command = run::command("timeout");
    command.current_dir(run::target());
    // The order in which Python walks a set is chance unless it is fixed too.
    command.env("PYTHONHASHSEED", "0");
    // In the foreground, so that Ctrl-C still reaches the tool.
    command.args(["--foreground", &format!("{SEAT_SECONDS_MAX}s")]).arg(tool);
    command.args(["run", &format!("{url}/api/openapi.json"), "--url", &url, "--checks", CHECKS]);
    command.args(["--phases", "examples,coverage,fuzzing", "--max-examples", &EXAMPLES.to_string()]);
    // One worker: the order of requests stays the same, and the generator of cases is not safe with two (it then fails now
    // and then with "Inconsistent results").
    command.args(["--request-timeout", "35", "--workers", "1"]);
    command.args(["--seed", &seed.to_string(), "--no-shrink", "--continue-on-failure", "--warnings", "off"]);
    command.args(["--suppress-health-check", "all", "--generation-database", "none", "--no-color"]);
    command.args(["-H", &format!("Cookie: {cookie}"), "-H", &format!("X-Shouhu-CSRF: {csrf}")]);
    for operation in LEFT_OUT {
        command.args(["--exclude-name", operation]);
    }
    run::show(&mut command)
}

/// As given, else the usual one.
fn seed() -> Result<u64> {
    match std::env::var(SEED) {
        Ok(text) => text.parse().with_context(|| format!("{SEED} is not a number: {text}")),
        Err(_) => Ok(SEED_USUAL),
    }
}

/// A log-in.
struct Session {
    cookie: String,
    csrf: String,
}

impl Session {
    fn open(url: &str, login: &str) -> Result<Self> {
        let body = format!("{{\"login\":\"{login}\",\"password\":\"{}\"}}", demo::PASSWORD);
        let answer = post(url, "/api/session", None, &body)?;
        let between = |begin: &str, end: char| answer.split_once(begin)?.1.split(end).next().map(str::to_owned);
        match (between("set-cookie: ", ';'), between("\"csrf\":\"", '"')) {
            (Some(cookie), Some(csrf)) => Ok(Self { cookie, csrf }),
            _ => bail!("{login} cannot log in: {}", answer.lines().next().unwrap_or_default()),
        }
    }
}

/// Head and body of what a seat answers to a POST.
fn post(url: &str, path: &str, session: Option<&Session>, body: &str) -> Result<String> {
    let host = url.trim_start_matches("http://");
    let known = session.map_or_else(String::new, |session| {
        format!("Cookie: {}\r\nX-Shouhu-CSRF: {}\r\n", session.cookie, session.csrf)
    });
    let mut stream = TcpStream::connect(host).with_context(|| format!("cannot reach {host}"))?;
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nConnection: close\r\n{known}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
