//! Messages a second through the front, each text screened, on one core; the ESME and the SMSC run on the other.
//!
//! The front is a process of its own on one core, with the model that comes with the program. Told are messages a second
//! as they went through, the processor time of the front for one message, and how many messages a whole second of its
//! core gives (the two differ where the peers are the slower side), each with its ratio to the 20,000 messages a second
//! that are asked for. The same without judging a text shows what the proxy alone takes.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use kernel::Clock;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;
use operator::message::{
    AccountConfig, Heard, Judge, MessageConfig, MessageFront, Party, ScreeningJudge, Storing, UpstreamConfig, hash_key,
};
use operator::screening::Screening;
use screen::{MessageAction, Registration, Screen, TrunkKind};
use smpp::{Address, Alphabet, Bind, BindMode, CommandId, DefaultAlphabet, Frame, Message, MessageKind, Status, frame};

/// Messages a second that are asked for.
const ASKED_FOR: f64 = 20_000.0;
/// Messages under way at once.
const WINDOW: u64 = 1_000;
const WARM_UP: Duration = Duration::from_secs(2);
const MEASURE: Duration = Duration::from_secs(8);
const SERVER_CORE: usize = 0;
const CLIENT_CORE: usize = 1;

/// Texts as they come: most of them everyday ones. `{}` is a number that differs each time.
const TEXTS: [&str; 10] = [
    "【菜鸟驿站】您的包裹已到小区南门驿站,取件码{},请于今日20点前领取。",
    "【某银行】您尾号8812的账户11月24日支出人民币{}元,余额请登录手机银行查询。",
    "您的验证码是{},5分钟内有效,请勿泄露给他人。",
    "【某商城】双十二提前购,满300减50,回复TD退订。编号{}",
    "明天下午三点在二楼会议室开会,记得带上材料,我先到了给你占座{}。",
    "尊敬的旅客,您乘坐的G{}次列车将于08:32开车,请提前到站候车。",
    "妈,我今晚加班,不回来吃饭了,你们先吃,冰箱里有菜{}。",
    "【燃气公司】您本月应缴燃气费{}元,请及时缴纳,以免影响使用。",
    "您好,这里是公安局,您名下银行卡涉嫌洗钱,请将资金转入安全账户配合调查,案号{}。",
    "Your parcel {} has been delivered to the front desk. Thank you for shopping with us.",
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("serve") => serve(&arguments[2], &arguments[3], &arguments[4]),
        _ => compare(),
    }
}

fn pin(core: usize) {
    let mut set = CpuSet::new();
    set.set(core).unwrap();
    sched_setaffinity(Pid::from_raw(0), &set).unwrap();
}

/// Passes everything unread.
struct Blind;

impl Judge for Blind {
    fn judge(&self, _heard: &Heard<'_>) -> MessageAction {
        MessageAction::Pass
    }
    fn registration(&self, _sender: Party<'_>, _account: &str) -> Registration {
        Registration::Absent
    }
}

/// The front; prints its port and works until killed.
fn serve(smsc: &str, storing: &str, judging: &str) {
    pin(SERVER_CORE);
    let folder = tempfile::tempdir().unwrap();
    let account = AccountConfig {
        system_id: "bench".into(),
        password_hash: Some(hash_key("secret08")),
        api_key_hash: None,
        senders: Vec::new(),
        trunk: 1,
        trunk_kind: TrunkKind::National,
        binds_max: 4,
        window_max: 100_000,
        rate_per_second: 10_000_000,
        default_alphabet: DefaultAlphabet::Gsm7,
        upstream: UpstreamConfig {
            address: smsc.into(),
            tls: None,
            system_id: "bench".into(),
            password: String::new(),
            system_type: String::new(),
            window_max: 2 * WINDOW as usize,
            storing: if storing == "always" { Storing::Always } else { Storing::WhenAway },
        },
    };
    let config =
        MessageConfig { listen: Some(([127, 0, 0, 1], 0).into()), accounts: vec![account], ..MessageConfig::default() };
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async move {
        let (screening, mut events) = Screening::new(Arc::new(Screen::new()), Clock::system());
        let judge: Arc<dyn Judge> =
            if judging == "blind" { Arc::new(Blind) } else { Arc::new(ScreeningJudge(screening)) };
        let front = MessageFront::start(config, folder.path(), judge, Clock::system()).await.unwrap();
        while front.is_linked("bench") != Some(true) {
            tokio::task::yield_now().await;
        }
        println!("{}", front.listening().unwrap().port());
        let mut batch = Vec::with_capacity(4_096);
        loop {
            // As a recorder does, which writes in larger pieces and not for each message.
            while events.try_recv().map(|event| batch.push(event)).is_ok() {}
            batch.clear();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
}

struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(smsc: SocketAddr, storing: &str, judging: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["serve", &smsc.to_string(), storing, judging])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, port: line.trim().parse().unwrap() }
    }

    fn cpu_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        // Jiffies of user space are a hundredth of a second on every Linux.
        (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
    }
}

/// Reads PDUs in large pieces.
struct Pieces {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

impl Pieces {
    fn new(stream: &TcpStream) -> Self {
        Self { stream: stream.try_clone().unwrap(), buffer: vec![0; 256 * 1024], filled: 0 }
    }

    /// Reads once and calls back for each whole PDU; `false` at the end of the stream.
    fn read(&mut self, mut each: impl FnMut(&smpp::Pdu<'_>)) -> bool {
        let Ok(got @ 1..) = self.stream.read(&mut self.buffer[self.filled..]) else { return false };
        self.filled += got;
        let mut used = 0;
        while let Frame::Whole(pdu) = frame(&self.buffer[used..self.filled]) {
            used += pdu.bytes.len();
            each(&pdu);
        }
        self.buffer.copy_within(used..self.filled, 0);
        self.filled -= used;
        true
    }
}

/// Takes every message and answers it.
fn smsc(listener: &TcpListener, received: &AtomicU64) {
    while let Ok((mut stream, _)) = listener.accept() {
        stream.set_nodelay(true).unwrap();
        let mut pieces = Pieces::new(&stream);
        let mut out = Vec::new();
        loop {
            out.clear();
            let mut messages = 0;
            let goes_on = pieces.read(|pdu| match pdu.header.command {
                CommandId::BIND_TRANSCEIVER => smpp::write_bind_response(
                    BindMode::Transceiver,
                    Status::OK,
                    pdu.header.sequence,
                    b"smsc",
                    (0x34, 0x34),
                    &mut out,
                ),
                CommandId::SUBMIT_SM => {
                    messages += 1;
                    let sequence = pdu.header.sequence;
                    smpp::write_message_response(CommandId::SUBMIT_SM, Status::OK, sequence, b"M0001234", &mut out);
                }
                command if command.is_response() => {}
                command => smpp::write_empty(command.response(), Status::OK, pdu.header.sequence, &mut out),
            });
            received.fetch_add(messages, Ordering::Relaxed);
            if !goes_on || stream.write_all(&out).is_err() {
                break;
            }
        }
    }
}

fn submit(number: u64, out: &mut Vec<u8>) {
    let template = TEXTS[usize::try_from(number).unwrap() % TEXTS.len()];
    let text = template.replace("{}", &format!("{:06}", number.wrapping_mul(0x9e37_79b9) % 1_000_000));
    let to = format!("86138{:08}", number % 100_000_000);
    let mut message = Message::new(
        MessageKind::Submit,
        Address { ton: 0, npi: 1, digits: b"106900001" },
        Address { ton: 1, npi: 1, digits: to.as_bytes() },
    );
    message.data_coding = if text.is_ascii() { 0 } else { 8 };
    let alphabet = if text.is_ascii() { Alphabet::Gsm7 } else { Alphabet::Utf16 };
    let octets = smpp::encode(alphabet, &text).unwrap();
    message.short_message = &octets;
    message.write(u32::try_from(number & 0x3fff_ffff).unwrap() + 1, &[], &[], out);
}

struct Outcome {
    through_per_second: f64,
    cpu_us: f64,
    taken: f64,
}

/// As much as goes through with a window of messages under way.
fn run(storing: &str, judging: &str) -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let received = Arc::new(AtomicU64::new(0));
    let counter = received.clone();
    std::thread::spawn(move || smsc(&listener, &counter));
    let server = Server::start(address, storing, judging);
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut out = Vec::new();
    let bind = Bind {
        mode: BindMode::Transceiver,
        system_id: b"bench",
        password: b"secret08",
        system_type: b"",
        interface_version: 0x34,
        addr_ton: 0,
        addr_npi: 0,
        address_range: b"",
    };
    smpp::write_bind(&bind, 1, &mut out);
    stream.write_all(&out).unwrap();
    let mut pieces = Pieces::new(&stream);
    pieces.read(|pdu| assert_eq!(pdu.header.status, Status::OK));
    // Texts are written beforehand, so that the load takes little of its core.
    let ready: Vec<Vec<u8>> = (0..50_000)
        .map(|number| {
            let mut pdu = Vec::new();
            submit(number, &mut pdu);
            pdu
        })
        .collect();
    let (mut sent, mut answered, mut good) = (0_u64, 0_u64, 0_u64);
    let mut work = |time: Duration| {
        let (began, from, good_from) = (Instant::now(), answered, good);
        while began.elapsed() < time {
            out.clear();
            while sent < answered + WINDOW {
                out.extend_from_slice(&ready[usize::try_from(sent).unwrap() % ready.len()]);
                sent += 1;
            }
            stream.write_all(&out).unwrap();
            assert!(pieces.read(|pdu| {
                if pdu.header.command == CommandId::SUBMIT_SM_RESP {
                    answered += 1;
                    good += u64::from(pdu.header.status == Status::OK);
                }
            }));
        }
        (answered - from, good - good_from, began.elapsed().as_secs_f64())
    };
    work(WARM_UP);
    let cpu = server.cpu_seconds();
    let arrived = received.load(Ordering::Relaxed);
    let (answers, good, took) = work(MEASURE);
    let cpu = server.cpu_seconds() - cpu;
    let arrived = received.load(Ordering::Relaxed) - arrived;
    // What was answered but is still on its way to the SMSC does not count as through.
    let through = answers.min(arrived + answers - good);
    Outcome {
        through_per_second: through as f64 / took,
        cpu_us: cpu * 1e6 / through as f64,
        taken: good as f64 / answers as f64,
    }
}

fn compare() {
    pin(CLIENT_CORE);
    for (name, storing, judging) in [
        ("texts screened, the SMSC answers", "when_away", "whole"),
        ("texts screened, always on disk first", "always", "whole"),
        ("no text read, the SMSC answers", "when_away", "blind"),
    ] {
        let outcome = run(storing, judging);
        let core = 1_000_000.0 / outcome.cpu_us;
        println!(
            "{name:<38} {:>8.0} messages/s ({:.2} of 20,000)   {:>5.1} us of the core each: {core:>8.0} a core second \
             ({:.2} of 20,000)   {:.1} % taken",
            outcome.through_per_second,
            outcome.through_per_second / ASKED_FOR,
            outcome.cpu_us,
            core / ASKED_FOR,
            outcome.taken * 100.0,
        );
    }
}
