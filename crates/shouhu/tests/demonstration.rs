//! The demonstration as a newcomer runs it: five processes, the scenes, a killed seat, and the evidence.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Everything here must come within this time, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(90);

fn shouhu() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shouhu"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SHOUHU_")) {
        command.env_remove(name);
    }
    command.env("LANG", "en_US.UTF-8").env_remove("LC_ALL");
    command
}

fn run(args: &[&str]) -> (i32, String) {
    let output = shouhu().args(args).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

struct Demonstration {
    child: Child,
    base_port: u16,
    folder: tempfile::TempDir,
}

impl Demonstration {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let base_port = store::testing::ports(7);
        let child = shouhu()
            .args(["demo", "--data"])
            .arg(folder.path().join("demo"))
            .args(["--base-port", &base_port.to_string()])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let demonstration = Self { child, base_port, folder };
        demonstration.until("the banner", |log| log.contains("Ctrl-C"));
        demonstration
    }

    fn data(&self) -> String {
        self.folder.path().join("demo").to_str().unwrap().to_owned()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    fn until(&self, what: &str, seen: impl Fn(&str) -> bool) {
        let began = Instant::now();
        while !seen(&self.log()) {
            assert!(began.elapsed() < PATIENCE, "{what} did not come:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn pid(&self, seat: &str) -> String {
        std::fs::read_to_string(Path::new(&self.data()).join(seat).join("seat.pid")).unwrap().trim().to_owned()
    }

    fn seat(&self, seat: &str) -> String {
        format!("{}/{seat}", self.data())
    }
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        let _told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ended = self.child.wait();
    }
}

fn alive(pid: &str) -> bool {
    Path::new("/proc").join(pid).exists()
}

#[test]
fn the_scenes_end_with_every_fen_within_reach_held_even_after_a_seat_was_killed() {
    let demonstration = Demonstration::start();
    let data = demonstration.data();
    for scene in ["student", "professor", "disbeliever", "caller"] {
        let (code, said) = run(&["scene", scene, "--finish", "--demo", &data]);
        assert_eq!(code, 0, "{scene}: {said}");
    }

    let killed = demonstration.pid("bank-b");
    assert!(Command::new("kill").args(["-KILL", &killed]).status().unwrap().success());
    demonstration.until("the restart", |log| log.contains("bank-b ended"));
    let (code, said) = run(&["scene", "professor", "--finish", "--demo", &data]);
    assert_eq!(code, 0, "after the kill: {said}");

    let centre = demonstration.seat("centre-43");
    let (code, said) = run(&["journal", "verify", "--data", &centre]);
    assert_eq!(code, 0, "{said}");
    let (_, entries) = run(&["journal", "tail", "--no-follow", "--data", &centre]);
    let answered = entries.lines().find(|line| line.contains("order.answered")).unwrap();
    let entry: serde_json::Value = serde_json::from_str(answered).unwrap();
    let bundle = demonstration.folder.path().join("bundle");
    let bundle = bundle.to_str().unwrap();
    let subject = entry["subject"].as_str().unwrap();
    let (code, said) = run(&["journal", "export", "--subject", subject, "--out", bundle, "--data", &centre]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(run(&["journal", "check", bundle]).0, 0);
    let lines = Path::new(bundle).join("entries.jsonl");
    let forged = std::fs::read_to_string(&lines).unwrap().replacen("system:chase", "system:chief", 1);
    std::fs::write(&lines, forged).unwrap();
    assert_eq!(run(&["journal", "check", bundle]).0, 1);
}

/// A second demonstration in the same folder or on the same ports is refused before it removes or makes anything.
fn a_second_one_does_no_harm(demonstration: &Demonstration) {
    let (data, other) = (demonstration.data(), demonstration.seat("../other"));
    let held = format!("process {} (shouhu demo", demonstration.child.id());
    let (code, said) = run(&["demo", "--fresh", "--data", &data, "--base-port", &store::testing::ports(7).to_string()]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains(&held), "{said}");
    let (code, said) = run(&["demo", "--data", &other, "--base-port", &demonstration.base_port.to_string()]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("holds it") && said.contains("--base-port"), "{said}");
    assert!(!Path::new(&other).exists());
    let foreign = tempfile::tempdir().unwrap();
    std::fs::write(foreign.path().join("thesis.txt"), "three years of work").unwrap();
    let folder = foreign.path().to_str().unwrap();
    let (code, said) =
        run(&["demo", "--fresh", "--data", folder, "--base-port", &store::testing::ports(7).to_string()]);
    assert_eq!(code, 2, "{said}");
    assert_eq!(std::fs::read_dir(foreign.path()).unwrap().count(), 1, "a folder of somebody else is left alone");
    let (code, _) = run(&["scene", "student", "--finish", "--demo", &data]);
    assert_eq!(code, 0, "the first one goes on");
}

/// The password stands in no command line, and in no file that others may read.
fn nobody_else_reads_the_password(demonstration: &Demonstration) {
    use std::os::unix::fs::PermissionsExt;
    let file = std::fs::read_to_string(Path::new(&demonstration.data()).join("demo.json")).unwrap();
    let stage: serde_json::Value = serde_json::from_str(&file).unwrap();
    let password = stage["password"].as_str().unwrap();
    for process in std::fs::read_dir("/proc").unwrap().flatten() {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&line).contains(password), "{}", process.path().display());
    }
    let mut waiting = vec![std::path::PathBuf::from(demonstration.data())];
    while let Some(path) = waiting.pop() {
        let Ok(meta) = std::fs::metadata(&path) else { continue };
        assert_eq!(meta.permissions().mode() & 0o077, 0, "{}", path.display());
        waiting.extend(std::fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
    }
    let (code, said) = run(&["demo", "--password", "gravel-teapot-lantern"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("SHOUHU_DEMO_PASSWORD") && said.contains("--password-stdin"), "{said}");
    let weak =
        shouhu().args(["demo", "--data", "/nowhere"]).env("SHOUHU_DEMO_PASSWORD", "shouhu-demo-2026").output().unwrap();
    assert_eq!(weak.status.code(), Some(2), "refused before anything is made");
}

#[test]
fn no_seat_outlives_a_demonstration_that_is_killed() {
    let mut demonstration = Demonstration::start();
    a_second_one_does_no_harm(&demonstration);
    nobody_else_reads_the_password(&demonstration);
    let pids: Vec<String> =
        ["centre-43", "bank-a", "bank-b", "pay-c", "operator-a"].iter().map(|seat| demonstration.pid(seat)).collect();
    assert!(pids.iter().all(|pid| alive(pid)));
    demonstration.child.kill().unwrap();
    demonstration.child.wait().unwrap();
    let began = Instant::now();
    while pids.iter().any(|pid| alive(pid)) {
        assert!(began.elapsed() < PATIENCE, "seats live on");
        std::thread::sleep(Duration::from_millis(50));
    }
}
