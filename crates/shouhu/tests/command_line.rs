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
    refused(&["centre", "serve", "--data", empty, "--database", "mysql://x"], 2, "postgres://");
    refused(&["journal", "check", empty], 1, "manifest.json");
    refused(&["scene", "student", "--demo", empty], 3, "shouhu demo");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    refused(&["centre", "serve", "--data", empty, "--listen", &listen], 3, "--listen");
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
