//! Scam types: one table, so that every desk and every seat speaks the same word; old names stay readable.

use crate::value::{half_width, text_value};
use crate::{Fault, Text};

macro_rules! scam_types {
    ($($variant:ident $code:literal $zh:literal $en:literal
        how $how_zh:literal $how_en:literal
        reminder $reminder_zh:literal $reminder_en:literal;)*) => {
        /// A type of scam.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ScamType {$(
            #[doc = $zh]
            $variant,
        )*}

        const ALL: &[ScamType] = &[$(ScamType::$variant),*];

        /// How each scam works, and the reminder, in the order of the table.
        const WORDS: &[Text] = &[$(Text::new(concat!("scam_type.", $code), ($how_zh, $how_en), ($reminder_zh, $reminder_en))),*];

        impl ScamType {
            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// The name in Chinese.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh),* }
            }

            /// The name in English.
            pub const fn en(self) -> &'static str {
                match self { $(Self::$variant => $en),* }
            }
        }
    };
}

scam_types! {
    FakeTaskRebate "fake_task_rebate" "刷单返利" "Fake task rebate"
        how "先用几笔小额返利取得信任，再以“连单”“卡单”“激活”为由要求不断垫付，最后不返还。"
            "A few small rebates win trust; then linked, stuck or locked orders call for ever larger advances that never come back."
        reminder "刷单本身违法；凡要垫付的兼职都是诈骗，“卡单”“连单”是骗子的行话。"
            "Order-brushing is itself against the law. A job that asks you to pay first is a scam; a stuck order is the trade's own word.";
    FakeCustomerService "fake_customer_service" "冒充电商物流客服" "Impersonated shop or courier service"
        how "自称网店或快递客服，以退款、理赔、取消会员为由，引导共享屏幕、贷款或向“安全账户”转账。"
            "A caller from a shop or courier offers a refund or a cancellation, then leads to screen sharing, loans or a transfer."
        reminder "退款走原平台、原路返回；请自行拨打官方客服核实，不共享屏幕。"
            "Refunds come back through the shop itself. Call its own number, and share no screen.";
    FakeInvestment "fake_investment" "虚假网络投资理财" "Fake online investment"
        how "以荐股群、内部消息、导师带单引入虚假平台，小额可提现，大额投入后无法取出。"
            "A share-tip group or a mentor leads to a false platform; small sums can be withdrawn, large ones cannot."
        reminder "没有稳赚不赔的投资；只通过持牌机构交易，不下载陌生人发来的软件。"
            "Nothing earns without risk. Trade through licensed firms only, and install nothing a stranger sends.";
    LoanOrCreditCard "loan_or_credit_card" "贷款、代办信用卡" "Fake loan or credit card"
        how "以无抵押、秒放款、提额度引诱，再以手续费、保证金、账号写错冻结为由先收费。"
            "A loan without security or a higher limit is promised; then come fees, deposits and a frozen account to be paid first."
        reminder "正规贷款放款前不收任何费用；要先交钱的贷款都是诈骗。"
            "No lawful lender takes money before it lends.";
    FakeCreditRecord "fake_credit_record" "虚假征信" "Fake credit record"
        how "冒充金融平台客服，称不注销账户、不消除记录会影响征信，诱导借出全部额度转入指定账户。"
            "A false agent says an old account harms the credit record, and has the victim borrow to the limit and transfer it."
        reminder "个人征信由中国人民银行管理，任何人都不能花钱或转账消除记录。"
            "The central bank keeps credit records. No payment and no transfer can change one.";
    FakePurchase "fake_purchase" "虚假购物、服务" "Fake purchase or service"
        how "以低价商品、代购、代办服务引流，要求脱离平台私下付款，收款后失联或再收“保证金”。"
            "Cheap goods or a service lead away from the platform to a private payment; then nothing arrives, or a deposit is due."
        reminder "不脱离平台付款；价格明显过低先核实，先付款后见货要警惕。"
            "Pay within the platform only, and check first when a price is far too low.";
    ImpersonatedAuthority "impersonated_authority" "冒充公检法及政府机关" "Impersonated police, court or government"
        how "自称公检法，称涉嫌洗钱等案件，出示假通缉令，要求保密并把钱转入“安全账户”接受核查。"
            "A caller from police or court shows a false warrant, demands secrecy, and has the money moved to a safe account."
        reminder "公检法不会通过电话、网络办案，没有“安全账户”；请挂断后拨打110核实。"
            "No police investigates by phone, and there is no safe account. Hang up and call 110.";
    ImpersonatedAcquaintance "impersonated_acquaintance" "冒充领导、熟人" "Impersonated superior or acquaintance"
        how "盗用或仿冒领导、老板、亲友、老师、学生的账号，以急事、周转、代转账为由要钱。"
            "A copied account of a superior, relative, teacher or pupil asks for money in an urgent matter."
        reminder "涉及转账，必须打电话或当面核实本人；微信转账可设为延迟到账。"
            "Before any transfer, call back or meet the person. Set transfers to delayed arrival.";
    GameTrade "game_trade" "网络游戏产品虚假交易" "Fake game trade"
        how "以高价收号、低价售装备、免费送皮肤为诱饵，引导到虚假交易平台，以各种名目收费。"
            "An offer for game accounts or equipment leads to a false trading site that takes one fee after another."
        reminder "游戏交易走官方平台；孩子使用手机支付请设置限额。"
            "Trade games on the official platform, and set limits on payments from children's phones.";
    Dating "dating" "网络婚恋、交友" "Online dating"
        how "经营虚假人设建立感情，再以生病、见面、礼物报关、共同投资为由要钱。"
            "A made-up character wins affection; then illness, a visit, customs on a gift or a joint investment cost money."
        reminder "没有见过面的“恋人”谈钱就是诈骗，不向未见面的人转账。"
            "Send no money to someone you have never met.";
    IllicitService "illicit_service" "网黑案件" "Illicit-service scam"
        how "以裸聊录像敲诈、招嫖先付费、代查信息等违法服务为名骗取或勒索钱财。"
            "Recorded intimate video, paid escorts or bought data are the pretext for extortion or advance payment."
        reminder "被敲诈不要付款，付一次就有下一次；保留证据，立即报警。"
            "Pay no blackmailer: one payment leads to the next. Keep the evidence and report at once.";
    FakeMilitaryPurchase "fake_military_purchase" "冒充军警购物" "Impersonated army or police buyer"
        how "冒充部队、消防采购人员向商户下单，再要求代购指定厂家的高价物资，货款转走后失联。"
            "A false army or fire-service buyer orders from a shop, then has it buy costly goods from a named supplier."
        reminder "部队采购有固定程序，不会让商户垫资代购；请向当地单位当面核实。"
            "The services buy by set procedure and let no shop advance money. Check with the unit in person.";
    Other "other" "其他" "Other"
        how "不属于以上类型的电信网络诈骗。"
            "A telecom or online scam of another kind."
        reminder "陌生来电和链接涉及转账一律先核实，拨打96110咨询。"
            "When a stranger's call or link turns to money, check first; 96110 gives advice.";
}

/// Names in older and other tables, among them the ten of 2018 and of 2024, and the type each is counted under today.
const OLD_NAMES: [(&str, ScamType); 26] = [
    ("冒充亲友", ScamType::ImpersonatedAcquaintance),
    ("QQ微信冒充亲友", ScamType::ImpersonatedAcquaintance),
    ("冒充公检法", ScamType::ImpersonatedAuthority),
    ("网购退款", ScamType::FakeCustomerService),
    ("虚假兼职刷单", ScamType::FakeTaskRebate),
    ("刷单", ScamType::FakeTaskRebate),
    ("快递退款", ScamType::FakeCustomerService),
    ("快递理赔", ScamType::FakeCustomerService),
    ("冒充老板", ScamType::ImpersonatedAcquaintance),
    ("冒充领导", ScamType::ImpersonatedAcquaintance),
    ("冒充熟人", ScamType::ImpersonatedAcquaintance),
    ("冒充领导熟人", ScamType::ImpersonatedAcquaintance),
    ("冒充学生", ScamType::ImpersonatedAcquaintance),
    ("冒充老师", ScamType::ImpersonatedAcquaintance),
    ("套路贷", ScamType::LoanOrCreditCard),
    ("虚假贷款", ScamType::LoanOrCreditCard),
    ("网络贷款", ScamType::LoanOrCreditCard),
    ("投资平台", ScamType::FakeInvestment),
    ("投资理财", ScamType::FakeInvestment),
    ("虚假投资理财", ScamType::FakeInvestment),
    ("交友", ScamType::Dating),
    ("网络交友", ScamType::Dating),
    ("婚恋交友", ScamType::Dating),
    ("虚假购物服务", ScamType::FakePurchase),
    ("网络游戏虚假交易", ScamType::GameTrade),
    ("冒充客服", ScamType::FakeCustomerService),
];

/// The ten most frequent of 2018 in their published order, under the types of today.
pub const TEN_OF_2018: [ScamType; 10] = [
    ScamType::ImpersonatedAcquaintance,
    ScamType::ImpersonatedAuthority,
    ScamType::FakeCustomerService,
    ScamType::FakeTaskRebate,
    ScamType::FakeCustomerService,
    ScamType::ImpersonatedAcquaintance,
    ScamType::ImpersonatedAcquaintance,
    ScamType::LoanOrCreditCard,
    ScamType::FakeInvestment,
    ScamType::Dating,
];

const UNKNOWN: Text = Text::new(
    "scam_type.unknown",
    ("没有诈骗类型“{given}”", "there is no scam type {given}"),
    ("请从列表中选择；不清楚时选“其他”", "choose from the list; choose “other” when in doubt"),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[UNKNOWN];
pub(crate) const TYPE_TEXTS: &[Text] = WORDS;

impl ScamType {
    /// Reads a code, a name of today in either language, or an older name. Fault: `scam_type.unknown`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let given = bare(text);
        ALL.iter()
            .copied()
            .find(|t| t.code() == text.trim() || bare(t.zh()) == given || bare(t.en()) == given)
            .or_else(|| OLD_NAMES.iter().find(|(name, _)| bare(name) == given).map(|(_, t)| *t))
            .ok_or_else(|| {
                let shown: String = text.chars().take(40).collect();
                UNKNOWN.at("", &[("given", &shown)])
            })
    }

    /// Every type, in the order of the table.
    pub fn all() -> impl Iterator<Item = ScamType> {
        ALL.iter().copied()
    }

    /// How it works (the words) and the reminder (the remedy), in both languages.
    pub fn words(self) -> Text {
        let key = self.code();
        WORDS.iter().find(|text| text.code.strip_prefix("scam_type.") == Some(key)).copied().unwrap_or(UNKNOWN)
    }
}

/// Letters and characters only: `贷款、代办信用卡` and `贷款代办信用卡` are one name.
fn bare(text: &str) -> String {
    text.chars().map(half_width).filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

impl std::fmt::Display for ScamType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

text_value!(ScamType, "fake_task_rebate", "Scam type code");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_years_lead_to_one_code() {
        assert_eq!(ScamType::all().count(), 13);
        for kind in ScamType::all() {
            assert_eq!(ScamType::parse(kind.code()), Ok(kind));
            assert_eq!(ScamType::parse(kind.zh()), Ok(kind));
            assert_eq!(ScamType::parse(kind.en()), Ok(kind));
            assert!(kind.words().code.ends_with(kind.code()));
        }
        assert_eq!(ScamType::parse("套路贷"), Ok(ScamType::LoanOrCreditCard));
        assert_eq!(ScamType::parse("贷款代办信用卡"), Ok(ScamType::LoanOrCreditCard));
        assert_eq!(ScamType::parse("冒充领导、熟人类"), Err(UNKNOWN.at("", &[("given", "冒充领导、熟人类")])));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,20}") {
            let _ = ScamType::parse(&text);
        }
    }
}
