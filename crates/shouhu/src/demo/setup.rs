//! Preparing the demonstration: folders, keys, partners, users, the province. What is there already is kept.

use std::collections::BTreeMap;
use std::path::Path;

use kernel::{Clock, Duration};
use serde_json::{Value, json};

use super::cast::{
    BANK_USERS, CENTRE, CENTRE_USERS, CastSeat, CastUser, OPERATOR, OPERATOR_USERS, SEATS, SIP_PORT_OFFSET,
    SMSC_PORT_OFFSET,
};
use super::province::Province;
use super::stage::{FILE_NAME, Practice, Stage, civil, seat_folder};
use super::{carrier, csv, load};
use crate::cli::{Demo, SeatAt, SeatKind, Serve};
use crate::client::Client;
use crate::config::{self, Absent};
use crate::output::tell;
use crate::scene::{self, plays};
use crate::seat::{Seat, operator};
use crate::speech::{Exit, Fail, Lang, Outcome, texts};
use crate::users::{problem, random_password};

/// Folder of the loaded files, for those who want to look at them.
const PROVINCE: &str = "province";
/// What the standing rules of the demonstration approve at most, in fen: above it a person looks.
const RULE_MINOR_MAX: i64 = 120_000 * 100;
/// Queries up to this transfer go out by themselves, minor units.
const QUERY_MINOR_MAX: i64 = 100_000_000 * 100;
/// How long the standing rules of the demonstration hold.
const RULE_LIFE: Duration = Duration::hours(24 * 30);

/// Makes what is missing, and gives the demonstration.
///
/// # Errors
/// The folder belongs to something else, a port is taken, or a seat cannot be prepared.
pub async fn prepare(options: &Demo) -> Outcome<Stage> {
    let data = &options.data;
    if options.fresh {
        remove(data)?;
    }
    std::fs::create_dir_all(data).map_err(|error| crate::input::unreadable(data, &error))?;
    let known = Stage::find(data)?;
    let urls: BTreeMap<String, String> = SEATS
        .iter()
        .map(|seat| {
            let port = options.base_port.saturating_add(seat.port_offset);
            (seat.id.to_owned(), format!("http://127.0.0.1:{port}"))
        })
        .collect();
    ports_free(options.base_port)?;
    let fresh = known.is_none();
    let password = || options.password.clone().unwrap_or_else(random_password);
    let mut stage = known.unwrap_or_else(|| Stage {
        password: password(),
        urls: urls.clone(),
        sip: String::new(),
        smsc: String::new(),
        scenes: 0,
        practice: None,
    });
    stage.urls = urls;
    stage.sip = format!("127.0.0.1:{}", options.base_port.saturating_add(SIP_PORT_OFFSET));
    stage.smsc = format!("127.0.0.1:{}", options.base_port.saturating_add(SMSC_PORT_OFFSET));

    let mut seats = Vec::new();
    for cast in &SEATS {
        seats.push((cast, open(data, cast, stage.url(cast.id)).await?));
    }
    exchange(&seats, &stage).await?;
    carrier::configure(&seat_folder(data, OPERATOR), &stage)?;
    for (cast, seat) in &seats {
        let users = match cast.kind {
            SeatKind::Centre => CENTRE_USERS.as_slice(),
            SeatKind::Bank => BANK_USERS.as_slice(),
            SeatKind::Operator => OPERATOR_USERS.as_slice(),
        };
        add_users(seat, users, &stage.password).await?;
    }
    if fresh {
        stage.practice = Some(load_province(data, &seats).await?);
        for (_, seat) in seats.iter().filter(|(cast, _)| cast.kind == SeatKind::Operator) {
            carrier::seed_list(seat).await?;
        }
    }
    for (_, seat) in &seats {
        seat.db.close().await;
    }
    stage.save(data)?;
    Ok(stage)
}

/// Lets orders within bounds leave by themselves: written by the chief, approved by the deputy.
///
/// # Errors
/// The centre refuses.
pub async fn standing_rules(stage: &Stage) -> Outcome {
    let chief = stage.at_centre("chief").await?;
    let rules = chief.get("/standing-rules").await?;
    let stands = |name: &str| {
        let is = |rule: &Value| {
            rule.get("in_force").and_then(Value::as_bool) == Some(true)
                && rule.get("name").and_then(Value::as_str) == Some(name)
        };
        rules.get("items").and_then(Value::as_array).is_some_and(|items| items.iter().any(is))
    };
    let money = |kinds: Value, minor: i64| json!({ "kinds": kinds, "level_max": 12, "amount_max": { "minor": minor, "currency": "CNY" } });
    // A stop above the bound waits for a person; to see where money went does not hold anybody's. A warning harms nobody
    // and is worth most within seconds.
    let bounds = [
        ("十二万元以内快速止付", money(json!(["stop", "watch", "lift_stop"]), RULE_MINOR_MAX)),
        ("追踪查询交易明细和户名", money(json!(["query_transactions", "query_holder"]), QUERY_MINOR_MAX)),
        ("涉案号码联系人预警短信", json!({ "line_kinds": ["warn_contacts"] })),
    ];
    let deputy: Client = stage.at_centre("deputy").await?;
    for (name, mut rule) in bounds.into_iter().filter(|(name, _)| !stands(name)) {
        let fields = [
            ("name", json!(name)),
            ("report_age_hours_max", json!(72)),
            ("region_prefix", json!("43")),
            ("expires_at", json!((Clock::system().now() + RULE_LIFE).to_rfc3339())),
        ];
        if let Some(rule) = rule.as_object_mut() {
            rule.extend(fields.map(|(field, value)| (field.to_owned(), value)));
        }
        let proposed = chief.post("/standing-rules", &rule).await?;
        let id = proposed.get("id").and_then(Value::as_str).unwrap_or("");
        deputy.post(&format!("/standing-rules/{id}/approve"), &json!({})).await?;
    }
    Ok(())
}

/// The seat of the cast, with its folder made.
async fn open(data: &Path, cast: &CastSeat, url: &str) -> Outcome<Seat> {
    let flags = Serve {
        at: SeatAt { data: Some(seat_folder(data, cast.id)), ..SeatAt::default() },
        listen: url.strip_prefix("http://").and_then(|address| address.parse().ok()),
        id: Some(cast.id.to_owned()),
        name: Some(cast.name.to_owned()),
        name_en: Some(cast.name_en.to_owned()),
        institution: Some(cast.institution),
        centre: (cast.kind == SeatKind::Operator).then(|| CENTRE.to_owned()),
        ..Serve::default()
    };
    Seat::open(config::resolve(&flags, Some(cast.kind), Absent::Make)?).await
}

/// Enters each seat in the directories of those that it speaks with.
async fn exchange(seats: &[(&CastSeat, Seat)], stage: &Stage) -> Outcome {
    for (cast, seat) in seats {
        for (other, other_seat) in seats {
            let speaks = cast.id != other.id && (cast.id == CENTRE || other.id == CENTRE);
            if !speaks {
                continue;
            }
            let contacts = match other.kind {
                SeatKind::Centre | SeatKind::Operator => json!([]),
                SeatKind::Bank => json!([
                    { "duty": "primary", "name": format!("{}值班室", other.name), "phone": "0731-00000001" },
                    { "duty": "deputy", "name": format!("{}副班", other.name), "phone": "0731-00000002" },
                ]),
            };
            let partner = json!({
                "id": other.id,
                "name": other.name,
                "name_en": other.name_en,
                "role": other.kind.word(),
                "base_url": stage.url(other.id),
                "keys": other_seat.keys.public(),
                "contacts": contacts,
                "bank_codes": [],
                "answer_minutes": 30,
                "enabled": true,
            });
            crate::partners::enter(seat, &partner).await?;
        }
    }
    Ok(())
}

async fn add_users(seat: &Seat, users: &[CastUser], password: &str) -> Outcome {
    let who = operator();
    let known = web::users::list(&seat.db, &who).await.map_err(|error| problem(&error))?;
    for user in users.iter().filter(|user| !known.iter().any(|known| known.login == user.login)) {
        let new = web::users::NewUser {
            login: user.login.to_owned(),
            name: user.name.to_owned(),
            roles: vec![user.role.to_owned()],
            region: None,
            password: password.to_owned(),
        };
        let kind = seat.config.kind.word();
        web::users::create(&seat.db, &who, kind, &new).await.map_err(|error| problem(&error))?;
    }
    Ok(())
}

async fn load_province(data: &Path, seats: &[(&CastSeat, Seat)]) -> Outcome<Practice> {
    let now = Clock::system().now();
    let lang = Lang::now();
    tell!("{}", lang.pick("载入虚构的省份……", "loading the synthetic province …"));
    let folder = data.join(PROVINCE);
    csv::write(&Province::generate(now), &folder)?;
    let (script, paid) = plays::practice(scene::script(0, now));
    let practice_folder = folder.join("practice");
    csv::write(&script.province, &practice_folder)?;
    for (_, seat) in seats.iter().filter(|(cast, _)| cast.kind == SeatKind::Bank) {
        load::into_bank(seat, &folder).await?;
        load::into_bank(seat, &practice_folder).await?;
    }
    Ok(Practice {
        victim: script.name(paid.from).to_owned(),
        phone: script.phone(paid.from).to_owned(),
        payer_account: script.number(paid.from).to_owned(),
        payer_bank: script.bank(paid.from).to_owned(),
        payee_account: script.number(paid.to).to_owned(),
        payee_name: script.name(paid.to).to_owned(),
        payee_bank: script.bank(paid.to).to_owned(),
        amount_minor: paid.minor,
        amount: csv::in_yuan(paid.minor),
        paid_at: civil(paid.at),
        reference: paid.reference,
    })
}

/// Removes an earlier demonstration, and nothing else.
fn remove(data: &Path) -> Outcome {
    if !data.exists() {
        return Ok(());
    }
    if !data.join(FILE_NAME).exists() {
        let file = data.display().to_string();
        let why = format!("no {FILE_NAME} in it: this is not a demonstration, so --fresh leaves it alone");
        return Err(texts::FILE.fail(Exit::Usage, &[("file", &file), ("why", &why)]));
    }
    std::fs::remove_dir_all(data).map_err(|error| crate::input::unreadable(data, &error))
}

fn ports_free(base: u16) -> Outcome {
    for seat in &SEATS {
        let port = base.saturating_add(seat.port_offset);
        if let Err(error) = std::net::TcpListener::bind(("127.0.0.1", port)) {
            let listen = format!("127.0.0.1:{port}");
            let mut failure =
                texts::LISTEN.fail(Exit::Surroundings, &[("listen", &listen), ("why", &error.to_string())]);
            for said in &mut failure.said {
                said.en_remedy = "choose other ports with --base-port, or stop the program that holds it".to_owned();
                said.zh_remedy = "请用 --base-port 换一组端口，或先停掉占用它的程序".to_owned();
            }
            return Err(failure);
        }
    }
    Ok(())
}
