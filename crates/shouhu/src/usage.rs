//! Reading the command line: help in the user's language, and faults on one line.

use std::io::IsTerminal;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches};

use crate::cli::Cli;
use crate::speech::{Exit, Fail, Failure, Lang, texts};

/// What became of the words typed.
pub enum Parsed {
    /// A command to run.
    Command(Box<Cli>),
    /// Help or the version was shown.
    Shown,
    /// A fault of usage.
    Wrong(Failure),
}

/// Reads the words.
pub fn parse(args: &[String], lang: Lang) -> Parsed {
    let command = match lang {
        Lang::En => Cli::command(),
        Lang::Zh => crate::words::chinese(Cli::command()),
    };
    let outcome = command.try_get_matches_from(args).and_then(|matches| Cli::from_arg_matches(&matches));
    match outcome {
        Ok(cli) => Parsed::Command(Box::new(cli)),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                crate::output::raw(page(&error, lang, std::io::stdout().is_terminal()).as_bytes());
                Parsed::Shown
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                eprint!("{}", page(&error, lang, std::io::stderr().is_terminal()));
                Parsed::Wrong(wrong(args, &error))
            }
            _ => Parsed::Wrong(wrong(args, &error)),
        },
    }
}

/// A page of help, with colours where a terminal shows it.
fn page(error: &clap::Error, lang: Lang, colours: bool) -> String {
    let page = error.render();
    let text = if colours { page.ansi().to_string() } else { page.to_string() };
    match lang {
        Lang::En => text,
        Lang::Zh => crate::words::finish(&text),
    }
}

fn wrong(args: &[String], error: &clap::Error) -> Failure {
    // The subcommands are the leading words; they name the page of help that tells more.
    let mut help = String::from("shouhu");
    for word in args.iter().skip(1).take_while(|word| !word.starts_with('-')).take(2) {
        let known = Cli::command()
            .get_subcommands()
            .any(|sub| sub.get_name() == word || sub.get_subcommands().any(|inner| inner.get_name() == word));
        if known {
            help.push(' ');
            help.push_str(word);
        }
    }
    help.push_str(" --help");
    let (zh, en) = what(error);
    let mut said = texts::USAGE.fail(Exit::Usage, &[("what", &en), ("help", &help)]);
    if let Some(first) = said.said.first_mut() {
        first.zh = format!("命令行有误：{zh}");
    }
    said
}

fn what(error: &clap::Error) -> (String, String) {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    };
    let arg = context(ContextKind::InvalidArg);
    let value = context(ContextKind::InvalidValue);
    let sub = context(ContextKind::InvalidSubcommand);
    let near = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue]
        .into_iter()
        .map(context)
        .find(|text| !text.is_empty());
    let (zh_near, en_near) = near.map_or((String::new(), String::new()), |near| {
        (format!("（是否想写 {near}？）"), format!(" (did you mean {near}?)"))
    });
    let valid = context(ContextKind::ValidValue);
    match error.kind() {
        ErrorKind::UnknownArgument => {
            (format!("没有选项 {arg}{zh_near}"), format!("there is no option {arg}{en_near}"))
        }
        ErrorKind::InvalidSubcommand => {
            (format!("没有命令 {sub}{zh_near}"), format!("there is no command {sub}{en_near}"))
        }
        ErrorKind::MissingRequiredArgument => (format!("缺少 {arg}"), format!("{arg} is missing")),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if valid.is_empty() => {
            let why = std::error::Error::source(error).map(|why| format!(": {why}")).unwrap_or_default();
            (format!("{arg} 的值 {value:?} 格式不对"), format!("{arg} cannot be {value:?}{why}"))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => (
            format!("{arg} 的值 {value:?} 不可用，可选：{valid}"),
            format!("{arg} cannot be {value:?}; it is one of {valid}"),
        ),
        ErrorKind::ArgumentConflict => {
            let other = context(ContextKind::PriorArg);
            (format!("{arg} 与 {other} 不能同时使用"), format!("{arg} and {other} exclude each other"))
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            ("缺少子命令".to_owned(), "a subcommand is missing".to_owned())
        }
        ErrorKind::NoEquals => (format!("{arg} 与值之间须有等号"), format!("{arg} needs = before its value")),
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            (format!("{arg} 的值个数不对"), format!("{arg} has too many or too few values"))
        }
        ErrorKind::InvalidUtf8 => ("命令行中有不是 UTF-8 的字节".to_owned(), "a word is not UTF-8".to_owned()),
        _ => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or("").trim_start_matches("error: ").to_owned();
            (line.clone(), line)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(words: &str) -> String {
        let args: Vec<String> = words.split(' ').map(str::to_owned).collect();
        match parse(&args, Lang::En) {
            Parsed::Wrong(failure) => failure.to_string(),
            _ => panic!("{words} is accepted"),
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn faults_of_usage_are_one_line_that_points_to_help() {
        for (words, needle) in [
            ("shouhu centre serve --litsen x", "--litsen"),
            ("shouhu cnetre serve", "centre"),
            ("shouhu bank serve --institution shop", "bank, payment"),
            ("shouhu centre serve --listen nowhere", "nowhere"),
            ("shouhu partners add bank-a", "is missing"),
        ] {
            let line = fault(words);
            assert_eq!(line.lines().count(), 1, "{line}");
            assert!(line.contains(needle) && line.contains("--help"), "{words}: {line}");
        }
        assert!(fault("shouhu centre serve --litsen x").contains("shouhu centre serve --help"));
    }

    /// Every option can stand in the environment; what is asked on the spot or hidden from users is named here.
    #[test]
    fn every_option_has_an_environment_name() {
        const BY_FLAG_ONLY: &[&str] = &[
            "password",
            "password_stdin",
            "until_stdin_ends",
            "no_follow",
            "help",
            "version",
            "list",
            "desk",
            "seq",
            "timer",
            "wait",
        ];
        fn walk(command: &clap::Command) {
            for arg in command.get_arguments().filter(|arg| !arg.is_positional()) {
                let id = arg.get_id().as_str();
                let env = arg.get_env().map(|name| name.to_string_lossy().into_owned());
                assert!(
                    BY_FLAG_ONLY.contains(&id) || env.as_deref().is_some_and(|name| name.starts_with("SHOUHU_")),
                    "{} --{id} has no SHOUHU_ name",
                    command.get_name()
                );
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&Cli::command());
    }
}
