//! Messages on disk that were answered and are not yet with the SMSC.
//!
//! Each account has a folder of segments, which only grow at their end:
//!
//! ```text
//! record = length of the payload (4) · CRC-32 of all that follows (4) · kind (1) · id (8) · public id (8) · payload
//! ```
//!
//! One thread writes for all accounts. It takes whatever has come together, writes it, and asks the disk once for each
//! account (`fdatasync`) before the senders are answered; so the cost of the disk is shared by all that wait for it,
//! and an answered message survives the loss of power as far as the disk keeps its word. A note that a message has
//! ended is not waited for: without it the message is sent once more.
//!
//! Segments are removed from the oldest on, so that the end of a message is never forgotten before the message.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use rustc_hash::FxHashMap;
use smpp::Status;

use super::account::Account;
use super::session::Asker;

/// Octets of one segment.
const SEGMENT_OCTETS_MAX: u64 = 64 << 20;
/// Octets that lead the payload of a record.
const RECORD_HEAD: usize = 25;
/// Octets that the writer takes together at most.
const BATCH_OCTETS_MAX: usize = 8 << 20;
/// Octets that wait for the disk for one account; beyond it senders are told that the queue is full.
pub(super) const UNSYNCED_OCTETS_MAX: usize = 64 << 20;

/// What a record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A message that is to be sent.
    Message = 1,
    /// A message has ended; the payload is the SMSC's id, where it took it.
    Done = 2,
    /// A part of a long message that waits for the others.
    Held = 3,
    /// A held part is to be sent.
    Ready = 4,
}

/// Where a message lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) segment: u64,
    pub(super) offset: u64,
    pub(super) octets: u32,
    /// The number under which the sender knows it.
    pub(super) public: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Segment {
    octets: u64,
    live: usize,
    closed_at_us: i64,
}

/// What one account has on disk.
pub(super) struct Spool {
    pub(super) folder: PathBuf,
    segments: BTreeMap<u64, Segment>,
    current: u64,
    next_id: u64,
    /// On disk and waiting to be sent, in order.
    pub(super) ready: BTreeMap<u64, Entry>,
    /// On the way to the disk.
    unsynced: FxHashMap<u64, Entry>,
    unsynced_octets: usize,
    /// Sent, not answered.
    pub(super) in_flight: FxHashMap<u64, Entry>,
    /// Parts that wait for others.
    pub(super) held: FxHashMap<u64, Entry>,
}

/// What was found on disk at the start.
#[derive(Default)]
pub(super) struct Recovered {
    /// Held parts, in order.
    pub(super) held: Vec<(u64, Vec<u8>)>,
    /// SMSC ids and the numbers that senders know, in order.
    pub(super) ids: Vec<(Vec<u8>, u64)>,
}

impl Spool {
    /// Opens the folder of an account and reads what is there.
    pub(super) fn open(folder: &Path, now_us: i64) -> std::io::Result<(Self, Recovered)> {
        std::fs::create_dir_all(folder)?;
        let mut numbers: Vec<u64> = std::fs::read_dir(folder)?
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".log")?.parse().ok())
            .collect();
        numbers.sort_unstable();
        let mut spool = Self {
            folder: folder.to_owned(),
            segments: BTreeMap::new(),
            current: numbers.last().copied().unwrap_or(0) + 1,
            next_id: u64::try_from(now_us).unwrap_or(1).max(1),
            ready: BTreeMap::new(),
            unsynced: FxHashMap::default(),
            unsynced_octets: 0,
            in_flight: FxHashMap::default(),
            held: FxHashMap::default(),
        };
        let mut recovered = Recovered::default();
        let mut held: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
        for number in numbers {
            spool.recover(number, now_us, &mut held, &mut recovered)?;
        }
        recovered.held = held.into_iter().collect();
        spool.segments.insert(spool.current, Segment::default());
        Ok((spool, recovered))
    }

    fn recover(
        &mut self,
        number: u64,
        now_us: i64,
        held: &mut BTreeMap<u64, Vec<u8>>,
        recovered: &mut Recovered,
    ) -> std::io::Result<()> {
        let mut octets = Vec::new();
        File::open(self.path(number))?.read_to_end(&mut octets)?;
        let mut segment = Segment { octets: octets.len() as u64, live: 0, closed_at_us: now_us };
        let mut at = 0;
        while let Some(record) = Record::read(octets.get(at..).unwrap_or_default()) {
            let entry = Entry {
                segment: number,
                offset: at as u64,
                octets: u32::try_from(record.octets()).unwrap_or(u32::MAX),
                public: record.public,
            };
            self.next_id = self.next_id.max(record.id + 1).max(record.public + 1);
            match record.kind {
                Kind::Message => {
                    self.ready.insert(record.id, entry);
                    segment.live += 1;
                }
                Kind::Held => {
                    self.held.insert(record.id, entry);
                    held.insert(record.id, record.payload.to_vec());
                    segment.live += 1;
                }
                Kind::Ready => {
                    held.remove(&record.id);
                    if let Some(entry) = self.held.remove(&record.id) {
                        self.ready.insert(record.id, entry);
                    }
                }
                Kind::Done => {
                    held.remove(&record.id);
                    let known = self.ready.remove(&record.id).or_else(|| self.held.remove(&record.id));
                    if let Some(entry) = known {
                        match self.segments.get_mut(&entry.segment) {
                            Some(earlier) => earlier.live = earlier.live.saturating_sub(1),
                            None => segment.live = segment.live.saturating_sub(1),
                        }
                    }
                    if !record.payload.is_empty() {
                        recovered.ids.push((record.payload.to_vec(), record.public));
                    }
                }
            }
            at += record.octets();
        }
        if at < octets.len() {
            // The process ended within a record; nobody was answered for it.
            tracing::warn!(segment = number, octets = octets.len() - at, "the spool ends within a record");
        }
        self.segments.insert(number, segment);
        Ok(())
    }

    fn path(&self, segment: u64) -> PathBuf {
        self.folder.join(format!("{segment:016}.log"))
    }

    /// A number that no message had before, nor after a restart.
    pub(super) fn new_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// Octets on disk.
    pub(super) fn octets(&self) -> u64 {
        self.segments.values().map(|segment| segment.octets).sum()
    }

    /// Messages that are not yet with the SMSC.
    pub(super) fn waiting(&self) -> usize {
        self.ready.len() + self.unsynced.len() + self.in_flight.len()
    }

    /// Whether new messages need not wait behind others.
    pub(super) fn is_drained(&self) -> bool {
        self.ready.is_empty() && self.unsynced.is_empty() && self.in_flight.is_empty()
    }

    /// Whether so many octets more may be stored.
    pub(super) fn has_room(&self, octets: usize, octets_max: u64) -> bool {
        self.octets() + (octets as u64) <= octets_max && self.unsynced_octets + octets <= UNSYNCED_OCTETS_MAX
    }

    /// A record of a message on its way to the disk; `public` zero means that its own number is the public one.
    pub(super) fn store(&mut self, kind: Kind, public: u64, pdu: &[u8], now_us: i64) -> (u64, u64, Vec<u8>) {
        let id = self.new_id();
        let public = if public == 0 { id } else { public };
        let (segment, offset, record) = self.append(kind, id, public, pdu, now_us);
        let entry = Entry { segment, offset, octets: u32::try_from(record.len()).unwrap_or(u32::MAX), public };
        self.unsynced_octets += record.len();
        if kind == Kind::Held {
            self.held.insert(id, entry);
        } else {
            self.unsynced.insert(id, entry);
        }
        if let Some(segment) = self.segments.get_mut(&segment) {
            segment.live += 1;
        }
        (id, segment, record)
    }

    /// A note about a message; gives the segment and the record.
    pub(super) fn note(&mut self, kind: Kind, id: u64, public: u64, payload: &[u8], now_us: i64) -> (u64, Vec<u8>) {
        let (segment, _, record) = self.append(kind, id, public, payload, now_us);
        (segment, record)
    }

    fn append(&mut self, kind: Kind, id: u64, public: u64, payload: &[u8], now_us: i64) -> (u64, u64, Vec<u8>) {
        if self.segments.get(&self.current).is_none_or(|segment| segment.octets >= SEGMENT_OCTETS_MAX) {
            self.rotate(now_us);
        }
        let record = Record { kind, id, public, payload }.written();
        let segment = self.segments.entry(self.current).or_default();
        let offset = segment.octets;
        segment.octets += record.len() as u64;
        (self.current, offset, record)
    }

    fn rotate(&mut self, now_us: i64) {
        if let Some(segment) = self.segments.get_mut(&self.current) {
            segment.closed_at_us = now_us;
        }
        self.current += 1;
        self.segments.insert(self.current, Segment::default());
    }

    /// The number under which the sender knows a message that is on its way to the disk.
    pub(super) fn public_of(&self, id: u64) -> Option<u64> {
        self.unsynced.get(&id).or_else(|| self.held.get(&id)).map(|entry| entry.public)
    }

    /// The disk has a message.
    pub(super) fn stored(&mut self, id: u64, octets: usize) {
        self.unsynced_octets = self.unsynced_octets.saturating_sub(octets);
        if let Some(entry) = self.unsynced.remove(&id) {
            self.ready.insert(id, entry);
        }
    }

    /// The disk failed: the message is forgotten, and the segment is written no further.
    pub(super) fn not_stored(&mut self, id: u64, octets: usize, segment: u64, now_us: i64) {
        self.unsynced_octets = self.unsynced_octets.saturating_sub(octets);
        let entry = self.unsynced.remove(&id).or_else(|| self.held.remove(&id));
        self.release(entry);
        if segment == self.current {
            self.rotate(now_us);
        }
    }

    /// A message has ended.
    pub(super) fn end(&mut self, id: u64) -> Option<Entry> {
        let entry = self.in_flight.remove(&id).or_else(|| self.held.remove(&id)).or_else(|| self.ready.remove(&id));
        self.release(entry);
        entry
    }

    fn release(&mut self, entry: Option<Entry>) {
        if let Some(segment) = entry.and_then(|entry| self.segments.get_mut(&entry.segment)) {
            segment.live = segment.live.saturating_sub(1);
        }
    }

    /// A held part is to be sent.
    pub(super) fn ready(&mut self, id: u64) {
        if let Some(entry) = self.held.remove(&id) {
            self.ready.insert(id, entry);
        }
    }

    /// What was sent without answer is to be sent again, in its old place.
    pub(super) fn again(&mut self, id: u64) {
        if let Some(entry) = self.in_flight.remove(&id) {
            self.ready.insert(id, entry);
        }
    }

    /// The same for everything: the link is gone, and with it whatever was read to be sent over it.
    pub(super) fn all_again(&mut self) {
        self.ready.extend(self.in_flight.drain());
    }

    /// The next messages to be sent; they count as sent.
    pub(super) fn take(&mut self, most: usize) -> Vec<(u64, Entry)> {
        let mut taken = Vec::new();
        while taken.len() < most {
            let Some((id, entry)) = self.ready.pop_first() else { break };
            self.in_flight.insert(id, entry);
            taken.push((id, entry));
        }
        taken
    }

    /// Segments from the oldest on of which nothing is needed any more; they are forgotten here.
    pub(super) fn outlived(&mut self, closed_before_us: i64, octets_max: u64) -> Vec<PathBuf> {
        let mut outlived = Vec::new();
        while let Some((number, segment)) = self.segments.first_key_value().map(|(n, s)| (*n, *s)) {
            let crowded = self.octets() > octets_max / 2;
            if number == self.current || segment.live > 0 || (segment.closed_at_us > closed_before_us && !crowded) {
                break;
            }
            self.segments.remove(&number);
            outlived.push(self.path(number));
        }
        outlived
    }
}

/// Reads messages back. One that does not read is told as such.
pub(super) fn read_back(folder: &Path, entries: &[(u64, Entry)]) -> Vec<(u64, Option<Vec<u8>>)> {
    use std::os::unix::fs::FileExt;
    let mut open: Option<(u64, File)> = None;
    let mut read = |entry: &Entry| -> Option<Vec<u8>> {
        if open.as_ref().is_none_or(|(segment, _)| *segment != entry.segment) {
            open = Some((entry.segment, File::open(folder.join(format!("{:016}.log", entry.segment))).ok()?));
        }
        let mut octets = vec![0; entry.octets as usize];
        open.as_ref()?.1.read_exact_at(&mut octets, entry.offset).ok()?;
        Record::read(&octets).map(|record| record.payload.to_vec())
    };
    entries.iter().map(|(id, entry)| (*id, read(entry))).collect()
}

struct Record<'a> {
    kind: Kind,
    id: u64,
    public: u64,
    payload: &'a [u8],
}

impl<'a> Record<'a> {
    fn octets(&self) -> usize {
        RECORD_HEAD + self.payload.len()
    }

    fn written(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.octets());
        out.extend_from_slice(&u32::try_from(self.payload.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(&[0; 4]);
        out.push(self.kind as u8);
        out.extend_from_slice(&self.id.to_be_bytes());
        out.extend_from_slice(&self.public.to_be_bytes());
        out.extend_from_slice(self.payload);
        let sum = crc32(out.get(8..).unwrap_or_default());
        if let Some(place) = out.get_mut(4..8) {
            place.copy_from_slice(&sum.to_be_bytes());
        }
        out
    }

    /// The first record, when it is whole and its sum is right.
    fn read(octets: &'a [u8]) -> Option<Self> {
        let (length, rest) = octets.split_first_chunk::<4>()?;
        let (sum, summed) = rest.split_first_chunk::<4>()?;
        let payload_len = u32::from_be_bytes(*length) as usize;
        let summed = summed.get(..payload_len.checked_add(RECORD_HEAD - 8)?)?;
        if crc32(summed) != u32::from_be_bytes(*sum) {
            return None;
        }
        let ([kind], rest) = summed.split_first_chunk::<1>()?;
        let (id, rest) = rest.split_first_chunk::<8>()?;
        let (public, payload) = rest.split_first_chunk::<8>()?;
        let kind = [Kind::Message, Kind::Done, Kind::Held, Kind::Ready].into_iter().find(|k| *k as u8 == *kind)?;
        Some(Self { kind, id: u64::from_be_bytes(*id), public: u64::from_be_bytes(*public), payload })
    }
}

const CRC_TABLE: [u32; 256] = {
    let mut table = [0u32; 256];
    let mut at = 0;
    while at < 256 {
        let mut value = at as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { 0xedb8_8320 ^ (value >> 1) } else { value >> 1 };
            bit += 1;
        }
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
        {
            table[at] = value;
        }
        at += 1;
    }
    table
};

/// CRC-32 as in IEEE 802.3.
fn crc32(octets: &[u8]) -> u32 {
    let step = |sum: u32, octet: &u8| {
        let at = usize::from(sum.to_le_bytes()[0] ^ octet);
        CRC_TABLE.get(at).copied().unwrap_or(0) ^ (sum >> 8)
    };
    !octets.iter().fold(!0u32, step)
}

/// Something for the thread that writes.
pub(super) enum Job {
    /// Put a record at the end of a segment.
    Append {
        /// Whose.
        account: Arc<Account>,
        /// Which segment.
        segment: u64,
        /// The record.
        record: Vec<u8>,
        /// The message in it and who waits for it to be on disk; nothing for a note.
        message: Option<(u64, Asker)>,
    },
    /// Remove a segment.
    Remove(PathBuf),
    /// Write what is there, and end.
    Stop,
}

/// The thread that writes for all accounts.
pub(super) struct Writer {
    jobs: Sender<Job>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start() -> std::io::Result<(Self, std::thread::JoinHandle<()>)> {
        let (jobs, receiver) = channel();
        let thread = std::thread::Builder::new().name("spool".into()).spawn(move || write(&receiver))?;
        Ok((Self { jobs }, thread))
    }

    /// Hands over a job.
    pub(super) fn send(&self, job: Job) {
        if let Err(lost) = self.jobs.send(job)
            && let Job::Append { message: Some((_, asker)), .. } = lost.0
        {
            asker.answer(Status::SYSTEM_ERROR, b"");
        }
    }
}

struct Batch {
    account: Arc<Account>,
    segment: u64,
    octets: Vec<u8>,
    messages: Vec<(u64, usize, Asker)>,
}

fn write(jobs: &Receiver<Job>) {
    let mut files: HashMap<PathBuf, (u64, Option<File>)> = HashMap::new();
    let mut stopping = false;
    while !stopping {
        let Ok(first) = jobs.recv() else { return };
        let mut batches: Vec<Batch> = Vec::new();
        let mut octets = 0;
        let mut next = Some(first);
        while let Some(job) = next.take() {
            match job {
                Job::Append { account, segment, record, message } => {
                    octets += record.len();
                    add(&mut batches, account, segment, &record, message);
                }
                Job::Remove(path) => {
                    if let Err(error) = std::fs::remove_file(&path) {
                        tracing::warn!(path = %path.display(), %error, "a segment of the spool could not be removed");
                    }
                }
                Job::Stop => stopping = true,
            }
            if octets < BATCH_OCTETS_MAX && !stopping {
                next = jobs.try_recv().ok();
            }
        }
        for batch in batches {
            let outcome = append(&mut files, &batch);
            if let Err(error) = &outcome {
                tracing::error!(account = batch.account.name(), %error, "the spool cannot be written");
                metrics::counter!("operator_spool_failures_total").increment(1);
            }
            batch.account.on_disk(batch.messages, batch.segment, outcome.is_ok());
        }
    }
}

fn add(batches: &mut Vec<Batch>, account: Arc<Account>, segment: u64, record: &[u8], message: Option<(u64, Asker)>) {
    let known = batches.iter().position(|b| b.segment == segment && Arc::ptr_eq(&b.account, &account));
    let at = known.unwrap_or_else(|| {
        batches.push(Batch { account, segment, octets: Vec::new(), messages: Vec::new() });
        batches.len() - 1
    });
    if let Some(batch) = batches.get_mut(at) {
        batch.octets.extend_from_slice(record);
        batch.messages.extend(message.map(|(id, asker)| (id, record.len(), asker)));
    }
}

/// Writes a batch, and waits for the disk when somebody waits for the batch. A segment that failed once is written no
/// more: a torn record would hide what follows.
fn append(files: &mut HashMap<PathBuf, (u64, Option<File>)>, batch: &Batch) -> std::io::Result<()> {
    let folder = batch.account.spool_folder();
    let known = files.get(folder).is_some_and(|(segment, _)| *segment == batch.segment);
    if !known {
        let path = folder.join(format!("{:016}.log", batch.segment));
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        File::open(folder)?.sync_all()?;
        files.insert(folder.to_owned(), (batch.segment, Some(file)));
    }
    let Some((_, place)) = files.get_mut(folder) else { return Ok(()) };
    let Some(file) = place else { return Err(std::io::Error::other("an earlier record of the segment failed")) };
    let mut outcome = file.write_all(&batch.octets);
    if outcome.is_ok() && !batch.messages.is_empty() {
        outcome = file.sync_data();
    }
    if outcome.is_err() {
        *place = None;
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_and_a_torn_one_ends_the_segment() {
        let record = Record { kind: Kind::Message, id: 7, public: 9, payload: b"pdu" }.written();
        let read = Record::read(&record).unwrap();
        assert_eq!((read.kind, read.id, read.public, read.payload), (Kind::Message, 7, 9, &b"pdu"[..]));
        for len in 0..record.len() {
            assert!(Record::read(&record[..len]).is_none());
        }
        for at in 0..record.len() {
            let mut wrong = record.clone();
            wrong[at] ^= 1;
            assert!(Record::read(&wrong).is_none(), "octet {at}");
        }
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn what_has_not_ended_is_found_again_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let (mut spool, _) = Spool::open(folder.path(), 1_000).unwrap();
        let mut octets = Vec::new();
        let mut ids = Vec::new();
        for pdu in [&b"one"[..], b"two", b"three"] {
            let (id, _, record) = spool.store(Kind::Message, 0, pdu, 0);
            octets.extend(record);
            ids.push(id);
        }
        let (held, _, record) = spool.store(Kind::Held, 0, b"part", 0);
        octets.extend(record);
        octets.extend(spool.note(Kind::Done, ids[1], ids[1], b"SMSC-2", 0).1);
        octets.extend_from_slice(b"torn");
        std::fs::write(folder.path().join("0000000000000001.log"), &octets).unwrap();

        let (mut spool, recovered) = Spool::open(folder.path(), 5).unwrap();
        let taken = spool.take(10);
        assert_eq!(taken.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [ids[0], ids[2]]);
        let read: Vec<_> = read_back(folder.path(), &taken).into_iter().map(|(_, pdu)| pdu.unwrap()).collect();
        assert_eq!(read, [b"one".to_vec(), b"three".to_vec()]);
        assert_eq!(recovered.held, [(held, b"part".to_vec())]);
        assert_eq!(recovered.ids, [(b"SMSC-2".to_vec(), ids[1])]);
        assert!(spool.new_id() > held, "numbers are not used again");

        for (id, _) in taken {
            spool.again(id);
        }
        assert_eq!(spool.take(1)[0].0, ids[0], "what is sent again keeps its place");
        // It was read from the disk and never sent: the loss of the link must not lose it.
        spool.all_again();
        assert_eq!(spool.take(1)[0].0, ids[0]);
        assert!(spool.outlived(i64::MAX, u64::MAX).is_empty(), "the segment is needed");
        for id in [ids[0], ids[2], held] {
            spool.end(id).unwrap();
        }
        assert_eq!(spool.outlived(i64::MAX, u64::MAX).len(), 1);
    }
}
