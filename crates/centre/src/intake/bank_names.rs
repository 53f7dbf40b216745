//! What people call the banks of China: full names, short names and branches. One table for reading narratives, cells
//! of ledgers and whatever else names a bank in words; the partner directory says which of them are connected.

/// How freely a short name may be recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    /// Names the bank wherever it stands: 农业银行, 农行, ICBC.
    Anywhere,
    /// An everyday word too; names the bank only as a whole cell or before 卡, 账户 or a bracket: 民生, 平安.
    BesideCard,
}

struct Bank {
    /// The full name, without 股份有限公司.
    full: &'static str,
    /// Other names that stand anywhere.
    anywhere: &'static [&'static str],
    /// Everyday words that mean the bank beside 卡.
    beside_card: &'static [&'static str],
}

const fn bank(full: &'static str, anywhere: &'static [&'static str], beside_card: &'static [&'static str]) -> Bank {
    Bank { full, anywhere, beside_card }
}

/// Banks that operate throughout the country, and how people write them.
const BANKS: &[Bank] = &[
    bank("中国工商银行", &["工商银行", "工行", "工商行", "ICBC"], &["工商"]),
    bank("中国农业银行", &["农业银行", "农行", "ABCHINA"], &["农业"]),
    bank("中国银行", &["中行", "BOC"], &["中银"]),
    bank("中国建设银行", &["建设银行", "建行", "CCB"], &["建设"]),
    bank("交通银行", &["交行", "BOCOM"], &["交通"]),
    bank("中国邮政储蓄银行", &["邮政储蓄银行", "邮政储蓄", "邮储银行", "邮政银行", "邮储", "邮蓄", "PSBC"], &["邮政"]),
    bank("招商银行", &["招行", "CMB"], &["招商"]),
    bank("上海浦东发展银行", &["浦东发展银行", "浦发银行", "浦发", "SPDB"], &[]),
    bank("中信银行", &["CITIC"], &["中信"]),
    bank("中国光大银行", &["光大银行", "CEB"], &["光大"]),
    bank("华夏银行", &[], &["华夏"]),
    bank("中国民生银行", &["民生银行", "CMBC"], &["民生"]),
    bank("广发银行", &["广东发展银行"], &["广发"]),
    bank("平安银行", &["深圳发展银行"], &["平安"]),
    bank("兴业银行", &[], &["兴业"]),
    bank("浙商银行", &[], &["浙商"]),
    bank("渤海银行", &[], &["渤海"]),
    bank("恒丰银行", &[], &["恒丰"]),
    bank("国家开发银行", &["国开行"], &[]),
    bank("北京银行", &[], &[]),
    bank("上海银行", &[], &[]),
    bank("江苏银行", &[], &[]),
    bank("南京银行", &[], &[]),
    bank("宁波银行", &[], &[]),
    bank("杭州银行", &[], &[]),
    bank("徽商银行", &[], &["徽商"]),
    bank("湖南银行", &["华融湘江银行"], &[]),
    bank("长沙银行", &["长行"], &[]),
    bank("深圳前海微众银行", &["微众银行", "WeBank"], &["微众"]),
    bank("浙江网商银行", &["网商银行", "MYbank"], &["网商"]),
    bank("四川新网银行", &["新网银行"], &[]),
    bank("湖南三湘银行", &["三湘银行"], &["三湘"]),
    bank("汇丰银行", &["香港上海汇丰银行", "HSBC"], &["汇丰"]),
    bank("恒生银行", &[], &["恒生"]),
    bank("渣打银行", &[], &["渣打"]),
    bank("东亚银行", &[], &["东亚"]),
    bank("花旗银行", &[], &["花旗"]),
    bank("支付宝（中国）网络技术有限公司", &["支付宝(中国)网络技术有限公司"], &[]),
    bank("财付通支付科技有限公司", &["财付通"], &[]),
];

/// Endings of a legal name that people leave out.
const LEGAL: [&str; 4] = ["股份有限公司", "有限责任公司", "有限公司", "股份公司"];

/// Ends of the name of a branch.
pub(crate) const BRANCH_ENDS: [&str; 10] =
    ["支行", "分行", "营业部", "营业室", "分理处", "储蓄所", "网点", "营业所", "营业厅", "总行"];

fn without_legal_form(name: &str) -> &str {
    LEGAL.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// Every name by which people may mean the bank that the directory calls `name`; `name` itself is not among them.
pub(crate) fn also_called(name: &str) -> Vec<(String, Strength)> {
    let bare = without_legal_form(name.trim());
    let mut names: Vec<(String, Strength)> = Vec::new();
    if bare != name {
        names.push((bare.to_owned(), Strength::Anywhere));
    }
    let known = BANKS.iter().find(|bank| without_legal_form(bank.full) == bare || bank.anywhere.contains(&bare));
    if let Some(bank) = known {
        names.push((bank.full.to_owned(), Strength::Anywhere));
        names.extend(bank.anywhere.iter().map(|n| ((*n).to_owned(), Strength::Anywhere)));
        names.extend(bank.beside_card.iter().map(|n| ((*n).to_owned(), Strength::BesideCard)));
    }
    // 长沙农村商业银行 is 长沙农商银行 and 长沙农商行; a rural credit cooperative is 信用社.
    for (long, shorts) in [
        ("农村商业银行", ["农商银行", "农商行"]),
        ("农村信用合作联社", ["农村信用社", "农信社"]),
        ("农村信用社联合社", ["农村信用社", "农信社"]),
    ] {
        if let Some(place) = bare.strip_suffix(long) {
            names.extend(shorts.iter().map(|short| (format!("{place}{short}"), Strength::Anywhere)));
        }
    }
    names.retain(|(other, _)| other != name);
    names
}

/// Whether what stands behind a bank's name is the rest of a branch's name: 长沙芙蓉支行, 湖南省分行营业部.
pub(crate) fn is_branch(rest: &str) -> bool {
    let rest = rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '（' | '）' | '-' | '—'));
    LEGAL.iter().any(|legal| rest.starts_with(legal)) || BRANCH_ENDS.iter().any(|end| rest.ends_with(end))
}
