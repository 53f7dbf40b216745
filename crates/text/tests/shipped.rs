//! The model that ships: what it says about messages that no generator wrote, and that its file is what it claims to be.

use kernel::ScamType;
use text::{Model, Verdict};

mod recipe;

const SHIPPED: &[u8] = include_bytes!("../model/shipped.model");

fn judge(message: &str) -> Verdict {
    Model::shipped().judge(message)
}

#[track_caller]
fn scam(kind: ScamType, message: &str) {
    let verdict = judge(message);
    assert!(verdict.scam_probability > 0.5, "{message}: {verdict:?}");
    assert_eq!(verdict.scam_type, Some(kind), "{message}: {verdict:?}");
    assert!(verdict.words.iter().any(|word| word.weight > 0.0), "{message}: {verdict:?}");
}

#[track_caller]
fn honest(message: &str) {
    let verdict = judge(message);
    assert!(verdict.scam_probability < 0.5, "{message}: {verdict:?}");
    assert_eq!(verdict.scam_type, None);
}

#[test]
fn scams_of_every_type() {
    scam(ScamType::FakeTaskRebate, "在家带娃也能赚钱，给商家点赞抢单每天三百到五百，佣金秒返，感兴趣加微信lulu8899");
    scam(
        ScamType::FakeCustomerService,
        "亲，我是淘宝售后，您买的奶粉检测不合格，现在给您办理三倍退款，请加理赔专员QQ28837465",
    );
    scam(
        ScamType::FakeInvestment,
        "老师带单稳赚不赔，昨天推荐的股票已经涨停，今晚群里公布明日牛股，进群联系助理微信gupiao668",
    );
    scam(
        ScamType::LoanOrCreditCard,
        "您申请的8万元贷款因银行卡号填写错误被冻结，需缴纳1.6万元解冻金，审核后连同贷款一起到账",
    );
    scam(
        ScamType::FakeCreditRecord,
        "您大学期间注册的校园贷账户未注销，会影响您的个人征信，请配合客服下载会议软件注销账户",
    );
    scam(ScamType::FakePurchase, "海关罚没手机低价处理，全新未拆封，市场价三折，先付定金300元，加微信haiguan007");
    scam(
        ScamType::ImpersonatedAuthority,
        "这里是市公安局刑侦支队，您名下银行卡涉嫌洗钱，请把存款转到安全账户接受清查，不要告诉任何人",
    );
    scam(
        ScamType::ImpersonatedAcquaintance,
        "我是房东，我换卡了，这次房租打到我爱人的卡上，农业银行6228480402564890018，户名李梅",
    );
    scam(ScamType::GameTrade, "高价收王者账号，估价三千，去我发你的平台交易，提现前先交保证金解冻账户");
    scam(ScamType::Dating, "亲爱的，我给你寄的礼物被海关扣了，需要交清关费八千元，你先帮我垫付，等我回国就结婚");
    scam(ScamType::IllicitService, "你昨晚裸聊的视频已经录屏，通讯录都在我手上，不转两万就群发给你所有亲友");
    scam(
        ScamType::FakeMilitaryPurchase,
        "老板你好，我是武警支队后勤采购，要订一批大米，另外还要军用罐头，你帮我联系厂家先垫付货款",
    );
    scam(ScamType::Other, "尊敬的工行用户，您的电子密码器将于今日失效，请立即登录http://icbc-sj.top升级，以免影响使用");
}

#[test]
fn disguise_helps_nothing() {
    let plain = "尊敬的建行用户，您的账户积分已满一万，可兑换现金，请登录http://ccb-jf.top查询兑换，逾期失效";
    for disguised in [
        plain.to_owned(),
        plain.replace("积分", "積分").replace("账户", "帳戶").replace("兑换", "兌換"),
        plain.replace("http://ccb-jf.top", "ccb-jf点top"),
        plain.replace("，", "").replace("积分", "积*分").replace("现金", "现 金"),
        plain.chars().flat_map(|c| [c, '\u{200B}']).collect(),
    ] {
        assert!(judge(&disguised).scam_probability > 0.5, "{disguised}: {:?}", judge(&disguised));
    }
}

#[test]
fn honest_messages() {
    honest("【支付宝】您的验证码为482913，5分钟内有效，请勿告知他人。");
    honest("您尾号3307的储蓄卡11月23日10:15支出人民币58.00元，余额1,203.45元。【建设银行】");
    honest("【菜鸟驿站】您的中通包裹已到小区北门驿站，请凭取件码8-2-3017及时领取");
    honest("妈，我今晚加班晚点回，饭不用等我，孩子麻烦你先哄睡");
    honest("各位家长，本周五下午三点召开家长会，请准时到教室，收到请回复");
    honest("【国家电网】因线路检修，11月25日8:00至17:00解放路一带停电，请做好准备");
    honest("警方提示：凡是要求把钱转到安全账户的都是诈骗，有疑问请拨打110或96110");
    honest("双十一全场五折起，满300减50，会员再享9折，地址：人民路百货大楼三楼，退订回T");
    honest("您本月套餐内剩余流量3.2GB，话费余额45.6元，详情请登录掌上营业厅。【中国移动】");
    honest("江景花园洋房盛大开盘，90到130平，首付30万起，品鉴热线0731-88886666");
}

#[test]
fn the_file_is_made_of_the_texts_that_it_names() {
    let model = Model::shipped();
    assert!(SHIPPED.len() < 1_500_000, "{} bytes", SHIPPED.len());
    assert_eq!(
        model.note(),
        recipe::options().note,
        "train it anew: cargo bench --profile perf -p text --bench ship -- write"
    );
    assert_eq!(Model::load(SHIPPED).unwrap().fingerprint(), model.fingerprint());
    let labels: Vec<&str> = model.classes().iter().map(|class| &*class.label).collect();
    for kind in ScamType::all() {
        assert!(labels.contains(&kind.code()), "{kind}");
    }
    assert_eq!(labels.len(), 17);
}

#[test]
fn texts_of_another_seed_are_told() {
    let report = text::evaluate(Model::shipped(), &recipe::rows(recipe::SEED + 7, 1_000));
    assert!(report.macro_f1 > 0.95, "{}", report.macro_f1);
}

#[test]
fn probabilities_are_probabilities_and_words_stand_in_the_text() {
    for row in recipe::rows(5, 500) {
        let verdict = judge(&row.text);
        assert!((0.0..=1.0).contains(&verdict.scam_probability) && (0.0..=1.0).contains(&verdict.class_probability));
        for word in &verdict.words {
            assert!(!word.span.of(&row.text).is_empty(), "{verdict:?} of {}", row.text);
        }
    }
    let nothing = judge("");
    assert!(nothing.scam_probability < 0.5 && nothing.words.is_empty(), "{nothing:?}");
}
