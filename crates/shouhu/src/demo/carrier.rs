//! The carrier of the demonstration: which trunk groups it knows, whom its list stops, and who calls.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use ::world::Settings;
use ::world::event::{Event, What};
use kernel::{Duration, Timestamp};
use operator::list::import::{ListImport, whole};

use super::cast::OPERATOR;
use super::stage::Stage;
use crate::config::FILE_NAME;
use crate::operate::failure;
use crate::seat::{Seat, operator as who};
use crate::speech::Outcome;
use crate::users::random_password;

/// What everything synthetic about its callers follows from.
const SEED: u64 = 43;
/// People of its province.
const PEOPLE: usize = 3_000;
/// Gangs that call.
const GANGS: usize = 6;
/// Of every so many numbers of gangs one is on the list; the others must be noticed by how they call.
const LISTED_ONE_OF: usize = 3;

/// Writes the SIP front, and the account over which warnings go, into the seat's file, unless they stand there.
///
/// # Errors
/// The file cannot be read or written.
pub fn configure(folder: &Path, stage: &Stage) -> Outcome {
    let path = folder.join(FILE_NAME);
    let text = std::fs::read_to_string(&path).map_err(|error| crate::input::unreadable(&path, &error))?;
    let stands = |table: &str| text.lines().any(|line| line.trim() == table);
    let mut more = String::new();
    if !stands("[sip]") {
        more.push_str(&sip_front(&stage.sip));
    }
    if !stands("[messages]") {
        more.push_str(&message_account(&stage.smsc));
    }
    std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(more.as_bytes()))
        .map_err(|error| crate::input::unreadable(&path, &error))
}

fn sip_front(address: &str) -> String {
    let trunks = ["home", "national", "foreign"].iter().enumerate().map(|(index, kind)| {
        let id = index + 1;
        format!("[[sip.trunks]]\nid = {id}\nkind = \"{kind}\"\nfrom = [\"127.0.0.1{id}\"]\n")
    });
    format!("\n[sip]\nudp = [\"{address}\"]\ntcp = [\"{address}\"]\n{}", trunks.collect::<String>())
}

/// An account that only the seat itself uses: nobody knows the password behind the hash.
fn message_account(smsc: &str) -> String {
    let hash = operator::message::hash_key(&random_password());
    format!(
        "\n[messages]\nsystem_id = \"{OPERATOR}\"\nwarning = {{ account = \"warnings\", sender = \"12381\" }}\n\n\
         [[messages.accounts]]\nsystem_id = \"warnings\"\npassword_hash = \"{hash}\"\n\n\
         [messages.accounts.upstream]\naddress = \"{smsc}\"\nsystem_id = \"{OPERATOR}\"\n"
    )
}

/// Two hours of calls in its province, the same numbers every time.
pub fn calls(start: Timestamp) -> Vec<Event> {
    let settings = Settings { seed: SEED, people: PEOPLE, gangs: GANGS, start, span: Duration::hours(2) };
    let mut events = ::world::generate(&settings);
    events.retain(|event| matches!(event.what, What::Call { .. }));
    events
}

/// Puts some of the gangs' numbers on the list.
///
/// # Errors
/// The list refuses.
pub async fn seed_list(seat: &Seat) -> Outcome {
    let now = seat.db.clock().now();
    let numbers: BTreeSet<String> = calls(now)
        .into_iter()
        .filter(Event::is_scam)
        .filter_map(|event| match event.what {
            What::Call { caller, .. } => Some(caller),
            What::Message { .. } => None,
        })
        .filter(|caller| caller.starts_with('+') && caller.len() > 8)
        .collect();
    let mut csv = String::from("number,action,reason,source\n");
    for number in numbers.iter().step_by(LISTED_ONE_OF) {
        csv.push_str(&format!("{number},block,多人举报冒充客服,演示\n"));
    }
    let list = ListImport { bounds: operator::Parameters::default().list_bounds(), operator: None };
    let folder = seat.config.data.join("imports");
    whole(&seat.db, &list, &who(), &folder, ("demo.csv", csv.as_bytes()), &mut |_| {}).await.map_err(failure)?;
    Ok(())
}
