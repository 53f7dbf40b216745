//! The journal beside what stands outside the database: its own sealed heads, heads that partners have signed for, and
//! heads with the time of an authority.

use std::iter::Peekable;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::anchor::{self, Line};
use super::chain::{Hash, Sealer, Verification, seal_misfit};
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
    Contradicts(String),
    /// It proves nothing, for itself or against the journal: why.
    Nothing(String),
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
    pub(super) fn compare(&mut self, seq: i64, hash: &Hash, found: &mut Verification) -> Option<String> {
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
    pub(super) fn beyond(mut self, last_seq: i64, found: &mut Verification) -> Option<String> {
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
        let named = head.seq;
        let fits = |seq: i64, hash: &Hash| named == seq && head.hash == hex::encode(hash);
        match line {
            Line::Seal(anchor) => {
                if head.seat != self.db.seat() {
                    return Worth::Contradicts(format!("the anchor outside is that of the seat {}", head.seat));
                }
                let Some((seq, hash)) = own else {
                    let why = format!("the journal ends here, but its anchor outside names entry {named}");
                    return Worth::Contradicts(why);
                };
                if !fits(seq, hash) {
                    return Worth::Contradicts("the anchor outside names another hash".into());
                }
                if let Some(why) = seal_misfit(self.sealer, seq, hash, hash, &anchor.document) {
                    return Worth::Contradicts(format!("in the anchor outside: {why}"));
                }
                found.anchored_seq = seq;
            }
            Line::Receipt(signed) => {
                let partner = &signed.partner;
                let nothing = |why: &str| Worth::Nothing(format!("the receipt of {partner} for entry {named}: {why}"));
                let Some(sealer) = self.sealer else { return nothing("there are no keys to check it") };
                match sealer.check_receipt(partner, &signed.receipt) {
                    Err(why) => return nothing(&why),
                    Ok((seq, hash)) if seq != named || hash != head.hash => {
                        return nothing("it names another head than its line");
                    }
                    Ok(_) => {}
                }
                match own {
                    None => {
                        let why = format!("the journal ends here, but {partner} has signed for entry {named}");
                        return Worth::Contradicts(why);
                    }
                    Some((seq, hash)) if !fits(seq, hash) => {
                        return Worth::Contradicts(format!("{partner} has signed for another entry {named}"));
                    }
                    Some((seq, _)) => found.witnessed(seq, partner),
                }
            }
            Line::Stamp(stamped) => {
                let nothing = |why: &str| Worth::Nothing(format!("the time stamp on entry {named}: {why}"));
                let Some(authority) = self.db.authority() else {
                    return nothing("no certificate of the authority is configured");
                };
                let (Ok(token), Ok(imprint)) = (STANDARD.decode(&stamped.token), hash_of(head.hash)) else {
                    return nothing("its line cannot be read");
                };
                let stamp = match authority.check(&token, &imprint) {
                    Ok(stamp) => stamp,
                    Err(error) => return nothing(&error.to_string()),
                };
                let at = stamp.at.to_rfc3339();
                match own {
                    None => {
                        let why = format!("the journal ends here, but entry {named} was time-stamped at {at}");
                        return Worth::Contradicts(why);
                    }
                    Some((seq, hash)) if !fits(seq, hash) => {
                        return Worth::Contradicts(format!("another entry {named} was time-stamped at {at}"));
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

fn doubt(found: &mut Verification, why: String) {
    if found.doubts.len() < DOUBTS_MAX {
        found.doubts.push(why);
    } else if found.doubts.len() == DOUBTS_MAX {
        found.doubts.push("more lines of the anchor count as nothing".to_owned());
    }
}
