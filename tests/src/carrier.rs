//! A room with carriers: operators with SIP and message fronts on free ports, alone or with a centre.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::Client;
use crate::patience::until;
use crate::room::{CENTRE, PASSWORD, add_user, introduce};
use crate::seat::{Kind, Seat};

/// A caller of whom nothing is known.
pub const CLEAN: &str = "+8619101230001";
/// A caller that stands on the list files of the tests.
pub const BLOCKED: &str = "+8619101230002";
/// Whom they call.
pub const CALLEE: &str = "+8619001230003";

/// How long news may take from one seat to another, of debug builds on a busy machine.
const NEWS_WITHIN: Duration = Duration::from_secs(60);

/// An operator with a SIP redirect front; it does not run yet.
pub fn operator(folder: &Path, id: &str, flags: &[&str]) -> (Seat, u16) {
    let port = crate::seat::free_port();
    let mut all = vec!["--durability", "process"];
    all.extend_from_slice(flags);
    let seat = Seat::make(Kind::Operator, id, folder, &all, None);
    for (login, role) in [("clerk", "operator_clerk"), ("reviewer", "operator_reviewer")] {
        add_user(&seat, login, role);
    }
    seat.configure(&format!(
        "[sip]\nudp = [\"127.0.0.1:{port}\"]\ntcp = [\"127.0.0.1:{port}\"]\n\
         redress_card = \"https://operator.example.cn/redress\""
    ));
    (seat, port)
}

/// A centre and two operators that know each other, running.
#[derive(Debug)]
pub struct CarrierRoom {
    /// The centre.
    pub centre: Seat,
    /// The operators.
    pub operators: Vec<Seat>,
    /// The ports of their redirect fronts.
    pub sip_ports: Vec<u16>,
    /// Where it all lies.
    pub folder: TempDir,
}

impl CarrierRoom {
    /// Makes and starts the seats. `configure` gets each operator before it starts.
    pub async fn open(configure: impl Fn(&Seat)) -> Self {
        let mut room = Self::make(configure);
        room.centre.start();
        room.operators.iter_mut().for_each(Seat::start);
        room.centre.ready().await;
        for seat in &mut room.operators {
            seat.ready().await;
        }
        room
    }

    /// Makes the seats; nothing runs yet. `configure` gets each operator.
    pub fn make(configure: impl Fn(&Seat)) -> Self {
        let folder = tempfile::Builder::new().prefix("shouhu-e2e-").tempdir().expect("a folder");
        let centre = Seat::make(Kind::Centre, CENTRE, folder.path(), &["--durability", "process"], None);
        for (login, role) in [("intake", "intake_officer"), ("lines", "lines_officer"), ("chief", "chief")] {
            add_user(&centre, login, role);
        }
        let (mut operators, mut sip_ports) = (Vec::new(), Vec::new());
        for id in ["operator-a", "operator-b"] {
            let (seat, port) = operator(folder.path(), id, &["--centre", CENTRE]);
            introduce(&centre, &seat);
            introduce(&seat, &centre);
            configure(&seat);
            operators.push(seat);
            sip_ports.push(port);
        }
        Self { centre, operators, sip_ports, folder }
    }

    /// A session at the centre.
    pub async fn at_centre(&self, login: &str) -> Client {
        Client::log_in(&self.centre.url(), login, PASSWORD).await.expect("a session at the centre")
    }

    /// A session at an operator.
    pub async fn at_operator(&self, index: usize, login: &str) -> Client {
        Client::log_in(&self.operators[index].url(), login, PASSWORD).await.expect("a session at the operator")
    }

    /// Waits until an operator would do so with a call from the number.
    pub async fn until_would(&self, index: usize, caller: &str, stop: bool) {
        let clerk = self.at_operator(index, "clerk").await;
        let what = format!("{} {} {caller}", self.operators[index].id, if stop { "stops" } else { "passes" });
        until(&what, NEWS_WITHIN, || async {
            let ask = json!({ "caller": caller, "callee": CALLEE, "trunk_kind": "national" });
            let said = clerk.post("/numbers/check", &ask).await;
            if is_stopped(&said) == stop { Ok(()) } else { Err(said) }
        })
        .await;
    }

    /// Files a report and gives its identity.
    pub async fn report(&self) -> String {
        let report = json!({
            "state": "submitted",
            "channel": "110",
            "victim": { "name": "方晓晴", "phone": CALLEE, "region": "430102" },
            "narrative": "事主称接到冒充公检法的电话，正在通话。",
            "payments": [],
            "contacts": [{ "kind": "phone", "value": BLOCKED }],
            "scam_type": "impersonated_authority",
            "region": "430102",
        });
        let answer = self.at_centre("intake").await.post("/reports", &report).await;
        assert_eq!(answer["state"], "submitted", "{answer:#}");
        answer["id"].as_str().expect("the id of the report").to_owned()
    }
}

/// Whether the answer of `/numbers/check` says that the call would be stopped.
pub fn is_stopped(said: &Value) -> bool {
    said["decision"]["action"].as_str().is_some_and(|action| action.starts_with("reject"))
}
