//! What the demonstration says when it is ready.

use std::path::Path;

use super::cast::{BANK_USERS, CENTRE_USERS, OPERATOR_USERS, SEATS};
use super::stage::Stage;
use crate::cli::SeatKind;
use crate::speech::{Lang, quoted};

/// Addresses, logins, scenes, and that everything is synthetic.
pub fn banner(stage: &Stage, data: &Path) -> String {
    let lang = Lang::now();
    let mut lines = vec![
        String::new(),
        lang.pick(
            "守护演示已就绪。人、号码、钱都是虚构的，请勿录入真实信息。",
            "The demonstration is ready. People, numbers and money are synthetic; enter nothing real.",
        )
        .to_owned(),
        String::new(),
    ];
    for seat in &SEATS {
        let name = lang.pick(seat.name, seat.name_en);
        lines.push(format!("  {:<28} {name}", stage.url(seat.id)));
        let users = match seat.kind {
            SeatKind::Centre => CENTRE_USERS.as_slice(),
            SeatKind::Bank => BANK_USERS.as_slice(),
            SeatKind::Operator => OPERATOR_USERS.as_slice(),
        };
        for user in users {
            lines.push(format!("      {:<12} {}", user.login, lang.pick(user.does.0, user.does.1)));
        }
    }
    lines.push(String::new());
    lines.push(format!("  {}{}", lang.pick("所有登录的密码：", "password of every login: "), stage.password));
    lines.push(
        lang.pick(
            "  演示中管理员不须动态口令（各席位 shouhu.toml 的 second_factor）；正式使用时默认必须。",
            "  In the demonstration administrators need no authenticator (second_factor in each shouhu.toml); in service they do.",
        )
        .to_owned(),
    );
    if let Some(practice) = &stage.practice {
        lines.push(String::new());
        lines.push(
            lang.pick(
                "  一笔尚未报案的被骗付款，可在“接警”页自行登记：",
                "  A scam payment that nobody has reported yet, to be filed by hand on the intake page:",
            )
            .to_owned(),
        );
        lines.push(format!("      {} {}", practice.victim, practice.phone));
        lines.push(format!(
            "      {} {} → {} {} {}",
            practice.payer_bank,
            practice.payer_account,
            practice.payee_bank,
            practice.payee_account,
            practice.payee_name
        ));
        lines.push(format!("      {}  {}  {}", practice.amount, practice.paid_at, practice.reference));
    }
    lines.push(String::new());
    lines.push(lang.pick("  在另一个终端演一个场景：", "  Play a scene in a second terminal:").to_owned());
    let (program, data) = (quoted(&program()), quoted(&anywhere(data)));
    for scene in ["student", "professor", "disbeliever", "caller"] {
        lines.push(format!("      {program} scene {scene} --demo {data}"));
    }
    lines.push(String::new());
    lines.push(lang.pick("按 Ctrl-C 停止全部席位。", "Ctrl-C stops every seat.").to_owned());
    lines.join("\n")
}

/// This program as the user may type it.
fn program() -> String {
    let Ok(own) = std::env::current_exe() else { return "shouhu".to_owned() };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = std::env::split_paths(&path).any(|folder| folder.join("shouhu") == own);
    if installed { "shouhu".to_owned() } else { anywhere(&own) }
}

/// A path that means the same in whatever folder the second terminal is.
fn anywhere(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_of_the_banner_work_from_any_folder() {
        let stage: Stage =
            serde_json::from_value(serde_json::json!({ "password": "p", "urls": {}, "scenes": 0 })).unwrap();
        for data in ["shouhu-demo", "/tmp/demo"] {
            let text = banner(&stage, Path::new(data));
            let commands: Vec<&str> = text.lines().filter(|line| line.contains(" --demo ")).collect();
            assert_eq!(commands.len(), 4, "{text}");
            for command in commands {
                let named = command.split_once("--demo ").unwrap().1.trim_matches('\'');
                assert!(Path::new(named).is_absolute(), "{command}");
                let program = command.trim().split(' ').next().unwrap().trim_matches('\'');
                assert!(program == "shouhu" || Path::new(program).is_absolute(), "{command}");
            }
        }
    }
}
