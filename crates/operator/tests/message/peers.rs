//! An ESME and an SMSC of ours, for the tests of the message front.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use smpp::{Bind, BindMode, CommandId, DefaultAlphabet, Frame, Message, Pdu, Status, frame};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Longer than anything here takes; only a test that fails waits so long.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A whole PDU, owned.
#[derive(Clone)]
pub struct Owned(pub Vec<u8>);

impl Owned {
    pub fn pdu(&self) -> Pdu<'_> {
        Pdu::whole(&self.0).expect("a whole PDU")
    }
    pub fn message(&self) -> Message<'_> {
        Message::read(&self.pdu()).expect("a message")
    }
    pub fn text(&self) -> String {
        let message = self.message();
        let alphabet = smpp::alphabet_of(message.data_coding, DefaultAlphabet::Gsm7);
        smpp::decode(alphabet, message.user_data().1).unwrap_or_default()
    }
}

async fn read_pdu(reading: &mut OwnedReadHalf, buffer: &mut Vec<u8>) -> Option<Owned> {
    loop {
        if let Frame::Whole(pdu) = frame(buffer) {
            let owned = Owned(pdu.bytes.to_vec());
            buffer.drain(..owned.0.len());
            return Some(owned);
        }
        if reading.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

/// A sender.
pub struct Esme {
    writing: OwnedWriteHalf,
    reading: OwnedReadHalf,
    buffer: Vec<u8>,
    pub sequence: u32,
}

impl Esme {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the front listens");
        stream.set_nodelay(true).unwrap();
        let (reading, writing) = stream.into_split();
        Self { writing, reading, buffer: Vec::new(), sequence: 0 }
    }

    /// Connects and binds; panics when it is refused.
    pub async fn bound(address: SocketAddr, system_id: &str, mode: BindMode) -> Self {
        let mut esme = Self::connect(address).await;
        assert_eq!(esme.bind(system_id, "secret08", mode).await, Status::OK);
        esme
    }

    pub async fn bind(&mut self, system_id: &str, password: &str, mode: BindMode) -> Status {
        let bind = Bind {
            mode,
            system_id: system_id.as_bytes(),
            password: password.as_bytes(),
            system_type: b"",
            interface_version: smpp::VERSION_3_4,
            addr_ton: 0,
            addr_npi: 0,
            address_range: b"",
        };
        self.sequence += 1;
        let mut out = Vec::new();
        smpp::write_bind(&bind, self.sequence, &mut out);
        self.send(&out).await;
        self.next().await.expect("an answer").pdu().header.status
    }

    pub async fn send(&mut self, octets: &[u8]) {
        self.writing.write_all(octets).await.expect("the front reads");
    }

    /// Sends a message under the next number, which is given back.
    pub async fn submit(&mut self, pdu: &[u8]) -> u32 {
        self.sequence += 1;
        let mut pdu = pdu.to_vec();
        smpp::set_sequence(&mut pdu, self.sequence);
        self.send(&pdu).await;
        self.sequence
    }

    /// The next PDU; nothing when the connection has ended.
    pub async fn next(&mut self) -> Option<Owned> {
        tokio::time::timeout(PATIENCE, read_pdu(&mut self.reading, &mut self.buffer)).await.expect("an answer in time")
    }

    /// Sends a message and waits for its answer: status and id.
    pub async fn ask(&mut self, pdu: &[u8]) -> (Status, String) {
        let sequence = self.submit(pdu).await;
        let answer = self.next().await.expect("an answer");
        let read = answer.pdu();
        assert_eq!(read.header.sequence, sequence, "the answer is to the request");
        let id = smpp::message_id_of(&read).unwrap_or_default();
        (read.header.status, String::from_utf8_lossy(id).into_owned())
    }

    /// Answers a `deliver_sm`.
    pub async fn delivered(&mut self, deliver: &Owned) {
        let mut out = Vec::new();
        let sequence = deliver.pdu().header.sequence;
        smpp::write_message_response(CommandId::DELIVER_SM, Status::OK, sequence, b"", &mut out);
        self.send(&out).await;
    }
}

#[derive(Default)]
struct Heard {
    messages: Vec<Owned>,
    others: Vec<Owned>,
}

/// An SMSC.
pub struct Smsc {
    pub address: SocketAddr,
    heard: Arc<Mutex<Heard>>,
    count: watch::Receiver<usize>,
    counter: Arc<watch::Sender<usize>>,
    next_id: Arc<AtomicU32>,
    /// Whether messages are answered.
    pub answers: Arc<AtomicBool>,
    /// Status of the next answers, by text.
    pub refuses: Arc<Mutex<HashMap<String, Vec<Status>>>>,
    /// Numbers given to the next messages, in order; then `M1`, `M2` …
    pub ids: Arc<Mutex<std::collections::VecDeque<String>>>,
    say: mpsc::UnboundedSender<Vec<u8>>,
    said: Option<mpsc::UnboundedReceiver<Vec<u8>>>,
    task: Option<JoinHandle<()>>,
}

impl Smsc {
    pub async fn start() -> Self {
        let (counter, count) = watch::channel(0);
        let (say, said) = mpsc::unbounded_channel();
        let mut smsc = Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            heard: Arc::default(),
            count,
            counter: Arc::new(counter),
            next_id: Arc::new(AtomicU32::new(1)),
            answers: Arc::new(AtomicBool::new(true)),
            refuses: Arc::default(),
            ids: Arc::default(),
            say,
            said: Some(said),
            task: None,
        };
        smsc.listen().await;
        smsc
    }

    /// Listens (again) under the same address.
    pub async fn listen(&mut self) {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(self.address).unwrap();
        let listener: TcpListener = socket.listen(16).unwrap();
        self.address = listener.local_addr().unwrap();
        let said = match self.said.take() {
            Some(said) => said,
            None => {
                let (say, said) = mpsc::unbounded_channel();
                self.say = say;
                said
            }
        };
        let work = Work {
            heard: self.heard.clone(),
            counter: self.counter.clone(),
            next_id: self.next_id.clone(),
            answers: self.answers.clone(),
            refuses: self.refuses.clone(),
            ids: self.ids.clone(),
        };
        self.task = Some(tokio::spawn(async move {
            let mut said = said;
            while let Ok((stream, _)) = listener.accept().await {
                work.serve(stream, &mut said).await;
            }
        }));
    }

    /// Is gone at once, in the middle of whatever it does.
    pub async fn kill(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let _ended = task.await;
        }
    }

    /// Sends a PDU to the front.
    pub fn say(&self, pdu: Vec<u8>) {
        self.say.send(pdu).expect("a front is bound");
    }

    /// Waits until so many messages have arrived, and gives them.
    pub async fn messages(&self, at_least: usize) -> Vec<Owned> {
        let mut count = self.count.clone();
        let enough = count.wait_for(|count| *count >= at_least);
        let waited = tokio::time::timeout(PATIENCE, enough).await;
        assert!(waited.is_ok(), "{} of {at_least} messages arrived", self.heard.lock().unwrap().messages.len());
        self.heard.lock().unwrap().messages.clone()
    }

    pub fn texts(&self) -> Vec<String> {
        self.heard.lock().unwrap().messages.iter().map(Owned::text).collect()
    }

    pub fn others(&self) -> Vec<Owned> {
        self.heard.lock().unwrap().others.clone()
    }
}

struct Work {
    heard: Arc<Mutex<Heard>>,
    counter: Arc<watch::Sender<usize>>,
    next_id: Arc<AtomicU32>,
    answers: Arc<AtomicBool>,
    refuses: Arc<Mutex<HashMap<String, Vec<Status>>>>,
    ids: Arc<Mutex<std::collections::VecDeque<String>>>,
}

impl Work {
    async fn serve(&self, stream: TcpStream, said: &mut mpsc::UnboundedReceiver<Vec<u8>>) {
        stream.set_nodelay(true).unwrap();
        let (mut reading, mut writing) = stream.into_split();
        let mut buffer = Vec::new();
        loop {
            let mut out = Vec::new();
            tokio::select! {
                read = read_pdu(&mut reading, &mut buffer) => match read {
                    None => return,
                    Some(owned) => self.answer(owned, &mut out),
                },
                Some(pdu) = said.recv() => out = pdu,
            }
            if writing.write_all(&out).await.is_err() {
                return;
            }
        }
    }

    fn answer(&self, owned: Owned, out: &mut Vec<u8>) {
        let header = owned.pdu().header;
        match header.command {
            command if command.is_bind() => smpp::write_bind_response(
                BindMode::Transceiver,
                Status::OK,
                header.sequence,
                b"smsc",
                (smpp::VERSION_3_4, smpp::VERSION_3_4),
                out,
            ),
            CommandId::SUBMIT_SM | CommandId::DATA_SM | CommandId::SUBMIT_MULTI => {
                let refused = self.refuses.lock().unwrap().get_mut(&owned.text()).and_then(Vec::pop);
                let status = refused.unwrap_or(Status::OK);
                if status == Status::OK {
                    let mut heard = self.heard.lock().unwrap();
                    heard.messages.push(owned);
                    let count = heard.messages.len();
                    drop(heard);
                    self.counter.send_replace(count);
                }
                if self.answers.load(Ordering::SeqCst) {
                    let given = self.ids.lock().unwrap().pop_front();
                    let id = given.unwrap_or_else(|| format!("M{}", self.next_id.fetch_add(1, Ordering::SeqCst)));
                    smpp::write_message_response(header.command, status, header.sequence, id.as_bytes(), out);
                }
            }
            command if command.is_response() => self.heard.lock().unwrap().others.push(owned),
            command => {
                smpp::write_empty(command.response(), Status::OK, header.sequence, out);
                self.heard.lock().unwrap().others.push(owned);
            }
        }
    }
}
