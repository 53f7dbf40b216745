//! The redirect server under load, beside a bare UDP echo and Kamailio with an htable, on one core in one run.
//!
//! Each server is a process of its own on one core and is asked from the other over the loopback, with one million listed
//! numbers and every second caller on the list. Told are answers per second, the processor time of the server for one
//! answer, and how many answers a whole second of its core gives (the two differ where the asking side is the slower one);
//! then the latency at half of that. Kamailio is left out, in a printed line, where it is not installed.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::io::{BufRead, BufReader, IoSlice, IoSliceMut, Write};
use std::net::{SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kernel::{Clock, Timestamp};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg};
use nix::unistd::Pid;
use operator::screening::Screening;
use operator::sip::{Settings, SipFront};
use rustix::net::addr::SocketAddrArg;
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, SocketAddrAny, sendmmsg};
use screen::{EntryKind, ListBuilder, ListEntry, Number, Pattern, Screen};

/// Listed numbers, `+86170` and eight digits.
const LISTED: u64 = 1_000_000;
/// Requests under way at once when the most is asked for.
const WINDOW: usize = 256;
const BATCH: usize = 64;
/// Time of one measurement.
const MEASURE: Duration = Duration::from_secs(6);
const WARM_UP: Duration = Duration::from_secs(2);
const SERVER_CORE: usize = 0;
const CLIENT_CORE: usize = 1;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("serve") => serve(),
        Some("echo") => echo(),
        _ => compare(),
    }
}

fn pin(core: usize) {
    let mut set = CpuSet::new();
    set.set(core).unwrap();
    sched_setaffinity(Pid::from_raw(0), &set).unwrap();
}

/// Our front; prints its port and answers until killed.
fn serve() {
    pin(SERVER_CORE);
    let screen = Arc::new(Screen::new());
    let mut list = ListBuilder::with_capacity(LISTED as usize);
    let entry = ListEntry {
        pattern: Pattern::Full(Number::parse("+8617000000000").unwrap()),
        kind: EntryKind::Block,
        reason: "scam".into(),
        source: "centre".into(),
        expires_at: None,
        case: None,
    };
    let row = list.row(&entry).unwrap();
    for n in 0..LISTED {
        list.push_number(Number::from_e164(8_617_010_000_000 + n).unwrap(), row).unwrap();
    }
    screen.swap_list(Arc::new(list.finish(1, Timestamp(0))));
    let (screening, mut events) = Screening::new(screen, Clock::system());
    let settings = Settings {
        udp: vec!["127.0.0.1:0".parse().unwrap()],
        peer_requests_per_second: 1_000_000,
        peer_burst: 1_000_000,
        // As the handbook has it where latency matters.
        real_time: true,
        ..Settings::default()
    };
    let config = Arc::new(settings.check().unwrap());
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async move {
        let front = SipFront::start(config, screening).await.unwrap();
        println!("{}", front.udp[0].port());
        let mut batch = Vec::with_capacity(4_096);
        while events.recv_many(&mut batch, 4_096).await > 0 {
            batch.clear();
            // As a recorder does, which writes in larger pieces and not for each call.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
}

/// Sends each datagram back, with batches in both directions.
fn echo() {
    pin(SERVER_CORE);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    println!("{}", socket.local_addr().unwrap().port());
    let mut buffers = vec![0_u8; BATCH * 2_240];
    loop {
        let mut chunks = buffers.chunks_mut(2_240);
        let mut slices: [[IoSliceMut<'_>; 1]; BATCH] =
            std::array::from_fn(|_| [IoSliceMut::new(chunks.next().unwrap())]);
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(BATCH, None);
        let received =
            recvmmsg(socket.as_raw_fd(), &mut headers, slices.iter_mut(), MsgFlags::MSG_WAITFORONE, None).unwrap();
        let back: Vec<(&[u8], SocketAddrAny)> = received
            .map(|message| {
                let to = SocketAddr::from(SocketAddrV4::from(*message.address.unwrap().as_sockaddr_in().unwrap()));
                (message.iovs().next().unwrap_or_default(), to.as_any())
            })
            .collect();
        let parts: Vec<[IoSlice<'_>; 1]> = back.iter().map(|(bytes, _)| [IoSlice::new(bytes)]).collect();
        let mut control: Vec<_> = back.iter().map(|_| SendAncillaryBuffer::default()).collect();
        let mut out: Vec<_> = back
            .iter()
            .zip(&parts)
            .zip(&mut control)
            .map(|(((_, to), part), c)| MMsgHdr::new_with_addr(to, part, c))
            .collect();
        sendmmsg(&socket, &mut out, SendFlags::empty()).unwrap();
    }
}

/// A server under test; killed when dropped.
struct Server {
    name: &'static str,
    child: Child,
    port: u16,
    _folder: Option<tempfile::TempDir>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn own(role: &str, name: &'static str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg(role)
            // As the handbook has the program started.
            .env("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { name, child, port: line.trim().parse().unwrap(), _folder: None }
    }

    /// Kamailio with one worker and the same numbers in an htable.
    fn kamailio() -> Option<Self> {
        let program = ["/usr/sbin/kamailio", "/usr/local/sbin/kamailio"]
            .into_iter()
            .find(|p| std::path::Path::new(p).exists())?;
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kamailio.cfg");
        let modules = [
            "/usr/lib/x86_64-linux-gnu/kamailio/modules",
            "/usr/lib/aarch64-linux-gnu/kamailio/modules",
            "/usr/local/lib64/kamailio/modules",
        ];
        let path = modules.into_iter().find(|p| std::path::Path::new(p).exists())?;
        std::fs::write(&file, kamailio_configuration(port, path)).unwrap();
        let child = Command::new("taskset")
            .args(["-c", &SERVER_CORE.to_string(), program, "-DD", "-E", "-m", "1024", "-M", "32", "-f"])
            .arg(&file)
            .arg("-Y")
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        Some(Self { name: "Kamailio, htable", child, port, _folder: Some(folder) })
    }

    /// Processor time of the server with all its processes, in seconds.
    fn cpu_seconds(&self) -> f64 {
        let root = self.child.id();
        let mut ticks = 0.0;
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
            let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
            let Some((_, rest)) = stat.rsplit_once(") ") else { continue };
            let fields: Vec<&str> = rest.split(' ').collect();
            if pid == root || fields[1] == root.to_string() {
                ticks += fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
            }
        }
        // Jiffies of user space are a hundredth of a second on every Linux.
        ticks / 100.0
    }
}

fn kamailio_configuration(port: u16, modules: &str) -> String {
    format!(
        r#"debug=0
log_stderror=yes
fork=yes
children=1
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
max_while_loops=2000000
listen=udp:127.0.0.1:{port}
mpath="{modules}/"
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "htable.so"
modparam("htable", "htable", "listed=>size=20;")
event_route[htable:mod-init] {{
  $var(i) = 0;
  while ($var(i) < {LISTED}) {{
    $var(n) = 10000000 + $var(i);
    $sht(listed=>+86170$var(n)) = 1;
    $var(i) = $var(i) + 1;
  }}
}}
request_route {{
  if (is_method("OPTIONS")) {{ sl_send_reply("200", "OK"); exit; }}
  if ($sht(listed=>$fU) != $null) {{ sl_send_reply("608", "Rejected"); exit; }}
  sl_send_reply("404", "Not Found");
}}
"#
    )
    // `+86170$var(n)` must not be read as a name that runs on.
    .replace("$sht(listed=>+86170$var(n))", "$sht(listed=>$var(k))")
    .replace("$var(n) = 10000000 + $var(i);", "$var(n) = 10000000 + $var(i); $var(k) = \"+86170\" + $var(n);")
    .replace("is_method(\"OPTIONS\")", "$rm == \"OPTIONS\"")
}

/// An INVITE as a switch sends it; number of the call and caller are written over.
struct Load {
    socket: UdpSocket,
    to: SocketAddrAny,
    requests: Vec<Vec<u8>>,
    /// Where the number of the call stands (twice) and where the caller's last digits and its first (twice).
    places: [usize; 6],
    next: u64,
    sent_at: Vec<Instant>,
}

const SLOTS: usize = 1 << 20;

impl Load {
    fn new(port: u16) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let buffers = socket2::SockRef::from(&socket);
        let _ = buffers.set_recv_buffer_size(8 << 20);
        let own = socket.local_addr().unwrap();
        let text = format!(
            "INVITE sip:+8613900139000@127.0.0.1:{port};user=phone SIP/2.0\r\nVia: SIP/2.0/UDP {own};rport;branch=z9hG4bK-0000000001-0\r\nMax-Forwards: 69\r\n\
             Record-Route: <sip:127.0.0.1:{};lr;ftag=x>\r\nFrom: \"caller\" <sip:+8617010000000@sbc.example.cn;user=phone>;tag=as58f4201b\r\n\
             To: <sip:+8613900139000@sbc.example.cn;user=phone>\r\nCall-ID: 0000000001-7d2f41c9@sbc.example.cn\r\nCSeq: 102 INVITE\r\n\
             Contact: <sip:+8617010000000@{own}>\r\nUser-Agent: bench\r\nAllow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO\r\n\
             Supported: replaces, timer\r\nP-Asserted-Identity: <sip:+8617010000000@sbc.example.cn>\r\nContent-Type: application/sdp\r\nContent-Length: 178\r\n\r\n{}",
            own.port(),
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n"
        );
        let body = text.split("\r\n\r\n").nth(1).unwrap().len();
        let text = text.replace("Content-Length: 178", &format!("Content-Length: {body}"));
        let find = |needle: &str, nth: usize| text.match_indices(needle).nth(nth).unwrap().0;
        let places = [
            find("0000000001", 0),
            find("0000000001", 1),
            find("+8617010000000", 0) + 6,
            find("+8617010000000", 1) + 6,
            find("+8617010000000", 2) + 6,
            0,
        ];
        Self {
            socket,
            to: SocketAddr::from(([127, 0, 0, 1], port)).as_any(),
            requests: vec![text.into_bytes(); BATCH],
            places,
            next: 1,
            sent_at: vec![Instant::now(); SLOTS],
        }
    }

    /// Sends so many new requests, [`BATCH`] at most.
    fn send(&mut self, count: usize) {
        let now = Instant::now();
        for request in self.requests.iter_mut().take(count) {
            let n = self.next;
            self.next += 1;
            self.sent_at[n as usize & (SLOTS - 1)] = now;
            let id = format!("{n:010}");
            for place in &self.places[..2] {
                request[*place..*place + 10].copy_from_slice(id.as_bytes());
            }
            // Every second caller is listed; the others begin with 2 where listed ones begin with 1.
            let spread = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
            let caller = format!("{:08}", if n.is_multiple_of(2) { 10_000_000 } else { 20_000_000 } + spread % LISTED);
            for place in &self.places[2..5] {
                request[*place..*place + 8].copy_from_slice(caller.as_bytes());
            }
        }
        let parts: Vec<[IoSlice<'_>; 1]> = self.requests.iter().take(count).map(|r| [IoSlice::new(r)]).collect();
        let mut control: Vec<_> = (0..count).map(|_| SendAncillaryBuffer::default()).collect();
        let mut out: Vec<_> =
            parts.iter().zip(&mut control).map(|(part, c)| MMsgHdr::new_with_addr(&self.to, part, c)).collect();
        sendmmsg(&self.socket, &mut out, SendFlags::empty()).unwrap();
    }

    /// Takes what answers are there, and calls back with the number of each call and whether it was stopped.
    fn receive(&self, buffers: &mut [u8], wait: bool, mut each: impl FnMut(u64, bool)) -> usize {
        let mut chunks = buffers.chunks_mut(2_240);
        let mut slices: [[IoSliceMut<'_>; 1]; BATCH] =
            std::array::from_fn(|_| [IoSliceMut::new(chunks.next().unwrap())]);
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(BATCH, None);
        let flags = if wait { MsgFlags::MSG_WAITFORONE } else { MsgFlags::MSG_DONTWAIT };
        let Ok(received) = recvmmsg(self.socket.as_raw_fd(), &mut headers, slices.iter_mut(), flags, None) else {
            return 0;
        };
        let mut count = 0;
        for message in received {
            let bytes = message.iovs().next().unwrap_or_default();
            count += 1;
            let Some(at) = memchr::memmem::find(bytes, b"branch=z9hG4bK-") else { continue };
            let digits = std::str::from_utf8(&bytes[at + 15..at + 25]).unwrap();
            each(digits.parse().unwrap(), bytes.starts_with(b"SIP/2.0 608"));
        }
        count
    }
}

struct Most {
    answers_per_second: f64,
    cpu_us: f64,
}

impl Most {
    /// What a whole second of the server's core gives.
    fn per_core_second(&self) -> f64 {
        1_000_000.0 / self.cpu_us
    }
}

/// As much as goes through, with so many requests under way.
fn most(server: &Server, checks: bool) -> Most {
    let mut load = Load::new(server.port);
    load.socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let mut buffers = vec![0_u8; BATCH * 2_240];
    let mut run = |load: &mut Load, time: Duration| {
        let (began, mut under_way, mut answers, mut wrong) = (Instant::now(), 0_usize, 0_u64, 0_u64);
        while began.elapsed() < time {
            while under_way + BATCH <= WINDOW {
                load.send(BATCH);
                under_way += BATCH;
            }
            let got = load
                .receive(&mut buffers, true, |n, stopped| wrong += u64::from(checks && stopped != n.is_multiple_of(2)));
            if got == 0 {
                // Whatever was lost is written off.
                under_way = 0;
            }
            under_way = under_way.saturating_sub(got);
            answers += got as u64;
        }
        assert_eq!(wrong, 0, "{}: answers that are not as listed", server.name);
        (answers, began.elapsed())
    };
    run(&mut load, WARM_UP);
    let cpu = server.cpu_seconds();
    let (answers, took) = run(&mut load, MEASURE);
    let cpu = server.cpu_seconds() - cpu;
    Most { answers_per_second: answers as f64 / took.as_secs_f64(), cpu_us: cpu * 1e6 / answers as f64 }
}

/// Latencies at a steady rate, in microseconds: p50, p99, p99.9, and the share of requests without answer.
fn latency(server: &Server, per_second: f64) -> (f64, f64, f64, f64) {
    let mut load = Load::new(server.port);
    let mut buffers = vec![0_u8; BATCH * 2_240];
    let mut took: Vec<u32> = Vec::with_capacity(4_000_000);
    let (began, mut sent) = (Instant::now(), 0_u64);
    let first = load.next;
    while began.elapsed() < MEASURE {
        let due = (began.elapsed().as_secs_f64() * per_second) as u64;
        let count = (due - sent).min(BATCH as u64) as usize;
        if count > 0 {
            load.send(count);
            sent += count as u64;
        }
        let now = Instant::now();
        load.receive(&mut buffers, false, |n, _| {
            took.push((now - load.sent_at[n as usize & (SLOTS - 1)]).as_micros() as u32)
        });
    }
    let grace = Instant::now();
    while (took.len() as u64) < load.next - first && grace.elapsed() < Duration::from_millis(500) {
        let now = Instant::now();
        load.receive(&mut buffers, false, |n, _| {
            took.push((now - load.sent_at[n as usize & (SLOTS - 1)]).as_micros() as u32)
        });
    }
    took.sort_unstable();
    let at = |share: f64| {
        f64::from(
            took.get(((took.len() as f64 * share) as usize).min(took.len().saturating_sub(1)))
                .copied()
                .unwrap_or(u32::MAX),
        )
    };
    (at(0.5), at(0.99), at(0.999), 1.0 - took.len() as f64 / sent as f64)
}

/// How often and for how long the server's core stands still though somebody wants to run on it: nobody's program can be
/// faster than that. Number of pauses over half a millisecond, the longest, and their share of the time.
fn pauses() -> (usize, Duration, f64) {
    let watch = || {
        pin(SERVER_CORE);
        let (began, mut last, mut seen) = (Instant::now(), Instant::now(), Vec::new());
        while began.elapsed() < MEASURE {
            let now = Instant::now();
            if now - last > Duration::from_micros(500) {
                seen.push(now - last);
            }
            last = now;
        }
        seen
    };
    let seen = std::thread::spawn(watch).join().unwrap();
    let (longest, sum) = (seen.iter().max().copied().unwrap_or_default(), seen.iter().sum::<Duration>());
    (seen.len(), longest, sum.as_secs_f64() / MEASURE.as_secs_f64())
}

/// Waits until the server answers; Kamailio takes a while to fill its table.
fn wait_for(server: &Server) -> bool {
    let mut load = Load::new(server.port);
    load.socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let mut buffers = vec![0_u8; BATCH * 2_240];
    (0..600).any(|_| {
        load.send(1);
        let got = load.receive(&mut buffers, true, |_, _| {}) > 0;
        if !got {
            // A port that nobody listens on yet is told at once, so the time limit alone does not wait.
            std::thread::sleep(Duration::from_millis(100));
        }
        got
    })
}

fn compare() {
    pin(CLIENT_CORE);
    let mut out = std::io::stdout();
    writeln!(out, "one core each; {LISTED} listed numbers, every second caller listed; {WINDOW} requests under way")
        .unwrap();
    let measure = |server: &Server, checks: bool| {
        assert!(wait_for(server), "{} does not answer", server.name);
        let most = most(server, checks);
        println!(
            "{:<18} {:>9.0} answers/s   {:>6.2} µs of its core each   {:>9.0} answers per second of its core",
            server.name,
            most.answers_per_second,
            most.cpu_us,
            most.per_core_second()
        );
        most
    };
    let steady = |server: &Server, per_second: f64| {
        let (p50, p99, p999, lost) = latency(server, per_second);
        println!(
            "{:<18} at {per_second:.0}/s: p50 {p50:.0} µs, p99 {p99:.0} µs, p99.9 {p999:.0} µs, without answer {:.4} %",
            server.name,
            lost * 100.0
        );
        p99
    };
    let bare = Server::own("echo", "bare echo");
    let echo = measure(&bare, false);
    let server = Server::own("serve", "Shouhu");
    let ours = measure(&server, true);
    let half = ours.answers_per_second / 2.0;
    // The echo at the same rate shows what the machine itself adds, and so does a core that only looks at the clock.
    let (count, longest, share) = pauses();
    println!(
        "the core itself    stands still {count} times over 0.5 ms in {} s, {:.1} ms at most, {:.2} % of the time",
        MEASURE.as_secs(),
        longest.as_secs_f64() * 1e3,
        share * 100.0
    );
    steady(&bare, half);
    drop(bare);
    let p99 = steady(&server, half);
    drop(server);
    let kamailio = Server::kamailio().map(|server| measure(&server, true));
    let line = |name: &str, ratio: f64, limit: f64| {
        println!("{name:<34} {ratio:>6.2}   (at least {limit:.1})   {}", if ratio >= limit { "met" } else { "MISSED" })
    };
    line("to a bare echo, per core second", ours.per_core_second() / echo.per_core_second(), 0.5);
    match kamailio {
        Some(kamailio) => {
            line("to Kamailio, per core second", ours.per_core_second() / kamailio.per_core_second(), 5.0)
        }
        None => println!("Kamailio is not installed; not compared"),
    }
    line("1 ms over p99 at half load", 1_000.0 / p99.max(1.0), 1.0);
}
