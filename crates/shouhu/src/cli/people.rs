//! Who has to do with a seat: its local users (`shouhu users …`) and its partners (`shouhu partners …`).

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::seat::SeatAt;

/// `shouhu users …`
#[derive(Debug, Subcommand)]
pub enum UsersTask {
    /// Adds a user and prints his first password, unless one is given on standard input.
    #[command(after_help = "\
EXAMPLES:
  shouhu users add chen --name 陈警官 --role stop_officer --data /var/lib/shouhu
  echo \"$PASSWORD\" | shouhu users add admin --role admin --password-stdin --data /var/lib/shouhu

ROLES:
  centre: intake_officer stop_officer lines_officer stop_reviewer chief auditor admin
  bank: bank_clerk bank_admin auditor admin
  operator: operator_clerk operator_reviewer operator_admin auditor admin")]
    Add(UserAdd),
    /// Lists the users.
    List(SeatAt),
    /// Ends a user's sessions and lets him in no more.
    Disable(UserAt),
    /// Lets a disabled user in again, with his password and roles as they were.
    Enable(UserAt),
    /// Sets a new password and prints it, unless one is given on standard input. A disabled user stays disabled.
    Password(UserPassword),
    /// Forgets the authenticator (second factor), so that the user can enrol another one.
    Totp(UserAt),
}

/// A user of a seat.
#[derive(Debug, Args)]
pub struct UserAt {
    /// Login.
    pub login: String,
    /// Where the seat is.
    #[command(flatten)]
    pub at: SeatAt,
}

/// What `users add` takes.
#[derive(Debug, Args)]
pub struct UserAdd {
    /// Who.
    #[command(flatten)]
    pub user: UserAt,
    /// Name shown to colleagues; the login when left out.
    #[arg(long, env = "SHOUHU_USER_NAME")]
    pub name: Option<String>,
    /// Role (may be given several times).
    #[arg(long = "role", env = "SHOUHU_USER_ROLES", value_delimiter = ',', required = true)]
    pub roles: Vec<String>,
    /// Region scope: a six-digit region code, such as 430000 or 430100; everywhere when left out.
    #[arg(long, env = "SHOUHU_USER_REGION")]
    pub region: Option<String>,
    /// Reads the password from standard input.
    #[arg(long)]
    pub password_stdin: bool,
}

/// What `users password` takes.
#[derive(Debug, Args)]
pub struct UserPassword {
    /// Who.
    #[command(flatten)]
    pub user: UserAt,
    /// Reads the password from standard input.
    #[arg(long)]
    pub password_stdin: bool,
}

/// `shouhu partners …`
#[derive(Debug, Subcommand)]
pub enum PartnersTask {
    /// Adds a partner seat, or replaces its address and keys.
    #[command(after_help = "\
EXAMPLE:
  shouhu keys public --data /var/lib/bank-a > bank-a.json
  shouhu partners add bank-a --name 湘江示范银行 --role bank --url https://stop.bank-a.example --keys bank-a.json \\
    --contact primary:值班室:0731-0000001 --contact deputy:副班:0731-0000002 --data /var/lib/shouhu

A bank needs a contact round the clock and a deputy (银发〔2019〕85号).")]
    Add(PartnerAdd),
    /// Lists the partners.
    List(SeatAt),
    /// Replaces the public keys of a partner.
    Keys(PartnerKeys),
}

/// What `partners add` takes.
#[derive(Debug, Args)]
pub struct PartnerAdd {
    /// Name of the seat, for instance bank-a.
    pub id: String,
    /// Where our own seat is.
    #[command(flatten)]
    pub at: SeatAt,
    /// Name shown to people.
    #[arg(long, env = "SHOUHU_PARTNER_NAME")]
    pub name: String,
    /// What it is to us.
    #[arg(long, env = "SHOUHU_PARTNER_ROLE", value_enum)]
    pub role: PartnerRole,
    /// Address under which it takes sealed messages.
    #[arg(long, env = "SHOUHU_PARTNER_URL")]
    pub url: String,
    /// Name shown to people, in English.
    #[arg(long, env = "SHOUHU_PARTNER_NAME_EN")]
    pub name_en: Option<String>,
    /// File with its public keys, as printed by `shouhu keys public`; - reads standard input.
    #[arg(long, env = "SHOUHU_PARTNER_KEYS", value_name = "FILE")]
    pub keys: PathBuf,
    /// Whom to call, as DUTY:NAME:PHONE with the duty primary, deputy or technical (may be given several times).
    #[arg(long = "contact", env = "SHOUHU_PARTNER_CONTACTS", value_delimiter = ',', value_name = "CONTACT")]
    pub contacts: Vec<String>,
    /// Bank code by which its accounts are known (may be given several times).
    #[arg(long = "bank-code", env = "SHOUHU_PARTNER_BANK_CODES", value_delimiter = ',')]
    pub bank_codes: Vec<String>,
    /// Minutes within which it must answer an order.
    #[arg(long, env = "SHOUHU_PARTNER_ANSWER_MINUTES", default_value_t = 30)]
    pub answer_minutes: i64,
}

/// What a partner is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PartnerRole {
    /// A police centre.
    Centre,
    /// A bank or payment institution.
    Bank,
    /// A telecom operator.
    Operator,
}

/// What `partners keys` takes.
#[derive(Debug, Args)]
pub struct PartnerKeys {
    /// Name of the seat.
    pub id: String,
    /// File with its public keys; - reads standard input.
    #[arg(value_name = "FILE")]
    pub keys: PathBuf,
    /// Where our own seat is.
    #[command(flatten)]
    pub at: SeatAt,
}
