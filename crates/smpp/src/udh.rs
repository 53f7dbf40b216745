//! User data header (3GPP TS 23.040 §9.2.3.24): concatenation and ports.

/// Which part of which long message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Concatenation {
    /// What the parts share; 8 or 16 bits wide.
    pub reference: u16,
    /// How many parts; never zero.
    pub total: u8,
    /// Which, from 1 to `total`.
    pub number: u8,
}

const CONCATENATION_8: u8 = 0x00;
const PORTS_8: u8 = 0x04;
const PORTS_16: u8 = 0x05;
const CONCATENATION_16: u8 = 0x08;

/// A user data header, its length octet excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Udh<'a> {
    elements: &'a [u8],
}

impl<'a> Udh<'a> {
    /// Parts content into its header and the text behind.
    pub fn split(content: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (len, rest) = content.split_first()?;
        let (elements, text) = rest.split_at_checked(usize::from(*len))?;
        Some((Self { elements }, text))
    }

    /// Octets of the header, its length octet included.
    #[expect(clippy::len_without_is_empty, reason = "a header has at least its length octet")]
    pub const fn len(&self) -> usize {
        self.elements.len() + 1
    }

    /// Each element: its id and its octets. Ends at one that is cut.
    pub fn elements(&self) -> impl Iterator<Item = (u8, &'a [u8])> + use<'a> {
        let mut rest = self.elements;
        std::iter::from_fn(move || {
            let ([id, len], after) = rest.split_first_chunk::<2>()?;
            let (octets, after) = after.split_at_checked(usize::from(*len))?;
            rest = after;
            Some((*id, octets))
        })
    }

    /// Which part it is; a total of zero or a number beyond it counts as no concatenation (TS 23.040 §9.2.3.24.1). Of
    /// several the last counts, as it does for a telephone (§9.2.3.24).
    pub fn concatenation(&self) -> Option<Concatenation> {
        self.elements()
            .filter_map(|(id, octets)| match (id, octets) {
                (CONCATENATION_8, [reference, total, number]) => {
                    Some(Concatenation { reference: u16::from(*reference), total: *total, number: *number })
                }
                (CONCATENATION_16, [high, low, total, number]) => {
                    Some(Concatenation { reference: u16::from_be_bytes([*high, *low]), total: *total, number: *number })
                }
                _ => None,
            })
            .filter(Concatenation::is_valid)
            .last()
    }

    /// Ports of the receiver and the sender: the message is for an application, not a reader.
    pub fn ports(&self) -> Option<(u16, u16)> {
        self.elements().find_map(|(id, octets)| match (id, octets) {
            (PORTS_8, [to, from]) => Some((u16::from(*to), u16::from(*from))),
            (PORTS_16, [t0, t1, f0, f1]) => Some((u16::from_be_bytes([*t0, *t1]), u16::from_be_bytes([*f0, *f1]))),
            _ => None,
        })
    }

    /// The elements but those of concatenation, as octets with ids and lengths.
    pub fn without_concatenation(&self) -> Vec<u8> {
        let mut kept = Vec::new();
        for (id, octets) in self.elements().filter(|(id, _)| !matches!(*id, CONCATENATION_8 | CONCATENATION_16)) {
            kept.extend_from_slice(&[id, u8::try_from(octets.len()).unwrap_or(0)]);
            kept.extend_from_slice(octets);
        }
        kept
    }
}

impl Concatenation {
    /// Whether the numbers can be of a part.
    pub const fn is_valid(&self) -> bool {
        self.total != 0 && self.number != 0 && self.number <= self.total
    }
}

/// A header with an 8-bit concatenation, its length octet included.
pub const fn concatenation_header(reference: u8, total: u8, number: u8) -> [u8; 6] {
    [5, CONCATENATION_8, 3, reference, total, number]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_widths_of_reference_are_read() {
        let (udh, text) = Udh::split(&[5, 0, 3, 0x42, 3, 1, b'h', b'i']).unwrap();
        assert_eq!(udh.concatenation(), Some(Concatenation { reference: 0x42, total: 3, number: 1 }));
        assert_eq!(text, b"hi");
        let (udh, _) = Udh::split(&[6, 8, 4, 0x12, 0x34, 2, 2]).unwrap();
        assert_eq!(udh.concatenation(), Some(Concatenation { reference: 0x1234, total: 2, number: 2 }));
        let (udh, _) = Udh::split(&[6, 5, 4, 0x0b, 0x84, 0x23, 0xf0]).unwrap();
        assert_eq!(udh.ports(), Some((2948, 9200)));
    }

    #[test]
    fn impossible_parts_are_no_parts() {
        for (total, number) in [(0, 1), (2, 0), (2, 3)] {
            let header = [5, 0, 3, 1, total, number];
            assert_eq!(Udh::split(&header).unwrap().0.concatenation(), None);
        }
        assert!(Udh::split(&[9, 0, 3]).is_none());
    }
}
