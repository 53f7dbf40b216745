//! Digits of every script: whoever shows `١٧٠…` or `𝟏𝟕𝟎…` shows a number, and an element further on may read it.

/// Characters that stand for a digit: the first and the last of a run, and the digit that the first stands for
/// (Unicode, Numeric_Type Decimal or Digit).
const RUNS: [(u32, u32, u32); 86] = [
    (0xb2, 0xb3, 2),
    (0xb9, 0xb9, 1),
    (0x660, 0x669, 0),
    (0x6f0, 0x6f9, 0),
    (0x7c0, 0x7c9, 0),
    (0x966, 0x96f, 0),
    (0x9e6, 0x9ef, 0),
    (0xa66, 0xa6f, 0),
    (0xae6, 0xaef, 0),
    (0xb66, 0xb6f, 0),
    (0xbe6, 0xbef, 0),
    (0xc66, 0xc6f, 0),
    (0xce6, 0xcef, 0),
    (0xd66, 0xd6f, 0),
    (0xde6, 0xdef, 0),
    (0xe50, 0xe59, 0),
    (0xed0, 0xed9, 0),
    (0xf20, 0xf29, 0),
    (0x1040, 0x1049, 0),
    (0x1090, 0x1099, 0),
    (0x1369, 0x1371, 1),
    (0x17e0, 0x17e9, 0),
    (0x1810, 0x1819, 0),
    (0x1946, 0x194f, 0),
    (0x19d0, 0x19d9, 0),
    (0x19da, 0x19da, 1),
    (0x1a80, 0x1a89, 0),
    (0x1a90, 0x1a99, 0),
    (0x1b50, 0x1b59, 0),
    (0x1bb0, 0x1bb9, 0),
    (0x1c40, 0x1c49, 0),
    (0x1c50, 0x1c59, 0),
    (0x2070, 0x2070, 0),
    (0x2074, 0x2079, 4),
    (0x2080, 0x2089, 0),
    (0x2460, 0x2468, 1),
    (0x2474, 0x247c, 1),
    (0x2488, 0x2490, 1),
    (0x24ea, 0x24ea, 0),
    (0x24f5, 0x24fd, 1),
    (0x24ff, 0x24ff, 0),
    (0x2776, 0x277e, 1),
    (0x2780, 0x2788, 1),
    (0x278a, 0x2792, 1),
    (0xa620, 0xa629, 0),
    (0xa8d0, 0xa8d9, 0),
    (0xa900, 0xa909, 0),
    (0xa9d0, 0xa9d9, 0),
    (0xa9f0, 0xa9f9, 0),
    (0xaa50, 0xaa59, 0),
    (0xabf0, 0xabf9, 0),
    (0xff10, 0xff19, 0),
    (0x104a0, 0x104a9, 0),
    (0x10a40, 0x10a43, 1),
    (0x10d30, 0x10d39, 0),
    (0x10e60, 0x10e68, 1),
    (0x11052, 0x1105a, 1),
    (0x11066, 0x1106f, 0),
    (0x110f0, 0x110f9, 0),
    (0x11136, 0x1113f, 0),
    (0x111d0, 0x111d9, 0),
    (0x112f0, 0x112f9, 0),
    (0x11450, 0x11459, 0),
    (0x114d0, 0x114d9, 0),
    (0x11650, 0x11659, 0),
    (0x116c0, 0x116c9, 0),
    (0x11730, 0x11739, 0),
    (0x118e0, 0x118e9, 0),
    (0x11950, 0x11959, 0),
    (0x11c50, 0x11c59, 0),
    (0x11d50, 0x11d59, 0),
    (0x11da0, 0x11da9, 0),
    (0x16a60, 0x16a69, 0),
    (0x16ac0, 0x16ac9, 0),
    (0x16b50, 0x16b59, 0),
    (0x1d7ce, 0x1d7d7, 0),
    (0x1d7d8, 0x1d7e1, 0),
    (0x1d7e2, 0x1d7eb, 0),
    (0x1d7ec, 0x1d7f5, 0),
    (0x1d7f6, 0x1d7ff, 0),
    (0x1e140, 0x1e149, 0),
    (0x1e2f0, 0x1e2f9, 0),
    (0x1e950, 0x1e959, 0),
    (0x1f100, 0x1f100, 0),
    (0x1f101, 0x1f10a, 0),
    (0x1fbf0, 0x1fbf9, 0),
];

/// The ASCII digit that a character stands for; any other character as it is.
pub(crate) fn ascii_digit(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    let code = u32::from(c);
    let run = RUNS.get(RUNS.partition_point(|(_, last, _)| *last < code)).filter(|(first, ..)| *first <= code);
    run.and_then(|(first, _, digit)| char::from_digit(digit + code - first, 10)).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_any_script_are_digits() {
        for shown in ["170999", "１７０９９９", "١٧٠٩٩٩", "۱۷۰۹۹۹", "१७०९९९", "𝟏𝟕𝟎𝟗𝟗𝟗", "𝟣𝟩𝟢𝟫𝟫𝟫", "①⑦⓪⑨⑨⑨", "¹⁷⁰⁹⁹⁹"]
        {
            assert_eq!(shown.chars().map(ascii_digit).collect::<String>(), "170999", "{shown}");
        }
        assert_eq!("壹a+é/\u{660}".chars().map(ascii_digit).collect::<String>(), "壹a+é/0");
    }

    #[test]
    fn runs_are_in_order_and_end_at_nine() {
        assert!(RUNS.windows(2).all(|two| matches!(two, [(_, last, _), (next, ..)] if last < next)));
        assert!(RUNS.iter().all(|(first, last, digit)| first <= last && digit + last - first <= 9));
    }
}
