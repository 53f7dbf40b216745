//! `shouhu text …`

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `shouhu text …`
#[derive(Debug, Subcommand)]
pub enum TextTask {
    /// Trains a model on a CSV file with the columns text and label.
    #[command(after_help = "EXAMPLE:\n  shouhu text train cases.csv --out cases.model")]
    Train(TextTrain),
    /// Says how well texts are told apart: F1 by class, and what is taken for what.
    #[command(
        after_help = "EXAMPLES:\n  shouhu text eval cases.csv --model cases.model\n  shouhu text eval cases.csv --folds 5\n\nWith --folds a model is trained for each fold on the others; texts that are nearly the same stay together."
    )]
    Eval(TextEval),
    /// Judges one text and names the identifiers in it, as JSON.
    #[command(after_help = "EXAMPLE:\n  shouhu text check '您的积分即将过期，请登录abc点top兑换现金'")]
    Check(TextCheck),
}

/// What `text train` takes.
#[derive(Debug, Args)]
pub struct TextTrain {
    /// CSV with the columns text and label; `-` reads standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The model to write.
    #[arg(long, env = "SHOUHU_TEXT_OUT", value_name = "FILE")]
    pub out: PathBuf,
    /// A label whose texts are scams; may be given several times. Without it, labels that name a scam type.
    #[arg(long, env = "SHOUHU_TEXT_SCAM", value_name = "LABEL")]
    pub scam: Vec<String>,
    /// What everything follows from: the same seed gives the same model.
    #[arg(long, env = "SHOUHU_TEXT_SEED", default_value_t = 1)]
    pub seed: u64,
}

/// What `text eval` takes.
#[derive(Debug, Args)]
pub struct TextEval {
    /// CSV with the columns text and label; `-` reads standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The model; the shipped one when left out.
    #[arg(long, env = "SHOUHU_TEXT_MODEL", value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Trains and judges by so many folds instead of using a model.
    #[arg(long, env = "SHOUHU_TEXT_FOLDS", conflicts_with = "model", value_parser = clap::value_parser!(u8).range(2..=20))]
    pub folds: Option<u8>,
    /// Orders of the folds follow from it.
    #[arg(long, env = "SHOUHU_TEXT_SEED", default_value_t = 1)]
    pub seed: u64,
    /// Prints JSON.
    #[arg(long, env = "SHOUHU_JSON")]
    pub json: bool,
}

/// What `text check` takes.
#[derive(Debug, Args)]
pub struct TextCheck {
    /// The text; `-` reads standard input.
    #[arg(value_name = "TEXT")]
    pub text: String,
    /// The model; the shipped one when left out.
    #[arg(long, env = "SHOUHU_TEXT_MODEL", value_name = "FILE")]
    pub model: Option<PathBuf>,
}
