//! The GSM 7-bit default alphabet and its extension (3GPP TS 23.038 §6.2.1).

/// The default alphabet; 0x1b leads to the extension.
const DEFAULT: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', 'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω',
    'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1b}', 'Æ', 'æ', 'ß', 'É', ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+',
    ',', '-', '.', '/', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', '¡', 'A', 'B',
    'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y',
    'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p',
    'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// The extension, behind 0x1b.
const EXTENSION: [(u8, char); 10] = [
    (0x0a, '\u{c}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2f, '\\'),
    (0x3c, '['),
    (0x3d, '~'),
    (0x3e, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

const ESCAPE: u8 = 0x1b;

/// Reads septets, one an octet, as SMPP carries them. An unknown extension shows its character of the default
/// alphabet, as handsets do; the eighth bit is ignored.
pub(crate) fn decode_into(septets: &[u8], out: &mut String) {
    let mut escaped = false;
    for octet in septets {
        let septet = octet & 0x7f;
        if septet == ESCAPE && !escaped {
            escaped = true;
            continue;
        }
        let extended = escaped.then(|| EXTENSION.iter().find(|(code, _)| *code == septet)).flatten();
        escaped = false;
        let plain = || DEFAULT.get(usize::from(septet)).copied().unwrap_or(' ');
        out.push(extended.map_or_else(plain, |(_, c)| *c));
    }
}

/// Septets of a text, one an octet; nothing when a character is not in the alphabet.
pub(crate) fn encode(text: &str) -> Option<Vec<u8>> {
    let mut septets = Vec::with_capacity(text.len());
    for c in text.chars() {
        if let Some(septet) = septet_of(c) {
            septets.push(septet);
        } else {
            let (code, _) = EXTENSION.iter().find(|(_, extended)| *extended == c)?;
            septets.extend_from_slice(&[ESCAPE, *code]);
        }
    }
    Some(septets)
}

fn septet_of(c: char) -> Option<u8> {
    // Most characters stand where ASCII has them.
    let same = u32::from(c);
    if let Some(at) = DEFAULT.get(same as usize)
        && *at == c
        && c != '\u{1b}'
    {
        return u8::try_from(same).ok();
    }
    let at = DEFAULT.iter().position(|d| *d == c && c != '\u{1b}')?;
    u8::try_from(at).ok()
}

/// Unpacks septets from octets (eight septets in seven octets). `fill_bits` are skipped at the beginning: they align
/// the text behind a user data header. A last septet of zero that only fills the octet is left out when the count
/// of octets allows it.
pub fn unpack(octets: &[u8], fill_bits: u8) -> Vec<u8> {
    let fill = usize::from(fill_bits % 7);
    let count = (octets.len() * 8).saturating_sub(fill) / 7;
    let mut septets = Vec::with_capacity(count);
    for at in 0..count {
        let bit = fill + at * 7;
        let low = u16::from(octets.get(bit / 8).copied().unwrap_or(0));
        let high = u16::from(octets.get(bit / 8 + 1).copied().unwrap_or(0));
        let septet = ((high << 8 | low) >> (bit % 8)) & 0x7f;
        septets.push(u8::try_from(septet).unwrap_or(0));
    }
    let spare = (octets.len() * 8).saturating_sub(fill) % 7;
    if spare == 0 && septets.last() == Some(&0) {
        septets.pop();
    }
    septets
}

/// Packs septets into octets, behind `fill_bits` of zero. Where exactly one septet of room would be left, it holds a
/// carriage return, as TS 23.038 §6.1.2.3.1 asks, so that no `@` appears.
pub fn pack(septets: &[u8], fill_bits: u8) -> Vec<u8> {
    let fill = usize::from(fill_bits % 7);
    let bits = fill + septets.len() * 7;
    let mut octets = vec![0u8; bits.div_ceil(8)];
    let closing = (bits % 8 == 1).then_some(0x0d);
    for (at, septet) in septets.iter().chain(closing.as_ref()).enumerate() {
        let bit = fill + at * 7;
        let wide = u16::from(septet & 0x7f) << (bit % 8);
        let [low, high] = wide.to_le_bytes();
        if let Some(octet) = octets.get_mut(bit / 8) {
            *octet |= low;
        }
        if let Some(octet) = octets.get_mut(bit / 8 + 1) {
            *octet |= high;
        }
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hello_packs_as_the_specification_says() {
        let septets = encode("hellohello").unwrap();
        assert_eq!(pack(&septets, 0), [0xe8, 0x32, 0x9b, 0xfd, 0x46, 0x97, 0xd9, 0xec, 0x37]);
        assert_eq!(unpack(&pack(&septets, 0), 0), septets);
        assert_eq!(unpack(&pack(&septets, 1), 1), septets);
    }

    #[test]
    fn the_extension_takes_two_septets() {
        assert_eq!(encode("€[").unwrap(), [0x1b, 0x65, 0x1b, 0x3c]);
        let mut text = String::new();
        decode_into(&[0x1b, 0x65, 0x1b, b'a', 0x00, 0x1b], &mut text);
        assert_eq!(text, "€a@");
        assert_eq!(encode("中"), None);
    }
}
