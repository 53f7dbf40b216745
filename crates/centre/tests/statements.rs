//! Ledgers and statements as banks, offices and spreadsheets write them, imported over the API on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use centre::intake::{BankNames, Intake, MIGRATIONS, Parameters, Partners, router};
use serde_json::{Value, json};
use sheet::testing::{row, workbook};
use store::testing::each_db;
use store::{Db, args};
use tower::ServiceExt;
use web::testing::{Client, user};
use web::{App, Seat, Settings, Transport, Web};

/// Account numbers whose check digit is right.
const PAYEE: &str = "6217001234567890128";
const OTHER: &str = "6222021234567890128";

struct Desk {
    intake: Intake,
    app: Router,
    client: Client,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn open(db: &Db) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kind = Seat { kind: "centre", id: "centre-43".into(), zh: "示范中心".into(), en: "Demo centre".into() };
        let banks = BankNames::new([("bank-a", vec!["湘江示范银行", "湘江银行"]), ("bank-b", vec!["洞庭示范银行"])]);
        let desk = Intake::new(db.clone(), Parameters::default(), Partners::fixed(banks));
        let desk = desk.in_folder(folder.path().join("sent"));
        let web = Web::new(db.clone(), Settings::new(kind, Transport::Plain));
        let app = App::new(web).api(router(desk.clone())).build().unwrap();
        user(db, "centre", "wang", &["intake_officer"]).await;
        let client = Client::logged_in(&app, "wang").await;
        Self { intake: desk, app, client, _folder: folder }
    }

    /// Uploads a file and gives the answer of the desk.
    async fn send(&self, source: &str, name: &str, content: &[u8]) -> (StatusCode, Value) {
        let mut body = format!(
            "--b\r\ncontent-disposition: form-data; name=\"source\"\r\n\r\n{source}\r\n--b\r\ncontent-disposition: \
             form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        )
        .into_bytes();
        body.extend(content);
        body.extend(b"\r\n--b--\r\n");
        let mut request =
            Request::post("/api/report-imports").header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
        for (name, value) in &self.client.headers {
            request = request.header(name, value);
        }
        let response = self.app.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 24).await.unwrap();
        let mut answer: Value = serde_json::from_slice(&bytes).unwrap();
        while answer["state"] == "running" {
            tokio::task::yield_now().await;
            let path = format!("/api/report-imports/{}", answer["id"].as_str().unwrap());
            answer = self.client.get(&path).await.json();
        }
        (status, answer)
    }

    async fn import(&self, content: &[u8]) -> Value {
        let (status, answer) = self.send("台账", "a.csv", content).await;
        assert!(status.is_success(), "{status} {answer}");
        answer
    }

    async fn keep(&self, mapping: Value) {
        let kept = self.client.send(Method::PUT, "/api/report-import-mappings/台账", Some(&mapping)).await;
        assert_eq!(kept.status, StatusCode::OK, "{}", kept.text);
    }

    /// The payments of all reports: account, bank, minor units with currency, time in China, as the desk holds them.
    async fn payments(&self, db: &Db) -> Vec<String> {
        let rows: Vec<(String, Option<String>, i64, String, i64)> = db
            .fetch_all(
                "SELECT payee_account, payee_bank, amount_minor, currency, paid_at FROM intake_payment ORDER BY paid_at, payee_account",
                store::args![],
            )
            .await
            .unwrap();
        rows.into_iter()
            .map(|(account, bank, minor, currency, at)| {
                let at = kernel::Timestamp(at).civil_cst();
                format!("{account} {} {minor} {currency} {at}", bank.unwrap_or_else(|| "-".into()))
            })
            .collect()
    }
}

/// Codes with the row and the column that they name.
fn told(list: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for row in list.as_array().unwrap() {
        for fault in row["faults"].as_array().unwrap() {
            let words = [&fault["zh"], &fault["en"], &fault["zh_remedy"], &fault["en_remedy"]];
            assert!(words.iter().all(|word| word.as_str().is_some_and(|word| !word.is_empty())), "{fault}");
            all.push(format!(
                "{} {} {}",
                row["row"],
                fault["column"].as_str().unwrap(),
                fault["code"].as_str().unwrap()
            ));
        }
    }
    all
}

fn defaults() -> Value {
    json!([
        {"field": "victim.name", "value": "罗小明"}, {"field": "victim.phone", "value": "13800138000"},
        {"field": "region", "value": "430102"}, {"field": "payment.payee_bank", "value": "湘江示范银行"},
    ])
}

#[tokio::test]
async fn only_money_that_went_out_becomes_a_payment() {
    each_db(&[web::MIGRATIONS, MIGRATIONS], |db, _hand| async move {
        let desk = Desk::open(&db).await;
        // One column is mapped by hand, and the others are known by their usual names.
        desk.keep(json!({"columns": [{"field": "payment.payee_account", "column": "对方账号"}], "defaults": defaults()})).await;
        let head = "交易日期,交易时间,交易金额,对方户名,对方账号";
        let files = [
            format!("{head},收付标志\n2026-11-20,09:05:33,-5000.00,齐正,{PAYEE},借\n2026-11-20,09:06:33,3000.00,家人,{OTHER},贷\n"),
            format!("{head}\n20261120,090533,-5000.01,齐正,{PAYEE}\n20261120,90633,+3000.01,家人,{OTHER}\n"),
            format!("某某银行账户明细\n户名,罗小明\n交易日期,交易时间,支出金额,收入金额,对方户名,对方账号\n2026/11/20,9:05:33,\"5,000.02\",,齐正,{PAYEE}\n2026/11/20,9:06:33,0.00,3000.02,家人,{OTHER}\n"),
            format!("交易日期,交易时间,记账金额(收入),记账金额(支出),对方户名,对方账号\n2026-11-20,09:05:33,,\"5,000.03\",齐正,{PAYEE}\n2026-11-20,09:06:33,\"3,000.03\",,家人,{OTHER}\n"),
            format!("{head},收/支\n2026-11-20,09:05:33,￥5000.04元,齐正,{PAYEE},支出\n2026-11-20,09:06:33,3000.04,家人,{OTHER},收入\n2026-11-20,09:07:33,9.00,商家,{OTHER},不计收支\n"),
        ];
        for (index, file) in files.iter().enumerate() {
            let (gb, _, _) = encoding_rs::GB18030.encode(file);
            let done = desk.import(&gb).await;
            assert_eq!((&done["reports_new"], &done["rows_refused"]), (&json!(1), &json!(0)), "{index}: {done}");
            assert_eq!(done["rows_passed_over"], json!(if index == 4 { 2 } else { 1 }), "{done}");
            assert!(told(&done["remarks"])[0].ends_with("import.incoming"), "{done}");
        }
        let expected: Vec<String> =
            (0..5).map(|n| format!("{PAYEE} bank-a {} CNY 2026-11-20T09:05:33", 500_000 + n)).collect();
        assert_eq!(desk.payments(&db).await, expected);

        // What cannot be told apart is told, and nothing is made of it.
        let unclear = format!(
            "{head},收付标志\n2026-11-20,10:05:33,10.00,齐正,{PAYEE},\n2026-11-20,10:06:33,20.00,家人,{PAYEE},转\n\
             2026-11-20,10:07:33,30.00,家人,{PAYEE},借\n"
        );
        let done = desk.import(unclear.as_bytes()).await;
        assert_eq!(told(&done["refused"]), ["2 收付标志 import.direction_missing", "3 收付标志 import.direction"]);
        assert_eq!(done["reports_new"], 1);
        let mut refund = format!("{head}\n");
        for second in 10..40 {
            refund.push_str(&format!("2026-11-20,11:05:{second},10.00,齐正,{PAYEE}\n"));
        }
        refund.push_str(&format!("2026-11-20,11:06:00,-10.00,齐正,{PAYEE}\n"));
        let done = desk.import(refund.as_bytes()).await;
        assert_eq!(told(&done["refused"]), ["32 交易金额 import.negative_amount"]);
        assert_eq!(done["rows_passed_over"], 0, "one refund in a ledger does not turn the others round");
    })
    .await;
}

#[tokio::test]
async fn in_a_list_of_reports_a_sign_decides_nothing_and_refuses_only_its_own_row() {
    each_db(&[web::MIGRATIONS, MIGRATIONS], |db, _hand| async move {
        let desk = Desk::open(&db).await;
        let head = "报案人,联系电话,诈骗类型,辖区,收款账号,收款人,收款银行,金额,转账时间";
        let line = |second: u32, amount: &str| {
            format!("罗小明,13800138000,刷单返利,430102,{PAYEE},齐正,湘江银行,{amount},2026-11-20 09:05:{second}\n")
        };
        let rows = [(11, "5000"), (12, "3万"), (13, "-100"), (14, "+200")].map(|(second, amount)| line(second, amount));
        let done = desk.import(format!("{head}\n{}", rows.concat()).as_bytes()).await;
        assert_eq!((&done["reports_new"], &done["rows_passed_over"]), (&json!(3), &json!(0)), "{done}");
        assert_eq!(told(&done["refused"]), ["4 金额 import.negative_amount"]);

        // In a statement in which both directions bear a sign, a row without one is refused with its reason.
        desk.keep(
            json!({"columns": [{"field": "payment.payee_account", "column": "对方账号"}], "defaults": defaults()}),
        )
        .await;
        let file = format!(
            "交易日期,交易金额,对方账号\n2026-11-21 10:00,-8000,{PAYEE}\n2026-11-21 11:00,+500,{OTHER}\n\
             2026-11-21 12:00,\"12,345.67\",{OTHER}\n"
        );
        let done = desk.import(file.as_bytes()).await;
        assert_eq!((&done["reports_new"], &done["rows_passed_over"]), (&json!(1), &json!(1)), "{done}");
        assert_eq!(told(&done["refused"]), ["4 交易金额 import.direction_missing"]);
    })
    .await;
}

#[tokio::test]
async fn a_bank_that_is_no_partner_is_kept_as_the_file_says_it() {
    each_db(&[web::MIGRATIONS, MIGRATIONS], |db, _hand| async move {
        let desk = Desk::open(&db).await;
        let line = format!("1,罗小明,13800138000,{PAYEE},齐正,中国农业银行,5000,2026-11-20 09:05,刷单返利,430102");
        let done = desk.import(format!("{LEDGER}\n{line}\n").as_bytes()).await;
        assert_eq!(done["reports_new"], 1, "{done}");
        let id = desk.client.get("/api/reports").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let report = desk.client.get(&format!("/api/reports/{id}")).await.json();
        assert_eq!(report["payments"][0]["payee_bank"], "中国农业银行");
        let again = desk.import(format!("{LEDGER}\n{line}\n\n").as_bytes()).await;
        assert_eq!((&again["reports_new"], &again["reports_known"]), (&json!(0), &json!(1)), "{again}");
    })
    .await;
}

const LEDGER: &str = "警情编号,报警人,联系电话,收款账号,收款户名,收款银行,金额,转账时间,诈骗类型,辖区";

#[tokio::test]
async fn cells_as_spreadsheets_and_banks_keep_them() {
    each_db(&[web::MIGRATIONS, MIGRATIONS], |db, _hand| async move {
        let desk = Desk::open(&db).await;
        let line = |key: &str, account: &str, bank: &str, amount: &str, at: &str| {
            format!("{key},罗小明,13800138000,{account},齐正,{bank},{amount},{at},刷单返利,430102\n")
        };
        // Numbers that lost their last digits are told, and nothing is made of them.
        let spoiled = format!(
            "{LEDGER}\n{}{}{}{}",
            line("1", "6228480000000200000", "湘江示范银行", "12000", "2026-11-20 09:05"),
            line("2", "6.22848E+18", "湘江示范银行", "12000", "2026-11-20 09:06"),
            line("3", "=\"6217001234567890128\"", "湘江示范银行长沙芙蓉支行", "1.2万元", "2026-11-20 09:07"),
            line("4", "'６２２２０２１２３４５６７８９０１２８", "洞庭示范银行", "USD 500", "46346.3788425926"),
        );
        let done = desk.import(spoiled.as_bytes()).await;
        assert_eq!(
            told(&done["refused"]),
            ["2 收款账号 import.rounded", "3 收款账号 import.rounded", "3 收款账号 account_no.characters"]
        );
        assert_eq!(
            desk.payments(&db).await,
            [
                format!("{PAYEE} bank-a 1200000 CNY 2026-11-20T09:07:00"),
                format!("{OTHER} bank-b 50000 USD 2026-11-20T09:05:32"),
            ]
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
        );

        // Half a character, cut by a bank at a length in bytes: the row is taken, and the place is marked.
        let (gb, _, _) = encoding_rs::GB18030.encode(LEDGER);
        let mut cut = gb.into_owned();
        let written = line("5", PAYEE, "湘江示范银行长沙", "700", "2026-11-21 09:05");
        let (written, _, _) = encoding_rs::GB18030.encode(&written);
        let (bank, _, _) = encoding_rs::GB18030.encode("湘江示范银行长沙");
        let at = written.windows(bank.len()).position(|part| part == &*bank).unwrap() + bank.len() - 1;
        cut.push(b'\n');
        cut.extend(written.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, byte)| *byte));
        let done = desk.import(&cut).await;
        assert_eq!(
            (&done["reports_new"], told(&done["remarks"])),
            (&json!(1), vec!["2 收款银行 import.replaced".to_owned()])
        );
        assert!(desk.payments(&db).await.iter().any(|p| p.starts_with(&format!("{PAYEE} bank-a 70000"))));

        // Days as numbers, by either epoch of a workbook.
        for (serial, dates_1904) in [("#46347.3788425926", false), ("#44885.3788425926", true)] {
            let rows = [
                row_of(1, LEDGER),
                row(
                    2,
                    &[
                        if dates_1904 { "7" } else { "6" },
                        "罗小明",
                        "13800138000",
                        PAYEE,
                        "齐正",
                        "湘江示范银行",
                        "#12000.5",
                        serial,
                        "刷单返利",
                        "430102",
                    ],
                ),
            ]
            .concat();
            let done = desk.import(&workbook(&rows, "", dates_1904)).await;
            assert_eq!(done["rows_refused"], 0, "{done}");
        }
        let days = desk.payments(&db).await;
        assert!(days.iter().any(|p| p.ends_with("1200050 CNY 2026-11-21T09:05:32")), "{days:?}");
    })
    .await;
}

fn row_of(number: usize, line: &str) -> String {
    row(number, &line.split(',').collect::<Vec<_>>())
}

#[tokio::test]
async fn a_counterparty_in_one_cell_and_amounts_in_ten_thousands() {
    each_db(&[web::MIGRATIONS, MIGRATIONS], |db, _hand| async move {
        let desk = Desk::open(&db).await;
        desk.keep(json!({"columns": [{"field": "payment.counterparty", "column": "对手信息"}], "defaults": defaults()})).await;
        let file = format!(
            "交易日期,交易时间,交易金额,对手信息\n20261120,123456,-10000.00,齐正{PAYEE}\n20261120,132324,+10.00,家人{OTHER}\n"
        );
        let done = desk.import(file.as_bytes()).await;
        assert_eq!((&done["reports_new"], &done["rows_passed_over"]), (&json!(1), &json!(1)), "{done}");
        let file = format!("交易日期,对方账号,金额(万元),币种\n2026-11-21,{PAYEE},1.5,\n2026-11-22,{PAYEE},2,港币\n");
        let done = desk.import(file.as_bytes()).await;
        assert_eq!(done["rows_refused"], 0, "{done}");
        // The mapping speaks of a column that this file of the source does not have: that is told.
        assert_eq!(told(&done["remarks"]), ["1 对手信息 import.column_usual"]);
        assert_eq!(
            desk.payments(&db).await,
            [
                format!("{PAYEE} bank-a 1000000 CNY 2026-11-20T12:34:56"),
                format!("{PAYEE} bank-a 1500000 CNY 2026-11-21T00:00:00"),
                format!("{PAYEE} bank-a 2000000 HKD 2026-11-22T00:00:00"),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn the_same_file_is_read_again_after_a_correction() {
    each_db(&[web::MIGRATIONS, MIGRATIONS], |db, _hand| async move {
        let desk = Desk::open(&db).await;
        // The names in which the console shows the fields are known.
        let file = format!(
            "报案人姓名,报案人电话,受理辖区,收款账号,收款户名,收款银行,金额,付款时间,打到哪\n\
             罗小明,13800138000,430102,,齐正,湘江示范银行,500,2026-11-20 09:05,{PAYEE}\n"
        );
        let done = desk.import(file.as_bytes()).await;
        assert_eq!((&done["reports_new"], &done["rows_refused"]), (&json!(0), &json!(1)), "{done}");
        desk.keep(json!({"columns": [{"field": "payment.payee_account", "column": "打到哪"}]})).await;
        let done = desk.import(file.as_bytes()).await;
        assert_eq!((&done["reports_new"], &done["rows_refused"]), (&json!(1), &json!(0)), "{done}");
        let again = desk.import(file.as_bytes()).await;
        assert_eq!(
            (&again["reports_new"], &again["reports_known"], again["id"] == done["id"]),
            (&json!(1), &json!(0), true)
        );
        assert_eq!(desk.payments(&db).await.len(), 1);
        let missing = desk.send("台账", "b.csv", b"a,b\n1,2\n").await;
        assert_eq!(missing.0, StatusCode::UNPROCESSABLE_ENTITY, "{}", missing.1);
    })
    .await;
}

#[tokio::test]
async fn an_import_that_cannot_go_on_fails_in_words_and_holds_up_no_other() {
    each_db(&[web::MIGRATIONS, MIGRATIONS], |db, _hand| async move {
        let desk = Desk::open(&db).await;
        let line = format!("王小明,13800138000,430102,{PAYEE},湘江银行,300,2026-11-20 10:00\n");
        let whole = desk.import(format!("报案人,联系电话,地区,收款账号,收款银行,金额,转账时间\n{line}").as_bytes()).await;
        // Both are cut off; of the older one, the paper is gone.
        let mut tx = db.begin().await.unwrap();
        let lost = kernel::ImportId::new(tx.now());
        tx.execute("UPDATE intake_import SET state = 'running', lease_until = 0", args![]).await.unwrap();
        tx.execute(
            "INSERT INTO intake_import (id, source, sha256, file_name, state, rows_total, rows_refused, reports_new,
                reports_joined, reports_known, started_at, lease_until, created_by, rows_passed_over, region)
             SELECT $1, source, 'none', file_name, state, 1, 0, 0, 0, 0, 0, 0, created_by, 0, region FROM intake_import",
            args![lost],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let look = async |id: &str| desk.client.get(&format!("/api/report-imports/{id}")).await.json();
        let (lost, whole) = (lost.to_string(), whole["id"].as_str().unwrap());
        let ended = async {
            while look(&lost).await["state"] == "running" || look(whole).await["state"] == "running" {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = ended => {}
            () = desk.intake.clone().resume_imports() => {}
        }
        assert_eq!(look(whole).await["state"], "done");
        let failed = look(&lost).await;
        assert_eq!((&failed["state"], &failed["refused"][0]["row"]), (&json!("failed"), &json!(0)), "{failed}");
        assert_eq!(failed["refused"][0]["faults"][0]["code"], "store.not_found");
    })
    .await;
}
