//! The command line from outside: exit codes, one line with the remedy, and what a new seat needs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

use std::path::Path;
use std::process::{Command, Output};

fn shouhu(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shouhu"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SHOUHU_")) {
        command.env_remove(name);
    }
    command.env("LANG", "en_US.UTF-8").env_remove("LC_ALL").env_remove("LC_MESSAGES").args(args).output().unwrap()
}

/// A command that must end with the code and one line of error that holds the needle.
fn refused(args: &[&str], code: i32, needle: &str) {
    let output = shouhu(args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{args:?}: {said}");
    assert!(said.contains(needle), "{args:?}: {said}");
}

fn done(args: &[&str]) -> String {
    let output = shouhu(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn each_kind_of_failure_has_its_exit_code_and_its_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let empty = text(dir.path());
    refused(&["centre", "serve", "--litsen", "x"], 2, "shouhu centre serve --help");
    refused(&["users", "list", "--data", empty], 2, "shouhu migrate");
    refused(&["centre", "serve", "--data", empty, "--listen", "0.0.0.0:1"], 2, "--tls-cert");
    refused(&["centre", "serve", "--data", empty, "--config", "/nowhere.toml"], 2, "--config");
    refused(
        &["centre", "serve", "--data", empty, "--database", "mysql://x", "--listen", "127.0.0.1:0"],
        2,
        "postgres://",
    );
    refused(&["journal", "check", empty], 1, "manifest.json");
    refused(&["scene", "student", "--demo", empty], 3, "shouhu demo");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    refused(&["centre", "serve", "--data", empty, "--listen", &listen], 3, "--listen");
    let me = format!("process {}", std::process::id());
    refused(&["centre", "serve", "--data", empty, "--listen", &listen], 3, &me);
    let operator = ["operator", "serve", "--data", empty, "--listen", "127.0.0.1:0", "--sip", &listen];
    refused(&operator, 3, "--sip");
    refused(&["bank", "serve", "--id", "Bank A", "--data", empty, "--listen", "127.0.0.1:0"], 2, "id: ");
    let missing = [
        "centre",
        "serve",
        "--data",
        empty,
        "--listen",
        "127.0.0.1:0",
        "--tls-cert",
        "/no.pem",
        "--tls-key",
        "/no.key",
    ];
    refused(&missing, 3, "--tls-cert");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is made before everything was looked at");
}

/// What `umask 022` and a careless copy leave behind.
fn widen(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn modes(path: &Path, out: &mut Vec<(String, u32)>) {
    use std::os::unix::fs::PermissionsExt;
    let meta = std::fs::metadata(path).unwrap();
    out.push((path.display().to_string(), meta.permissions().mode() & 0o777));
    if meta.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| modes(&entry.unwrap().path(), out));
    }
}

#[test]
fn everything_of_a_seat_is_its_owners_alone_and_refused_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("my seat");
    let operator = text(&data);
    done(&["migrate", "--seat", "operator", "--data", operator]);
    done(&["users", "add", "chen", "--role", "operator_clerk", "--data", operator]);
    let list = dir.path().join("list.csv");
    done(&["operator", "list", "export", "--out", text(&list), "--purpose", "test", "--data", operator]);
    let day = dir.path().join("day.ndjson");
    done(&["world", "generate", "--people", "50", "--gangs", "1", "--hours", "1", "--out", text(&day)]);
    let mut found = Vec::new();
    [&data, &list, &day].iter().for_each(|path| modes(path, &mut found));
    assert!(found.len() > 6, "{found:?}");
    assert!(found.iter().all(|(_, mode)| mode & 0o077 == 0), "{found:#?}");

    for (path, mode, whole) in
        [("shouhu.db", 0o644, 0o600), ("vault.key", 0o640, 0o600), ("keys", 0o755, 0o700), (".", 0o755, 0o700)]
    {
        let path = data.join(path);
        widen(&path, mode);
        refused(&["users", "list", "--data", operator], 3, "chmod -R go-rwx '");
        refused(
            &["operator", "serve", "--listen", "127.0.0.1:0", "--sip", "127.0.0.1:0", "--data", operator],
            3,
            "go-rwx",
        );
        widen(&path, whole);
    }
    done(&["users", "list", "--data", operator]);
}

#[test]
fn a_command_makes_no_database_and_opens_no_other_seats() {
    let dir = tempfile::tempdir().unwrap();
    let (data, other) = (dir.path().join("centre"), dir.path().join("bank"));
    let (centre, bank) = (text(&data), text(&other));
    // Its database lies elsewhere, by the environment; later the variable is forgotten.
    let elsewhere = dir.path().join("elsewhere.db");
    let url = format!("sqlite://{}", text(&elsewhere));
    done(&["migrate", "--seat", "centre", "--data", centre, "--database", &url]);
    done(&["users", "add", "chen", "--role", "auditor", "--data", centre]);
    assert!(done(&["users", "list", "--data", centre]).contains("chen"), "the seat remembers where its data is");
    assert!(!data.join("shouhu.db").exists());

    std::fs::rename(&elsewhere, dir.path().join("away.db")).unwrap();
    let listen = ["--listen", "127.0.0.1:0"];
    for command in [&["users", "list"][..], &["journal", "verify"], &["partners", "list"], &["centre", "serve"]] {
        let more: &[&str] = if command[1] == "serve" { &listen } else { &[] };
        refused(&[command, &["--data", centre], more].concat(), 3, "SHOUHU_DATABASE");
    }
    assert!(!elsewhere.exists() && !data.join("shouhu.db").exists(), "nothing was made");
    std::fs::rename(dir.path().join("away.db"), &elsewhere).unwrap();

    done(&["migrate", "--seat", "bank", "--id", "bank-a", "--data", bank]);
    done(&["users", "add", "tang", "--role", "bank_clerk", "--data", bank]);
    refused(&["users", "list", "--data", bank, "--database", &url], 2, "centre-43");
    std::fs::rename(other.join("vault.key"), other.join("away.key")).unwrap();
    refused(&["users", "list", "--data", bank], 3, "vault.key");
    assert!(!other.join("vault.key").exists());
}

#[test]
fn one_process_serves_a_data_folder() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("centre");
    let centre = text(&data);
    done(&["migrate", "--seat", "centre", "--data", centre]);
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shouhu"));
        command.args(["centre", "serve", "--until-stdin-ends", "--listen", "127.0.0.1:0", "--data", centre]);
        command.env("SHOUHU_LANG", "en").stdin(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        command
    };
    let mut first = start().spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(first.stderr.take().unwrap()));
    assert!(lines.any(|line| line.unwrap().contains("serving")), "it serves");
    let mut second = start().stdin(std::process::Stdio::null()).spawn().unwrap();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut second.stderr.take().unwrap(), &mut said).unwrap();
    assert_eq!(second.wait().unwrap().code(), Some(3), "{said}");
    assert!(said.contains(&format!("process {} (shouhu centre serve)", first.id())), "{said}");
    // Commands about the seat go on beside it.
    done(&["users", "add", "chen", "--role", "auditor", "--data", centre]);
    drop(first.stdin.take());
    lines.for_each(drop);
    assert!(first.wait().unwrap().success());
}

#[test]
fn the_first_user_of_a_seat_with_tls_is_made_by_command() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("centre");
    let centre = text(&data);
    let tls = ["--tls-cert", "cert.pem", "--tls-key", "key.pem", "--listen", "0.0.0.0:443"];
    done(&[&["migrate", "--seat", "centre", "--data", centre][..], &tls].concat());
    done(&["users", "add", "boss", "--role", "admin", "--data", centre]);
    done(&["partners", "list", "--data", centre]);
    done(&["keys", "public", "--data", centre]);
    done(&["journal", "tail", "--no-follow", "--data", centre]);
    let file = std::fs::read_to_string(data.join("shouhu.toml")).unwrap();
    assert!(file.contains("tls_cert = \"/") && file.contains("tls_key = \"/"), "{file}");
}

#[test]
fn the_language_follows_the_flag_and_the_environment() {
    let zh = shouhu(&["--lang", "zh", "users", "list", "--data", "/nowhere"]);
    assert!(String::from_utf8_lossy(&zh.stderr).contains("还没有席位"));
    assert!(done(&["--help", "--lang=zh"]).contains("用法"));
    assert!(done(&["--help"]).contains("Usage"));
}

#[test]
fn completions_come_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(done(&["completions", shell]).contains("journal"), "{shell}");
    }
}

#[test]
fn a_new_seat_gets_keys_users_and_partners_by_command() {
    let dir = tempfile::tempdir().unwrap();
    let (centre, bank) = (dir.path().join("centre"), dir.path().join("bank"));
    let (centre, bank) = (text(&centre), text(&bank));
    done(&["migrate", "--seat", "centre", "--data", centre]);
    done(&["migrate", "--seat", "bank", "--id", "bank-a", "--data", bank]);
    refused(&["migrate", "--seat", "centre", "--data", bank], 2, "bank");

    let keys = dir.path().join("bank-a.json");
    std::fs::write(&keys, done(&["keys", "public", "--data", bank])).unwrap();
    let partner =
        ["partners", "add", "bank-a", "--name", "甲行", "--role", "bank", "--keys", text(&keys), "--data", centre];
    let faulty = [&partner[..], &["--url", "http://bank.example"]].concat();
    let output = shouhu(&faulty);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("base_url") && said.contains("contacts"), "all faults at once: {said}");
    let contacts = ["--contact", "primary:值班室:0731-00000001", "--contact", "deputy:副班:0731-00000002"];
    let good = [&partner[..], &["--url", "http://127.0.0.1:8431"], &contacts].concat();
    done(&good);
    done(&good);
    assert_eq!(done(&["partners", "list", "--data", centre]).lines().count(), 1);

    done(&["keys", "new", "--data", bank]);
    assert_eq!(done(&["keys", "list", "--data", bank]).lines().count(), 2);
    std::fs::write(&keys, done(&["keys", "public", "--data", bank])).unwrap();
    assert!(done(&["partners", "keys", "bank-a", text(&keys), "--data", centre]).contains('2'));

    let said = done(&["users", "add", "boss", "--role", "admin", "--data", centre]);
    assert!(said.contains("password: "), "{said}");
    refused(&["users", "add", "boss", "--role", "admin", "--data", centre], 2, "login");
    refused(&["users", "add", "x2", "--role", "king", "--data", centre], 2, "roles");
    refused(&["users", "disable", "boss", "--data", centre], 1, "user");
    refused(&["users", "password", "nobody", "--data", centre], 1, "nobody");
    done(&["users", "add", "other", "--role", "admin", "--data", centre]);
    done(&["users", "disable", "boss", "--data", centre]);
    assert!(done(&["users", "list", "--data", centre]).contains("disabled"));
    assert!(done(&["journal", "verify", "--data", centre]).contains("is whole"));
}

#[test]
fn both_seats_describe_their_api() {
    for seat in ["centre", "bank"] {
        let document = done(&[seat, "openapi"]);
        assert!(document.contains("\"openapi\"") && document.contains("/api/session"), "{seat}");
    }
}
