//! The journal beside what stands outside the database: its own sealed heads, heads that partners have signed for, and
//! heads with the time of an authority.

use std::iter::Peekable;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::Said;

use super::anchor::{self, Line};
use super::chain::{Hash, Sealer, Verification, seal_misfit};
use super::reason::{self, because};
use crate::{Db, Error, Result};

/// Lines that count as nothing are told up to so many.
const DOUBTS_MAX: usize = 20;

/// The lines of the anchor that were not compared yet, in the order of the entries.
pub(super) struct Outside<'a> {
    db: &'a Db,
    sealer: Option<&'a dyn Sealer>,
    lines: Peekable<std::vec::IntoIter<Line>>,
}

/// What a line is worth.
enum Worth {
    /// It fits.
    Holds,
    /// The journal is not the one of which it speaks: why.
    Contradicts(Said),
    /// It proves nothing, for itself or against the journal: why.
    Nothing(Said),
}

impl<'a> Outside<'a> {
    /// Reads the anchor, where the seat has one.
    pub(super) fn open(db: &'a Db, sealer: Option<&'a dyn Sealer>) -> Result<Self> {
        let mut lines = match db.anchor() {
            Some(path) => {
                anchor::read(path).map_err(|error| Error::Corrupt(format!("the anchor of the journal: {error}")))?
            }
            None => Vec::new(),
        };
        // A receipt names an earlier head than the seals that were written before it.
        lines.sort_by_key(|line| line.head().seq);
        Ok(Self { db, sealer, lines: lines.into_iter().peekable() })
    }

    /// Compares the lines up to an entry with it; gives why the journal does not fit.
    pub(super) fn compare(&mut self, seq: i64, hash: &Hash, found: &mut Verification) -> Option<Said> {
        while let Some(line) = self.lines.next_if(|line| line.head().seq <= seq) {
            match self.worth(&line, Some((seq, hash)), found) {
                Worth::Holds => {}
                Worth::Contradicts(why) => return Some(why),
                Worth::Nothing(why) => doubt(found, why),
            }
        }
        None
    }

    /// What lies beyond the last entry; gives why the journal does not fit.
    pub(super) fn beyond(mut self, last_seq: i64, found: &mut Verification) -> Option<Said> {
        while let Some(line) = self.lines.next() {
            if line.head().seq <= last_seq {
                // Appended while the walk went on.
                continue;
            }
            match self.worth(&line, None, found) {
                Worth::Holds => {}
                Worth::Contradicts(why) => return Some(why),
                Worth::Nothing(why) => doubt(found, why),
            }
        }
        None
    }

    /// `own` is the entry of the journal; none where the journal has ended.
    fn worth(&self, line: &Line, own: Option<(i64, &Hash)>, found: &mut Verification) -> Worth {
        let head = line.head();
        let (named, number) = (head.seq, head.seq.to_string());
        let fits = |seq: i64, hash: &Hash| named == seq && head.hash == hex::encode(hash);
        match line {
            Line::Seal(anchor) => {
                if head.seat != self.db.seat() {
                    return Worth::Contradicts(reason::ANCHOR_SEAT.say(&[("seat", head.seat)]));
                }
                let Some((seq, hash)) = own else {
                    return Worth::Contradicts(reason::ANCHOR_BEYOND.say(&[("seq", &number)]));
                };
                if !fits(seq, hash) {
                    return Worth::Contradicts(reason::ANCHOR_HASH.say(&[]));
                }
                if let Some(why) = seal_misfit(self.sealer, seq, hash, hash, &anchor.document) {
                    return Worth::Contradicts(because(&reason::ANCHOR_SEAL, &[], &why));
                }
                found.anchored_seq = seq;
            }
            Line::Receipt(signed) => {
                let partner = &signed.partner;
                let values = [("partner", partner.as_str()), ("seq", &number)];
                let nothing = |why: &Said| Worth::Nothing(because(&reason::RECEIPT_DOUBT, &values, why));
                let Some(sealer) = self.sealer else { return nothing(&reason::NO_KEYS.say(&[])) };
                match sealer.check_receipt(partner, &signed.receipt) {
                    Err(why) => return nothing(&why),
                    Ok((seq, hash)) if seq != named || hash != head.hash => {
                        return nothing(&reason::OTHER_HEAD.say(&[]));
                    }
                    Ok(_) => {}
                }
                match own {
                    None => return Worth::Contradicts(reason::RECEIPT_BEYOND.say(&values)),
                    Some((seq, hash)) if !fits(seq, hash) => {
                        return Worth::Contradicts(reason::RECEIPT_OTHER.say(&values));
                    }
                    Some((seq, _)) => found.witnessed(seq, partner),
                }
            }
            Line::Stamp(stamped) => {
                let nothing = |why: &Said| Worth::Nothing(because(&reason::STAMP_DOUBT, &[("seq", &number)], why));
                let Some(authority) = self.db.authority() else {
                    return nothing(&reason::NO_CERTIFICATE.say(&[]));
                };
                let (Ok(token), Ok(imprint)) = (STANDARD.decode(&stamped.token), hash_of(head.hash)) else {
                    return nothing(&reason::LINE_UNREADABLE.say(&[]));
                };
                let stamp = match authority.check(&token, &imprint) {
                    Ok(stamp) => stamp,
                    Err(error) => return nothing(&reason::of_token(&error)),
                };
                let at = stamp.at.to_rfc3339();
                let values = [("seq", number.as_str()), ("at", &at)];
                match own {
                    None => return Worth::Contradicts(reason::STAMP_BEYOND.say(&values)),
                    Some((seq, hash)) if !fits(seq, hash) => {
                        return Worth::Contradicts(reason::STAMP_OTHER.say(&values));
                    }
                    Some((seq, _)) => found.stamped(seq, stamp.at),
                }
            }
        }
        Worth::Holds
    }
}

fn hash_of(hex: &str) -> std::result::Result<Hash, ()> {
    hex::decode(hex).ok().and_then(|bytes| Hash::try_from(bytes).ok()).ok_or(())
}

fn doubt(found: &mut Verification, why: Said) {
    if found.doubts.len() < DOUBTS_MAX {
        found.doubts.push(why);
    } else if found.doubts.len() == DOUBTS_MAX {
        found.doubts.push(reason::MORE_DOUBTS.say(&[]));
    }
}
