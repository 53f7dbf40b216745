//! Kamailio in front of a carrier seat.

use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The key that the tests' machines feed with.
pub const FEED_KEY: &str = "feed-key-of-the-tests";

/// Kamailio with the configuration that is documented, set to free ports; killed when dropped.
pub struct Switch(Child);

impl Switch {
    /// Starts it between a front, the screening and a next hop, all on ports of the loopback; `pages` are those of the seat.
    pub fn start(program: &Path, folder: &Path, front: u16, screening: u16, next_hop: u16, pages: &str) -> Self {
        let documented = crate::seat::workspace().join("docs").join("kamailio").join("kamailio.cfg");
        let text = std::fs::read_to_string(documented).unwrap();
        let set = |text: &str, from: &str, to: &str| {
            assert!(text.contains(from), "{from} stands in the documented configuration");
            text.replace(from, to)
        };
        let text = set(&text, "!ADDRESS!127.0.0.1:5060!g", &format!("!ADDRESS!127.0.0.1:{front}!g"));
        let text = set(&text, "!SHOUHU!sip:127.0.0.1:5080!g", &format!("!SHOUHU!sip:127.0.0.1:{screening}!g"));
        let text = set(&text, "!NEXT_HOP!sip:127.0.0.1:5090!g", &format!("!NEXT_HOP!sip:127.0.0.1:{next_hop}!g"));
        let text = set(&text, "!FEED_URL!http://127.0.0.1:8434/", &format!("!FEED_URL!{pages}/"));
        let text = set(&text, "!FEED_KEY!write-a-long-random-key-here!", &format!("!FEED_KEY!{FEED_KEY}!"));
        let file = folder.join("kamailio.cfg");
        std::fs::write(&file, text).unwrap();
        let log = std::fs::File::create(folder.join("kamailio.log")).unwrap();
        let mut command = Command::new(program);
        command.args(["-DD", "-E", "-m", "64", "-M", "8", "-f"]).arg(&file).arg("-Y").arg(folder);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        Self(command.spawn().unwrap())
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        // Asked to end, it takes its workers with it; killed at once, it would leave them behind.
        let _asked = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ended = self.0.wait();
    }
}
