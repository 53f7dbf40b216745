//! Who is abroad, as the home register tells (漫游登记): kept in the database, in memory in every process behind the
//! journal, and forgotten when it ends.

use kernel::{Duration, Fault, Faults, Text, Timestamp};
use screen::{Number, NumberKind};
use serde_json::json;
use store::journal::{Entry, Recorded};
use store::{Db, Tx, Who, args};

use super::home::{Stay, Whereabouts};
use super::rows::{Column, Row, short};
use crate::desk::Operator;
use crate::error::{Error, Result};

/// The kind of the journal's entries.
pub(crate) const FED: &str = "roaming.fed";
/// Rows read into memory at once.
const BATCH: i64 = 5_000;
/// Rows that are over removed with each feed.
const SWEEP_ROWS: i64 = 20_000;
/// Characters of the name of a visited network.
const NETWORK_CHARS_MAX: usize = 64;

const NUMBER: Text = Text::new(
    "operator.roaming.number",
    ("“{found}”不是大陆手机号码", "“{found}” is no mobile number of the mainland"),
    ("写作 +8613800138000", "Write it as +8613800138000"),
);
const STATE: Text = Text::new(
    "operator.roaming.state",
    ("“{found}”不是所在状态", "“{found}” is no state"),
    ("填写 abroad（在境外）或 home（在归属网络）；留空即 abroad", "Give abroad or home; none means abroad"),
);
const ORDER: Text = Text::new(
    "operator.roaming.order",
    ("结束时间不晚于开始时间", "the end is not after the beginning"),
    ("请核对 since 与 until", "Check since and until"),
);
const OVER: Text = Text::new(
    "operator.roaming.over",
    ("漫游已经结束", "this stay is over"),
    ("已回国的，发送 home", "Send home for a subscriber who is back"),
);
const NETWORK: Text = Text::new(
    "operator.roaming.network",
    ("拜访网络的名称超过 {max} 个字符", "the name of the visited network has more than {max} characters"),
    ("请填写 PLMN 代码或简称", "Give its PLMN code or a short name"),
);
const FULL: Text = Text::new(
    "operator.roaming.full",
    ("漫游登记已满", "the register in memory is full"),
    ("请只发送在境外和刚回国的用户", "Feed only those who are abroad or have just come back"),
);

/// Texts of this module.
pub(super) const TEXTS: &[Text] = &[NUMBER, STATE, ORDER, OVER, NETWORK, FULL];

/// The fields of a row.
pub const COLUMNS: &[Column] = &[
    Column { name: "number", others: &["msisdn", "号码"], needed: true },
    Column { name: "state", others: &["状态"], needed: false },
    Column { name: "since", others: &["from", "开始时间"], needed: false },
    Column { name: "until", others: &["to", "结束时间"], needed: false },
    Column { name: "network", others: &["visited_network", "plmn", "拜访网络"], needed: false },
];

/// Where a subscriber is, and how long that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoamingRow {
    /// The subscriber.
    pub number: Number,
    /// Where.
    pub is: Whereabouts,
    /// From when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// The visited network, may be empty.
    pub network: String,
}

/// How long a row holds that names no end.
#[derive(Debug, Clone, Copy)]
pub struct Spans {
    /// Abroad.
    pub abroad: Duration,
    /// At home.
    pub home: Duration,
}

/// Checks a row.
///
/// # Errors
/// Every fault, by field.
pub fn check(row: &Row, now: Timestamp, spans: Spans) -> std::result::Result<RoamingRow, Faults> {
    let mut faults = Faults::none();
    let number = faults.keep(row.needed("number").and_then(subscriber));
    let is = faults.keep(match row.text("state") {
        "" => Ok(Whereabouts::Abroad),
        text => Whereabouts::of_word(text).ok_or_else(|| STATE.at("state", &[("found", &short(text))])),
    });
    let since = faults.keep(row.moment("since")).flatten().unwrap_or(now);
    let until = faults.keep(row.moment("until")).flatten();
    let network = row.text("network");
    if network.chars().count() > NETWORK_CHARS_MAX {
        faults.push(NETWORK.at("network", &[("max", &NETWORK_CHARS_MAX.to_string())]));
    }
    match until {
        Some(until) if until <= since => faults.push(ORDER.at("until", &[])),
        Some(until) if until <= now => faults.push(OVER.at("until", &[])),
        _ => {}
    }
    let (Some(number), Some(is), true) = (number, is, faults.is_empty()) else { return Err(faults) };
    let span = if is == Whereabouts::Abroad { spans.abroad } else { spans.home };
    let until = until.unwrap_or(since.max(now) + span);
    Ok(RoamingRow { number, is, since, until, network: network.to_owned() })
}

fn subscriber(text: &str) -> std::result::Result<Number, Fault> {
    Number::read(text)
        .filter(|number| number.kind() == NumberKind::Mobile)
        .ok_or_else(|| NUMBER.at("number", &[("found", &crate::lines::order::masked(&short(text)))]))
}

/// What stands in the register of a number.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct RoamingView {
    /// Where.
    pub state: Whereabouts,
    /// From when.
    pub since: Timestamp,
    /// Until when that holds.
    pub until: Timestamp,
    /// The visited network.
    pub network: Option<String>,
}

type Stored = (String, String, i64, i64, String, i64);

/// What the register fed of a number that still holds.
///
/// # Errors
/// The database.
pub(crate) async fn of_number(db: &Db, number: Number, now: Timestamp) -> Result<Option<RoamingView>> {
    let row: Option<Stored> = db
        .fetch_optional(
            "SELECT number, state, since, until_at, network, heard_at FROM operator_roaming
             WHERE number = $1 AND until_at > $2",
            args![number.to_string(), now],
        )
        .await?;
    Ok(row.and_then(|(_, state, since, until, network, _)| {
        Some(RoamingView {
            state: Whereabouts::of_word(&state)?,
            since: Timestamp(since),
            until: Timestamp(until),
            network: Some(network).filter(|n| !n.is_empty()),
        })
    }))
}

/// The moment under which the rows stand that an entry speaks of: it is a little before that of the entry itself.
pub(crate) fn heard_at(entry: &Recorded) -> Timestamp {
    let told = entry.json().get("heard_at").and_then(|at| at.as_str().and_then(Timestamp::parse));
    // All of them again does no harm.
    told.unwrap_or(Timestamp(0))
}

async fn write(tx: &mut Tx, row: &RoamingRow, now: Timestamp) -> Result<()> {
    tx.write(
        "INSERT INTO operator_roaming (number, state, since, until_at, network, heard_at)
         VALUES ($1,$2,$3,$4,$5,$6)
         ON CONFLICT (number) DO UPDATE SET state = EXCLUDED.state, since = EXCLUDED.since,
            until_at = EXCLUDED.until_at, network = EXCLUDED.network, heard_at = EXCLUDED.heard_at",
        args![row.number.to_string(), row.is.word(), row.since, row.until, &row.network, now],
    )
    .await?;
    Ok(())
}

impl Operator {
    /// Takes rows of the home register in; they hold for the next call. Gives how many are abroad.
    ///
    /// # Errors
    /// The register is full, or the database.
    pub async fn take_roaming(&self, feeder: &str, rows: &[RoamingRow]) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        let mut tx = self.db().begin().await?;
        let now = tx.now();
        let register = self.screening().home_register();
        if register.len().saturating_add(rows.len()) > register.capacity() {
            return Err(Error::Conflict(Box::new(FULL.say(&[]))));
        }
        tx.write(
            "DELETE FROM operator_roaming WHERE number IN
                (SELECT number FROM operator_roaming WHERE until_at <= $1 LIMIT $2)",
            args![now, SWEEP_ROWS],
        )
        .await?;
        for row in rows {
            write(&mut tx, row, now).await?;
        }
        let abroad = rows.iter().filter(|row| row.is == Whereabouts::Abroad).count();
        let body = json!({ "rows": rows.len(), "abroad": abroad, "heard_at": now });
        tx.append(Entry::new(FED, format!("feed:{feeder}")).body(&body), &Who::system("feeds")).await?;
        tx.commit().await?;
        self.catch_up().await?;
        Ok(u64::try_from(abroad).unwrap_or(0))
    }

    /// Brings what the register fed since a moment into memory.
    pub(crate) async fn follow_roaming(&self, since: Timestamp) -> Result<()> {
        let (db, register, now) = (self.db(), self.screening().home_register(), self.db().clock().now());
        let mut after = String::new();
        loop {
            let rows: Vec<Stored> = db
                .fetch_all(
                    "SELECT number, state, since, until_at, network, heard_at FROM operator_roaming
                     WHERE heard_at >= $1 AND until_at > $2 AND number > $3 ORDER BY number LIMIT $4",
                    args![since, now, &after, BATCH],
                )
                .await?;
            let Some((last, ..)) = rows.last() else { return Ok(()) };
            after.clone_from(last);
            for (number, state, since, until, _, heard) in &rows {
                let (Some(number), Some(is)) = (Number::parse(number), Whereabouts::of_word(state)) else {
                    return Err(Error::Corrupt("the whereabouts of a subscriber".to_owned()));
                };
                let (since, until, heard) = (Timestamp(*since), Timestamp(*until), Timestamp(*heard));
                let stay = Stay { is, since, until, heard };
                if !register.put(number, stay, now) {
                    tracing::warn!("the home register in memory is full; some subscribers are not known");
                }
            }
        }
    }
}
