//! What the command line says: one line, in the user's language, with the remedy; and how it ends.

use std::fmt;
use std::process::ExitCode;
use std::sync::OnceLock;

use kernel::{Faults, Said, Text};

/// The language of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

static LANG: OnceLock<Lang> = OnceLock::new();

impl Lang {
    /// The chosen language; English until one is chosen.
    pub fn now() -> Self {
        LANG.get().copied().unwrap_or(Lang::En)
    }

    /// Chooses for the rest of the process: `--lang`, else `SHOUHU_LANG`, else `LC_ALL`, `LC_MESSAGES`, `LANG`.
    /// Read before the flags, because the help is in this language too.
    pub fn choose(args: &[String]) -> Self {
        let named = args.iter().enumerate().find_map(|(index, arg)| match arg.strip_prefix("--lang") {
            Some("") => args.get(index + 1).cloned(),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        });
        let from_system = || {
            ["SHOUHU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .filter_map(|name| std::env::var(name).ok())
                .find(|value| !value.is_empty())
        };
        let lang = match named.or_else(from_system) {
            Some(word) if word.to_lowercase().starts_with("zh") => Lang::Zh,
            _ => Lang::En,
        };
        *LANG.get_or_init(|| lang)
    }

    /// One of two words.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

/// How the process ends. These numbers are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The answer is no: a journal that does not verify, a report that is refused, a limit that is missed.
    No = 1,
    /// Flags, configuration or an input file are wrong.
    Usage = 2,
    /// The surroundings are not as needed: a file, a port, the database, another seat.
    Surroundings = 3,
    /// A fault of this program.
    Fault = 4,
    /// A seat that was not healthy for too long ended itself; it should be started again.
    Unhealthy = 5,
}

/// Why a command did not do what it was asked.
#[derive(Debug, Clone)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// The words, one entry a line.
    pub said: Vec<Said>,
}

/// What a command gives.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure in the given words.
    pub fn new(exit: Exit, said: Said) -> Self {
        Self { exit, said: vec![said] }
    }

    /// The number the process ends with.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lang = Lang::now();
        for (index, said) in self.said.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            let what = lang.pick(&said.zh, &said.en).replace('\n', " ");
            let remedy = lang.pick(&said.zh_remedy, &said.en_remedy).replace('\n', " ");
            write!(f, "{}{what}", lang.pick("shouhu：", "shouhu: "))?;
            if !remedy.is_empty() {
                write!(f, "{}{remedy}", lang.pick("；", "; "))?;
            }
            write!(f, " [{}]", said.code)?;
        }
        Ok(())
    }
}

/// Builds failures from texts.
pub trait Fail {
    /// A failure whose places are filled with the values.
    fn fail(&self, exit: Exit, values: &[(&str, &str)]) -> Failure;
}

impl Fail for Text {
    fn fail(&self, exit: Exit, values: &[(&str, &str)]) -> Failure {
        Failure::new(exit, self.say(values))
    }
}

/// Faults of input: each on its own line behind the name of its field.
pub fn faulty(faults: &Faults) -> Failure {
    let said = faults
        .0
        .iter()
        .map(|fault| {
            let mut said = fault.said.clone();
            if !fault.field.is_empty() {
                said.zh = format!("{}：{}", fault.field, said.zh);
                said.en = format!("{}: {}", fault.field, said.en);
            }
            said
        })
        .collect();
    Failure { exit: Exit::Usage, said }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        let why = error.to_string();
        match error {
            store::Error::Url(_) => texts::DATABASE_URL.fail(Exit::Usage, &[("why", &why)]),
            store::Error::Database(_) => texts::DATABASE.fail(Exit::Surroundings, &[("why", &why)]),
            store::Error::Migration(_) => texts::MIGRATION.fail(Exit::Surroundings, &[("why", &why)]),
            other => Failure::new(Exit::No, other.said()),
        }
    }
}

/// A word as a shell takes it: quoted where it holds more than letters, digits and harmless signs.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Why the system refused, in both languages; the English words are the system's own, without its number.
pub fn io_words(error: &std::io::Error) -> (String, String) {
    use std::io::ErrorKind;
    let en = error.to_string();
    // The number says nothing to people.
    let en = en.split(" (os error").next().unwrap_or(&en).to_owned();
    let zh = match error.kind() {
        ErrorKind::NotFound => "不存在",
        ErrorKind::PermissionDenied => "没有权限",
        ErrorKind::AlreadyExists => "已存在",
        ErrorKind::AddrInUse => "地址已被占用",
        ErrorKind::AddrNotAvailable => "本机没有这个地址",
        ErrorKind::ConnectionRefused => "对方拒绝连接",
        ErrorKind::IsADirectory => "是目录，不是文件",
        ErrorKind::NotADirectory => "不是目录",
        ErrorKind::StorageFull => "磁盘已满",
        ErrorKind::ReadOnlyFilesystem => "文件系统只读",
        ErrorKind::UnexpectedEof => "内容不完整",
        ErrorKind::TimedOut => "超时",
        _ => return (en.clone(), en),
    };
    (zh.to_owned(), en)
}

/// A failure whose `why` has its own words in Chinese.
pub fn fail_because(text: &Text, exit: Exit, values: &[(&str, &str)], zh_why: &str, en_why: &str) -> Failure {
    let with = |why: &str| {
        let values: Vec<(&str, &str)> = values.iter().copied().chain([("why", why)]).collect();
        text.say(&values)
    };
    let (chinese, mut both) = (with(zh_why), with(en_why));
    (both.zh, both.zh_remedy) = (chinese.zh, chinese.zh_remedy);
    Failure::new(exit, both)
}

/// What the command line says when it cannot go on.
pub mod texts {
    use kernel::Text;

    macro_rules! texts {
        ($($name:ident $code:literal ($zh:literal, $en:literal) ($zh_remedy:literal, $en_remedy:literal);)*) => {
            $(#[doc = $en] pub const $name: Text = Text::new($code, ($zh, $en), ($zh_remedy, $en_remedy));)*
            /// Every text of the command line.
            #[cfg(test)]
            pub const CATALOGUE: &[Text] = &[$($name),*];
        };
    }

    texts! {
        USAGE "cli.usage" ("命令行有误：{what}", "{what}") ("用法见 {help}", "see {help}");
        CONFIG_UNREADABLE "cli.config.unreadable" ("配置文件 {file} 无法读取：{why}", "cannot read the configuration {file}: {why}")
            ("请核对 --config 的路径与权限", "check the path given to --config and its permissions");
        CONFIG_SYNTAX "cli.config.syntax" ("配置文件 {file} 不是有效的 TOML：{why}", "{file} is not valid TOML: {why}")
            ("请改正该行", "correct that line");
        CONFIG_UNKNOWN "cli.config.unknown_key" ("配置文件 {file} 中没有名为 {key} 的项", "{file} has a key {key} that means nothing here")
            ("可用的项：{known}", "the keys are: {known}");
        CONFIG_VALUE "cli.config.value" ("{key} 的值 {value} 不可用：{why}", "{key} cannot be {value}: {why}")
            ("请改正命令行、环境变量或配置文件中的该项", "correct it on the command line, in the environment or in the file");
        NOT_LOOPBACK "cli.not_loopback" ("{listen} 不是本机回环地址，而明文 HTTP 只能用于本机回环", "{listen} is not a loopback address, and plain HTTP is only for loopback")
            ("请给出 --tls-cert 与 --tls-key，或改为监听 127.0.0.1 并由本机代理终结 TLS", "give --tls-cert and --tls-key, or listen on 127.0.0.1 behind a proxy on this machine");
        TLS_HALF "cli.tls_half" ("证书与私钥须同时给出", "a certificate and its key go together")
            ("请同时给出 --tls-cert 与 --tls-key", "give both --tls-cert and --tls-key");
        NO_SEAT "cli.no_seat" ("{data} 中还没有席位", "there is no seat in {data}")
            ("请核对 --data；要新建席位，请运行 shouhu migrate --seat centre --data {quoted}（银行为 bank，运营商为 operator），或直接 serve", "check --data; a new seat is made by shouhu migrate --seat centre --data {quoted} (or bank, operator), or by its serve");
        LOCKED "cli.locked" ("{data} 正由进程 {pid} 使用（{command}）", "{data} is in use by process {pid} ({command})")
            ("请先停止该进程，或换用另一个数据目录", "stop that process first, or name another data folder");
        NOT_PRIVATE "cli.not_private" ("{path} 的权限是 {mode}，他人可以读取", "others may use {path}: its mode is {mode}")
            ("请先查明何人可能读过，再运行 chmod -R go-rwx {quoted}", "find out who may have read it, then run chmod -R go-rwx {quoted}");
        NO_DATABASE "cli.no_database" ("{data} 的数据库不在 {database}，命令不会新建空数据库", "the database of {data} is not at {database}, and a command makes no empty one")
            ("数据在别处的，请用 --database 或 SHOUHU_DATABASE 指明；丢失的，请从备份恢复；确要新建，请运行 shouhu migrate --seat {kind} --data {quoted}", "name it with --database or SHOUHU_DATABASE where it lies elsewhere; restore it from the backup where it was lost; a new one is made only by shouhu migrate --seat {kind} --data {quoted}");
        NO_VAULT "cli.no_vault" ("{data} 中没有 vault.key，个人信息无法打开", "there is no vault.key in {data}, and personal data cannot be opened without it")
            ("请从备份恢复该文件；确要新建席位，请运行 shouhu migrate --seat {kind} --data {quoted}", "restore the file from the backup; for a new seat run shouhu migrate --seat {kind} --data {quoted}");
        OTHER_DATABASE "cli.other_database" ("数据库 {database} 属于席位 {found}，不属于 {asked}", "the database {database} belongs to the seat {found}, not to {asked}")
            ("请核对 --database、SHOUHU_DATABASE 与数据目录", "check --database, SHOUHU_DATABASE and the data folder");
        SEEN_PASSWORD "cli.seen_password" ("写在命令行上的密码，本机所有人都能用 ps 看到", "a password on the command line is seen by everybody on this machine, in ps")
            ("请放入环境变量 {variable}，或加 --password-stdin 从标准输入读取", "put it into {variable}, or give --password-stdin and type it");
        NOT_A_DEMO "cli.not_a_demo" ("{data} 中有别的文件而没有 {file}，不是演示目录，未作改动", "{data} holds other things and no {file}: it is not a demonstration, and nothing in it was touched")
            ("请用 --data 指明另一个目录", "name another folder with --data");
        WEAK_DEMO "cli.demo_password" ("演示密码不可用：{why}", "the password for the demonstration will not do: {why}")
            ("请换一个，或不给出而由程序生成", "choose another, or give none and let the program make one");
        PORTS "cli.ports" ("端口 {port} 之后没有足够的端口", "there are not enough ports from {port} on")
            ("请给出较小的 --base-port", "give a lower --base-port");
        OTHER_SEAT "cli.other_seat" ("{data} 属于 {found}，不是 {asked}", "{data} belongs to {found}, not to {asked}")
            ("请换用 {asked} 的数据目录", "use the data folder of {asked}");
        DATABASE_URL "cli.database_url" ("{why}", "{why}") ("请改正 --database", "correct --database");
        DATABASE "cli.database" ("数据库不可用：{why}", "{why}")
            ("请检查 --database 与数据目录的权限，并确认数据库已启动；所记的地址不含口令，口令由 SHOUHU_DATABASE、PGPASSWORD 或 ~/.pgpass 给出", "check --database, the permissions of the data folder, and that the server runs; the address is remembered without its password, which SHOUHU_DATABASE, PGPASSWORD or ~/.pgpass gives");
        MIGRATION "cli.migration" ("数据库结构与程序不符：{why}", "{why}")
            ("请使用与数据库同一版本或更新的程序", "use the version that made this database, or a newer one");
        FILE "cli.file" ("文件 {file} 无法读写：{why}", "{file}: {why}") ("请核对路径与权限", "check the path and its permissions");
        FILE_EXISTS "cli.file_exists" ("{file} 已存在，未作改动", "{file} exists already and was left as it is")
            ("请另写一个尚不存在的名称，或先将它移走", "name one that does not exist yet, or move this one away first");
        LISTEN "cli.listen" ("无法在 {listen} 监听：{why}", "cannot listen on {listen}: {why}")
            ("请用 {option} 换一个端口，或先停掉占用它的程序", "choose another port with {option}, or stop the program that holds it");
        TLS_FILES "cli.tls_files" ("证书 {cert} 与私钥 {key} 无法使用：{why}", "cannot use the certificate {cert} and the key {key}: {why}")
            ("请核对 --tls-cert 与 --tls-key 的路径、权限和内容（PEM）", "check path, permissions and content (PEM) of --tls-cert and --tls-key");
        NO_SUCH "cli.no_such" ("没有 {what} {name}", "there is no {what} {name}") ("请用 list 子命令核对", "look with the list subcommand");
        SERVER "cli.server" ("{url} 没有正常应答：{why}", "{url} did not answer as it should: {why}")
            ("请确认席位已启动且地址正确", "check that the seat runs and that the address is right");
        JOURNAL_BAD "cli.journal_bad" ("日志链在第 {seq} 条断裂：{why}", "the journal breaks at entry {seq}: {why}")
            ("请保全现场并通知审计人员，以证据包与备份比对", "keep the database as it is, tell the auditor, and compare with evidence bundles and backups");
        JOURNAL_EMPTY "cli.journal_empty" ("日志为空，没有可核验的内容", "the journal is empty: there is nothing to verify")
            ("请确认 --data 与 --database 指向正在使用的席位", "check that --data and --database name the seat that is in use");
        JOURNAL_NO_ANCHOR "cli.journal_no_anchor" ("库外锚点文件 {file} 不存在或没有本日志的链首，未能与库外核对", "the anchor outside, {file}, is missing or names no head of this journal: nothing outside was compared")
            ("请核对路径与所在磁盘是否挂载；刚启用锚点的，先运行一次席位", "check the path and whether its disk is mounted; where the anchor is new, let the seat run once");
        STILL_STUCK "cli.still_stuck" ("{count} 项重办后仍未成功", "{count} failed again")
            ("请按所列原因处理后再次重办", "remove the cause that is named, then try again");
        TIMESTAMP_CERTIFICATE "cli.timestamp_certificate" ("{file} 不能用作时间戳机构证书：{why}", "{file} cannot be the certificate of a time-stamping authority: {why}")
            ("请改用该机构签发时间戳所用的证书（PEM）", "take the certificate with which the authority signs its stamps, as PEM");
        DATABASE_DAMAGED "cli.database_damaged" ("数据库不完整：{why}", "the journal does not verify: {why}")
            ("请停用该席位、保全数据库文件，再从备份恢复", "stop the seat, keep the files as they are, and restore a backup");
        BUNDLE_BAD "cli.bundle_bad" ("证据包不可信：{why}", "the bundle does not hold: {why}")
            ("请向出具单位重新索取", "ask whoever issued it for another copy");
        BUNDLE_EMPTY "cli.bundle_empty" ("没有关于 {subject} 的日志", "the journal has nothing about {subject}")
            ("请写指令或案件的编号，如 Z261123-0001，或主体 order:<标识>、report:<标识>", "give the number of an order or a case, or a subject such as order:<id> or report:<id>");
        INPUT "cli.input" ("{file}：{why}", "{file}: {why}") ("请改正文件后重试", "correct the file and try again");
        DEMO "cli.demo" ("演示未能运行：{why}", "the demonstration cannot go on: {why}") ("请查看 {log}", "look into {log}");
        NO_DEMO "cli.no_demo" ("{data} 中没有演示数据", "there is no demonstration in {data}")
            ("请先运行 shouhu demo，或用 --demo 指明其目录", "start shouhu demo first, or name its folder with --demo");
        MORE "cli.more" ("另有 {count} 行被拒绝", "{count} more rows were refused") ("先改正以上各行，再次载入", "correct those above and load again");
        NO_FEED_KEY "cli.no_feed_key" ("环境变量 {variable} 中没有密钥", "there is no key in {variable}")
            ("把 shouhu.toml 的 [feeds] 中登记的密钥放入该环境变量", "put a key of [feeds] in shouhu.toml into that variable");
        LIMIT "cli.limit" ("未达到承诺的指标：{what}", "a promised limit was missed: {what}")
            ("请在空闲的机器上重测", "measure again on a quiet machine");
        NOT_A_TIME "cli.not_a_time" ("“{given}”不是带时区的时间", "{given} is not a time with offset")
            ("请写成 2026-11-23T08:00:00+08:00", "write it as 2026-11-23T08:00:00+08:00");
        THREE_SOURCES "cli.three_sources" ("来源地址应为三个：本网、国内、境外", "there are three source addresses: home, national, foreign")
            ("请给出三个 --from，或都不给", "give --from three times, or not at all");
        NETWORK "cli.network" ("网络不可用：{why}", "the network refuses: {why}")
            ("请检查地址；127.0.0.11 至 13 在 Linux 上无需设置", "check the addresses; on Linux 127.0.0.11 to 13 need no setting up");
        STOPPED "cli.stopped" ("{number} 的呼叫会被拦截", "a call from {number} is stopped")
            ("名单与规则见席位页面", "the seat's pages show list and rules");
        FRONT "cli.front" ("信令或短信接入未能启动：{why}", "a front of the seat cannot start: {why}")
            ("请核对地址、证书与 shouhu.toml 中的 [sip]、[messages]", "check addresses, certificates, and [sip] and [messages] in shouhu.toml");
        FAULT "cli.fault" ("程序内部错误：{why}", "an internal fault: {why}") ("请连同日志报告", "report it with the log");
    }
}

#[cfg(test)]
mod tests {
    use super::texts::CATALOGUE;
    use super::*;

    #[test]
    fn every_text_speaks_both_languages_about_the_same_things() {
        for text in CATALOGUE {
            assert!(!text.zh.is_empty() && !text.en.is_empty(), "{}", text.code);
            let [zh, en, zh_remedy, en_remedy] = text.places();
            let both =
                |a: Vec<String>, b: Vec<String>| a.iter().all(|n| b.contains(n)) && b.iter().all(|n| a.contains(n));
            assert!(both(zh, en) && both(zh_remedy, en_remedy), "{} fills different places", text.code);
        }
    }

    #[test]
    fn a_printed_word_is_one_word_of_a_shell() {
        for (word, shown) in [
            ("/var/lib/shouhu", "/var/lib/shouhu"),
            ("数据/演示", "数据/演示"),
            ("my demo", "'my demo'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), shown);
        }
    }

    #[test]
    fn a_failure_is_one_line_with_its_remedy() {
        let values = [("listen", "127.0.0.1:1"), ("why", "denied\nreally"), ("option", "--listen")];
        let failure = texts::LISTEN.fail(Exit::Surroundings, &values);
        let line = failure.to_string();
        assert_eq!(line.lines().count(), 1);
        assert!(line.contains("127.0.0.1:1") && line.contains("--listen") && line.ends_with("[cli.listen]"), "{line}");
    }
}
