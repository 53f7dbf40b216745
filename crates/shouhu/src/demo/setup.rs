//! Preparing the demonstration: folders, keys, partners, users, the province. What is there already is kept.

use std::collections::BTreeMap;
use std::net::SocketAddr;
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
use crate::cli::{Demo, SeatAt, SeatKind, SecondFactor, Serve};
use crate::client::Client;
use crate::config::{self, Absent};
use crate::holder::{Held, LOCK_FILE};
use crate::output::tell;
use crate::ports::Transport;
use crate::scene::{self, plays};
use crate::seat::{Making, Seat, operator};
use crate::speech::{Exit, Fail, Lang, Outcome, fail_because, texts};
use crate::users::{problem, random_password};

/// Folder of the loaded files, for those who want to look at them.
const PROVINCE: &str = "province";
/// What the standing rules of the demonstration approve at most, in fen: above it a person looks.
const RULE_MINOR_MAX: i64 = 120_000 * 100;
/// How long the standing rules of the demonstration hold.
const RULE_LIFE: Duration = Duration::hours(24 * 30);

/// Environment variable with the password; not on the command line, where `ps` shows it to everybody.
const PASSWORD_VARIABLE: &str = "SHOUHU_DEMO_PASSWORD";
/// How long seats of a demonstration that was killed may take to end.
const SEATS_END_WITHIN: std::time::Duration = std::time::Duration::from_secs(15);

/// Makes what is missing, and gives the demonstration, with its folder held for this process.
///
/// Whatever could stop it is looked at before anything is removed or made.
///
/// # Errors
/// The folder belongs to something else or to another process, a port is taken, or a seat cannot be prepared.
pub async fn prepare(options: &Demo) -> Outcome<(Held, Stage)> {
    let data = &options.data;
    let given = password(options)?;
    ports_free(options.base_port)?;
    is_ours(data)?;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data).map_err(|error| crate::input::unreadable(data, &error))?;
    let lock = crate::serve::hold(data, &format!("shouhu demo --base-port {}", options.base_port))?;
    seats_ended(data).await?;
    crate::private::tighten(data).map_err(|error| crate::input::unreadable(data, &error))?;
    if options.fresh {
        remove(data)?;
    }
    let known = Stage::find(data)?;
    let urls: BTreeMap<String, String> = SEATS
        .iter()
        .map(|seat| (seat.id.to_owned(), format!("http://127.0.0.1:{}", options.base_port + seat.port_offset)))
        .collect();
    if known.as_ref().is_some_and(|known| given.as_ref().is_some_and(|given| *given != known.password)) {
        let words = Lang::now().pick(
            "此目录中的演示沿用首次启动时的密码；要用新密码，请加 --fresh",
            "the demonstration in this folder keeps the password of its first start; --fresh takes the new one",
        );
        tell!("{words}");
    }
    let mut stage = known.unwrap_or_else(|| Stage {
        password: given.unwrap_or_else(random_password),
        urls: urls.clone(),
        sip: String::new(),
        smsc: String::new(),
        scenes: 0,
        practice: None,
    });
    stage.urls = urls;
    stage.sip = format!("127.0.0.1:{}", options.base_port + SIP_PORT_OFFSET);
    stage.smsc = format!("127.0.0.1:{}", options.base_port + SMSC_PORT_OFFSET);
    // Written before the seats are, so that a start that breaks off can be gone on with.
    stage.save(data)?;

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
    if stage.practice.is_none() {
        stage.practice = Some(load_province(data, &seats).await?);
        for (_, seat) in seats.iter().filter(|(cast, _)| cast.kind == SeatKind::Operator) {
            carrier::seed_list(seat).await?;
        }
    }
    for (_, seat) in &seats {
        seat.db.close().await;
    }
    stage.save(data)?;
    Ok((lock, stage))
}

/// The password that is asked for, where one is.
fn password(options: &Demo) -> Outcome<Option<String>> {
    if options.password.is_some() {
        return Err(texts::SEEN_PASSWORD.fail(Exit::Usage, &[("variable", PASSWORD_VARIABLE)]));
    }
    let given = if options.password_stdin {
        Some(crate::input::line()?)
    } else {
        std::env::var(PASSWORD_VARIABLE).ok().filter(|text| !text.is_empty())
    };
    if let Some(text) = &given {
        for user in CENTRE_USERS.iter().chain(&BANK_USERS).chain(&OPERATOR_USERS) {
            web::users::check_password("password", text, user.login, user.name).map_err(|fault| {
                let mut failure = fail_because(&texts::WEAK_DEMO, Exit::Usage, &[], &fault.said.zh, &fault.said.en);
                if let Some(said) = failure.said.first_mut() {
                    (said.zh_remedy, said.en_remedy) = (fault.said.zh_remedy, fault.said.en_remedy);
                }
                failure
            })?;
        }
    }
    Ok(given)
}

/// Waits for seats of a demonstration that was killed; they end when they notice.
async fn seats_ended(data: &Path) -> Outcome {
    let began = std::time::Instant::now();
    let mut told = false;
    for cast in SEATS.iter().filter(|cast| seat_folder(data, cast.id).exists()) {
        let folder = seat_folder(data, cast.id);
        loop {
            match crate::serve::hold(&folder, "shouhu demo") {
                Ok(_free) => break,
                Err(failure) if began.elapsed() > SEATS_END_WITHIN => return Err(failure),
                Err(_busy) if !told => {
                    let words = Lang::now().pick(
                        "先前演示的席位尚未结束，等待其退出……",
                        "seats of the demonstration before are still ending; waiting for them …",
                    );
                    tell!("{words}");
                    told = true;
                }
                Err(_busy) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
            }
        }
    }
    Ok(())
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
        (
            "追踪查询交易明细和户名",
            money(json!(["query_transactions", "query_holder"]), kernel::bounds::AMOUNT_MINOR_MAX),
        ),
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
        // Synthetic people only, and nobody has an authenticator at hand for a first look; the banner says so.
        second_factor: Some(SecondFactor::Optional),
        ..Serve::default()
    };
    let config = config::resolve(&flags, Some(cast.kind), Absent::Make)?;
    config.keep_second_factor()?;
    Seat::open(config, Making::Whole).await
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

/// Goes on only where the folder is a demonstration, empty, or not there.
fn is_ours(data: &Path) -> Outcome {
    let mut inside = match std::fs::read_dir(data) {
        Ok(inside) => inside,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(crate::input::unreadable(data, &error)),
    };
    if data.join(FILE_NAME).exists() || inside.all(|entry| entry.is_ok_and(|entry| entry.file_name() == LOCK_FILE)) {
        return Ok(());
    }
    let shown = data.display().to_string();
    Err(texts::NOT_A_DEMO.fail(Exit::Usage, &[("data", &shown), ("file", FILE_NAME)]))
}

/// Removes an earlier demonstration, and nothing else. The lock file stays: this process holds it.
fn remove(data: &Path) -> Outcome {
    let failed = |error: std::io::Error| crate::input::unreadable(data, &error);
    for entry in std::fs::read_dir(data).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name() == LOCK_FILE {
            continue;
        }
        let path = entry.path();
        let is_folder = entry.file_type().map_err(failed)?.is_dir();
        let gone = if is_folder { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        gone.map_err(|error| crate::input::unreadable(&path, &error))?;
    }
    Ok(())
}

fn ports_free(base: u16) -> Outcome {
    if base.checked_add(SMSC_PORT_OFFSET).is_none() {
        return Err(texts::PORTS.fail(Exit::Usage, &[("port", &base.to_string())]));
    }
    let at = |offset: u16| SocketAddr::from(([127, 0, 0, 1], base + offset));
    for offset in SEATS.iter().map(|seat| seat.port_offset).chain([SIP_PORT_OFFSET, SMSC_PORT_OFFSET]) {
        crate::ports::free(at(offset), Transport::Tcp, "--base-port")?;
    }
    crate::ports::free(at(SIP_PORT_OFFSET), Transport::Udp, "--base-port")
}
