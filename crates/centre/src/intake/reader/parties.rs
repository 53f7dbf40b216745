//! Who was paid: each account of the other side with its holder and bank, and holders without an account; and where the
//! text speaks of each.

use std::collections::{HashMap, HashSet};

use super::scan::Scan;
use super::{Found, Side, Span};

/// Somebody who was paid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Party {
    pub account: Option<(String, Span)>,
    pub name: Option<(String, Span)>,
    pub bank: Option<(String, Span)>,
}

/// A place where the text speaks of a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mention {
    pub span: Span,
    /// Index among the parties.
    pub party: usize,
}

#[derive(Debug, Default)]
pub(super) struct Parties {
    pub all: Vec<Party>,
    /// In the order of the text.
    pub mentions: Vec<Mention>,
}

/// Furthest, in sentences, that a holder or bank stands from the account in a form of lines.
const SENTENCES_APART_MAX: u32 = 3;

/// Furthest between an account and a name right beside it, with the bank between them.
const TOUCHING_CHARS_MAX: usize = 8;

/// Most mentions of one sentence that are looked at on each side of a name or bank.
const NEAR_MAX: usize = 48;

/// Words that mean the account spoken of last, and the one before that.
const SAME: &[&str] = &[
    "同一账",
    "同一个账",
    "同一银行",
    "同一支付",
    "同一卡",
    "同一张卡",
    "同一个人",
    "该账",
    "上述账",
    "上述卡",
    "这个账",
    "此账",
    "该卡",
    "这张卡",
    "那张卡",
    "那个卡",
    "这个卡",
    "同上",
    "同卡",
    "同账",
    "它转",
    "前述账",
];
const BEFORE_LAST: [&str; 3] = ["前一个账", "前一账", "第一个账"];

impl Parties {
    /// Whether a party is known by an account.
    pub(super) fn has_account(&self, party: usize) -> bool {
        self.all.get(party).is_some_and(|p| p.account.is_some())
    }

    pub(super) fn of(scan: &Scan, found: &Found) -> Self {
        let mut parties = Self::default();
        parties.add_accounts(scan, found);
        parties.add_names(scan, found);
        parties.mentions.sort_by_key(|m| m.span);
        parties.add_banks(scan, found);
        parties.add_references(scan);
        parties
    }

    fn add_accounts(&mut self, scan: &Scan, found: &Found) {
        let mut known: HashMap<&str, usize> = HashMap::new();
        for account in found.accounts.iter().filter(|a| a.side == Side::Payee && !scan.in_table(a.span.start)) {
            let next = self.all.len();
            let party = *known.entry(&account.value).or_insert(next);
            if party == next {
                self.all.push(Party { account: Some((account.value.clone(), account.span)), ..Party::default() });
            }
            self.mentions.push(Mention { span: account.span, party });
        }
    }

    /// Names in the order of the text; each goes to an account of its clause, then of its sentence, then near it.
    fn add_names(&mut self, scan: &Scan, found: &Found) {
        let accounts: Vec<Mention> = self.mentions.clone();
        let names: Vec<(&str, Span)> = found
            .names
            .iter()
            .filter(|n| n.side == Side::Payee && !scan.in_table(n.span.start))
            .map(|n| (n.value.as_str(), n.span))
            .collect();
        let spans: Vec<Span> = names.iter().map(|(_, span)| *span).collect();
        let mut pairs = pair(scan, &spans, &accounts, |party| self.all.get(party).is_some_and(|p| p.name.is_none()));
        // An account whose own clause names its holder takes no name from another clause.
        let named_clauses: HashSet<u32> = spans.iter().map(|s| scan.clause(s.start)).collect();
        let places: HashSet<(usize, u32)> = accounts.iter().map(|m| (m.party, scan.clause(m.span.start))).collect();
        let named_beside: HashSet<usize> =
            places.iter().filter(|(_, clause)| named_clauses.contains(clause)).map(|(party, _)| *party).collect();
        for (span, chosen) in spans.iter().zip(&mut pairs) {
            let clause = scan.clause(span.start);
            let far = |party: usize| !places.contains(&(party, clause)) && named_beside.contains(&party);
            if chosen.is_some_and(far) {
                *chosen = None;
            }
        }
        let sentences: HashSet<u32> = accounts.iter().map(|m| scan.sentence(m.span.start)).collect();
        let beside = |span: Span| sentences.contains(&scan.sentence(span.start));
        // Names beside an account come before names that stand lines away.
        let mut order: Vec<usize> = (0..names.len()).collect();
        // （罗大同：农行6222…；白玉堂：建行6217…）: and names right beside their account first of all.
        let touching = |at: usize| {
            let (Some(span), Some(Some(party))) = (spans.get(at), pairs.get(at)) else { return usize::MAX };
            let next = accounts.partition_point(|m| m.span < *span);
            let around = accounts.get(next.saturating_sub(1)..(next + 1).min(accounts.len())).unwrap_or_default();
            let gaps = around.iter().filter(|m| m.party == *party).map(|m| distance(m.span, *span));
            gaps.filter(|gap| *gap <= TOUCHING_CHARS_MAX).min().unwrap_or(usize::MAX)
        };
        order.sort_by_key(|at| (touching(*at), !spans.get(*at).is_some_and(|span| beside(*span))));
        // The first party of each name.
        let mut named: HashMap<&str, usize> = HashMap::new();
        for at in order {
            let (Some((value, span)), Some(party)) = (names.get(at), pairs.get(at)) else { continue };
            let party = *party;
            let fits = |p: &Party| p.name.as_ref().is_none_or(|(name, _)| name == value);
            let party = party.filter(|party| self.all.get(*party).is_some_and(fits));
            let party = party.or_else(|| named.get(value).copied());
            let at = party.unwrap_or_else(|| {
                self.all.push(Party::default());
                self.all.len() - 1
            });
            if let Some(party) = self.all.get_mut(at).filter(|p| p.name.is_none()) {
                party.name = Some(((*value).to_owned(), *span));
                named.entry(*value).and_modify(|first| *first = at.min(*first)).or_insert(at);
            }
            self.mentions.push(Mention { span: *span, party: at });
        }
    }

    fn add_banks(&mut self, scan: &Scan, found: &Found) {
        let banks: Vec<(&str, Span)> = found
            .banks
            .iter()
            .filter(|b| !scan.in_table(b.span.start) && !is_payers(scan, found, b.span))
            .map(|b| (b.value.as_str(), b.span))
            .collect();
        let spans: Vec<Span> = banks.iter().map(|(_, span)| *span).collect();
        let numbers: HashSet<Span> = found.accounts.iter().map(|a| a.span).collect();
        let accounts: Vec<Mention> = self.mentions.iter().copied().filter(|m| numbers.contains(&m.span)).collect();
        let lone: Vec<Mention> = self
            .mentions
            .iter()
            .copied()
            .filter(|m| self.all.get(m.party).is_some_and(|p| p.account.is_none()))
            .collect();
        let to_accounts = pair(scan, &spans, &accounts, |_| true);
        let to_names = pair(scan, &spans, &lone, |_| true);
        let mut all_told = false;
        for (index, (value, span)) in banks.iter().enumerate() {
            let account = to_accounts.get(index).copied().flatten();
            let name = to_names.get(index).copied().flatten().filter(|party| {
                let place = self.all.get(*party).and_then(|p| p.name.as_ref()).map(|(_, s)| *s);
                place.is_some_and(|s| scan.sentence(s.start) == scan.sentence(span.start))
            });
            // 以上三个卡均为农行卡: of all that have none.
            let of_all = ["均为", "都是", "均系", "均是"].iter().any(|w| scan.before(span.start, 4).ends_with(w));
            if of_all {
                let untold = self.all.iter_mut().take(if all_told { 0 } else { usize::MAX });
                for party in untold.filter(|p| p.account.is_some() && p.bank.is_none()) {
                    party.bank = Some(((*value).to_owned(), *span));
                }
                all_told = true;
            } else if let Some(party) =
                account.or(name).and_then(|at| self.all.get_mut(at)).filter(|p| p.bank.is_none())
            {
                party.bank = Some(((*value).to_owned(), *span));
            }
        }
    }

    /// 同一账户, 同上: mentions of the party spoken of last.
    fn add_references(&mut self, scan: &Scan) {
        let mut more = Vec::new();
        let mut next = 0;
        let (mut last, mut before_last) = (None, None);
        for index in 0..scan.len() {
            while let Some(mention) = self.mentions.get(next).filter(|m| m.span.start <= index) {
                if last != Some(mention.party) {
                    before_last = last;
                    last = Some(mention.party);
                }
                next += 1;
            }
            let found = scan
                .word(index, &BEFORE_LAST)
                .map(|(_, length)| (length, before_last.or(last)))
                .or_else(|| scan.word(index, SAME).map(|(_, length)| (length, last)));
            if let Some((length, Some(party))) = found {
                more.push(Mention { span: Span { start: index, end: index + length }, party });
            }
        }
        self.mentions.extend(more);
        self.mentions.sort_by_key(|m| m.span);
    }
}

/// Whether a bank is the victim's: by the words before it, in the head of a bank's message, or beside the victim's card.
fn is_payers(scan: &Scan, found: &Found, span: Span) -> bool {
    let before = without_names(scan, found, scan.before(span.start, 8), span.start).replace("他本人", "对方");
    // 【建设银行】您尾号…: whose message it is.
    let heads_message =
        before.trim_start() == "【" && !(span.end..span.end + HEAD_CHARS_MAX).any(|at| scan.is_digit(at));
    if heads_message || before.ends_with('【') && scan.at(span.end) == '】' {
        return true;
    }
    let near = found.accounts.partition_point(|a| a.span.start < span.start);
    let around = found.accounts.get(near.saturating_sub(1)..(near + 1).min(found.accounts.len())).unwrap_or_default();
    let own_card = around.iter().any(|a| {
        a.side == Side::Payer
            && (a.span.start.saturating_sub(span.end) <= 6 && a.span.start >= span.end
                || span.start.saturating_sub(a.span.end) <= 2 && span.start >= a.span.end)
    });
    let towards = ["向", "到", "至", "入", "给", "对方", "收款", "户名", "开户行", "→"]
        .iter()
        .filter_map(|w| before.rfind(w))
        .max();
    let own = ["我", "本人", "自己", "用", "从", "其", "通过", "付款", "经由", "转出", "尾号", "他的", "她的"]
        .iter()
        .filter_map(|w| before.rfind(w))
        .max();
    let channel = scan
        .word(
            span.end,
            &[
                "的钱",
                "卡里",
                "掌银",
                "手机银行",
                "APP",
                "网银",
                "个人账户",
                "信用卡被",
                "ATM",
                "柜台",
                "柜面",
                "网点",
                "大厅",
                "自助",
            ],
        )
        .is_some();
    let theirs = ["入其", "到其", "至其", "给其", "向其", "进其"].iter().any(|w| before.ends_with(w));
    if theirs {
        return false;
    }
    // 名下中国银行卡被转走2笔, but not 向“郑可心”名下民生银行账户.
    let after = scan.after(span.end, 8);
    let drained = ["被转", "被盗", "被扣", "转出", "被刷"].iter().any(|w| after.contains(w)) && towards.is_none();
    let held = before.ends_with("名下") && towards.is_none();
    // 工行转6217…, 建行→6033…: paid from it, where nothing leads to it.
    let sends = towards.is_none() && scan.word(span.end, &["转", "汇", "→"]).is_some();
    own_card || sends || drained || held || (own.is_some() && own > towards) || channel
}

/// How far behind a bank's name in the head of a message no number stands.
const HEAD_CHARS_MAX: usize = 4;

/// The text before a place with blanks for the names in it: the 我 of 任我型 is nobody's own.
fn without_names(scan: &Scan, found: &Found, before: String, end: usize) -> String {
    let start = end - before.chars().count().min(end);
    let names = found.names.partition_point(|name| name.span.start < end);
    let near = found.names.get(names.saturating_sub(2)..names).unwrap_or_default();
    let blank = |at: usize| near.iter().any(|name| name.span.range().contains(&at));
    (start..end).map(|at| if blank(at) { ' ' } else { scan.at(at) }).collect()
}

fn distance(a: Span, b: Span) -> usize {
    if a.start >= b.end { a.start - b.end } else { b.start.saturating_sub(a.end) }
}

/// For each item the party that it belongs to: the nearest mention of its clause; where a sentence has as many items as
/// mentions, the one of the same rank; else the nearest of its sentence; else the nearest a few lines off.
fn pair(scan: &Scan, items: &[Span], mentions: &[Mention], open: impl Fn(usize) -> bool) -> Vec<Option<usize>> {
    let mut mentions: Vec<Mention> = mentions.to_vec();
    mentions.sort_by_key(|m| m.span);
    let mut pairs = Vec::with_capacity(items.len());
    let sentence = |span: Span| scan.sentence(span.start);
    let mut taken = HashSet::new();
    for (index, item) in items.iter().enumerate() {
        let here = sentence(*item);
        let from = mentions.partition_point(|m| sentence(m.span) < here);
        let to = mentions.partition_point(|m| sentence(m.span) <= here);
        // Of a sentence without end only what stands around the item.
        let middle = mentions.partition_point(|m| m.span < *item).clamp(from, to);
        let (from, to) = (from.max(middle.saturating_sub(NEAR_MAX)), to.min(middle + NEAR_MAX));
        let same: &[Mention] = mentions.get(from..to).unwrap_or_default();
        let clause = scan.clause(item.start);
        let in_clause = || same.iter().filter(|m| scan.clause(m.span.start) == clause);
        let first = items.partition_point(|s| sentence(*s) < here);
        let last = items.partition_point(|s| sentence(*s) <= here);
        let (first, last) = (first.max(index.saturating_sub(NEAR_MAX)), last.min(index + NEAR_MAX));
        let ranked = || (same.len() > 1 && last - first == same.len()).then(|| same.get(index - first)).flatten();
        let chosen = match in_clause().count() {
            0 => ranked().or_else(|| same.iter().min_by_key(|m| distance(m.span, *item))),
            1 => in_clause().next(),
            _ => {
                let others = items.get(first..last).unwrap_or_default();
                let alike = others.iter().filter(|s| scan.clause(s.start) == clause).count();
                let rank = others.iter().filter(|s| scan.clause(s.start) == clause).position(|s| s == item);
                if alike == in_clause().count() {
                    rank.and_then(|rank| in_clause().nth(rank))
                } else {
                    in_clause().min_by_key(|m| distance(m.span, *item))
                }
            }
        };
        let chosen = chosen.map(|m| m.party).or_else(|| {
            let low = mentions.partition_point(|m| sentence(m.span) + SENTENCES_APART_MAX < here);
            let high = mentions.partition_point(|m| sentence(m.span) <= here + SENTENCES_APART_MAX);
            let (low, high) = (low.max(middle.saturating_sub(NEAR_MAX)), high.min(middle + NEAR_MAX));
            let near = mentions.get(low..high).unwrap_or_default();
            near.iter()
                .filter(|m| open(m.party) && !taken.contains(&m.party))
                .min_by_key(|m| (distance(m.span, *item), m.span.start))
                .map(|m| m.party)
        });
        if let Some(party) = chosen {
            taken.insert(party);
        }
        pairs.push(chosen);
    }
    pairs
}
