//! A province as the three files that `bank import` reads; every seat takes its own rows out of them.

use std::path::Path;

use super::province::{CustomerKind, End, Province};
use crate::seat::fault;
use crate::speech::Outcome;

/// Writes `customers.csv`, `accounts.csv` and `transfers.csv` into a folder.
///
/// # Errors
/// The folder cannot be written.
pub fn write(province: &Province, folder: &Path) -> Outcome {
    std::fs::create_dir_all(folder).map_err(|error| crate::input::unreadable(folder, &error))?;
    customers(province, &folder.join("customers.csv"))?;
    accounts(province, &folder.join("accounts.csv"))?;
    transfers(province, &folder.join("transfers.csv"))
}

fn customers(province: &Province, path: &Path) -> Outcome {
    let head = ["customer_id", "name", "kind", "id_number", "phones", "since", "bank"];
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (index, customer) in province.customers.iter().enumerate() {
        let mut banks: Vec<&str> =
            province.accounts.iter().filter(|account| account.customer == index).map(|account| account.bank).collect();
        banks.sort_unstable();
        banks.dedup();
        let kind = match customer.kind {
            CustomerKind::Person => "person",
            CustomerKind::Company => "company",
        };
        rows.extend(banks.into_iter().map(|bank| {
            vec![
                customer.number.clone(),
                customer.name.clone(),
                kind.to_owned(),
                customer.id_number.clone(),
                customer.phone.clone(),
                customer.since.to_rfc3339(),
                bank.to_owned(),
            ]
        }));
    }
    write_rows(path, &head, &rows)
}

fn accounts(province: &Province, path: &Path) -> Outcome {
    let head = ["account", "customer_id", "currency", "kind", "opened_at", "opening_balance", "protected", "bank"];
    let rows: Vec<Vec<String>> = province
        .accounts
        .iter()
        .enumerate()
        .map(|(index, account)| {
            vec![
                account.number.clone(),
                province.holder(index).map_or_else(String::new, |customer| customer.number.clone()),
                "CNY".to_owned(),
                account.kind.to_owned(),
                account.opened_at.to_rfc3339(),
                in_yuan(account.opening_minor),
                account.protected.unwrap_or("").to_owned(),
                account.bank.to_owned(),
            ]
        })
        .collect();
    write_rows(path, &head, &rows)
}

fn transfers(province: &Province, path: &Path) -> Outcome {
    let head = [
        "transfer_id",
        "time",
        "amount",
        "payer_bank",
        "payer_account",
        "payer_name",
        "payee_bank",
        "payee_account",
        "payee_name",
        "channel",
        "reference",
        "memo",
    ];
    let side = |end: End| match end {
        End::Account(index) => {
            let account = province.accounts.get(index);
            [
                account.map_or("", |account| account.bank).to_owned(),
                account.map_or_else(String::new, |account| account.number.clone()),
                province.holder(index).map_or_else(String::new, |customer| customer.name.clone()),
            ]
        }
        End::Outside => [String::new(), String::new(), String::new()],
    };
    let rows: Vec<Vec<String>> = province
        .transfers
        .iter()
        .map(|transfer| {
            let mut row = vec![transfer.reference.clone(), transfer.at.to_rfc3339(), in_yuan(transfer.minor)];
            row.extend(side(transfer.from));
            row.extend(side(transfer.to));
            row.extend([transfer.channel.to_owned(), transfer.reference.clone(), transfer.memo.clone()]);
            row
        })
        .collect();
    write_rows(path, &head, &rows)
}

/// Fen as yuan with two decimals.
pub fn in_yuan(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

fn write_rows(path: &Path, head: &[&str], rows: &[Vec<String>]) -> Outcome {
    let mut writer = csv::Writer::from_path(path).map_err(fault)?;
    writer.write_record(head).map_err(fault)?;
    for row in rows {
        writer.write_record(row).map_err(fault)?;
    }
    writer.flush().map_err(|error| crate::input::unreadable(path, &error))
}
