//! Data codings: which alphabet a text is written in, and the text itself.

use crate::gsm7;

/// The alphabet of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alphabet {
    /// GSM 7-bit, one septet an octet.
    Gsm7,
    /// GSM 7-bit, eight septets in seven octets.
    Gsm7Packed,
    /// ASCII.
    Ascii,
    /// ISO 8859-1.
    Latin1,
    /// UTF-16, the high octet first; UCS-2 is that without pairs.
    Utf16,
    /// UTF-8.
    Utf8,
    /// GB 18030, as 15 is used by gateways that come from CMPP and SGIP.
    Gb18030,
    /// ISO 8859-5 (Cyrillic).
    Cyrillic,
    /// ISO 8859-8 (Hebrew).
    Hebrew,
    /// JIS.
    ShiftJis,
    /// ISO 2022-JP.
    Iso2022Jp,
    /// KS C 5601.
    Korean,
    /// Octets for an application.
    Binary,
}

/// What data coding 0 means at an SMSC: every SMSC chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DefaultAlphabet {
    /// GSM 7-bit, one septet an octet.
    #[default]
    Gsm7,
    /// GSM 7-bit, packed.
    Gsm7Packed,
    /// ISO 8859-1.
    Latin1,
    /// ASCII.
    Ascii,
    /// UTF-8.
    Utf8,
}

impl DefaultAlphabet {
    /// As an alphabet.
    pub const fn alphabet(self) -> Alphabet {
        match self {
            Self::Gsm7 => Alphabet::Gsm7,
            Self::Gsm7Packed => Alphabet::Gsm7Packed,
            Self::Latin1 => Alphabet::Latin1,
            Self::Ascii => Alphabet::Ascii,
            Self::Utf8 => Alphabet::Utf8,
        }
    }
}

/// The alphabet that a data coding means (SMPP 3.4 §5.2.19, 5.0 §4.7.7; TS 23.038 §4 for message classes and waiting
/// indications). Reserved values are taken for the default alphabet, as handsets do.
pub const fn alphabet_of(data_coding: u8, default: DefaultAlphabet) -> Alphabet {
    match data_coding {
        1 => Alphabet::Ascii,
        2 | 4 => Alphabet::Binary,
        3 => Alphabet::Latin1,
        5 => Alphabet::ShiftJis,
        6 => Alphabet::Cyrillic,
        7 => Alphabet::Hebrew,
        8 => Alphabet::Utf16,
        10 => Alphabet::Iso2022Jp,
        14 => Alphabet::Korean,
        15 => Alphabet::Gb18030,
        // General data coding of TS 23.038, which SMSCs pass through: bits 3 and 2 name the alphabet.
        0x10..=0x7f => match (data_coding >> 2) & 0x03 {
            1 => Alphabet::Binary,
            2 => Alphabet::Utf16,
            _ => default.alphabet(),
        },
        // A message waits; in this group the text is UCS-2.
        0xe0..=0xef => Alphabet::Utf16,
        // Message class: bit 2 says octets.
        0xf0..=0xff if data_coding & 0x04 != 0 => Alphabet::Binary,
        _ => default.alphabet(),
    }
}

/// Appends the text that octets mean. What does not read becomes U+FFFD. Octets for an application are text where
/// they are UTF-8 through and through, since some senders hide behind that coding.
///
/// Gives whether there was a text.
pub fn decode_into(alphabet: Alphabet, octets: &[u8], out: &mut String) -> bool {
    let encoding = match alphabet {
        // A sender that says nothing of its coding, and sends Chinese: what arrives is up to the SMSC, and often readable.
        Alphabet::Gsm7 | Alphabet::Gsm7Packed | Alphabet::Latin1 if let Some(text) = undeclared(alphabet, octets) => {
            out.push_str(&text);
            return true;
        }
        Alphabet::Gsm7 | Alphabet::Gsm7Packed | Alphabet::Latin1 => {
            declared_into(alphabet, octets, out);
            return true;
        }
        Alphabet::Utf16 => {
            let (order, octets) = byte_order(octets);
            let (pairs, odd) = octets.as_chunks::<2>();
            out.extend(utf16(pairs, order));
            out.extend(odd.first().map(|_| char::REPLACEMENT_CHARACTER));
            return true;
        }
        Alphabet::Binary => {
            return match std::str::from_utf8(octets) {
                Ok(text) if !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) => {
                    out.push_str(text);
                    true
                }
                _ => false,
            };
        }
        Alphabet::Ascii | Alphabet::Utf8 => encoding_rs::UTF_8,
        Alphabet::Gb18030 => encoding_rs::GB18030,
        Alphabet::Cyrillic => encoding_rs::ISO_8859_5,
        Alphabet::Hebrew => encoding_rs::ISO_8859_8,
        Alphabet::ShiftJis => encoding_rs::SHIFT_JIS,
        Alphabet::Iso2022Jp => encoding_rs::ISO_2022_JP,
        Alphabet::Korean => encoding_rs::EUC_KR,
    };
    out.push_str(&encoding.decode_without_bom_handling(octets).0);
    true
}

/// The text as its coding says, without looking for Chinese.
fn declared_into(alphabet: Alphabet, octets: &[u8], out: &mut String) {
    match alphabet {
        Alphabet::Gsm7Packed => gsm7::decode_into(&gsm7::unpack(octets, 0), out),
        Alphabet::Latin1 => out.extend(octets.iter().map(|octet| char::from(*octet))),
        _ => gsm7::decode_into(octets, out),
    }
}

/// What else the octets may say to another reader, where [`decode_into`] has chosen what makes sense over what the coding says:
/// the text by the coding. Empty where there is but one reading.
pub fn other_reading(alphabet: Alphabet, octets: &[u8]) -> String {
    let mut out = String::new();
    match alphabet {
        Alphabet::Gsm7 | Alphabet::Gsm7Packed | Alphabet::Latin1 if undeclared(alphabet, octets).is_some() => {
            declared_into(alphabet, octets, &mut out);
        }
        Alphabet::Utf16 if !is_marked(octets) && byte_order(octets).0 == Order::Little => {
            out.extend(utf16(octets.as_chunks::<2>().0, Order::Big));
        }
        _ => {}
    }
    out
}

/// Whether a byte order mark leads.
const fn is_marked(octets: &[u8]) -> bool {
    matches!(octets, [0xfe, 0xff, ..] | [0xff, 0xfe, ..])
}

/// Which octet of a pair comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Big,
    Little,
}

fn utf16(pairs: &[[u8; 2]], order: Order) -> impl Iterator<Item = char> {
    let units = pairs.iter().map(move |pair| match order {
        Order::Big => u16::from_be_bytes(*pair),
        Order::Little => u16::from_le_bytes(*pair),
    });
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// The order of UTF-16, and the octets behind the byte order mark. SMPP wants the high octet first; telephones heed a mark
/// that says otherwise, and some read a text without mark whichever way it makes sense.
fn byte_order(octets: &[u8]) -> (Order, &[u8]) {
    match octets {
        [0xfe, 0xff, rest @ ..] => return (Order::Big, rest),
        [0xff, 0xfe, rest @ ..] => return (Order::Little, rest),
        _ => {}
    }
    let (pairs, _) = octets.as_chunks::<2>();
    let usual = |order| utf16(pairs, order).filter(|c| is_usual(*c)).count();
    let little = usual(Order::Little);
    let turned = pairs.len() >= 4 && little * 10 >= pairs.len() * 9 && little > usual(Order::Big);
    (if turned { Order::Little } else { Order::Big }, octets)
}

/// Letters and signs that a Chinese or English message is made of.
const fn is_usual(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{2010}'..='\u{2030}' | '\u{3000}'..='\u{303f}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}

/// Chinese under a coding that has none: UTF-8, or GB 18030 where the octets are no GSM text at all.
fn undeclared(alphabet: Alphabet, octets: &[u8]) -> Option<String> {
    if octets.is_ascii() {
        return None;
    }
    let chinese =
        |text: &str| text.chars().filter(|c| matches!(c, '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')).count();
    // A part of a longer message may begin and end within a character.
    let start = octets.iter().take(3).take_while(|b| (0x80..0xc0).contains(*b)).count();
    let octets_utf8 = octets.get(start..)?;
    let text = match std::str::from_utf8(octets_utf8) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => {
            octets_utf8.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok())
        }
        Err(_) => None,
    };
    if let Some(text) = text.filter(|text| chinese(text) > 0) {
        return Some(text.to_owned());
    }
    if alphabet != Alphabet::Gsm7 {
        return None;
    }
    // GSM septets have no high bit: this is another coding anyway.
    let text = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(octets)?;
    (chinese(&text) > 0).then(|| text.into_owned())
}

/// As [`decode_into`]; nothing when there is no text.
pub fn decode(alphabet: Alphabet, octets: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(octets.len());
    decode_into(alphabet, octets, &mut text).then_some(text)
}

/// The octets of a text; nothing when a character has none in the alphabet.
pub fn encode(alphabet: Alphabet, text: &str) -> Option<Vec<u8>> {
    let encoding = match alphabet {
        Alphabet::Gsm7 => return gsm7::encode(text),
        Alphabet::Gsm7Packed => return Some(gsm7::pack(&gsm7::encode(text)?, 0)),
        Alphabet::Ascii => return text.is_ascii().then(|| text.as_bytes().to_vec()),
        Alphabet::Latin1 => return text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect(),
        Alphabet::Utf16 => return Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        Alphabet::Utf8 => return Some(text.as_bytes().to_vec()),
        Alphabet::Binary => return None,
        Alphabet::Gb18030 => encoding_rs::GB18030,
        Alphabet::Cyrillic => encoding_rs::ISO_8859_5,
        Alphabet::Hebrew => encoding_rs::ISO_8859_8,
        Alphabet::ShiftJis => encoding_rs::SHIFT_JIS,
        Alphabet::Iso2022Jp => encoding_rs::ISO_2022_JP,
        Alphabet::Korean => encoding_rs::EUC_KR,
    };
    let (octets, _, unmappable) = encoding.encode(text);
    (!unmappable).then(|| octets.into_owned())
}

/// The data coding that takes fewest octets for a text: the default alphabet where it has every character, else 8.
/// Gives the data coding and the alphabet.
pub fn narrowest(text: &str, default: DefaultAlphabet) -> (u8, Alphabet) {
    let alphabet = default.alphabet();
    if encode(alphabet, text).is_some() { (0, alphabet) } else { (8, Alphabet::Utf16) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: DefaultAlphabet = DefaultAlphabet::Gsm7;

    #[test]
    fn codings_name_alphabets() {
        let of = |coding| alphabet_of(coding, DEFAULT);
        assert_eq!(of(0), Alphabet::Gsm7);
        assert_eq!(of(8), Alphabet::Utf16);
        assert_eq!(of(0x18), Alphabet::Utf16, "flash message in UCS-2");
        assert_eq!(of(0xf0), Alphabet::Gsm7);
        assert_eq!(of(0xf5), Alphabet::Binary);
        assert_eq!(of(15), Alphabet::Gb18030);
        assert_eq!(alphabet_of(0, DefaultAlphabet::Latin1), Alphabet::Latin1);
    }

    #[test]
    fn texts_of_each_alphabet_come_back() {
        for (alphabet, text) in [
            (Alphabet::Gsm7, "Ihre PIN: {1234} €"),
            (Alphabet::Gsm7Packed, "hello world"),
            (Alphabet::Latin1, "Où êtes-vous"),
            (Alphabet::Utf16, "您的快递😀丢失"),
            (Alphabet::Gb18030, "您的快递丢失"),
            (Alphabet::Cyrillic, "Привет"),
            (Alphabet::Korean, "안녕하세요"),
            (Alphabet::ShiftJis, "こんにちは"),
        ] {
            let octets = encode(alphabet, text).unwrap();
            assert_eq!(decode(alphabet, &octets).as_deref(), Some(text), "{alphabet:?}");
        }
    }

    #[test]
    fn octets_are_text_only_where_they_read_as_one() {
        assert_eq!(decode(Alphabet::Binary, "加微信".as_bytes()).as_deref(), Some("加微信"));
        assert_eq!(decode(Alphabet::Binary, &[0x00, 0x01, 0xff]), None);
        assert_eq!(decode(Alphabet::Utf16, &[0x4e, 0x2d, 0x65]).as_deref(), Some("中\u{fffd}"));
    }

    #[test]
    fn chinese_is_read_whatever_the_coding_says() {
        let text = "您的账户已被冻结，请点击 http://a.example/k 核验";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = |mark: [u8; 2], octets: &[u8]| [&mark[..], octets].concat();
        let big = encode(Alphabet::Utf16, text).unwrap();
        for (alphabet, octets) in [
            (Alphabet::Utf16, marked([0xff, 0xfe], &little)),
            (Alphabet::Utf16, marked([0xfe, 0xff], &big)),
            (Alphabet::Utf16, little),
            (Alphabet::Utf16, big),
            (Alphabet::Gsm7, text.as_bytes().to_vec()),
            (Alphabet::Gsm7Packed, text.as_bytes().to_vec()),
            (Alphabet::Latin1, text.as_bytes().to_vec()),
            (Alphabet::Gsm7, encode(Alphabet::Gb18030, text).unwrap()),
        ] {
            assert_eq!(decode(alphabet, &octets).as_deref(), Some(text), "{alphabet:?}");
        }
        // A part that begins and ends within a character.
        let cut = &text.as_bytes()[1..20];
        assert!(decode(Alphabet::Gsm7, cut).unwrap().contains("的账户已被"));
        assert_eq!(decode(Alphabet::Latin1, b"O\xf9 \xeates-vous").as_deref(), Some("Où êtes-vous"));
        assert_eq!(
            decode(Alphabet::Utf16, &encode(Alphabet::Utf16, "Привет всем").unwrap()).as_deref(),
            Some("Привет всем")
        );
    }

    #[test]
    fn where_sense_decided_the_other_reading_is_told() {
        let scam = "请将资金转入安全账户";
        let big = encode(Alphabet::Utf16, scam).unwrap();
        assert_eq!(other_reading(Alphabet::Utf16, &big), "");
        // Padding in the other order outweighs the text itself: whichever a telephone reads, it is among the two.
        let padding: Vec<u8> =
            "今天天气很好我们一起出去走走看看吧".repeat(6).encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mixed = [&big[..], &padding].concat();
        let both = format!("{}\n{}", decode(Alphabet::Utf16, &mixed).unwrap(), other_reading(Alphabet::Utf16, &mixed));
        assert!(both.contains(scam) && both.contains("今天天气"), "{both}");
        let marked = [&[0xfe, 0xff][..], &mixed].concat();
        assert_eq!(other_reading(Alphabet::Utf16, &marked), "", "a mark leaves no doubt");
        // One Chinese character does not hide what the coding says.
        for alphabet in [Alphabet::Gsm7, Alphabet::Latin1] {
            let octets = [b"SAFE ACCOUNT ".as_slice(), "好".as_bytes()].concat();
            assert!(decode(alphabet, &octets).unwrap().contains('好'));
            assert!(other_reading(alphabet, &octets).starts_with("SAFE ACCOUNT"), "{alphabet:?}");
            assert_eq!(other_reading(alphabet, b"SAFE ACCOUNT"), "");
        }
    }

    #[test]
    fn the_narrowest_coding_is_chosen() {
        assert_eq!(narrowest("hello", DEFAULT).0, 0);
        assert_eq!(narrowest("您好", DEFAULT).0, 8);
    }
}
