//! A screen with one listed caller, and a SIP front over it on free ports of the loopback.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Arc;
use std::time::Duration;

use kernel::{Clock, ManualClock, Timestamp};
use operator::screening::{CallEnd, CallEvent, Event, Screening};
use operator::sip::{Settings, SipFront, StartError};
use screen::{EntryKind, ListEntry, Number, NumberList, Pattern, Screen};
use tokio::sync::Mutex;
use tokio::sync::mpsc::Receiver;

/// A caller on the list.
pub const STOPPED: &str = "+8617012345678";
/// A caller that nobody knows.
pub const CLEAN: &str = "+8613800138000";
/// Whom they call.
pub const CALLEE: &str = "+8613900139000";

/// What a front needs around it.
pub struct Seat {
    pub screening: Arc<Screening>,
    pub clock: ManualClock,
    events: Mutex<Receiver<Event>>,
}

impl Seat {
    pub fn new() -> Self {
        let (clock, hand) = Clock::manual(Timestamp(1_795_521_600_000_000));
        let screen = Arc::new(Screen::new());
        let entry = ListEntry {
            pattern: Pattern::Full(Number::parse(STOPPED).unwrap()),
            kind: EntryKind::Block,
            reason: "scam".into(),
            source: "centre".into(),
            expires_at: None,
            case: None,
        };
        screen.swap_list(Arc::new(NumberList::build([entry], 1, clock.now())));
        let (screening, events) = Screening::new(screen, clock);
        Self { screening, clock: hand, events: Mutex::new(events) }
    }

    pub fn clear_list(&self) {
        self.screening.screen().swap_list(Arc::new(NumberList::build([], 2, self.screening.now())));
    }

    pub async fn try_front(&self, settings: Settings) -> Result<SipFront, StartError> {
        SipFront::start(Arc::new(settings.check().unwrap()), self.screening.clone()).await
    }

    pub async fn front(&self, settings: Settings) -> SipFront {
        self.try_front(settings).await.unwrap()
    }

    /// The next event, which must come.
    pub async fn event(&self) -> Event {
        let mut events = self.events.lock().await;
        tokio::time::timeout(Duration::from_secs(10), events.recv()).await.expect("an event in time").unwrap()
    }

    /// So many calls decided.
    pub async fn events(&self, count: usize) -> Vec<CallEvent> {
        let mut out = Vec::new();
        while out.len() < count {
            if let Event::Call(call) = self.event().await {
                out.push(*call);
            }
        }
        let mut events = self.events.lock().await;
        assert!(!matches!(events.try_recv(), Ok(Event::Call(_))), "more events than calls");
        out
    }

    /// The next end of a call.
    pub async fn end(&self) -> CallEnd {
        loop {
            if let Event::CallEnd(end) = self.event().await {
                return end;
            }
        }
    }
}

/// UDP and TCP on free ports.
pub fn loopback() -> Settings {
    let any = || vec!["127.0.0.1:0".parse().unwrap()];
    Settings { udp: any(), tcp: any(), ..Settings::default() }
}

/// An INVITE from a caller to [`CALLEE`]; the id stands in Call-ID and branch.
pub fn invite(caller: &str, id: &str) -> Vec<u8> {
    format!(
        "INVITE sip:{CALLEE}@sbc.example.cn;user=phone SIP/2.0\r\nVia: SIP/2.0/UDP sbc.example.cn;rport;branch=z9hG4bK{id}\r\nMax-Forwards: 70\r\n\
         From: <sip:{caller}@sbc.example.cn>;tag=from{id}\r\nTo: <sip:{CALLEE}@sbc.example.cn;user=phone>\r\nCall-ID: {id}\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:{caller}@127.0.0.1>\r\nContent-Length: 0\r\n\r\n"
    )
    .into_bytes()
}
