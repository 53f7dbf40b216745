//! What the demonstration says when it is ready.

use super::cast::{BANK_USERS, CENTRE_USERS, SEATS};
use super::stage::Stage;
use crate::cli::SeatKind;
use crate::speech::Lang;

/// Addresses, logins, scenes, and that everything is synthetic.
pub fn banner(stage: &Stage, data: &str) -> String {
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
        };
        for user in users {
            lines.push(format!("      {:<12} {}", user.login, lang.pick(user.does.0, user.does.1)));
        }
    }
    lines.push(String::new());
    lines.push(format!("  {}{}", lang.pick("所有登录的密码：", "password of every login: "), stage.password));
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
    for scene in ["student", "professor", "disbeliever"] {
        lines.push(format!("      shouhu scene {scene} --demo {data}"));
    }
    lines.push(String::new());
    lines.push(lang.pick("按 Ctrl-C 停止全部席位。", "Ctrl-C stops every seat.").to_owned());
    lines.join("\n")
}
