//! Workbooks made for tests, down to the bytes.

/// A workbook whose one sheet has these rows as XML (`<row r="1"><c r="A1"><v>1</v></c></row>`), with these shared
/// strings as XML (`<si><t>…</t></si>`).
pub fn workbook(rows: &str, strings: &str, dates_1904: bool) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let epoch = if dates_1904 { "<workbookPr date1904=\"1\"/>" } else { "" };
    zip(&[
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{package}/content-types\"><Default Extension=\"rels\" \
                 ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" \
                 ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" \
                 ContentType=\"{kind}.sheet.main+xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{relation}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relation}\">{epoch}<sheets><sheet name=\"明细\" sheetId=\"1\" \
                 r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{relation}/worksheet\" \
                 Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{relation}/sharedStrings\" \
                 Target=\"sharedStrings.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns=\"{main}\"><dimension ref=\"A1:XFD1048576\"/><sheetData>{rows}</sheetData></worksheet>"
            ),
        ),
        ("xl/sharedStrings.xml", format!("<sst xmlns=\"{main}\">{strings}</sst>")),
    ])
}

/// A row of a sheet: cells are numbers where they begin with `#`, else texts.
pub fn row(number: usize, cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .zip(b'A'..=b'Z')
        .map(|(cell, column)| {
            let at = format!("{}{number}", char::from(column));
            match cell.strip_prefix('#') {
                Some(value) => format!("<c r=\"{at}\"><v>{value}</v></c>"),
                None => format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>"),
            }
        })
        .collect();
    format!("<row r=\"{number}\">{cells}</row>")
}

/// A ZIP archive whose entries are not compressed.
fn zip(entries: &[(&str, String)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let at = out.len() as u32;
        let mut fields = Vec::new();
        for part in [20_u16, 0, 0, 0, 33] {
            fields.extend(part.to_le_bytes());
        }
        for part in [crc32(content.as_bytes()), content.len() as u32, content.len() as u32] {
            fields.extend(part.to_le_bytes());
        }
        fields.extend((name.len() as u16).to_le_bytes());
        fields.extend(0_u16.to_le_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&fields);
        out.extend(name.bytes().chain(content.bytes()));
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&fields);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.bytes());
    }
    let (at, length, count) = (out.len() as u32, directory.len() as u32, entries.len() as u16);
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes().into_iter().chain(count.to_le_bytes()));
    out.extend(length.to_le_bytes().into_iter().chain(at.to_le_bytes()));
    out.extend([0, 0]);
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// A workbook of a few megabytes whose one shared string unpacks to so many bytes.
pub fn bomb(unpacked_bytes: u64) -> Vec<u8> {
    let whole = workbook("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>", "@", false);
    let text = String::from_utf8_lossy(&whole);
    // The entry of the strings is the last one: it is written again, packed.
    let name = "xl/sharedStrings.xml";
    let Some(at) = text.find(name).and_then(|at| at.checked_sub(30)) else { return whole };
    let kept: Vec<u8> = whole.iter().take(at).copied().collect();
    let packed = packed_run("<sst><si><t>", unpacked_bytes);
    let mut fields = Vec::new();
    for part in [20_u16, 0, 8, 0, 33] {
        fields.extend(part.to_le_bytes());
    }
    for part in [0, packed.len() as u32, unpacked_bytes as u32] {
        fields.extend(part.to_le_bytes());
    }
    fields.extend((name.len() as u16).to_le_bytes());
    fields.extend(0_u16.to_le_bytes());
    let mut out = kept;
    out.extend(b"PK\x03\x04".iter().chain(&fields).chain(name.as_bytes()).chain(&packed));
    // The directory of the others as it was; they stand where they stood.
    let others = directory_before(&whole, name);
    let start = out.len() as u32;
    out.extend(&others);
    out.extend(b"PK\x01\x02\x14\x00".iter().chain(&fields).chain(&[0; 10]));
    out.extend((at as u32).to_le_bytes().iter().chain(name.as_bytes()));
    let length = out.len() as u32 - start;
    out.extend(b"PK\x05\x06\0\0\0\0\x06\0\x06\0");
    out.extend(length.to_le_bytes().into_iter().chain(start.to_le_bytes()).chain([0, 0]));
    out
}

/// The central directory up to the entry of a name.
fn directory_before(whole: &[u8], name: &str) -> Vec<u8> {
    let find = |from: usize, what: &[u8]| {
        whole.get(from..).and_then(|rest| rest.windows(what.len()).position(|part| part == what)).map(|at| from + at)
    };
    let Some(begin) = find(0, b"PK\x01\x02") else { return Vec::new() };
    let end = find(begin, name.as_bytes()).and_then(|at| at.checked_sub(46)).unwrap_or(begin);
    whole.get(begin..end).unwrap_or_default().to_vec()
}

/// Deflate (RFC 1951) of a text and a long run of one letter: fixed codes, matches of 258 bytes at distance 1.
fn packed_run(text: &str, run_bytes: u64) -> Vec<u8> {
    let (mut out, mut held, mut count) = (Vec::new(), 0_u32, 0_u32);
    let mut put = |bits: u32, length: u32| {
        held |= bits << count;
        count += length;
        while count >= 8 {
            out.push((held & 0xff) as u8);
            held >>= 8;
            count -= 8;
        }
    };
    // Codes stand with their first bit lowest.
    let turned = |code: u32, length: u32| code.reverse_bits() >> (32 - length);
    put(0b011, 3);
    for byte in text.bytes().chain([b'x']) {
        put(turned(0x30 + u32::from(byte), 8), 8);
    }
    let longest = turned(0b1100_0101, 8);
    for _ in 0..run_bytes / 258 {
        put(longest, 13);
    }
    put(0, 7);
    put(0, 8);
    out
}
