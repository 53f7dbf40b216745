//! Reasons that a seat writes by itself, without a person.
//!
//! They stand in sealed documents in Chinese, the language of the law, and people read them on pages in two languages. So
//! each sentence is a template here with its English, and a page that shows a reason asks whether it is one of these.

use kernel::Text;

macro_rules! reasons {
    ($($code:literal $zh:literal $en:literal;)*) => {
        /// Every sentence that a machine writes as a reason.
        pub const MACHINE_REASONS: &[Text] = &[$(Text::new($code, ($zh, $en), ("", "")),)*];
    };
}

reasons! {
    "reason.first_account" "案件{case}被害人直接转入的账户" "account into which the victim of case {case} paid";
    "reason.first_account_currency" "案件{case}被害人以{currency}直接转入的账户" "account into which the victim of case {case} paid in {currency}";
    "reason.level" "案件{case}第{level}级账户，追踪到被害人资金" "account on level {level} of case {case}, to which the victim's money was followed";
    "reason.holder" "案件{case}：受害人不知第{level}级账户户名，查明后止付" "case {case}: the victim does not know the holder on level {level}; stopped once it is known";
    "reason.nothing_left" "案件{case}：追踪确认该账户内已无被害人资金，余额不应继续控制" "case {case}: nothing of the victim's money is left in this account, so its balance should not be held";
    "reason.query_page" "案件{case}追踪第{level}级账户资金去向（续查第{page}页）" "case {case}: follows where the money of this account on level {level} went (page {page})";
    "source.report_lifted" "报案 {case}（此号码此前已由人员解除或不予列入）" "report {case} (a person took this number off the list, or did not list it, before)";
    "reason.query" "案件{case}追踪第{level}级账户资金去向" "case {case}: follows where the money of this account on level {level} went";
    "source.report" "报案 {case}" "report {case}";
    "source.appeal" "申诉" "appeal";
    "source.own" "本中心" "this centre";
    "reason.appeal" "申诉 {case} 成立" "the appeal {case} was granted";
    "reason.warn" "该号码已列入拦截名单，预警与其联系过的人" "the number is on the blocking list; whoever was in touch with it is warned";
}

/// What leads the transfers on which an order rests, behind the reason itself.
const GROUNDS: &str = "；依据转入";
/// What leads the times of the transfers.
const BEIJING_TIME: &str = "北京时间";

/// The English of a reason that a machine wrote; none for what a person wrote.
pub fn machine_reason_en(reason: &str) -> Option<String> {
    match reason.trim().split_once(GROUNDS) {
        Some((reason, grounds)) => Some(format!("{}; {}", sentence_en(reason)?, grounds_en(grounds)?)),
        None => sentence_en(reason),
    }
}

/// `2笔，涉被害人资金共¥300.00：北京时间2026-11-23 08:00:00转入¥100.00、…转入…等` in English. Orders of before name moments
/// in UTC.
fn grounds_en(grounds: &str) -> Option<String> {
    let (count, rest) = grounds.split_once("笔，涉被害人资金共")?;
    let (sum, transfers) = rest.split_once('：')?;
    let transfers = transfers.strip_prefix(BEIJING_TIME).unwrap_or(transfers);
    let (transfers, more) =
        transfers.strip_suffix('等').map_or((transfers, ""), |transfers| (transfers, " and others"));
    let each: Option<Vec<String>> = transfers
        .split('、')
        .map(|transfer| {
            let (at, amount) = transfer.split_once("转入")?;
            let at = kernel::Timestamp::parse(at).map_or_else(|| at.to_owned(), kernel::Timestamp::written);
            Some(format!("{amount} at {at}"))
        })
        .collect();
    let each = each?.join(", ");
    let words = format!(
        "rests on {count} transfers in, {sum} of the victim's money: {each}{more} (times in China Standard Time)"
    );
    words.chars().all(|c| c.is_ascii() || c == '¥').then_some(words)
}

fn sentence_en(reason: &str) -> Option<String> {
    MACHINE_REASONS.iter().find_map(|text| {
        let values = values(text.zh, reason.trim())?;
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Some(text.say(&values).en)
    })
}

/// What stands in the places of a template; none where the text is not of it.
fn values(template: &str, text: &str) -> Option<Vec<(String, String)>> {
    let mut pieces = template.split('{');
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut found = Vec::new();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        let (name, literal) = piece.split_once('}')?;
        let (value, after) = if literal.is_empty() && pieces.peek().is_none() {
            (rest, "")
        } else if pieces.peek().is_none() {
            (rest.strip_suffix(literal)?, "")
        } else {
            rest.split_once(literal)?
        };
        // A value is a number or a code, never prose: else the words of a person could pass for a machine's.
        if value.is_empty() || !value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return None;
        }
        found.push((name.to_owned(), value.to_owned()));
        rest = after;
    }
    rest.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_machines_have_english_and_those_of_people_stay() {
        let en = |reason: &str| machine_reason_en(reason).unwrap_or_default();
        assert_eq!(
            en("案件R261123-0001被害人直接转入的账户"),
            "account into which the victim of case R261123-0001 paid"
        );
        assert!(en("案件R261123-0001第3级账户，追踪到被害人资金").contains("level 3 of case R261123-0001"));
        assert!(en("案件R261123-0001被害人以USD直接转入的账户").ends_with("in USD"));
        assert!(en("该号码已列入拦截名单，预警与其联系过的人").contains("blocking list"));
        let grounds = "案件R261123-0001第2级账户，追踪到被害人资金；依据转入3笔，涉被害人资金共¥300.00：\
                       北京时间2026-11-23 08:00:00转入¥100.00、2026-11-23 08:01:00转入¥200.00等";
        assert!(en(grounds).ends_with(
            "rests on 3 transfers in, ¥300.00 of the victim's money: ¥100.00 at 2026-11-23 08:00:00, ¥200.00 at \
             2026-11-23 08:01:00 and others (times in China Standard Time)"
        ));
        let before = "案件R261123-0001第2级账户，追踪到被害人资金；依据转入2笔，涉被害人资金共300.00 CNY：\
                      2026-11-23T00:00:00.805712Z转入100.00 CNY、2026-11-23T00:01:00Z转入200.00 CNY";
        assert!(en(before).contains("100.00 CNY at 2026-11-23 08:00:00, 200.00 CNY at 2026-11-23 08:01:00 (times"));
        for person in [
            "嫌疑账户；依据转入3笔，涉被害人资金共300.00 CNY：2026-11-23T00:00:00Z转入100.00 CNY",
            "案件紧急，被害人直接转入的账户",
            "案件R1被害人直接转入的账户，请速办",
            "嫌疑账户",
            "",
        ] {
            assert_eq!(machine_reason_en(person), None, "{person}");
        }
    }

    #[test]
    fn every_sentence_is_found_and_names_the_same_places() {
        assert_eq!(kernel::catalogue_defects(MACHINE_REASONS), Vec::<String>::new());
        for text in MACHINE_REASONS {
            let said = text.say(&[("case", "R261123-0001"), ("level", "2"), ("currency", "HKD"), ("page", "2")]);
            assert_eq!(machine_reason_en(&said.zh), Some(said.en), "{}", text.code);
        }
    }
}
