//! Puts a mark before the text of a message: coded anew where the alphabet lacks a character, split anew where it no
//! longer fits.

use smpp::{Alphabet, DefaultAlphabet, ESM_UDHI, Message, MessageKind, Pdu, SplitParts, tag};

/// Optional parameters that belong to the old text.
const OF_THE_TEXT: [u16; 4] =
    [tag::MESSAGE_PAYLOAD, tag::SAR_MSG_REF_NUM, tag::SAR_TOTAL_SEGMENTS, tag::SAR_SEGMENT_SEQNUM];

/// The PDUs of the marked message. `first` is the first PDU of the old one, `text` its whole text. Nothing when the
/// message is no text for people, or would have more parts than there can be.
pub(super) fn marked(
    first: &[u8],
    text: &str,
    mark: &str,
    reference: u8,
    default: DefaultAlphabet,
) -> Option<Vec<Vec<u8>>> {
    let pdu = Pdu::whole(first)?;
    let mut message = Message::read(&pdu).ok()?;
    let (header, _) = message.user_data();
    if header.is_some_and(|header| !header.without_concatenation().is_empty()) {
        return None;
    }
    let text = format!("{mark}{text}");
    let mut alphabet = smpp::alphabet_of(message.data_coding, default);
    if alphabet == Alphabet::Binary {
        return None;
    }
    let in_payload = message.short_message.is_empty() && message.tlvs.find(tag::MESSAGE_PAYLOAD).is_some();
    let whole_in_payload = in_payload && header.is_none();
    let packed = alphabet == Alphabet::Gsm7Packed && !whole_in_payload;
    if packed || smpp::encode(alphabet, &text).is_none() {
        alphabet = Alphabet::Utf16;
        message.data_coding = match message.data_coding {
            // A message class is kept: bits 3 and 2 of the general coding name the alphabet.
            coding @ 0x10..=0x1f => (coding & !0x0c) | 0x08,
            _ => 8,
        };
    }
    let contents = if whole_in_payload {
        SplitParts::One(smpp::encode(alphabet, &text)?)
    } else {
        smpp::split(&text, alphabet, reference)?
    };
    message.esm_class &= !ESM_UDHI;
    if contents.is_many() {
        message.esm_class |= ESM_UDHI;
    }
    let write = |content: &Vec<u8>| {
        let mut out = Vec::new();
        if in_payload || message.kind == MessageKind::Data {
            let mut message = message;
            message.short_message = b"";
            message.write(0, &OF_THE_TEXT, &[(tag::MESSAGE_PAYLOAD, content)], &mut out);
        } else {
            let mut message = message;
            message.short_message = content;
            message.write(0, &OF_THE_TEXT, &[], &mut out);
        }
        out
    };
    Some(contents.contents().iter().map(write).collect())
}

/// Whether a text is Chinese enough for the Chinese mark.
pub(super) fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3134f}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use smpp::{Address, Udh};

    fn submit(text: &str, alphabet: Alphabet, data_coding: u8) -> Vec<u8> {
        let address = Address { ton: 1, npi: 1, digits: b"106900" };
        let mut message = Message::new(MessageKind::Submit, address, address);
        let octets = smpp::encode(alphabet, text).unwrap();
        message.data_coding = data_coding;
        message.registered_delivery = 1;
        let mut out = Vec::new();
        if octets.len() <= 140 {
            message.short_message = &octets;
            message.write(3, &[], &[], &mut out);
        } else {
            message.write(3, &[], &[(tag::MESSAGE_PAYLOAD, &octets)], &mut out);
        }
        out
    }

    fn texts(pdus: &[Vec<u8>]) -> Vec<(u8, String)> {
        let text = |pdu: &Vec<u8>| {
            let message = Message::read(&Pdu::whole(pdu).unwrap()).unwrap();
            assert_eq!(message.registered_delivery, 1, "all else stays");
            let (_, octets) = message.user_data();
            let alphabet = smpp::alphabet_of(message.data_coding, DefaultAlphabet::Gsm7);
            (message.data_coding, smpp::decode(alphabet, octets).unwrap())
        };
        pdus.iter().map(text).collect()
    }

    #[test]
    fn a_mark_that_the_alphabet_lacks_changes_the_coding() {
        let pdus =
            marked(&submit("call me", Alphabet::Gsm7, 0), "call me", "【疑似诈骗】", 1, DefaultAlphabet::Gsm7).unwrap();
        assert_eq!(texts(&pdus), [(8, "【疑似诈骗】call me".to_owned())]);
        let pdus =
            marked(&submit("call me", Alphabet::Gsm7, 0), "call me", "[Scam] ", 1, DefaultAlphabet::Gsm7).unwrap();
        assert_eq!(texts(&pdus), [(0, "[Scam] call me".to_owned())]);
    }

    #[test]
    fn a_text_that_no_longer_fits_is_split() {
        let text = "中".repeat(70);
        let pdus = marked(&submit(&text, Alphabet::Utf16, 8), &text, "【疑似诈骗】", 9, DefaultAlphabet::Gsm7).unwrap();
        let joined: String = texts(&pdus).into_iter().map(|(_, text)| text).collect();
        assert_eq!((pdus.len(), joined), (2, format!("【疑似诈骗】{text}")));
        let read = Pdu::whole(&pdus[1]).map(|pdu| Message::read(&pdu).unwrap()).unwrap();
        let part = Udh::split(read.short_message).unwrap().0.concatenation().unwrap();
        assert_eq!((part.reference, part.total, part.number), (9, 2, 2));
    }

    #[test]
    fn a_payload_stays_one_message() {
        let text = "中".repeat(300);
        let pdus = marked(&submit(&text, Alphabet::Utf16, 8), &text, "【疑似诈骗】", 1, DefaultAlphabet::Gsm7).unwrap();
        assert_eq!(texts(&pdus), [(8, format!("【疑似诈骗】{text}"))]);
    }
}
