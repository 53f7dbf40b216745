//! Calls over a restart: as they are written down, and as they are known again.

use kernel::{Duration, Timestamp};
use screen::Number;

use super::core::{Core, Timer};
use super::parts::{Call, Hop, Leg, Progress, ServerKey};
use super::registry::{Change, Kept, KeptLeg};

impl Leg {
    fn kept(&self) -> KeptLeg {
        KeptLeg {
            target: self.target.clone(),
            routes: self.routes.clone(),
            hop: self.hop.kept(&self.target),
            identity: self.identity.clone(),
            cseq: self.cseq,
        }
    }

    fn again(kept: KeptLeg) -> Option<Self> {
        let hop = Hop::of_kept(&kept.hop)?;
        Some(Self { target: kept.target, routes: kept.routes, hop, identity: kept.identity, cseq: kept.cseq })
    }
}

impl Call {
    /// As it is written down; one that rings is not, since it ends with the transaction that this process holds.
    fn kept(&self) -> Option<Kept> {
        let (Progress::Talking { since }, Some(callee_leg)) = (self.progress, &self.callee_leg) else { return None };
        Some(Kept {
            caller: self.caller.map(|number| number.to_string()),
            callee: self.callee.map(|number| number.to_string()),
            call_id: self.call_id.clone(),
            from_tag: self.from_tag.clone(),
            began: self.began,
            since,
            seen: self.seen,
            idle_us: self.idle_us,
            help: self.help,
            caller_leg: self.caller_leg.kept(),
            callee_leg: callee_leg.kept(),
        })
    }
}

impl Core {
    /// Has a call written down as it is now.
    pub(super) fn write_down(&mut self, number: u64) {
        let call = self.calls.get(&number).filter(|call| !call.told);
        if let Some(kept) = call.and_then(Call::kept) {
            self.changes.push(Change::Goes(number, Box::new(kept)));
        }
    }

    /// What is to be written down since the last call.
    pub(crate) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// Takes calls of an earlier run over; gives those that still go on, under their new numbers.
    pub(crate) fn take_over(&mut self, calls: Vec<Kept>, at: Timestamp) -> Vec<(u64, Kept)> {
        let mut going = Vec::new();
        for kept in calls {
            // A session that was not heard of within its time is over, and so it was while nobody listened.
            let over = kept.seen + Duration(kept.idle_us) <= at;
            let most = self.shared.decider.config.settings.calls_max;
            if over || self.calls.len() >= most {
                continue;
            }
            let legs = (Leg::again(kept.caller_leg.clone()), Leg::again(kept.callee_leg.clone()));
            let (Some(caller_leg), Some(callee_leg)) = legs else { continue };
            let read = |text: &Option<String>| text.as_deref().and_then(Number::parse);
            let call = Call {
                key: self.shared.decider.screening.new_key(),
                caller: read(&kept.caller),
                callee: read(&kept.callee),
                call_id: kept.call_id.clone(),
                from_tag: kept.from_tag.clone(),
                progress: Progress::Talking { since: kept.since },
                began: kept.began,
                server: ServerKey::of_the_past(),
                client: 0,
                caller_leg,
                callee_leg: Some(callee_leg),
                help: kept.help,
                cut: false,
                told: false,
                seen: kept.seen,
                idle_us: kept.idle_us,
            };
            let number = self.number();
            self.arm(kept.seen + Duration(kept.idle_us), Timer::CallIdle(number));
            self.enter(number, call);
            going.push((number, kept));
        }
        going
    }
}
