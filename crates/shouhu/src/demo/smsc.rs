//! A message centre (SMSC) for the demonstration: takes what the carrier's message front passes on, puts long messages
//! together, and writes each into a file, as the telephones of the province would show it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use kernel::{Clock, Timestamp};
use serde::{Deserialize, Serialize};
use smpp::{
    Assembler, BindMode, Bounds, CommandId, DefaultAlphabet, Frame, Message, Offered, PartKey, Pdu, Status, frame,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::input::unreadable;
use crate::speech::Outcome;

/// The file in the demonstration's folder, one message a line.
pub const FILE_NAME: &str = "messages.ndjson";

/// Long messages put together at once; their parts come one after the other.
const BOUNDS: Bounds = Bounds { wait_us: 60_000_000, messages_max: 1_000, parts_max: 20, octets_max: 1 << 20 };

/// A message as its receiver has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// When its last part came.
    pub at: Timestamp,
    /// The sender shown.
    pub from: String,
    /// The receiver, `+86…`.
    pub to: String,
    /// The whole text.
    pub text: String,
    /// Parts that it came in.
    pub parts: usize,
}

/// Listens, and serves whoever binds until dropped.
///
/// # Errors
/// The port is taken.
pub async fn serve(address: &str, folder: &Path) -> Outcome<tokio::task::JoinHandle<()>> {
    let taken = |error: &std::io::Error| crate::ports::taken(address, error, "--base-port");
    let parsed: SocketAddr = address.parse().map_err(crate::seat::fault)?;
    let listener = TcpListener::bind(parsed).await.map_err(|error| taken(&error))?;
    let file = folder.join(FILE_NAME);
    Ok(tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let session = Session { file: file.clone(), parts: Assembler::new(BOUNDS), taken: 0 };
            tokio::spawn(session.serve(stream));
        }
    }))
}

/// The messages delivered so far; one that is being written is left out.
///
/// # Errors
/// The file is there and cannot be read.
pub fn delivered(folder: &Path) -> Outcome<Vec<Delivered>> {
    let path = folder.join(FILE_NAME);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

struct Session {
    file: PathBuf,
    parts: Assembler<()>,
    taken: u64,
}

impl Session {
    async fn serve(mut self, mut stream: TcpStream) {
        let (mut buffer, mut out) = (Vec::new(), Vec::new());
        loop {
            match frame(&buffer) {
                Frame::Whole(pdu) => {
                    let length = pdu.bytes.len();
                    let ends = self.answer(&pdu, &mut out).await;
                    buffer.drain(..length);
                    if stream.write_all(&out).await.is_err() || ends {
                        return;
                    }
                    out.clear();
                }
                _ => match stream.read_buf(&mut buffer).await {
                    Ok(read) if read > 0 && buffer.len() < BOUNDS.octets_max => {}
                    _ => return,
                },
            }
        }
    }

    /// Answers a request; tells whether the session ends with it.
    async fn answer(&mut self, pdu: &Pdu<'_>, out: &mut Vec<u8>) -> bool {
        let header = pdu.header;
        match header.command {
            command if command.is_bind() => {
                let versions = (smpp::VERSION_3_4, smpp::VERSION_3_4);
                smpp::write_bind_response(BindMode::Transceiver, Status::OK, header.sequence, b"smsc", versions, out);
            }
            CommandId::SUBMIT_SM => {
                let status = self.take(pdu).await;
                self.taken += 1;
                let id = format!("D{}", self.taken);
                smpp::write_message_response(header.command, status, header.sequence, id.as_bytes(), out);
            }
            command if command.is_response() => {}
            command => smpp::write_empty(command.response(), Status::OK, header.sequence, out),
        }
        header.command == CommandId::UNBIND
    }

    async fn take(&mut self, pdu: &Pdu<'_>) -> Status {
        let Ok(message) = Message::read(pdu) else { return Status::SYSTEM_ERROR };
        let alphabet = smpp::alphabet_of(message.data_coding, DefaultAlphabet::Gsm7);
        let (udh, content) = message.user_data();
        let now = Clock::system().now();
        let (text, parts) = match udh.and_then(|udh| udh.concatenation()) {
            None => (smpp::decode(alphabet, content).unwrap_or_default(), 1),
            Some(part) => {
                let key = PartKey {
                    source: message.source.digits.to_vec(),
                    destination: message.destination.digits.to_vec(),
                    reference: part.reference,
                    total: part.total,
                };
                match self.parts.offer(key, part.number, (alphabet, content), (), now.0, &mut Vec::new()) {
                    Offered::Held => return Status::OK,
                    Offered::Whole(whole) | Offered::Late(whole) | Offered::Alone(whole) => {
                        (whole.text, whole.parts.len())
                    }
                }
            }
        };
        let to = format!("+{}", message.destination.text());
        let delivered = Delivered { at: now, from: message.source.text().to_owned(), to, text, parts };
        match self.write(&delivered).await {
            Ok(()) => Status::OK,
            Err(error) => {
                tracing::error!(%error, "a message cannot be written");
                Status::SYSTEM_ERROR
            }
        }
    }

    async fn write(&self, delivered: &Delivered) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(delivered)?;
        line.push(b'\n');
        let mut file = tokio::fs::OpenOptions::new().create(true).append(true).open(&self.file).await?;
        file.write_all(&line).await?;
        file.flush().await
    }
}
