//! Reads identifiers: telephone numbers, accounts, identity numbers, references, amounts, times, web addresses, chat
//! accounts and app names. By rules over the normal form of a text, one pass per kind; what one kind has taken, no later
//! one takes again.

mod amounts;
mod contacts;
mod numbers;
pub(crate) mod scan;
#[cfg(test)]
mod tests;
mod times;

use kernel::Timestamp;

use crate::normal::{Normal, Unit, span};
use crate::{Found, Identifier, Span, Value};

/// The normal form of a text as it is walked.
type Scan<'a> = scan::Scan<&'a [Unit]>;

/// Reads identifiers out of a text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reader {
    times: Times,
}

/// From when and in which direction times are taken.
#[derive(Debug, Clone, Copy, Default)]
enum Times {
    /// They are found, but stand for no moment.
    #[default]
    Unplaced,
    /// From this moment, as in a message: 12月1日 is the next one when it is near.
    Around(Timestamp),
    /// From this moment, as in a report of what happened: 12月1日 is the last one.
    Before(Timestamp),
}

/// Where something stands in the normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    start: usize,
    end: usize,
}

/// What was found, with its place.
#[derive(Debug, Default)]
struct Hits(Vec<(Place, Value)>);

impl Hits {
    /// Notes a value whose characters are explained by it.
    fn take(&mut self, scan: &mut Scan, place: Place, value: Value) {
        scan.take(place.start..place.end);
        self.0.push((place, value));
    }

    /// Notes a value whose characters may also be something else.
    fn note(&mut self, place: Place, value: Value) {
        self.0.push((place, value));
    }
}

impl Reader {
    /// A reader that finds times such as 昨天下午3点 but cannot say which moment they are.
    pub fn new() -> Self {
        Self::default()
    }

    /// A reader of messages: it takes times from this moment, in China Standard Time.
    pub fn at(today: Timestamp) -> Self {
        Self { times: Times::Around(today) }
    }

    /// A reader of what somebody reports at this moment, in China Standard Time: a day that is named without its year, or
    /// by its number alone, has passed.
    pub fn of_report_at(today: Timestamp) -> Self {
        Self { times: Times::Before(today) }
    }

    /// Reads a text.
    pub fn read(&self, text: &str) -> Found {
        self.read_besides(text, &[])
    }

    /// Reads a text of which some stretches are explained already, such as rows of a table: in these only addresses are
    /// looked for.
    pub fn read_besides(&self, text: &str, explained: &[Span]) -> Found {
        let normal = Normal::of(text);
        let mut scan = Scan::new(&normal.units);
        let mut hits = Hits::default();
        contacts::links(&mut scan, &mut hits);
        for stretch in explained {
            let unit = |byte: usize| normal.units.partition_point(|unit| (unit.start as usize) < byte);
            scan.take(unit(stretch.start)..unit(stretch.end));
        }
        contacts::chats(&mut scan, &mut hits);
        contacts::apps(&mut scan, &mut hits);
        numbers::grouped_accounts(&mut scan, &mut hits);
        times::times(&mut scan, self.times, &mut hits);
        amounts::with_unit(&mut scan, &mut hits);
        numbers::runs(&mut scan, &mut hits);
        amounts::after_word(&mut scan, &mut hits);
        if matches!(self.times, Times::Before(_)) {
            amounts::in_report(&mut scan, &mut hits);
        }
        let mut identifiers: Vec<Identifier> = hits
            .0
            .into_iter()
            .map(|(place, value)| Identifier { span: span(&normal.units, place.start, place.end), value })
            .collect();
        // A stable sort: of two values in one place the earlier kind stays first.
        identifiers.sort_by_key(|identifier| identifier.span);
        Found { text: normal.text(), identifiers }
    }
}
