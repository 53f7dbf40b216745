//! Every command of the READMEs and the handbooks, and every example of `--help`, in both languages, is run as it stands
//! there, in a folder of its own with free ports, beside a running demonstration. A command that does not exist, an option
//! that it does not have, or one that fails, fails the test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use e2e::seat::{binary, free_port, shouhu, workspace};

/// How long one command may take, of a debug build on a busy machine.
const COMMAND_WITHIN: Duration = Duration::from_secs(120);
/// Password of every login here.
const PASSWORD: &str = "gravel-teapot-lantern";
/// A key of the feeds, and its hash as `[feeds]` has it.
const FEED_KEY: &str = "feed-key-for-documented-commands";

/// What is not run, by how the command begins, and why.
const NOT_RUN: &[(&str, &str)] = &[
    ("cargo ", "builds, or runs this very test"),
    ("cd console && ", "serves pages for their development, or writes files of the repository"),
    ("createdb ", "needs a PostgreSQL server of that name"),
    ("shouhu demo", "the demonstration runs already, on free ports"),
    ("SHOUHU_DEMO_PASSWORD=", "the demonstration runs already, with a password given so"),
    ("SHOUHU_DATABASE=postgres", "needs a PostgreSQL server of that name"),
    ("export SHOUHU_DATABASE=postgres", "needs a PostgreSQL server of that name"),
    ("SHOUHU_SMPP_PASSWORD=", "needs an account of a message sender"),
    ("shouhu journal verify --data /var/lib/shouhu --anchor", "needs a disk of its own for the heads"),
    ("shouhu journal retry --desk", "needs a partner that has signed for another journal"),
    ("grep '\"token\"' /mnt/other-disk/heads.jsonl", "needs a time stamp; the test of the stamps runs it"),
    ("sed 's/.*\"token\"", "needs a time stamp; the test of the stamps runs it"),
    ("openssl ts -verify", "needs a time stamp; the test of the stamps runs it"),
    ("shouhu world generate --people 200000", "takes long; the shorter one is run"),
];

/// Texts to train on, none like another.
const SCAMS: &[&str] = &[
    "您的积分即将过期，请点击链接兑换现金",
    "快递在途丢失，客服为您办理三倍赔付",
    "机票因故取消，退票须先缴保证金",
    "百万医疗保障到期，不关闭每月扣八百",
    "恭喜入选内部股票群，老师带您翻番",
    "征信出现污点，注销校园贷账户即可恢复",
    "兼职刷单日结，垫付本金返佣金",
    "公安机关办案，资金须转入安全账户",
    "低息贷款秒批，先付工本费激活额度",
    "孩子住院急需手术费，请速汇款到此卡",
    "社保卡停用，登录网址重新认证",
    "直播间抽中大奖，缴税后领取",
];
const NOTICES: &[&str] = &[
    "您尾号一二三四的账户收入工资五千元",
    "明日停水检修，请提前储水",
    "您的包裹已放入三号柜，取件码已发送",
    "小区周六组织义诊，欢迎参加",
    "图书馆借书后天到期，请按时归还",
    "本月话费账单已出，可在营业厅查询",
    "家长会改到周三晚上七点",
    "体检报告已出，请到前台领取",
    "列车检票口变更为八号",
    "物业费收缴截止到月底",
    "门店新到冬装，老顾客九折",
    "驾驶证将于三个月后换证",
];

/// A demonstration beside which everything runs.
struct Demonstration {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        let _told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ended = self.child.wait();
    }
}

impl Demonstration {
    fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("shouhu-documented-").tempdir().unwrap();
        let port = store::testing::ports(7);
        let log = File::create(folder.path().join("demo.log")).unwrap();
        let child = shouhu()
            .args(["demo", "--data", "data/demo", "--base-port", &port.to_string()])
            .env("SHOUHU_DEMO_PASSWORD", PASSWORD)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let demonstration = Self { child, folder, port };
        let began = Instant::now();
        while !demonstration.log().contains("Ctrl-C") {
            assert!(began.elapsed() < COMMAND_WITHIN, "{}", demonstration.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        demonstration
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data").join("demo")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("demo.log")).unwrap()
    }
}

/// A command as it is documented.
#[derive(Debug, Clone)]
struct Documented {
    place: String,
    text: String,
}

/// The commands of the shell blocks of a document.
fn in_document(path: &Path) -> Vec<Documented> {
    let place = path.strip_prefix(workspace()).unwrap().display().to_string();
    let text = std::fs::read_to_string(path).unwrap();
    let mut blocks = Vec::new();
    let mut block: Option<String> = None;
    for line in text.lines() {
        match (&mut block, line.starts_with("```")) {
            (None, _) if line.starts_with("```sh") => block = Some(String::new()),
            (Some(_), true) => blocks.extend(block.take()),
            (Some(block), false) => {
                block.push_str(line);
                block.push('\n');
            }
            _ => {}
        }
    }
    blocks.iter().flat_map(|block| commands(block)).map(|text| Documented { place: place.clone(), text }).collect()
}

/// The commands of a block: a line each, with what goes on behind a backslash or belongs to a here-document.
fn commands(block: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut lines = block.lines();
    while let Some(line) = lines.next() {
        let mut command = without_comment(line);
        while command.ends_with('\\') {
            command.pop();
            command.push_str(lines.next().unwrap().trim());
        }
        if let Some((_, mark)) = command.split_once("<<") {
            let mark = mark.trim().to_owned();
            for line in lines.by_ref() {
                command.push('\n');
                command.push_str(line);
                if line == mark {
                    break;
                }
            }
        }
        if !command.trim().is_empty() {
            out.push(command.trim().to_owned());
        }
    }
    out
}

/// A line up to its comment: a `#` behind a space and outside quotes.
fn without_comment(line: &str) -> String {
    let (mut out, mut quote, mut before) = (String::new(), None, ' ');
    for c in line.chars() {
        match quote {
            None if c == '#' && before == ' ' => break,
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if open == c => quote = None,
            _ => {}
        }
        out.push(c);
        before = c;
    }
    out.trim_end().to_owned()
}

/// The examples of every page of help, in a language.
fn in_help(lang: &str) -> Vec<Documented> {
    let mut out = Vec::new();
    let mut waiting = vec![Vec::<String>::new()];
    while let Some(place) = waiting.pop() {
        let page = help(&place, lang);
        let mut at = "";
        let mut examples = String::new();
        for line in page.lines() {
            let heading = !line.starts_with(' ') && !line.trim().is_empty();
            if heading {
                at = match line.trim().trim_end_matches([':', '：']) {
                    "EXAMPLES" | "EXAMPLE" | "示例" => "examples",
                    "Commands" | "命令" => "commands",
                    _ => "",
                };
                continue;
            }
            match at {
                "examples" => {
                    // What a command is good for stands behind some spaces.
                    let typed = line.trim();
                    let command = typed.split("   ").next().unwrap().trim();
                    examples.push_str(command);
                    examples.push('\n');
                }
                "commands" if line.starts_with("  ") && !line.starts_with("   ") => {
                    let name = line.split_whitespace().next().unwrap();
                    if name != "help" {
                        waiting.push(place.iter().cloned().chain([name.to_owned()]).collect());
                    }
                }
                _ => {}
            }
        }
        let place = format!("shouhu {} --help --lang {lang}", place.join(" "));
        let is_command = |text: &String| ["shouhu ", "echo ", "SHOUHU_"].iter().any(|start| text.starts_with(start));
        out.extend(
            commands(&examples).into_iter().filter(is_command).map(|text| Documented { place: place.clone(), text }),
        );
    }
    out
}

fn help(place: &[String], lang: &str) -> String {
    // Wide enough that no example is broken over two lines.
    let output = shouhu().args(place).args(["--help", "--lang", lang]).env("COLUMNS", "400").output().unwrap();
    assert!(output.status.success(), "shouhu {} --help: {}", place.join(" "), String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The words `shouhu …` of a command that name a subcommand, and the options behind them.
fn usage(text: &str) -> Option<(Vec<String>, Vec<String>)> {
    let mut words = text.split_whitespace().skip_while(|word| *word != "shouhu").skip(1);
    let mut place: Vec<String> = Vec::new();
    let mut options = Vec::new();
    text.split_whitespace().find(|word| *word == "shouhu")?;
    for word in words.by_ref() {
        if word.starts_with('-') || !word.bytes().all(|b| b.is_ascii_lowercase()) {
            options.push(word.to_owned());
            break;
        }
        place.push(word.to_owned());
    }
    options.extend(words.map(str::to_owned));
    let options = options.into_iter().filter(|word| word.starts_with("--"));
    Some((place, options.map(|word| word.split('=').next().unwrap().to_owned()).collect()))
}

/// Says what of a command does not exist.
fn unknown(command: &Documented, pages: &mut BTreeMap<String, String>) -> Option<String> {
    let (words, options) = usage(&command.text)?;
    // Words behind the subcommand are arguments: the longest leading words that have a page of help name it.
    let mut page = pages.entry(String::new()).or_insert_with(|| help(&[], "en")).clone();
    let mut place: Vec<String> = Vec::new();
    for word in words {
        let is_sub = page.lines().any(|line| line.starts_with("  ") && line.split_whitespace().next() == Some(&word));
        let is_parent = page.lines().any(|line| line == "Commands:");
        if !is_parent {
            break;
        }
        if !is_sub {
            return Some(format!("there is no command {word:?} in shouhu {}", place.join(" ")));
        }
        place.push(word);
        page = pages.entry(place.join(" ")).or_insert_with(|| help(&place, "en")).clone();
    }
    options
        .iter()
        .find(|option| {
            !page.split(|c: char| c.is_whitespace() || c == ',' || c == ']').any(|word| word == option.as_str())
        })
        .map(|option| format!("shouhu {} has no option {option}", place.join(" ")))
}

/// A folder in which the commands of one document run.
struct Sandbox<'a> {
    demonstration: &'a Demonstration,
    folder: PathBuf,
    serving: Vec<(PathBuf, Child)>,
    /// Ports of the seats that serve, by the port that the document names.
    ports: BTreeMap<&'static str, u16>,
    /// The port of each seat, by its folder: it stays the same over restarts.
    listens: BTreeMap<PathBuf, u16>,
}

impl Drop for Sandbox<'_> {
    fn drop(&mut self) {
        for (_, child) in &mut self.serving {
            let _gone = child.kill();
            let _reaped = child.wait();
        }
    }
}

impl<'a> Sandbox<'a> {
    fn make(demonstration: &'a Demonstration, name: &str) -> Self {
        let folder = demonstration.folder.path().join(name);
        for inside in ["bin", "lib", "etc/shouhu", "etc/bash_completion.d", "backup", "files", "data", "tmp"] {
            std::fs::create_dir_all(folder.join(inside)).unwrap();
        }
        std::os::unix::fs::symlink(binary(), folder.join("bin").join("shouhu")).unwrap();
        std::os::unix::fs::symlink(demonstration.data(), folder.join("data").join("demo")).unwrap();
        std::os::unix::fs::symlink(demonstration.data(), folder.join("shouhu-demo")).unwrap();
        let sandbox =
            Self { demonstration, folder, serving: Vec::new(), ports: BTreeMap::new(), listens: BTreeMap::new() };
        sandbox.lay_files();
        sandbox
    }

    /// What the reader of a document has at hand.
    fn lay_files(&self) {
        let write = |name: &str, text: &str| std::fs::write(self.folder.join(name), text).unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate =
            rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        write("cert.pem", &certificate.pem());
        write("key.pem", &key.serialize_pem());
        std::fs::set_permissions(self.folder.join("key.pem"), std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        write("numbers.csv", "number,action,reason\n17000000000,block,test\n");
        write(
            "cdr.csv",
            "call_id,caller,callee,started,answered,ended\n\
             a1,+8619101230001,+8619001230003,2026-11-23T08:00:00+08:00,2026-11-23T08:00:05+08:00,2026-11-23T08:00:09+08:00\n",
        );
        write("abroad.csv", "number,state\n+8619101230001,abroad\n");
        let texts = SCAMS
            .iter()
            .map(|text| (text, "fake_ecommerce_service"))
            .chain(NOTICES.iter().map(|text| (text, "notice")));
        let rows: String = texts.map(|(text, label)| format!("{text},{label}\n")).collect();
        write("cases.csv", &format!("text,label\n{rows}"));
        for (file, head) in [
            ("customers", "customer_id,name\nC1,王丽\n"),
            ("accounts", "account,customer_id\n6200004399990001,C1\n"),
            (
                "transfers",
                "transfer_id,time,amount,channel,payee_account\nT1,2026-11-23T08:00:00+08:00,10.00,cash,6200004399990001\n",
            ),
        ] {
            write(&format!("files/{file}.csv"), head);
            write(&format!("{}.csv", &file[..1]), head);
        }
        let config = format!("seat = 'centre'\nid = 'centre-44'\ndata = '{}/lib/by-file'\n", self.folder.display());
        write("etc/shouhu/centre.toml", &config);
        let keys = self.bash("shouhu keys public --data data/demo/centre-43");
        for name in ["centre.json", "centre-43.public.json", "bank-a.json"] {
            write(name, &keys.1);
        }
        let report = serde_json::json!({
            "channel": "110",
            "victim": { "name": "周明", "phone": "19001230009", "region": "430102" },
            "narrative": "事主称被骗转账一百元。",
            "payments": [{
                "payer_account": "6200004301099990001", "payer_name": "周明", "payer_bank": "bank-a",
                "payee_account": "6200004302099990002", "payee_name": "吴亮", "payee_bank": "bank-b",
                "amount": { "minor": 10_000, "currency": "CNY" },
                "paid_at": kernel::Clock::system().now().to_rfc3339(), "channel": "mobile", "reference": "DOC-1",
            }],
            "scam_type": "fake_investment",
            "region": "430102",
        });
        write("report.json", &report.to_string());
        write("pw", &format!("{PASSWORD}\n"));
    }

    /// The command as it is run here.
    fn here(&self, text: &str) -> String {
        let mut text = text
            .replace("target/debug/shouhu", "shouhu")
            .replace("target/release/shouhu", "shouhu")
            .replace("/var/lib/", &format!("{}/lib/", self.folder.display()))
            .replace("/etc/", &format!("{}/etc/", self.folder.display()))
            .replace("/backup/", &format!("{}/backup/", self.folder.display()))
            .replace("/tmp/demo", &format!("{}/shouhu-demo", self.folder.display()))
            .replace("--data DIR", "--data lib/operator-a")
            .replace(
                "--data 目录",
                if text.contains("journal") { "--data data/demo/centre-43" } else { "--data lib/operator-a" },
            )
            .replace("--data FOLDER", "--data data/demo/centre-43")
            .replace("SHOUHU_FEED_KEY=…", &format!("SHOUHU_FEED_KEY={FEED_KEY}"))
            .replace("--out numbers.csv", "--out own.csv")
            .replace("--login chen", "--login intake")
            .replace("http://127.0.0.1:8430", &format!("http://127.0.0.1:{}", self.demonstration.port));
        if text.contains("world generate") {
            text.push_str(" --people 300 --gangs 2 --hours 1");
        }
        if text.contains("world play") {
            text.push_str(" --calls-max 30");
        }
        for (documented, port) in &self.ports {
            text = text.replace(&format!("127.0.0.1:{documented}"), &format!("127.0.0.1:{port}"));
        }
        // Numbers that people know are those of the demonstration.
        if text.contains("journal export") {
            let seat = "--data data/demo/centre-43";
            let lib = format!("--data {}/lib/shouhu", self.folder.display());
            text = text.replace(&lib, seat);
            for example in ["Z261123-0001", "R261123-0001", "CASE_ID", "案件ID", "案件编号"] {
                let table = if example.starts_with('Z') { "Z" } else { "R" };
                if text.contains(example) {
                    text = text.replace(example, &number_of(self.demonstration, table));
                }
            }
        }
        text
    }

    fn run(&mut self, command: &Documented) -> Result<(), String> {
        let text = self.here(&command.text);
        let serves = text.contains("shouhu ") && text.contains(" serve");
        if serves {
            return self.serve(&text);
        }
        if ["days.ndjson"].iter().any(|file| text.contains(file)) {
            let from = self.folder.join("day.ndjson");
            std::fs::copy(from, self.folder.join("days.ndjson")).map_err(|error| error.to_string())?;
        }
        for out in ["case-17", "bundle"] {
            if text.contains(&format!("--out {out} ")) {
                let _absent = std::fs::remove_dir_all(self.folder.join(out));
            }
        }
        if text.contains("list export") {
            let _absent = std::fs::remove_file(self.folder.join("own.csv"));
        }
        let (code, out, err) = self.bash(&text);
        // It says in its exit code what would happen to the call.
        let fine = code == 0 || (code == 1 && text.contains("operator check"));
        if fine { Ok(()) } else { Err(format!("ended with {code}\n  ran: {text}\n{out}{err}")) }
    }

    fn bash(&self, text: &str) -> (i32, String, String) {
        let path = format!("{}:{}", self.folder.join("bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("timeout");
        command.args([&COMMAND_WITHIN.as_secs().to_string(), "bash", "-c", &format!("set -o pipefail\n{text}")]);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SHOUHU_")) {
            command.env_remove(name);
        }
        command.env("PATH", path).env("PASSWORD", PASSWORD).env("KEY", FEED_KEY).env("LANG", "en_US.UTF-8");
        let output = command.current_dir(&self.folder).stdin(Stdio::null()).output().unwrap();
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap_or(-1), said(&output.stdout), said(&output.stderr))
    }

    /// Serves on free ports until the sandbox is dropped, or another seat takes its folder.
    fn serve(&mut self, text: &str) -> Result<(), String> {
        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let data = words.iter().position(|word| word == "--data").map(|at| words[at + 1].clone());
        let data = self.folder.join(data.unwrap_or_else(|| "shouhu-data".to_owned()));
        self.stop(&data);
        let port = *self.listens.entry(data.clone()).or_insert_with(free_port);
        replace(&mut words, "--listen", &format!("127.0.0.1:{port}"));
        let operator = words.iter().any(|word| word == "operator");
        if operator {
            let sip = free_port();
            self.ports.insert("8434", port);
            if words.iter().any(|word| word == "--smpp") {
                replace(&mut words, "--smpp", &format!("127.0.0.1:{}", free_port()));
            } else {
                self.ports.insert("5060", sip);
                replace(&mut words, "--sip", &format!("127.0.0.1:{sip}"));
            }
            self.configure_feeds(&data, port);
        }
        let log = self.folder.join("serve.log");
        let file = File::create(&log).unwrap();
        let mut words = words.into_iter().skip_while(|word| word != "shouhu").skip(1).collect::<Vec<_>>();
        words.push("--until-stdin-ends".to_owned());
        let mut command = shouhu();
        command
            .args(&words)
            .current_dir(&self.folder)
            .stdin(Stdio::piped())
            .stdout(file.try_clone().unwrap())
            .stderr(file);
        let mut child = command.env("SHOUHU_LOG_FORMAT", "pretty").spawn().unwrap();
        let began = Instant::now();
        let outcome = loop {
            let said = std::fs::read_to_string(&log).unwrap();
            if said.contains("serving") {
                break Ok(());
            }
            if let Some(status) = child.try_wait().unwrap() {
                break Err(format!("ended with {status}\n  ran: shouhu {}\n{said}", words.join(" ")));
            }
            if began.elapsed() > COMMAND_WITHIN {
                break Err(format!("does not serve\n  ran: shouhu {}\n{said}", words.join(" ")));
            }
            std::thread::sleep(Duration::from_millis(25));
        };
        self.serving.push((data, child));
        outcome
    }

    fn stop(&mut self, data: &Path) {
        if let Some(at) = self.serving.iter().position(|(folder, _)| folder == data) {
            let (_, mut child) = self.serving.remove(at);
            drop(child.stdin.take());
            child.wait().unwrap();
        }
    }

    /// Gives a carrier seat a key for its feeds, as the handbook has it in `shouhu.toml`; its data folder is made for it.
    fn configure_feeds(&self, data: &Path, port: u16) {
        let shown = data.display();
        let make = format!("shouhu migrate --seat operator --id operator-a --listen 127.0.0.1:{port} --data {shown}");
        let (code, out, err) = self.bash(&make);
        assert_eq!(code, 0, "{out}{err}");
        let file = data.join("shouhu.toml");
        let known = std::fs::read_to_string(&file).unwrap();
        if !known.contains("\n[feeds]\n") {
            let hash = e2e_sha256(FEED_KEY);
            let trunks = ["home", "national", "foreign"].iter().enumerate().map(|(index, kind)| {
                let id = index + 1;
                format!("[[sip.trunks]]\nid = {id}\nkind = \"{kind}\"\nfrom = [\"127.0.0.1{id}\"]\n")
            });
            let more = format!(
                "\n[feeds]\n[[feeds.keys]]\nname = \"test\"\nhash = \"sha256:{hash}\"\n[sip]\n{}",
                trunks.collect::<String>()
            );
            std::fs::write(&file, known + &more).unwrap();
        }
    }
}

fn e2e_sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(text.as_bytes()))
}

fn replace(words: &mut Vec<String>, option: &str, value: &str) {
    match words.iter().position(|word| word == option) {
        Some(at) => value.clone_into(&mut words[at + 1]),
        None => words.extend([option.to_owned(), value.to_owned()]),
    }
}

/// The number of an order (`Z`) or a case (`R`) of the demonstration, from its journal.
fn number_of(demonstration: &Demonstration, letter: &str) -> String {
    static NUMBERS: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    let numbers = NUMBERS.get_or_init(|| {
        let mut command = shouhu();
        command.args(["journal", "tail", "--no-follow", "--data"]).arg(demonstration.data().join("centre-43"));
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut found = BTreeMap::new();
        for word in said.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
            let is_number =
                word.len() >= 12 && word.as_bytes()[7] == b'-' && word[1..7].bytes().all(|b| b.is_ascii_digit());
            if is_number && word.starts_with(['Z', 'R']) {
                found.entry(word[..1].to_owned()).or_insert_with(|| word.to_owned());
            }
        }
        found
    });
    numbers.get(letter).cloned().unwrap_or_else(|| panic!("the demonstration has no number {letter}…"))
}

fn exempt(text: &str) -> bool {
    NOT_RUN.iter().any(|(start, _)| text.starts_with(start))
}

/// The documents that hold commands.
fn documents() -> Vec<PathBuf> {
    let root = workspace();
    let mut found = vec![root.join("README.md"), root.join("README.zh-CN.md")];
    for folder in ["docs/handbook", "docs/handbook/zh-CN"] {
        let pages = std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        found.extend(pages.filter(|path| path.extension().is_some_and(|end| end == "md")));
    }
    found.sort();
    found
}

#[test]
fn every_documented_command_does_what_it_is_documented_for() {
    let demonstration = Demonstration::start();
    let mut pages = BTreeMap::new();
    let mut failed = Vec::new();
    let (mut run, mut passed_over, mut restored) = (0, 0, 0);
    // An order and a case to be exported.
    let scene = shouhu().args(["scene", "student", "--demo"]).arg(demonstration.data()).output().unwrap();
    assert!(scene.status.success(), "{}", String::from_utf8_lossy(&scene.stderr));

    let of_documents = documents().into_iter().map(|path| in_document(&path)).collect::<Vec<_>>();
    let of_help = ["en", "zh"].into_iter().map(in_help).collect::<Vec<_>>();
    for (index, commands) in of_documents.iter().chain(&of_help).filter(|commands| !commands.is_empty()).enumerate() {
        let mut sandbox = Sandbox::make(&demonstration, &format!("sandbox-{index}"));
        // Examples of help pages do not follow on each other: what they speak of is made for them.
        if commands[0].place.contains("--help") {
            for make in [
                "shouhu migrate --seat centre --data lib/shouhu",
                "shouhu migrate --seat bank --id bank-a --data lib/bank-a",
                "shouhu world generate --out day.ndjson --people 300 --gangs 2 --hours 1",
                "shouhu text train cases.csv --out cases.model",
            ] {
                let (code, out, err) = sandbox.bash(make);
                assert_eq!(code, 0, "{make}: {out}{err}");
            }
            let export = Documented {
                place: String::new(),
                text: "shouhu journal export --case R261123-0001 --out bundle --data data/demo/centre-43".to_owned(),
            };
            sandbox.run(&export).unwrap();
            sandbox.serve("shouhu operator serve --data lib/operator-a").unwrap();
        }
        for command in commands {
            if let Some(why) = unknown(command, &mut pages) {
                failed.push(format!("{}: {}\n  {why}", command.place, command.text));
            } else if exempt(&command.text) {
                passed_over += 1;
            } else {
                run += 1;
                // Several pages add the same user, each to a seat that has none.
                if command.place.contains("--help") && command.text.contains("users add") {
                    sandbox.stop(&sandbox.folder.join("lib/shouhu"));
                    let anew = "rm -rf lib/shouhu && shouhu migrate --seat centre --data lib/shouhu";
                    assert_eq!(sandbox.bash(anew).0, 0, "{anew}");
                }
                if let Err(why) = sandbox.run(command) {
                    failed.push(format!("{}: {}\n  {why}", command.place, command.text));
                }
            }
        }
        if sandbox.folder.join("backup/shouhu.db").exists() {
            restored += 1;
            let restore = "mkdir -m 700 restored && cp -a backup/* restored/ && shouhu journal verify --data restored";
            let (code, out, err) = sandbox.bash(restore);
            assert_eq!(code, 0, "the backup of {} does not restore: {out}{err}", commands[0].place);
        }
    }
    assert_eq!(restored, 2, "the administrator's handbook has a backup, in both languages");
    assert!(failed.is_empty(), "{} of {run} commands failed:\n\n{}", failed.len(), failed.join("\n\n"));
    assert!(run > 80, "only {run} commands were found");
    println!("{run} commands run, {passed_over} checked but not run");
}

/// Commands in running text, between backticks: they must exist, too.
#[test]
fn no_document_speaks_of_a_command_that_does_not_exist() {
    let mut pages = BTreeMap::new();
    let mut failed = Vec::new();
    let mut seen = 0;
    for path in documents() {
        let place = path.strip_prefix(workspace()).unwrap().display().to_string();
        let text = std::fs::read_to_string(&path).unwrap();
        for (index, piece) in text.split('`').enumerate() {
            if index % 2 == 0 || piece.contains('\n') || !piece.starts_with("shouhu ") {
                continue;
            }
            seen += 1;
            let command = Documented { place: place.clone(), text: piece.to_owned() };
            failed.extend(unknown(&command, &mut pages).map(|why| format!("{place}: `{piece}`: {why}")));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(seen > 5, "{seen}");
}

#[test]
fn a_command_that_does_not_exist_is_noticed() {
    let mut pages = BTreeMap::new();
    let mut check = |text: &str| {
        unknown(&Documented { place: String::new(), text: text.to_owned() }, &mut pages).unwrap_or_default()
    };
    assert!(check("shouhu users remove chen --data x").contains("remove"));
    assert!(check("echo x | shouhu users add chen --password-file x").contains("--password-file"));
    assert!(check("shouhu centres serve").contains("centres"));
    assert_eq!(check("shouhu users add chen --role admin --data x"), "");
    assert_eq!(check("shouhu operator check 17000000000 --list numbers.csv"), "");
}
