//! `shouhu bank …`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::seat::{SeatAt, Serve};

/// `shouhu bank …`
#[derive(Debug, Subcommand)]
pub enum BankTask {
    /// Runs the seat until Ctrl-C or SIGTERM.
    #[command(after_help = BANK_AFTER)]
    Serve(Box<Serve>),
    /// Prints the OpenAPI document of the seat, as it is served at /api/openapi.json.
    Openapi,
    /// Loads customers, accounts and transfers from CSV files.
    #[command(after_help = IMPORT_AFTER)]
    Import(BankImport),
}

const BANK_AFTER: &str = "\
EXAMPLES:
  shouhu bank serve --id bank-a --name 湘江示范银行 --data /var/lib/bank-a --listen 127.0.0.1:8431
  shouhu bank serve --id pay-c --institution payment --data /var/lib/pay-c --listen 127.0.0.1:8433";

const IMPORT_AFTER: &str = "\
EXAMPLES:
  shouhu bank import ./files --data /var/lib/bank-a
  shouhu bank import --data /var/lib/bank-a --customers c.csv --accounts a.csv --transfers t.csv

Every row that cannot be loaded is named with its line and all its faults; the others are loaded. A row that was
loaded before is passed over, so a file may be loaded again. docs/handbook/administrator.md lists the columns.";

/// What `bank import` takes.
#[derive(Debug, Args)]
pub struct BankImport {
    /// Folder with customers.csv, accounts.csv and transfers.csv, or some of them.
    #[arg(value_name = "FOLDER", required_unless_present_any = ["customers", "accounts", "transfers"])]
    pub folder: Option<PathBuf>,
    /// Where the seat is.
    #[command(flatten)]
    pub at: SeatAt,
    /// CSV of customers.
    #[arg(long, env = "SHOUHU_CUSTOMERS", value_name = "FILE")]
    pub customers: Option<PathBuf>,
    /// CSV of accounts.
    #[arg(long, env = "SHOUHU_ACCOUNTS", value_name = "FILE")]
    pub accounts: Option<PathBuf>,
    /// CSV of transfers.
    #[arg(long, env = "SHOUHU_TRANSFERS", value_name = "FILE")]
    pub transfers: Option<PathBuf>,
}
