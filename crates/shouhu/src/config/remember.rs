//! What a seat writes down about itself in its data folder: what it is, where its data lies, how it is reached and fed.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::{Config, FILE_NAME, Tls, default_database, sqlite_path, without_password};
use crate::cli::{Durability, Institution, SeatKind, SecondFactor, Serve};
use crate::speech::Outcome;

/// An option of this start that says how the seat is reached or fed, as its file names it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// The table of the file; empty for its head.
    table: &'static str,
    key: &'static str,
    value: toml::Value,
}

/// What the options of every seat ask for. Who the seat is and how it stores is fixed at the first start.
pub(super) fn asked(flags: &Serve) -> Vec<Asked> {
    let list = |values: Vec<String>| toml::Value::Array(values.into_iter().map(toml::Value::String).collect());
    let file = |path: &PathBuf| toml::Value::String(absolute(path));
    let proxies = || list(flags.trusted_proxies.iter().map(ToString::to_string).collect());
    let found = [
        ("listen", flags.listen.map(|at| toml::Value::String(at.to_string()))),
        ("tls_cert", flags.tls_cert.as_ref().map(file)),
        ("tls_key", flags.tls_key.as_ref().map(file)),
        ("behind_proxy", flags.behind_proxy.map(toml::Value::Boolean)),
        ("trusted_proxies", (!flags.trusted_proxies.is_empty()).then(proxies)),
        ("roots", flags.roots.as_ref().map(file)),
        ("centre", flags.centre.clone().map(toml::Value::String)),
    ];
    found.into_iter().filter_map(|(key, value)| Some(Asked { table: "", key, value: value? })).collect()
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

impl Config {
    /// Has SIP answered at an address, over UDP and TCP, in place of those of the file.
    pub fn ask_sip(&mut self, at: SocketAddr) {
        (self.sip.udp, self.sip.tcp) = (vec![at], vec![at]);
        let value = toml::Value::Array(vec![toml::Value::String(at.to_string())]);
        for key in ["udp", "tcp"] {
            self.asked.push(Asked { table: "sip", key, value: value.clone() });
        }
    }

    /// Has senders of messages bind at an address, in place of that of the file.
    pub fn ask_smpp(&mut self, at: SocketAddr) {
        self.messages.get_or_insert_default().listen = Some(at);
        self.asked.push(Asked { table: "messages", key: "listen", value: toml::Value::String(at.to_string()) });
    }

    /// Has a list file read at start, in place of that of the file.
    pub fn ask_list(&mut self, path: PathBuf) {
        self.asked.push(Asked { table: "", key: "list", value: toml::Value::String(absolute(&path)) });
        self.list = Some(path);
    }

    /// Writes down what the seat is, where its data lies and how it is reached and fed, once its database is open:
    /// [`FILE_NAME`] in the data folder where there is none; else the database where the file does not name it yet, and
    /// what the options of this start ask for.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn remember(&self) -> Outcome {
        let path = self.data.join(FILE_NAME);
        let unwritable = |error: &std::io::Error| crate::input::unreadable(&path, error);
        if !path.exists() {
            return write_private(&path, &self.with_asked(self.to_toml())).map_err(|error| unwritable(&error));
        }
        let mut text = std::fs::read_to_string(&path).map_err(|error| unwritable(&error))?;
        let is_named = self.database_in_file.is_some() || self.database == default_database(&self.data);
        if !is_named && text.parse::<toml::Table>().is_ok_and(|table| !table.contains_key("database")) {
            // In front of everything: a key behind a table would belong to it.
            text = format!("{}{text}", self.database_line());
            write_private(&path, &text).map_err(|error| unwritable(&error))?;
        }
        let wanted = self.with_asked(text.clone());
        if wanted == text {
            return Ok(());
        }
        match write_private(&path, &wanted) {
            // Whoever manages the file elsewhere gives the options again, or enters them there.
            Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
                tracing::warn!(%error, file = %path.display(), "the options of this start are not remembered");
                Ok(())
            }
            written => written.map_err(|error| unwritable(&error)),
        }
    }

    fn with_asked(&self, text: String) -> String {
        self.asked.iter().fold(text, |text, asked| with(&text, asked).unwrap_or(text))
    }

    /// Writes down who needs a second factor where the file does not say so yet; for seats of a demonstration that an
    /// older version made.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_second_factor(&self) -> Outcome {
        let path = self.data.join(FILE_NAME);
        if self.second_factor == SecondFactor::Administrators || !path.exists() {
            return Ok(());
        }
        let unwritable = |error: &std::io::Error| crate::input::unreadable(&path, error);
        let text = std::fs::read_to_string(&path).map_err(|error| unwritable(&error))?;
        if text.parse::<toml::Table>().is_ok_and(|table| !table.contains_key("second_factor")) {
            let line = "second_factor = \"optional\"\n";
            return write_private(&path, &format!("{line}{text}")).map_err(|error| unwritable(&error));
        }
        Ok(())
    }

    fn database_line(&self) -> String {
        let url = match sqlite_path(&self.database) {
            Some(path) => format!("sqlite://{}", std::path::absolute(&path).unwrap_or(path).display()),
            None => without_password(&self.database),
        };
        format!("database = {}   # without its password\n", toml::Value::String(url))
    }

    fn to_toml(&self) -> String {
        let quote = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut out = String::from(
            "# What this seat is. Written at first start; edit it while the seat is stopped.\n\
             # Flags and SHOUHU_… variables win over this file; those that say how the seat is reached are written here.\n\n",
        );
        let mut line = |key: &str, value: String| out.push_str(&format!("{key} = {value}\n"));
        line("seat", quote(self.kind.word()));
        line("id", quote(&self.id));
        line("name", quote(&self.name));
        line("name_en", quote(&self.name_en));
        if self.kind == SeatKind::Bank {
            line("institution", quote(if self.institution == Institution::Bank { "bank" } else { "payment" }));
        }
        if self.kind == SeatKind::Operator && !self.centre.is_empty() {
            line("centre", quote(&self.centre));
        }
        line("listen", quote(&self.listen.to_string()));
        let absolute = |path: &PathBuf| quote(&absolute(path));
        match &self.tls {
            Tls::Here { cert, key } => {
                line("tls_cert", absolute(cert));
                line("tls_key", absolute(key));
            }
            Tls::Proxy => line("behind_proxy", "true".to_owned()),
            Tls::Loopback => {}
        }
        if !self.trusted_proxies.is_empty() {
            let all: Vec<String> = self.trusted_proxies.iter().map(|ip| quote(&ip.to_string())).collect();
            line("trusted_proxies", format!("[{}]", all.join(", ")));
        }
        if let Some(roots) = &self.roots {
            line("roots", absolute(roots));
        }
        if self.durability == Durability::Process {
            line("durability", quote("process"));
        }
        if self.second_factor == SecondFactor::Optional {
            line("second_factor", quote("optional"));
        }
        if let Some(list) = &self.list {
            line("list", absolute(list));
        }
        if self.database != default_database(&self.data) {
            out.push_str(&self.database_line());
        }
        out.push_str(
            "\n# database = \"postgres://shouhu@localhost/shouhu\"   # else shouhu.db in this folder\n\
             # tls_cert = \"/etc/shouhu/cert.pem\"\n\
             # tls_key = \"/etc/shouhu/key.pem\"\n\
             # behind_proxy = true\n\
             # trusted_proxies = [\"10.0.0.1\"]\n\
             # second_factor = \"administrators\"                 # or \"optional\": who needs an authenticator\n\
             # durability = \"full\"                              # or \"process\", for throw-away data\n\
             # roots = \"/etc/shouhu/partners.pem\"                # certificates trusted when sending\n\
             # offer = [\"stop\", \"lift_stop\"]                   # a bank's functions, where it has not all\n\
             # [stop]                                            # a centre's rules that notices fix; see the handbook\n\
             # [intake]                                          # same_payment_minutes, public_burst, home_region, …\n\
             # [lines]                                           # urgent_answer_minutes, urgent_hours_max, period_days, …\n\
             # [numbers]                                         # prefix_digits_min, report_entry_days, …\n\
             # [signals]                                         # hit_days, counter_days\n\
             # [parameters]                                      # the same of a bank\n\
             # list = \"/etc/shouhu/numbers.csv\"                 # a carrier's list file, read at start\n\
             # [sip]                                             # a carrier's trunk groups, proxy, TLS; see the handbook\n\
             # [messages]                                        # a carrier's accounts of message senders\n\
             # [redress]                                         # where a stopped caller appeals: organisation, telephone, key, …\n\
             # [feeds]                                         # a carrier's keys for results of calls and roaming; see the handbook\n\
             # anchor = \"/mnt/other-disk/heads.jsonl\"         # sealed heads of the journal, outside the database\n\
             # watchdog_seconds = 60                           # a seat not healthy for so long ends, to be started again; 0: never\n\
             # [timestamp]                                       # an authority by RFC 3161 for the anchor: url, certificate, hours\n\
             # [oidc]                                            # issuer, client_id, public_url, roles; see the handbook\n",
        );
        out
    }
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The text of a file with an option set, its comments kept; none where it stands there already, or where the text is no
/// TOML.
fn with(text: &str, asked: &Asked) -> Option<String> {
    let Asked { table, key, value } = asked;
    let mut wanted: toml::Table = text.parse().ok()?;
    let inner = match *table {
        "" => &mut wanted,
        name => wanted.entry(name).or_insert_with(|| toml::Table::new().into()).as_table_mut()?,
    };
    if inner.insert((*key).to_owned(), value.clone()).as_ref() == Some(value) {
        return None;
    }
    let edited = edited(text, asked);
    // A value over several lines, or a table written otherwise: then the whole is written anew, without its comments.
    Some(if edited.parse::<toml::Table>().is_ok_and(|table| table == wanted) { edited } else { wanted.to_string() })
}

/// The text with one line set, where each key has a line of its own.
fn edited(text: &str, asked: &Asked) -> String {
    let Asked { table, key, value } = asked;
    let line = format!("{key} = {value}");
    let mut lines: Vec<&str> = text.lines().collect();
    let header = format!("[{table}]");
    let begin = match *table {
        "" => Some(0),
        _ => lines.iter().position(|line| line.split('#').next().unwrap_or("").trim() == header).map(|at| at + 1),
    };
    let Some(begin) = begin else { return format!("{}\n\n{header}\n{line}\n", text.trim_end()) };
    let keys = || lines.iter().enumerate().skip(begin).take_while(|(_, line)| !line.trim_start().starts_with('['));
    let old = keys().find(|(_, line)| line.split('=').next().is_some_and(|name| name.trim() == *key));
    match old.map(|(at, _)| at) {
        Some(at) => {
            if let Some(old) = lines.get_mut(at) {
                *old = &line;
            }
        }
        None => {
            let behind = keys()
                .filter(|(_, line)| !line.trim_start().starts_with('#') && line.contains('='))
                .last()
                .map_or(begin, |(at, _)| at + 1);
            lines.insert(behind, &line);
        }
    }
    format!("{}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::cli::SeatAt;
    use crate::config::{Absent, of_seat, resolve};

    fn listen(at: &str) -> Asked {
        Asked { table: "", key: "listen", value: toml::Value::String(at.to_owned()) }
    }

    fn sip(at: &str) -> Asked {
        let value = toml::Value::Array(vec![toml::Value::String(at.to_owned())]);
        Asked { table: "sip", key: "udp", value }
    }

    #[test]
    fn an_option_is_set_in_its_line_and_the_rest_stays() {
        let cases = [
            ("listen = 'a' # here\nid = 'x'\n", listen("b"), "listen = \"b\"\nid = 'x'\n"),
            ("# seat\nid = 'x'\n\n[sip]\n", listen("b"), "# seat\nid = 'x'\nlisten = \"b\"\n\n[sip]\n"),
            ("id = 'x'\n", sip("b"), "id = 'x'\n\n[sip]\nudp = [\"b\"]\n"),
            ("[sip] # front\ntcp = []\n[feeds]\n", sip("b"), "[sip] # front\ntcp = []\nudp = [\"b\"]\n[feeds]\n"),
            (
                "[sip]\nudp = ['a']\n[[sip.trunks]]\nid = 1\n",
                sip("b"),
                "[sip]\nudp = [\"b\"]\n[[sip.trunks]]\nid = 1\n",
            ),
        ];
        for (text, asked, wanted) in cases {
            assert_eq!(with(text, &asked).as_deref(), Some(wanted), "{text}");
            assert_eq!(with(wanted, &asked), None, "it stands there already");
        }
    }

    #[test]
    fn what_no_line_holds_is_written_anew_with_the_same_meaning() {
        for text in ["sip.udp = ['a']\nid = 'x'\n", "id = 'x'\n[sip]\nudp = [\n  'a',\n  'c',\n]\ntcp = ['d']\n"] {
            let before: toml::Table = text.parse().unwrap();
            let after: toml::Table = with(text, &sip("b")).unwrap().parse().unwrap();
            assert_eq!(after["sip"]["udp"][0].as_str(), Some("b"), "{after}");
            assert_eq!((&after["id"], after["sip"].get("tcp")), (&before["id"], before["sip"].get("tcp")), "{after}");
        }
    }

    #[test]
    fn how_a_seat_is_reached_and_fed_is_remembered_and_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let at = SeatAt { data: Some(dir.path().join("x")), ..SeatAt::default() };
        let address = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        let started = |port: u16, list: &str| {
            let flags = Serve {
                at: at.clone(),
                id: Some("operator-a".into()),
                listen: Some(address(port)),
                roots: Some(format!("/etc/{list}.pem").into()),
                trusted_proxies: vec![[10, 0, 0, 1].into()],
                centre: Some("centre-11".into()),
                ..Serve::default()
            };
            let mut config = resolve(&flags, Some(SeatKind::Operator), Absent::Make).unwrap();
            config.ask_sip(address(port + 1));
            config.ask_smpp(address(port + 2));
            config.ask_list(format!("/etc/{list}.csv").into());
            config.make_folder().unwrap();
            config.remember().unwrap();
        };
        for (port, list) in [(4000, "first"), (5000, "second")] {
            started(port, list);
            let again = resolve(&Serve { at: at.clone(), ..Serve::default() }, None, Absent::Refuse).unwrap();
            assert_eq!((again.listen, again.centre.as_str()), (address(port), "centre-11"));
            assert_eq!((&again.sip.udp, &again.sip.tcp), (&vec![address(port + 1)], &vec![address(port + 1)]));
            assert_eq!(again.messages.unwrap().listen, Some(address(port + 2)));
            assert_eq!(again.list.unwrap(), Path::new(&format!("/etc/{list}.csv")));
            assert_eq!(again.roots.unwrap(), Path::new(&format!("/etc/{list}.pem")));
            assert_eq!(again.trusted_proxies, [IpAddr::from([10, 0, 0, 1])]);
        }
    }

    #[test]
    fn a_bank_remembers_its_centre() {
        let dir = tempfile::tempdir().unwrap();
        let at = SeatAt { data: Some(dir.path().join("x")), ..SeatAt::default() };
        let flags =
            Serve { at: at.clone(), id: Some("bank-a".into()), centre: Some("centre-11".into()), ..Serve::default() };
        let first = resolve(&flags, Some(SeatKind::Bank), Absent::Make).unwrap();
        first.make_folder().unwrap();
        first.remember().unwrap();
        assert_eq!(of_seat(&at).unwrap().centre, "centre-11");
    }
}
