//! `shouhu keys …`: the signing keys of a seat.

use kernel::Clock;
use wire::Keys;

use crate::cli::KeysTask;
use crate::config;
use crate::output::tell;
use crate::seat::{fault, key_failure};
use crate::speech::{Lang, Outcome};

/// Makes, lists or prints keys.
///
/// # Errors
/// The folder cannot be read or written.
pub fn run(task: KeysTask) -> Outcome {
    let now = Clock::system().now();
    match task {
        KeysTask::New(at) => {
            let config = config::of_seat(&at)?;
            let key = Keys::create(&config.keys(), now, now + wire::VALID_FOR).map_err(key_failure)?;
            tell!("{}", serde_json::to_string_pretty(&key).map_err(fault)?);
            let words = Lang::now().pick(
                "已生成新密钥；运行中的席位十秒内即用它签章，无需重启。请马上把上面的公钥交给各合作单位，在此之前他们会拒收",
                "made a new key; a running seat seals with it within ten seconds, without a restart. Give the public key above \
                 to every partner at once: until then they refuse what it seals",
            );
            eprintln!("{words}");
        }
        KeysTask::List(at) => {
            let config = config::of_seat(&at)?;
            let keys = Keys::load(&config.keys()).map_err(key_failure)?;
            let active = keys.active(now).map_err(key_failure)?.public().kid.clone();
            for key in keys.public() {
                let lang = Lang::now();
                let state = if key.kid == active {
                    lang.pick("使用中", "active")
                } else if now < key.not_before {
                    lang.pick("尚未生效", "not yet")
                } else if now >= key.not_after {
                    lang.pick("已到期", "ended")
                } else {
                    lang.pick("仅用于验证", "checks only")
                };
                tell!("{}  {state}  {} – {}", key.kid, key.not_before, key.not_after);
            }
        }
        KeysTask::Public(at) => {
            let config = config::of_seat(&at)?;
            let keys = Keys::load(&config.keys()).map_err(key_failure)?;
            keys.active(now).map_err(key_failure)?;
            tell!("{}", serde_json::to_string_pretty(&keys.public()).map_err(fault)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use crate::cli::{KeysTask, SeatAt, SeatKind, Serve};
    use crate::config::{Absent, resolve};
    use crate::seat::{Making, Seat};

    #[tokio::test]
    async fn no_command_about_keys_takes_a_seat_that_others_can_read() {
        crate::private::make_private();
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("seat");
        let at = SeatAt { data: Some(data.clone()), ..SeatAt::default() };
        let flags = Serve { at: at.clone(), ..Serve::default() };
        let config = resolve(&flags, Some(SeatKind::Centre), Absent::Make).unwrap();
        Seat::open(config, Making::Whole).await.unwrap().db.close().await;
        let mode = |mode| std::fs::set_permissions(&data, std::fs::Permissions::from_mode(mode)).unwrap();
        for task in [KeysTask::New, KeysTask::List, KeysTask::Public] {
            mode(0o755);
            assert_eq!(super::run(task(at.clone())).unwrap_err().said[0].code, "cli.not_private");
            mode(0o700);
            super::run(task(at.clone())).unwrap();
        }
        // What every other command about a seat begins with.
        mode(0o755);
        assert_eq!(crate::config::of_seat(&at).unwrap_err().said[0].code, "cli.not_private");
    }
}
