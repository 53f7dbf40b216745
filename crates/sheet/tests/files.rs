//! Files as banks, offices and spreadsheets write them, read into rows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use sheet::header::headed;
use sheet::testing::{row, workbook};
use sheet::{Options, Rows};

/// Every row as `number:cell|cell`, with `~` behind a rounded number and `?` behind half a character.
async fn read(bytes: &[u8]) -> Vec<String> {
    read_up_to(bytes, 1_000).await
}

async fn read_up_to(bytes: &[u8], most: u64) -> Vec<String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let mut rows = match Rows::open(file.path(), &Options::rows(most)).await {
        Ok(rows) => rows,
        Err(fault) => return vec![fault.said.code],
    };
    let mut lines = Vec::new();
    loop {
        match rows.next().await {
            Ok(Some(row)) => {
                let cells: Vec<String> = row
                    .cells
                    .iter()
                    .map(|c| {
                        format!("{}{}{}", c.text, if c.rounded { "~" } else { "" }, if c.replaced { "?" } else { "" })
                    })
                    .collect();
                lines.push(format!("{}:{}{}", row.number, cells.join("|"), if row.too_long { "!" } else { "" }));
            }
            Ok(None) => return lines,
            Err(fault) => {
                lines.push(fault.said.code);
                return lines;
            }
        }
    }
}

#[tokio::test]
async fn text_in_every_coding_and_form() {
    let text =
        "姓名,账号\n\n张三,=\"6222021234567890128\"\n李四,6.22202E+18\n王五,'６２２２０２１２３４５６７８９０１２８\n";
    let expected = ["1:姓名|账号", "3:张三|6222021234567890128", "4:李四|6.22202E+18~", "5:王五|6222021234567890128"];
    assert_eq!(read(text.as_bytes()).await, expected);
    assert_eq!(read(format!("\u{feff}{text}").as_bytes()).await, expected);
    assert_eq!(read(text.replace('\n', "\r\n").as_bytes()).await, expected);
    let (gb, _, _) = encoding_rs::GB18030.encode(text);
    assert_eq!(read(&gb).await, expected);
    for mark in [true, false] {
        let wide = |big: bool| {
            let units =
                text.encode_utf16().flat_map(move |unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
            let head: &[u8] = match (mark, big) {
                (false, _) => &[],
                (true, true) => &[0xfe, 0xff],
                (true, false) => &[0xff, 0xfe],
            };
            head.iter().copied().chain(units).collect::<Vec<u8>>()
        };
        assert_eq!(read(&wide(false)).await, expected, "UTF-16 LE, mark {mark}");
        assert_eq!(read(&wide(true)).await, expected, "UTF-16 BE, mark {mark}");
    }
    assert_eq!(read(b"a\tb\n1\t2").await, ["1:a|b", "2:1|2"]);
    assert_eq!(read("标题\na;b\n1;\"2\n3\"\n4;5".as_bytes()).await, ["1:标题", "2:a|b", "3:1|2\n3", "5:4|5"]);
    assert_eq!(read(b"").await, Vec::<String>::new());
    assert_eq!(read(&[0, 1, 2, 255]).await, ["import.kind"]);
    assert_eq!(read(&[1, 2, 3, 0xcb, 0xbf]).await, ["import.kind"]);
    // The low byte of 一 is zero, as the high byte of ASCII is.
    let units: Vec<u8> = "户名,金额\n一一,1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&units).await, ["1:户名|金额", "2:一一|1"]);
    assert_eq!(read(b"PK\x03\x04broken").await, ["import.kind"]);
    assert_eq!(read("x\n".repeat(1_002).as_bytes()).await.last().unwrap(), "import.rows");
}

#[tokio::test]
async fn half_a_character_spoils_no_more_than_its_cell() {
    let (mut gb, _, _) = encoding_rs::GB18030.encode("对方银行,金额\n洞庭示范银行岳阳");
    let cut = gb.to_mut();
    cut.pop();
    cut.extend(b",12.00\n");
    assert_eq!(read(cut).await, ["1:对方银行|金额", "2:洞庭示范银行岳\u{fffd}?|12.00"]);
    // Few places that do not fit leave the coding of a long file as it is, whichever it is.
    let long = format!("对方银行,金额\n{}", "洞庭示范银行一一分理处,12.00\n".repeat(2_000));
    let cut_in = |coded: &[u8], of: &[u8]| {
        let at = coded.windows(of.len()).rposition(|part| part == of).unwrap() + of.len() - 1;
        [&coded[..at], &coded[at + 1..]].concat()
    };
    let (gb, _, _) = encoding_rs::GB18030.encode(&long);
    let (end, _, _) = encoding_rs::GB18030.encode("处");
    for coded in [cut_in(&gb, &end), cut_in(long.as_bytes(), "处".as_bytes())] {
        let mut rows = read_up_to(&coded, 3_000).await;
        assert_eq!(rows.pop().unwrap(), "2001:洞庭示范银行一一分理\u{fffd}?|12.00");
        assert_eq!(rows.pop().unwrap(), "2000:洞庭示范银行一一分理处|12.00");
    }
    let mut utf8 = "对方银行,金额\n洞庭示范银行岳阳".as_bytes().to_vec();
    utf8.pop();
    utf8.extend(b",12.00\n");
    assert_eq!(read(&utf8).await[1], "2:洞庭示范银行岳\u{fffd}?|12.00");
}

#[tokio::test]
async fn a_quotation_mark_that_is_not_closed_is_told_at_its_row() {
    let text = format!("a,b\n1,\"2\n{}", "x,y\n".repeat(400_000));
    assert_eq!(read(text.as_bytes()).await, ["1:a|b", "2:!"]);
}

#[tokio::test]
async fn workbooks_are_read_cell_by_cell() {
    let rows = [row(2, &["账号", "时间"]), row(4, &["#6228480000000103015", "#46353.5"])].concat();
    assert_eq!(read(&workbook(&rows, "", false)).await, ["2:账号|时间", "4:6228480000000103424~|46353.5"]);
    // What the sheet says of its size, and a cell far away, cost nothing.
    let far = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
    assert_eq!(read(&workbook(far, "", false)).await, ["1:1"]);
}

#[tokio::test]
async fn the_header_is_found_below_a_title() {
    let find = |names: &[String]| match names.iter().position(|name| name == "金额") {
        Some(at) => Ok(at),
        None => Err(kernel::Faults(vec![sheet::texts::EMPTY.at("file", &[])])),
    };
    let open = async |text: &str| {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Rows::open(file.path(), &Options::rows(10)).await.unwrap()
    };
    let mut found = headed(open("某行流水\n户名：张三,币种：人民币\n\n日期,金额\n1,2\n").await, find).await.unwrap();
    assert_eq!((found.columns, found.header_row), (1, 4));
    assert_eq!(found.next().await.unwrap().unwrap().texts(), ["1", "2"]);
    assert!(found.next().await.unwrap().is_none());
    assert!(headed(open("a,b\n1,2\n").await, find).await.is_err());
}

proptest::proptest! {
    #[test]
    fn no_file_panics_or_hangs(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400), head in 0..3_usize) {
        let head: &[u8] = [&b""[..], b"PK\x03\x04", b"\xD0\xCF\x11\xE0"][head];
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(read(&[head, &bytes].concat()));
    }
}
