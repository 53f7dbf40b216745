//! From raw flags and a file to one checked configuration of a seat.
//!
//! Flags win over the environment (clap does that), the environment over the file, the file over the defaults. All
//! faults are told at once. The file of a seat is `shouhu.toml` in its data folder, written at first start, so that
//! later commands about that folder need nothing but `--data`.

mod remember;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use bank::hold::StopBehindStop;
use kernel::{Duration, Region};
use wire::PartnerId;

use crate::cli::{Durability, Institution, SeatAt, SeatKind, SecondFactor, Serve};
use crate::speech::{Exit, Fail, Failure, Outcome, faulty, quoted, texts};

/// The file in a data folder.
pub const FILE_NAME: &str = "shouhu.toml";
const DATA_DEFAULT: &str = "shouhu-data";
const CENTRE_DEFAULT: &str = "centre-43";
const OPERATOR_DEFAULT: &str = "operator-a";
/// How long a seat may be unhealthy unless the file says otherwise.
const WATCHDOG_DEFAULT: std::time::Duration = std::time::Duration::from_secs(60);
/// A shorter time would end a seat that merely waits for a slow disk.
const WATCHDOG_SECONDS_MIN: u64 = 20;
const KEYS: &[&str] = &[
    "seat",
    "id",
    "name",
    "name_en",
    "institution",
    "data",
    "database",
    "listen",
    "tls_cert",
    "tls_key",
    "behind_proxy",
    "trusted_proxies",
    "durability",
    "roots",
    "second_factor",
    "centre",
    "stop",
    "intake",
    "lines",
    "numbers",
    "signals",
    "offer",
    "stop_behind_stop",
    "parameters",
    "oidc",
    "sip",
    "messages",
    "redress",
    "list",
    "feeds",
    "anchor",
    "timestamp",
    "watchdog_seconds",
];

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Which seat.
    pub kind: SeatKind,
    /// Name among partners.
    pub id: String,
    /// Name for people, in Chinese.
    pub name: String,
    /// Name for people, in English.
    pub name_en: String,
    /// For a bank seat.
    pub institution: Institution,
    /// Folder of the seat.
    pub data: PathBuf,
    /// Database URL.
    pub database: String,
    /// Where to listen.
    pub listen: SocketAddr,
    /// How requests are protected on their way.
    pub tls: Tls,
    /// Proxies whose forwarding header is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How sure a commit is.
    pub durability: Durability,
    /// Certificates (PEM) trusted when sending to partners; those of the system where absent.
    pub roots: Option<PathBuf>,
    /// For a bank seat: the centre to which it reports. For a carrier seat: the centre whose list and orders it takes;
    /// empty where it runs alone.
    pub centre: String,
    /// For a centre: parameters of the stop desk and the chase.
    pub stop: centre::stop::Parameters,
    /// For a centre: by what reports are checked and joined.
    pub intake: centre::intake::Parameters,
    /// For a centre: parameters of the lines desk.
    pub lines: centre::lines::Parameters,
    /// For a centre: parameters of the number list.
    pub numbers: centre::numbers::Parameters,
    /// For a centre: parameters of the signals desk.
    pub signals: centre::signals::Parameters,
    /// For a bank seat: the functions offered; none named means all.
    pub offer: Vec<String>,
    /// For a bank seat: what a stop does that meets another case's stop.
    pub stop_behind_stop: bank::hold::StopBehindStop,
    /// For a bank seat: its parameters by code.
    pub parameters: Vec<(String, i64)>,
    /// Single sign-on.
    pub oidc: Option<web::OidcSettings>,
    /// Who needs a second factor besides the password.
    pub second_factor: SecondFactor,
    /// Whether the data folder was a seat before this command.
    pub stands: bool,
    /// The database in the file of the data folder.
    database_in_file: Option<String>,
    /// Options of this start that the file is to hold.
    asked: Vec<remember::Asked>,
    /// For a carrier seat: the SIP front.
    pub sip: operator::sip::Settings,
    /// For a carrier seat: the message front, where there is one.
    pub messages: Option<operator::message::MessageConfig>,
    /// For a carrier seat: the signed card that tells a stopped caller where to appeal.
    pub redress: Option<operator::redress::Settings>,
    /// For a carrier seat: a list file that is read at start.
    pub list: Option<PathBuf>,
    /// For a carrier seat: who may feed results of calls and the whereabouts of subscribers.
    pub feeds: operator::feed::Settings,
    /// A file outside the database, best on another disk, to which sealed heads of the journal are written.
    pub anchor: Option<PathBuf>,
    /// The authority that gives sealed heads a time (RFC 3161), for the anchor.
    pub timestamp: Option<crate::stamping::Settings>,
    /// A seat that is not healthy for so long ends itself, to be started again; none where it never does.
    pub watchdog: Option<std::time::Duration>,
}

/// How requests are protected on their way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Plain HTTP on loopback.
    Loopback,
    /// A proxy on this machine ends TLS and speaks plain HTTP with us.
    Proxy,
    /// TLS here.
    Here {
        /// Certificate chain, PEM.
        cert: PathBuf,
        /// Private key, PEM.
        key: PathBuf,
    },
}

/// Whether a folder without a seat may be given one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Yes: this is its first start.
    Make,
    /// No: the command is about a seat that exists.
    Refuse,
}

/// Whether the command listens for callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listens {
    Yes,
    No,
}

/// The configuration of the seat at the given place, for commands about it. They listen to nobody, so how the seat is
/// reached does not matter to them. A seat that others may read is refused to each of them.
pub fn of_seat(at: &SeatAt) -> Outcome<Config> {
    let config = read(&Serve { at: at.clone(), ..Serve::default() }, None, Absent::Refuse, Listens::No)?;
    crate::private::check(&config)?;
    Ok(config)
}

/// One checked configuration from flags, file and defaults.
///
/// # Errors
/// Every fault found, each with the name of its key.
pub fn resolve(flags: &Serve, asked: Option<SeatKind>, absent: Absent) -> Outcome<Config> {
    read(flags, asked, absent, Listens::Yes)
}

/// The configuration for a command that makes or updates tables and listens to nobody.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_quiet(flags: &Serve, asked: Option<SeatKind>, absent: Absent) -> Outcome<Config> {
    read(flags, asked, absent, Listens::No)
}

fn read(flags: &Serve, asked: Option<SeatKind>, absent: Absent, listens: Listens) -> Outcome<Config> {
    let data_flag = flags.at.data.clone();
    let own_file = data_flag.clone().unwrap_or_else(|| DATA_DEFAULT.into()).join(FILE_NAME);
    let file = match &flags.at.config {
        Some(path) => Some(path.clone()),
        None => own_file.exists().then_some(own_file),
    };
    let mut reader = Reader::open(file.as_deref())?;

    let data = data_flag.or_else(|| reader.text("data").map(PathBuf::from)).unwrap_or_else(|| DATA_DEFAULT.into());
    let kind_in_file = reader
        .choice("seat", &[("centre", SeatKind::Centre), ("bank", SeatKind::Bank), ("operator", SeatKind::Operator)]);
    let kind = match (asked, kind_in_file) {
        (Some(asked), Some(found)) if asked != found => {
            return Err(texts::OTHER_SEAT.fail(
                Exit::Usage,
                &[("data", &data.display().to_string()), ("found", found.word()), ("asked", asked.word())],
            ));
        }
        (Some(kind), _) | (None, Some(kind)) => kind,
        (None, None) => {
            return Err(no_seat(&data));
        }
    };
    if absent == Absent::Refuse && file.is_none() {
        return Err(no_seat(&data));
    }

    let institution = flags
        .institution
        .or_else(|| reader.choice("institution", &[("bank", Institution::Bank), ("payment", Institution::Payment)]))
        .unwrap_or(Institution::Bank);
    let id = flags.id.clone().or_else(|| reader.text("id")).unwrap_or_else(|| {
        if kind == SeatKind::Bank {
            reader.fault(
                "id",
                "",
                "银行席位须有合作单位间的编号，例如 bank-a",
                "a bank seat needs a name among its partners, such as bank-a",
            );
        }
        if kind == SeatKind::Operator { OPERATOR_DEFAULT } else { CENTRE_DEFAULT }.to_owned()
    });
    let names = match kind {
        SeatKind::Operator => ("示范运营商", "Demo carrier"),
        SeatKind::Centre => ("反诈中心", "Anti-scam centre"),
        SeatKind::Bank => ("示范银行", "Demo bank"),
    };
    let name = flags.name.clone().or_else(|| reader.text("name")).unwrap_or_else(|| names.0.to_owned());
    let name_en = flags.name_en.clone().or_else(|| reader.text("name_en")).unwrap_or_else(|| names.1.to_owned());
    let port = match kind {
        SeatKind::Operator => 8434,
        SeatKind::Centre => 8430,
        SeatKind::Bank => 8431,
    };
    let listen =
        flags.listen.or_else(|| reader.parsed("listen")).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], port)));
    let database_in_file = reader.text("database");
    let database =
        flags.at.database.clone().or_else(|| database_in_file.clone()).unwrap_or_else(|| default_database(&data));
    if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| database.starts_with(scheme)) {
        let why = store::Error::Url(without_password(&database)).to_string();
        reader.add(texts::DATABASE_URL.fail(Exit::Usage, &[("why", &why)]));
    }
    if !id.is_empty() {
        reader.partner("id", &id);
    }
    let durability = flags
        .durability
        .or_else(|| reader.choice("durability", &[("full", Durability::Full), ("process", Durability::Process)]))
        .unwrap_or(Durability::Full);
    let tls = tls(flags, &mut reader, listen, listens);
    let trusted_proxies =
        if flags.trusted_proxies.is_empty() { reader.list("trusted_proxies") } else { flags.trusted_proxies.clone() };
    let roots = flags.roots.clone().or_else(|| reader.text("roots").map(PathBuf::from));
    let factors = [("administrators", SecondFactor::Administrators), ("optional", SecondFactor::Optional)];
    let second_factor = flags
        .second_factor
        .or_else(|| reader.choice("second_factor", &factors))
        .unwrap_or(SecondFactor::Administrators);
    let centre = flags
        .centre
        .clone()
        .or_else(|| reader.text("centre"))
        .unwrap_or_else(|| if kind == SeatKind::Operator { String::new() } else { CENTRE_DEFAULT.to_owned() });
    if !centre.is_empty() {
        reader.partner("centre", &centre);
    }
    let stop = reader.table("stop").unwrap_or_default();
    let intake = reader.intake();
    let lines = reader.table("lines").unwrap_or_default();
    let numbers = reader.table("numbers").unwrap_or_default();
    let signals = reader.table("signals").unwrap_or_default();
    let offer = reader.list("offer");
    let behind = [("waits", StopBehindStop::Waits), ("refused", StopBehindStop::Refused)];
    let stop_behind_stop = reader.choice("stop_behind_stop", &behind).unwrap_or_default();
    let parameters = reader.integers("parameters");
    let oidc = reader.oidc();
    let sip = reader.table("sip").unwrap_or_default();
    let messages = reader.table("messages");
    let redress = reader.table("redress");
    let list = reader.text("list").map(PathBuf::from);
    let feeds = reader.table("feeds").unwrap_or_default();
    let anchor = reader.text("anchor").map(PathBuf::from);
    let timestamp = reader.timestamp(anchor.is_some());
    let watchdog = reader.watchdog();
    reader.finish()?;
    let stands = data.join(FILE_NAME).exists();
    Ok(Config {
        kind,
        id,
        name,
        name_en,
        institution,
        data,
        database,
        listen,
        tls,
        trusted_proxies,
        durability,
        roots,
        centre,
        stop,
        intake,
        lines,
        numbers,
        signals,
        offer,
        stop_behind_stop,
        parameters,
        oidc,
        second_factor,
        stands,
        database_in_file,
        asked: remember::asked(flags),
        sip,
        messages,
        redress,
        list,
        feeds,
        anchor,
        timestamp,
        watchdog,
    })
}

fn no_seat(data: &Path) -> Failure {
    let data = data.display().to_string();
    texts::NO_SEAT.fail(Exit::Usage, &[("data", &data), ("quoted", &quoted(&data))])
}

fn default_database(data: &Path) -> String {
    let file = std::path::absolute(data).unwrap_or_else(|_| data.to_owned()).join("shouhu.db");
    format!("sqlite://{}", file.display())
}

/// The file of an embedded database.
pub fn sqlite_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
}

/// A database's address without its password, as it may be written down and shown.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (place, query) = rest.split_once('?').map_or((rest, ""), |(place, query)| (place, query));
    let (authority, name) = place.split_once('/').map_or((place, None), |(authority, name)| (authority, Some(name)));
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or(user)),
        None => authority.to_owned(),
    };
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("password=")).collect();
    let name = name.map(|name| format!("/{name}")).unwrap_or_default();
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    format!("{scheme}://{authority}{name}{query}")
}

impl Config {
    /// Folder of the signing keys.
    pub fn keys(&self) -> PathBuf {
        self.data.join("keys")
    }

    /// Whether the file in the data folder holds a secret: the password of a database or of a time-stamping
    /// authority, or that of the single sign-on.
    pub fn keeps_secrets_in_file(&self) -> bool {
        let database = self.database_in_file.as_ref().is_some_and(|url| without_password(url) != *url);
        let authority = self.timestamp.as_ref().is_some_and(crate::stamping::Settings::has_password);
        database || authority || self.oidc.as_ref().is_some_and(|oidc| oidc.client_secret.is_some())
    }

    /// Makes the data folder, for its owner alone; an empty one that somebody made for it becomes so.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn make_folder(&self) -> Outcome {
        let is_empty = std::fs::read_dir(&self.data).is_ok_and(|mut inside| inside.next().is_none());
        if is_empty {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            return std::fs::set_permissions(&self.data, mode)
                .map_err(|error| crate::input::unreadable(&self.data, &error));
        }
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.data).map_err(|error| crate::input::unreadable(&self.data, &error))
    }
}

fn tls(flags: &Serve, reader: &mut Reader, listen: SocketAddr, listens: Listens) -> Tls {
    let cert = flags.tls_cert.clone().or_else(|| reader.text("tls_cert").map(PathBuf::from));
    let key = flags.tls_key.clone().or_else(|| reader.text("tls_key").map(PathBuf::from));
    let behind_proxy = flags.behind_proxy.or_else(|| reader.boolean("behind_proxy")).unwrap_or(false);
    match (cert, key) {
        (Some(cert), Some(key)) => Tls::Here { cert, key },
        (None, None) => {
            if listens == Listens::Yes && !listen.ip().is_loopback() {
                reader.add(texts::NOT_LOOPBACK.fail(Exit::Usage, &[("listen", &listen.to_string())]));
            }
            if behind_proxy { Tls::Proxy } else { Tls::Loopback }
        }
        _ => {
            reader.add(texts::TLS_HALF.fail(Exit::Usage, &[]));
            Tls::Loopback
        }
    }
}

/// Reads a file key by key and collects what is wrong with it.
struct Reader {
    file: String,
    table: toml::Table,
    faults: Vec<Failure>,
}

impl Reader {
    fn open(path: Option<&Path>) -> Outcome<Self> {
        let Some(path) = path else {
            return Ok(Self { file: String::new(), table: toml::Table::new(), faults: Vec::new() });
        };
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            texts::CONFIG_UNREADABLE.fail(Exit::Usage, &[("file", &file), ("why", &error.to_string())])
        })?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.matches('\n').count() + 1);
            let why = format!("line {line}: {}", error.message());
            texts::CONFIG_SYNTAX.fail(Exit::Usage, &[("file", &file), ("why", &why)])
        })?;
        let mut reader = Self { file, table, faults: Vec::new() };
        let unknown: Vec<String> = reader.table.keys().filter(|key| !KEYS.contains(&key.as_str())).cloned().collect();
        for key in unknown {
            reader.unknown(&key, KEYS);
        }
        Ok(reader)
    }

    fn unknown(&mut self, key: &str, known: &[&str]) {
        let file = self.file.clone();
        let values = [("file", file.as_str()), ("key", key), ("known", &known.join(", "))];
        self.add(texts::CONFIG_UNKNOWN.fail(Exit::Usage, &values));
    }

    fn add(&mut self, failure: Failure) {
        self.faults.push(failure);
    }

    fn fault(&mut self, key: &str, value: &str, zh: &str, en: &str) {
        let value = format!("{value:?}");
        let said = |why: &str| texts::CONFIG_VALUE.say(&[("key", key), ("value", &value), ("why", why)]);
        let (mut both, chinese) = (said(en), said(zh));
        (both.zh, both.zh_remedy) = (chinese.zh, chinese.zh_remedy);
        self.add(Failure::new(Exit::Usage, both));
    }

    fn wrong_type(&mut self, key: &str, value: &toml::Value, zh: &str, en: &str) {
        self.fault(key, &value.to_string(), &format!("须为{zh}"), &format!("it must be {en}"));
    }

    /// Refuses a name that no partner may have, before anything is written under it.
    fn partner(&mut self, key: &str, name: &str) {
        if let Err(fault) = PartnerId::parse(name) {
            self.add(faulty(&kernel::Faults(vec![fault.under(key)])));
        }
    }

    fn text(&mut self, key: &str) -> Option<String> {
        match self.table.get(key).cloned()? {
            toml::Value::String(text) => Some(text),
            other => {
                self.wrong_type(key, &other, "带引号的文字", "text in quotes");
                None
            }
        }
    }

    fn boolean(&mut self, key: &str) -> Option<bool> {
        match self.table.get(key).cloned()? {
            toml::Value::Boolean(value) => Some(value),
            other => {
                self.wrong_type(key, &other, "true 或 false", "true or false");
                None
            }
        }
    }

    fn parsed<T: FromStr<Err: std::fmt::Display>>(&mut self, key: &str) -> Option<T> {
        let text = self.text(key)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(key, &text, "格式不对", &format!("{error}"));
                None
            }
        }
    }

    fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.fault(
                key,
                &text,
                &format!("可选：{}", words.join("、")),
                &format!("choose from {}", words.join(", ")),
            );
        }
        found
    }

    fn list<T: FromStr<Err: std::fmt::Display>>(&mut self, key: &str) -> Vec<T> {
        let Some(value) = self.table.get(key).cloned() else { return Vec::new() };
        let toml::Value::Array(items) = value else {
            self.wrong_type(key, &value, "列表", "a list");
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in items {
            match item.as_str().map(str::parse) {
                Some(Ok(value)) => out.push(value),
                Some(Err(error)) => self.fault(key, &item.to_string(), "格式不对", &format!("{error}")),
                None => self.wrong_type(key, &item, "文字列表", "a list of texts"),
            }
        }
        out
    }

    fn integers(&mut self, key: &str) -> Vec<(String, i64)> {
        let Some(value) = self.table.get(key).cloned() else { return Vec::new() };
        let toml::Value::Table(table) = value else {
            self.wrong_type(key, &value, "表", "a table");
            return Vec::new();
        };
        let mut out = Vec::new();
        for (code, value) in table {
            match value.as_integer() {
                Some(number) => out.push((code, number)),
                None => self.wrong_type(&format!("{key}.{code}"), &value, "整数", "a whole number"),
            }
        }
        out
    }

    /// How long a seat may be unhealthy, in seconds: 0 for ever, else at least [`WATCHDOG_SECONDS_MIN`].
    fn watchdog(&mut self) -> Option<std::time::Duration> {
        let Some(value) = self.table.get("watchdog_seconds").cloned() else { return Some(WATCHDOG_DEFAULT) };
        match value.as_integer().and_then(|seconds| u64::try_from(seconds).ok()) {
            Some(0) => None,
            Some(seconds) if seconds >= WATCHDOG_SECONDS_MIN => Some(std::time::Duration::from_secs(seconds)),
            _ => {
                let why = format!("it must be 0, or a whole number of seconds from {WATCHDOG_SECONDS_MIN} on");
                let zh = format!("须为 0，或不小于 {WATCHDOG_SECONDS_MIN} 的整数（秒）");
                self.fault("watchdog_seconds", &value.to_string(), &zh, &why);
                None
            }
        }
    }

    /// The time-stamping authority; its stamps stand in the anchor.
    fn timestamp(&mut self, has_anchor: bool) -> Option<crate::stamping::Settings> {
        let settings: crate::stamping::Settings = self.table("timestamp")?;
        for (key, zh, en) in settings.faults() {
            let value = if key == "timestamp.url" { settings.url.clone() } else { settings.hours.to_string() };
            self.fault(key, &value, zh, en);
        }
        if !has_anchor {
            self.fault(
                "timestamp",
                &settings.url,
                "时间戳写入锚点文件，请同时设置 anchor",
                "stamps are written to the anchor: set anchor too",
            );
        }
        Some(settings)
    }

    /// A table that reads by its own type, which names unknown keys itself.
    fn table<T: serde::de::DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.table.get(key).cloned()?;
        match value.try_into() {
            Ok(table) => Some(table),
            Err(error) => {
                let why = error.message().to_owned();
                self.fault(key, "…", &format!("内容不合要求（{why}）"), &why);
                None
            }
        }
    }

    /// What `[intake]` sets of the desk's parameters; the others keep their defaults.
    fn intake(&mut self) -> centre::intake::Parameters {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            same_payment_minutes: Option<i64>,
            public_burst: Option<i64>,
            public_interval_seconds: Option<i64>,
            home_region: Option<String>,
        }
        let mut intake = centre::intake::Parameters::default();
        let Some(set) = self.table::<Table>("intake") else { return intake };
        if let Some(minutes) = set.same_payment_minutes {
            intake.same_payment_within = Duration::minutes(minutes);
        }
        if let Some(burst) = set.public_burst {
            intake.public_burst = burst;
        }
        if let Some(seconds) = set.public_interval_seconds {
            intake.public_interval = Duration::seconds(seconds);
        }
        if let Some(code) = set.home_region {
            match Region::parse(&code) {
                Ok(region) => intake.home_region = Some(region),
                Err(fault) => self.fault("intake.home_region", &code, &fault.said.zh, &fault.said.en),
            }
        }
        intake
    }

    fn oidc(&mut self) -> Option<web::OidcSettings> {
        let mut settings: web::OidcSettings = self.table("oidc")?;
        // A secret is better kept out of files.
        if let Ok(secret) = std::env::var("SHOUHU_OIDC_CLIENT_SECRET") {
            settings.client_secret = Some(secret);
        }
        Some(settings)
    }

    fn finish(self) -> Outcome {
        if self.faults.is_empty() {
            return Ok(());
        }
        let said = self.faults.into_iter().flat_map(|failure| failure.said).collect();
        Err(Failure { exit: Exit::Usage, said })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, Serve) {
        crate::private::make_private();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE_NAME), text).unwrap();
        let at = SeatAt { data: Some(dir.path().to_owned()), ..SeatAt::default() };
        (dir, Serve { at, ..Serve::default() })
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let (_dir, mut flags) = file("seat = 'bank'\nid = 'bank-a'\nlisten = '127.0.0.1:9000'\nname = '甲'\n");
        flags.listen = "127.0.0.1:9001".parse().ok();
        let config = resolve(&flags, Some(SeatKind::Bank), Absent::Refuse).unwrap();
        assert_eq!((config.id.as_str(), config.name.as_str()), ("bank-a", "甲"));
        assert_eq!(config.listen.port(), 9001);
        assert_eq!(config.institution, Institution::Bank);
    }

    #[test]
    fn every_fault_is_told_at_once_by_key() {
        let (_dir, flags) = file(
            "seat = 'bank'\nlisten = 'here'\nlitsen = 1\ninstitution = 'shop'\n[oidc]\nissuer = 'x'\nsecret = 'y'\n[parameters]\nstop_hours = 'two'\n",
        );
        let failure = resolve(&flags, None, Absent::Refuse).unwrap_err();
        let said: Vec<&str> = failure.said.iter().map(|s| s.en.as_str()).collect();
        assert_eq!(failure.exit, Exit::Usage);
        for needle in ["litsen", "listen cannot", "institution", "id cannot", "oidc cannot", "parameters.stop_hours"] {
            assert!(said.iter().any(|line| line.contains(needle)), "{needle} is not in {said:#?}");
        }
    }

    #[test]
    fn plain_http_stays_on_loopback() {
        let (_dir, mut flags) = file("seat = 'centre'\nlisten = '0.0.0.0:80'\nbehind_proxy = true\n");
        assert_eq!(resolve(&flags, None, Absent::Refuse).unwrap_err().said[0].code, "cli.not_loopback");
        flags.listen = "127.0.0.1:80".parse().ok();
        assert_eq!(resolve(&flags, None, Absent::Refuse).unwrap().tls, Tls::Proxy);
    }

    #[test]
    fn a_folder_is_not_opened_as_another_seat() {
        let (_dir, flags) = file("seat = 'bank'\nid = 'bank-a'\n");
        let failure = resolve(&flags, Some(SeatKind::Centre), Absent::Make).unwrap_err();
        assert_eq!(failure.said[0].code, "cli.other_seat");
    }

    #[test]
    fn what_tls_and_where_the_data_lies_are_remembered_without_the_password() {
        let dir = tempfile::tempdir().unwrap();
        let at = SeatAt {
            data: Some(dir.path().join("x y")),
            database: Some("postgres://shouhu:secret@db.example:5433/shouhu?sslmode=require&password=again".into()),
            ..SeatAt::default()
        };
        let flags = Serve {
            at,
            listen: "0.0.0.0:443".parse().ok(),
            tls_cert: Some("cert.pem".into()),
            tls_key: Some("/etc/key.pem".into()),
            ..Serve::default()
        };
        let first = resolve(&flags, Some(SeatKind::Centre), Absent::Make).unwrap();
        first.make_folder().unwrap();
        first.remember().unwrap();
        let written = std::fs::read_to_string(dir.path().join("x y").join(FILE_NAME)).unwrap();
        assert!(!written.contains(":secret") && !written.contains("password="), "{written}");
        let again = of_seat(&SeatAt { data: Some(dir.path().join("x y")), ..SeatAt::default() }).unwrap();
        assert_eq!(again.database, "postgres://shouhu@db.example:5433/shouhu?sslmode=require");
        let Tls::Here { cert, key } = again.tls else { panic!("{:?}", again.tls) };
        assert!(cert.is_absolute() && key == Path::new("/etc/key.pem"));
    }

    #[test]
    fn an_address_without_tls_keeps_no_command_from_its_seat() {
        let (_dir, flags) = file("seat = 'centre'\nlisten = '0.0.0.0:443'\n");
        assert!(resolve(&flags, None, Absent::Refuse).is_err(), "nobody serves plain HTTP there");
        assert!(of_seat(&flags.at).is_ok());
    }

    #[test]
    fn a_name_is_checked_before_anything_is_written_under_it() {
        let dir = tempfile::tempdir().unwrap();
        let at = SeatAt { data: Some(dir.path().join("new")), ..SeatAt::default() };
        let flags = Serve { at, id: Some("Bank A".into()), centre: Some("?".into()), ..Serve::default() };
        let failure = resolve(&flags, Some(SeatKind::Bank), Absent::Make).unwrap_err();
        let said: Vec<&str> = failure.said.iter().map(|said| said.en.as_str()).collect();
        assert!(
            said.iter().any(|line| line.starts_with("id: ")) && said.iter().any(|line| line.starts_with("centre: "))
        );
        assert!(!dir.path().join("new").exists());
    }

    #[test]
    fn what_the_first_start_writes_reads_back_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let at = SeatAt { data: Some(dir.path().join("x")), ..SeatAt::default() };
        let flags = Serve {
            at: at.clone(),
            id: Some("pay-c".into()),
            name: Some("橘洲\"支付".into()),
            institution: Some(Institution::Payment),
            ..Serve::default()
        };
        let first = resolve(&flags, Some(SeatKind::Bank), Absent::Make).unwrap();
        first.make_folder().unwrap();
        first.remember().unwrap();
        let mut second = of_seat(&at).unwrap();
        assert!(second.stands && !first.stands);
        second.stands = false;
        assert_eq!(format!("{second:?}"), format!("{first:?}"));
    }
}
