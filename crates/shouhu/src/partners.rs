//! `shouhu partners …`: the directory of seats that this seat speaks with.

use serde_json::{Value, json};
use wire::{Directory, DirectoryError, PartnerId};

use crate::cli::{PartnerAdd, PartnerKeys, PartnerRole, PartnersTask};
use crate::input;
use crate::output::tell;
use crate::seat::{Seat, operator};
use crate::speech::{Exit, Fail, Failure, Lang, Outcome, faulty, texts};

/// Does what is asked about partners.
///
/// # Errors
/// What is entered is faulty, or there is no such partner.
pub async fn run(task: PartnersTask) -> Outcome {
    match task {
        PartnersTask::Add(options) => add(&options).await,
        PartnersTask::List(at) => list(&Seat::existing(&at).await?).await,
        PartnersTask::Keys(options) => replace_keys(&options).await,
    }
}

/// Enters a partner, or changes the one of that name.
///
/// # Errors
/// Every faulty field.
pub async fn enter(seat: &Seat, partner: &Value) -> Outcome {
    let directory = Directory::open(&seat.db).await?;
    let who = operator();
    let id = partner.get("id").and_then(Value::as_str).and_then(|id| PartnerId::parse(id).ok());
    let known = id.as_ref().filter(|id| directory.get(id).is_ok());
    match known {
        Some(id) => directory.patch(&who, id, partner).await,
        None => directory.create(&who, partner).await,
    }
    .map(drop)
    .map_err(failure)
}

async fn add(options: &PartnerAdd) -> Outcome {
    let seat = Seat::existing(&options.at).await?;
    let keys = keys_in(input::json(&options.keys)?);
    let role = match options.role {
        PartnerRole::Centre => "centre",
        PartnerRole::Bank => "bank",
        PartnerRole::Operator => "operator",
    };
    let contacts: Vec<Value> = options
        .contacts
        .iter()
        .map(|text| {
            let mut parts = text.splitn(3, ':');
            let mut part = || parts.next().unwrap_or("");
            json!({ "duty": part(), "name": part(), "phone": part() })
        })
        .collect();
    let partner = json!({
        "id": options.id,
        "name": options.name,
        "name_en": options.name_en.clone().unwrap_or_default(),
        "role": role,
        "base_url": options.url,
        "keys": keys,
        "contacts": contacts,
        "bank_codes": options.bank_codes,
        "answer_minutes": options.answer_minutes,
        "enabled": true,
    });
    enter(&seat, &partner).await?;
    match Lang::now() {
        Lang::Zh => tell!("已登记合作单位 {}", options.id),
        Lang::En => tell!("entered the partner {}", options.id),
    }
    Ok(())
}

async fn list(seat: &Seat) -> Outcome {
    let lang = Lang::now();
    for partner in Directory::open(&seat.db).await?.list() {
        let state = if partner.enabled { "" } else { lang.pick("已停用", "disabled") };
        let kids: Vec<&str> = partner.keys.iter().map(|key| key.kid.as_str()).collect();
        tell!("{}\t{}\t{}\t{}\t{}\t{state}", partner.id, partner.role, partner.name, partner.base_url, kids.join(","));
    }
    Ok(())
}

/// Public keys as `shouhu keys public` prints them, or the JWK set that a seat serves at `/wire/v1/keys`; the directory
/// reads both forms.
fn keys_in(given: serde_json::Value) -> Vec<serde_json::Value> {
    match given {
        serde_json::Value::Array(keys) => keys,
        serde_json::Value::Object(mut set) => match set.remove("keys") {
            Some(serde_json::Value::Array(keys)) => keys,
            _ => vec![serde_json::Value::Object(set)],
        },
        other => vec![other],
    }
}

async fn replace_keys(options: &PartnerKeys) -> Outcome {
    let seat = Seat::existing(&options.at).await?;
    let keys = keys_in(input::json(&options.keys)?);
    let directory = Directory::open(&seat.db).await?;
    let unknown = || {
        let what = Lang::now().pick("合作单位", "partner");
        texts::NO_SUCH.fail(Exit::No, &[("what", what), ("name", &options.id)])
    };
    let id = PartnerId::parse(&options.id).map_err(|_| unknown())?;
    directory.get(&id).map_err(|_| unknown())?;
    directory.patch(&operator(), &id, &json!({ "keys": keys })).await.map_err(failure)?;
    match Lang::now() {
        Lang::Zh => tell!("已更换 {id} 的公钥，共 {} 把", keys.len()),
        Lang::En => tell!("{id} now has {} keys", keys.len()),
    }
    Ok(())
}

fn failure(error: DirectoryError) -> Failure {
    match error {
        DirectoryError::Faulty(faults) => faulty(&faults),
        DirectoryError::Store(error) => error.into(),
    }
}
