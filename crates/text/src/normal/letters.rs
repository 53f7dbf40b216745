//! Letters, digits and signs: full width, circled, bold, look-alikes of other scripts, what is invisible.

use unicode_normalization::char::decompose_compatible;

use super::hanzi::simplified;

/// Gives the plain characters that `c` stands for: none for what is invisible, a space for a picture.
pub(super) fn fold(c: char, give: &mut impl FnMut(char)) {
    match c {
        ' '..='~' | '\n' => give(c),
        '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' => give(simplified(c)),
        '\u{FF01}'..='\u{FF5E}' => give(char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)),
        '\t' | '\r' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => {
            give(' ')
        }
        // Quotes, dashes, brackets of Chinese texts that say no more than the plain ones.
        '￥' | '\u{A5}' => give('¥'),
        '“' | '”' | '„' | '″' | '〝' | '〞' => give('"'),
        '‘' | '’' | '′' => give('\''),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '﹣' => give('-'),
        '〜' => give('~'),
        '•' | '‧' | '・' | '･' => give('·'),
        '｡' => give('。'),
        '。' | '、' | '《' | '》' | '【' | '】' | '「' | '」' | '·' | '…' | '〇' => give(c),
        '○' | '◯' | '⭕' => give('〇'),
        _ if is_invisible(c) => {}
        _ => match look_alike(c) {
            Some(plain) => give(plain),
            None => fold_rare(c, give),
        },
    }
}

fn fold_rare(c: char, give: &mut impl FnMut(char)) {
    for (picture, words) in PICTURES {
        if picture == c {
            words.chars().for_each(give);
            return;
        }
    }
    if is_picture(c) {
        give(' ');
        return;
    }
    decompose_compatible(c, |part| {
        if is_invisible(part) {
            return;
        }
        match look_alike(part) {
            Some(plain) => give(plain),
            None => give(simplified(part)),
        }
    });
}

/// Formatting, joiners, selectors, combining marks, tags, private characters and controls.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{AD}' | '\u{34F}' | '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}'
        | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{20D0}'..='\u{20FF}' | '\u{3164}' | '\u{E000}'..='\u{F8FF}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FE20}'..='\u{FE2F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFD}' | '\u{1F3FB}'..='\u{1F3FF}'
        | '\u{E0000}'..='\u{E0FFF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// Pictures that stand for a word in messages.
const PICTURES: [(char, &str); 12] = [
    ('➕', "+"),
    ('✚', "+"),
    ('🐧', "QQ"),
    ('🛰', "微信"),
    ('☎', "电话"),
    ('📞', "电话"),
    ('📱', "手机"),
    ('📲', "手机"),
    ('❤', "心"),
    ('💰', "钱"),
    ('🧧', "红包"),
    ('🈵', "满"),
];

fn is_picture(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{23FF}' | '\u{2500}'..='\u{2775}' | '\u{2794}'..='\u{27BF}' | '\u{2900}'..='\u{297F}'
        | '\u{2B00}'..='\u{2BFF}' | '\u{1F000}'..='\u{1F0FF}' | '\u{1F191}'..='\u{1F1FF}' | '\u{1F210}'..='\u{1FAFF}'
        | '\u{203B}' | '\u{2043}')
}

/// Letters of other scripts that are drawn like Latin ones, and digits and letters in discs and boxes.
fn look_alike(c: char) -> Option<char> {
    let place = |first: char, from: char| char::from_u32(u32::from(from) + (u32::from(c) - u32::from(first)));
    Some(match c {
        '❶'..='❾' => place('❶', '1')?,
        '➀'..='➈' => place('➀', '1')?,
        '➊'..='➒' => place('➊', '1')?,
        '⓵'..='⓽' => place('⓵', '1')?,
        '⓿' | '🄌' | '🄋' => '0',
        '٠'..='٩' => place('٠', '0')?,
        '۰'..='۹' => place('۰', '0')?,
        '\u{1F150}'..='\u{1F169}' => place('\u{1F150}', 'A')?,
        '\u{1F170}'..='\u{1F189}' => place('\u{1F170}', 'A')?,
        '\u{1F1E6}'..='\u{1F1FF}' => place('\u{1F1E6}', 'A')?,
        'а' | 'α' | 'ɑ' | 'ᴀ' => 'a',
        'А' | 'Α' | 'Ꭺ' => 'A',
        'В' | 'Β' | 'ʙ' | 'Ᏼ' => 'B',
        'Ь' | 'ь' | 'Ꮟ' => 'b',
        'с' | 'ϲ' | 'ᴄ' => 'c',
        'С' | 'Ϲ' | 'Ꮯ' => 'C',
        'ԁ' | 'ᴅ' | 'đ' => 'd',
        'Ꭰ' => 'D',
        'е' | 'є' | 'ε' | 'ᴇ' | 'ҽ' => 'e',
        'Е' | 'Ε' | 'Є' | 'Ꭼ' => 'E',
        'ғ' | 'ꜰ' => 'f',
        'ɡ' | 'ɢ' => 'g',
        'Н' | 'Η' | 'ʜ' | 'Ꮋ' => 'H',
        'һ' | 'Ꮒ' => 'h',
        'і' | 'ι' | 'ı' | 'ɪ' => 'i',
        'І' | 'Ι' | 'Ӏ' => 'I',
        'ј' | 'ᴊ' => 'j',
        'Ј' => 'J',
        'к' | 'κ' | 'ᴋ' => 'k',
        'К' | 'Κ' | 'Ꮶ' => 'K',
        'ʟ' | 'ӏ' => 'l',
        'Ꮮ' => 'L',
        'м' | 'ᴍ' => 'm',
        'М' | 'Μ' | 'Ꮇ' => 'M',
        'ɴ' | 'п' | 'η' => 'n',
        'Ν' => 'N',
        'о' | 'ο' | 'ᴏ' | 'σ' | 'ø' => 'o',
        'О' | 'Ο' | 'Ø' => 'O',
        'р' | 'ρ' | 'ᴘ' => 'p',
        'Р' | 'Ρ' | 'Ꮲ' => 'P',
        'ԛ' | 'ꞯ' => 'q',
        'Ԛ' => 'Q',
        'ʀ' | 'г' => 'r',
        'Ꮢ' => 'R',
        'ѕ' | 'ꜱ' => 's',
        'Ѕ' | 'Ꮪ' => 'S',
        'т' | 'τ' | 'ᴛ' => 't',
        'Т' | 'Τ' | 'Ꭲ' => 'T',
        'υ' | 'ᴜ' | 'ц' => 'u',
        'ѵ' | 'ν' | 'ᴠ' => 'v',
        'Ѵ' | 'Ꮩ' => 'V',
        'ԝ' | 'ω' | 'ᴡ' | 'ѡ' | 'ш' => 'w',
        'Ԝ' | 'Ꮃ' => 'W',
        'х' | 'χ' => 'x',
        'Х' | 'Χ' => 'X',
        'у' | 'γ' | 'ʏ' => 'y',
        'У' | 'Υ' | 'Ү' => 'Y',
        'ᴢ' => 'z',
        'Ζ' | 'Ꮓ' => 'Z',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expect: &str) {
        let mut plain = String::new();
        input.chars().for_each(|c| fold(c, &mut |c| plain.push(c)));
        assert_eq!(plain, expect, "{input}");
    }

    #[test]
    fn widths_scripts_and_discs() {
        check("ＡＢＣ１２３，（）", "ABC123,()");
        check("①②③⑩ ❶❷ ⓪ ⑴ ⒈", "12310 12 0 (1) 1.");
        check("𝐀𝒷𝟏𝟗 ⓦⓔ 🅰🅱 🇶🇶", "Ab19 we AB QQ");
        check("аbсԁеР", "abcdeP");
        check("Ｖ𝓧ᴠᴡ", "VXvw");
        check("wēi xìn", "wei xin");
        check("１️⃣３️⃣8️⃣", "138");
        check("１\u{200B}３\u{200D}8\u{FEFF}", "138");
        check("加➕🐧", "加+QQ");
        check("送🎁👍好", "送  好");
        check("⼈⼯", "人工");
        check("㎏ ㏑", "kg ln");
        check("", "");
    }
}
