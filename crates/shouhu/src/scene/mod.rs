//! `shouhu scene …`: plays a scene in a running demonstration.

mod caller;
mod finish;
pub mod plays;
pub mod script;
mod warned;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::{Scene, SceneName};
use crate::client::Client;
use crate::demo::cast::SCENE_LOGIN;
use crate::demo::csv::in_yuan;
use crate::demo::stage::{Stage, civil};
use crate::demo::{csv, load};
use crate::output::tell;
use crate::speech::{Lang, Outcome};
use plays::{Correction, Play};
use script::Script;

/// Numbers of a scene's people and accounts begin here and are [`NUMBERS_EACH`] apart.
const NUMBERS_FIRST: usize = 1_000_000;
const NUMBERS_EACH: usize = 100;

/// Moves the money at the banks, files the reports, and says what to look at.
///
/// # Errors
/// No demonstration runs in the folder, or something in it refuses.
pub async fn run(options: &Scene) -> Outcome {
    let mut stage = Stage::open(&options.demo)?;
    if options.scene == SceneName::Caller {
        return caller::play(&stage, &options.demo, options.finish).await;
    }
    let intake = stage.at_centre(SCENE_LOGIN).await?;
    stage.scenes += 1;
    stage.save(&options.demo)?;

    let clock = kernel::Clock::system();
    let script = script(stage.scenes, clock.now());
    let play = match options.scene {
        SceneName::Caller => return Ok(()),
        SceneName::Student => plays::student(script),
        SceneName::Professor => plays::professor(script),
        SceneName::Disbeliever => plays::disbeliever(script),
    };
    let folder = options.demo.join("scenes").join(format!("{:04}", stage.scenes));
    move_money(&options.demo, &folder, &play.script).await?;
    say(
        &format!("银行账上已转移 {} 元", in_yuan(play.paid_minor)),
        &format!("moved {} yuan at the banks", in_yuan(play.paid_minor)),
    );
    let mut case_id = None;
    for report in &play.reports {
        let filed = file(&intake, report).await?;
        // The case is that of the first report; later ones join it.
        if case_id.is_none() {
            case_id = filed.get("id").and_then(Value::as_str).map(str::to_owned);
        }
    }
    match case_id.as_ref().filter(|_| options.finish) {
        Some(case_id) => finish::finish(&stage, &play, case_id).await,
        None => {
            tell!("{}", guide(options.scene, &stage, &play));
            if let (Some(correction), Some(case_id)) = (&play.correction, &case_id) {
                tell!("{}", form(&stage, correction, case_id));
            }
            Ok(())
        }
    }
}

/// An empty script whose numbers meet those of no other scene.
pub fn script(number: usize, now: kernel::Timestamp) -> Script {
    Script::new(NUMBERS_FIRST + number * NUMBERS_EACH, &format!("S{number:04}"), now)
}

/// Writes what happened as files and has each bank of the demonstration book its part.
///
/// # Errors
/// A bank refuses a row.
pub async fn move_money(demo: &Path, folder: &Path, script: &Script) -> Outcome {
    csv::write(&script.province, folder)?;
    load::into_banks(demo, &PathBuf::from(folder)).await
}

async fn file(intake: &Client, report: &Value) -> Outcome<Value> {
    let filed = crate::report::submit(intake, report).await?;
    let text = |at: &str| filed.pointer(at).and_then(Value::as_str).unwrap_or("").to_owned();
    let (number, joined) = (text("/number"), text("/joined_to/number"));
    if joined.is_empty() {
        say(&format!("已报案：{number}"), &format!("filed the report {number}"));
    } else {
        say(
            &format!("已报案：{number}，与 {joined} 是同一笔付款，已并入"),
            &format!("filed the report {number}; it is about the same payment as {joined} and was joined to it"),
        );
    }
    Ok(filed)
}

fn say(zh: &str, en: &str) {
    tell!("{}", Lang::now().pick(zh, en));
}

fn guide(scene: SceneName, stage: &Stage, play: &Play) -> String {
    let lang = Lang::now();
    let centre = stage.url("centre-43");
    let (paid, reach) = (in_yuan(play.paid_minor), in_yuan(play.within_reach_minor));
    let lines: Vec<String> = match (scene, lang) {
        (SceneName::Caller, _) => Vec::new(),
        (SceneName::Student, Lang::Zh) => vec![
            format!("以 officer 登录 {centre}，打开“追踪”中最新的案件。"),
            "常设规则在界限之内自动批准：指令几秒内到达银行，第一层与第二层账户都已止付。".into(),
            format!("被骗 {paid} 元，应止付 {reach} 元。"),
        ],
        (SceneName::Student, Lang::En) => vec![
            format!("log in as officer at {centre} and open the newest case under Chase"),
            "the standing rule approves within its bounds: the order was at the bank in seconds, and both levels are held".into(),
            format!("{paid} yuan paid, {reach} yuan to be held"),
        ],
        (SceneName::Professor, Lang::Zh) => vec![
            format!("以 reviewer 登录 {centre}，打开“止付”的“待审核”：三份超出常设规则限界的指令等待批准，逐份批准（A）。"),
            "再打开“追踪”：其余各层由常设规则自动跟进，直到不再有资金流动。".into(),
            format!("被骗 {paid} 元（六张卡），应止付 {reach} 元；其余已取现、刷卡、充值或出境。"),
        ],
        (SceneName::Professor, Lang::En) => vec![
            format!("log in as reviewer at {centre} and open Stop payment: three orders above the standing rule wait for review; approve them (A)"),
            "then open Chase: the levels below follow by the standing rule until nothing flows".into(),
            format!("{paid} yuan paid from six cards, {reach} yuan to be held; the rest is cash, goods, top-ups or abroad"),
        ],
        (SceneName::Disbeliever, Lang::Zh) => vec![
            format!("以 intake 登录 {centre}，打开“接警”：父亲的报案并入了先前的报案，没有重复。"),
            "以 officer 登录，打开“止付”的“未执行”：银行没有止付，因为户名不符（电话里把“章”听成了“张”）。".into(),
            "按父亲提供的户名重新下单（“手工下单”，所填内容见下）；金额在常设规则限界之内，指令随即发出。".into(),
            format!("被骗 {paid} 元，更正后应止付 {reach} 元。"),
        ],
        (SceneName::Disbeliever, Lang::En) => vec![
            format!("log in as intake at {centre} and open Intake: the father's report joined the earlier one"),
            "log in as officer and open Stop payment, Refused: the bank did not stop, the name does not match (章 was heard as 张)".into(),
            "make the order again with the father's spelling (Order by hand, filled in as below); it is within the standing rule and leaves at once".into(),
            format!("{paid} yuan paid, {reach} yuan to be held once corrected"),
        ],
    };
    let head = lang.pick("接下来看什么：", "what to look at:");
    let steps: Vec<String> = lines.iter().enumerate().map(|(index, line)| format!("  {}. {line}", index + 1)).collect();
    format!("{head}\n{}", steps.join("\n"))
}

/// What to type into the form of an order by hand.
fn form(stage: &Stage, correction: &Correction, case_id: &str) -> String {
    let lang = Lang::now();
    let paid = &correction.paid;
    let page = format!(
        "{}/stop/new?kind=stop&case={case_id}&bank={}&account={}",
        stage.url("centre-43"),
        correction.bank,
        correction.account
    );
    let rows = [
        (lang.pick("页面", "page"), page),
        (lang.pick("户名", "account name"), correction.name.clone()),
        (lang.pick("交易金额", "amount"), in_yuan(paid.minor)),
        (lang.pick("交易时间", "transaction time"), civil(paid.at)),
        (lang.pick("事由", "reason"), lang.pick("按父亲提供的户名更正", "name corrected by the father").to_owned()),
    ];
    rows.map(|(name, value)| format!("     {name}  {value}")).join("\n")
}
