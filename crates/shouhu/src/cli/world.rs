//! `shouhu world …`

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `shouhu world …`
#[derive(Debug, Subcommand)]
pub enum WorldTask {
    /// Writes events with the truth about each, one JSON object a line.
    #[command(
        after_help = "EXAMPLES:\n  shouhu world generate --out day.ndjson\n  shouhu world generate --people 200000 --gangs 40 --hours 72 --seed 7 --out days.ndjson"
    )]
    Generate(WorldGenerate),
    /// Plays the calls of a file by SIP over UDP and its messages by SMPP, and tells how each kind was answered.
    #[command(
        after_help = "EXAMPLE:\n  shouhu world play day.ndjson --sip 127.0.0.1:5060 --rate 200\n  SHOUHU_SMPP_PASSWORD=… shouhu world play day.ndjson --smpp 127.0.0.1:2775 --system-id shop\n\nHome calls come from 127.0.0.11, national ones from 127.0.0.12, foreign ones from 127.0.0.13, unless --from says otherwise;\nthe trunk groups of the seat must know these addresses."
    )]
    Play(WorldPlay),
}

/// What `world generate` takes.
#[derive(Debug, Args)]
pub struct WorldGenerate {
    /// The file to write.
    #[arg(long, env = "SHOUHU_WORLD_OUT", value_name = "FILE")]
    pub out: PathBuf,
    /// What everything follows from: the same seed gives the same events.
    #[arg(long, env = "SHOUHU_WORLD_SEED", default_value_t = 43)]
    pub seed: u64,
    /// People with a telephone.
    #[arg(long, env = "SHOUHU_WORLD_PEOPLE", default_value_t = 20_000)]
    pub people: usize,
    /// Gangs that call.
    #[arg(long, env = "SHOUHU_WORLD_GANGS", default_value_t = 10)]
    pub gangs: usize,
    /// When it begins, RFC 3339; now when left out.
    #[arg(long, env = "SHOUHU_WORLD_START", value_name = "TIME")]
    pub start: Option<String>,
    /// How many hours.
    #[arg(long, env = "SHOUHU_WORLD_HOURS", default_value_t = 24)]
    pub hours: u32,
}

/// What `world play` takes.
#[derive(Debug, Args)]
pub struct WorldPlay {
    /// Events, as `world generate` writes them.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// SIP front of the carrier seat, UDP: plays the calls.
    #[arg(long, env = "SHOUHU_PLAY_SIP", value_name = "ADDR", required_unless_present = "smpp")]
    pub sip: Option<SocketAddr>,
    /// Message front of the carrier seat: plays the messages.
    #[arg(long, env = "SHOUHU_PLAY_SMPP", value_name = "ADDR", requires = "system_id")]
    pub smpp: Option<SocketAddr>,
    /// Account at the message front; its password is read from the environment, SHOUHU_SMPP_PASSWORD.
    #[arg(long, env = "SHOUHU_SMPP_ACCOUNT", value_name = "ID")]
    pub system_id: Option<String>,
    /// Calls a second.
    #[arg(long, env = "SHOUHU_WORLD_RATE", default_value_t = 100)]
    pub rate: u32,
    /// Events read at most.
    #[arg(long, env = "SHOUHU_WORLD_CALLS_MAX", value_name = "COUNT")]
    pub calls_max: Option<usize>,
    /// Source addresses of the home, national and foreign trunk, in this order.
    #[arg(long = "from", env = "SHOUHU_WORLD_FROM", value_name = "IP", value_delimiter = ',')]
    pub from: Vec<std::net::IpAddr>,
}
