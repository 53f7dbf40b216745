//! Makes payments out of what was found: for each amount paid whom it went to, when and how.
//!
//! A story is cut into items (sentences, and the points of a numbered list). Amounts of an item go to the party that the
//! item speaks of; an item that names none goes on with the party before it, or else the one behind it.

use std::collections::HashSet;

use kernel::{Duration, Money, Timestamp};

use super::parties::{Mention, Parties, Party};
use super::scan::Scan;
use super::{
    AccountFinding, AmountFinding, AmountRole, Found, Precision, Side, Span, SuggestedPayment, TimeFinding, paid_at,
};
use crate::intake::model::{DraftAmount, DraftPayment, PaymentChannel};

/// How far the clock of a payer may be ahead.
const CLOCKS_APART_MAX: Duration = Duration::minutes(10);
/// How far before an amount a word says how it was paid.
const CHANNEL_CHARS_MAX: usize = 120;
/// Most mentions, amounts and times of one item that are looked at on each side of an amount.
const NEAR_MAX: usize = 48;
/// Furthest, in characters, between an amount and the same one repeated in brackets or words.
const REPEATED_WITHIN: usize = 14;

/// One payment for each amount paid; where there is no amount at all, one for each account of the other side.
pub(super) fn payments(scan: &Scan, found: &Found, reference: Timestamp) -> Vec<SuggestedPayment> {
    let parties = Parties::of(scan, found);
    let of_table: HashSet<Money> =
        found.amounts.iter().filter(|a| scan.in_table(a.span.start)).map(|a| a.value).collect();
    let has_table = !of_table.is_empty();
    let items = Items::of(scan);
    let mut amounts: Vec<&AmountFinding> = Vec::new();
    for amount in found.amounts.iter().filter(|a| a.role == AmountRole::Paid && !scan.in_table(a.span.start)) {
        let again = amounts.last().is_some_and(|before| is_repeated(scan, &parties, before, amount));
        // What a table lists, a story beside it tells again.
        if !(again || of_table.contains(&amount.value)) {
            amounts.push(amount);
        }
    }
    let times: Vec<&TimeFinding> = found
        .times
        .iter()
        .filter(|t| !scan.in_table(t.span.start))
        // 明天 is when something is promised, not when money was paid.
        .filter(|t| t.value <= reference + CLOCKS_APART_MAX)
        .collect();
    let making = Making::of(scan, found, &parties, &items, &amounts, &times);
    if amounts.is_empty() && !has_table {
        return parties.all.iter().filter(|p| p.account.is_some()).map(|party| making.without_amount(party)).collect();
    }
    let whom = making.whom();
    let when = making.when();
    amounts
        .iter()
        .zip(whom)
        .zip(when)
        .enumerate()
        .map(|(at, ((amount, party), time))| making.payment(at, amount, party, time))
        .collect()
}

/// 8万8（88000元）, 贰万元（大写）, and a form that states what was told: the same amount, not a second payment.
fn is_repeated(scan: &Scan, parties: &Parties, before: &AmountFinding, amount: &AmountFinding) -> bool {
    if before.value != amount.value || amount.span.start < before.span.end {
        return false;
    }
    let gap = amount.span.start - before.span.end;
    let between = scan.plain_text(before.span.end, before.span.end + gap.min(60));
    let beside = gap <= REPEATED_WITHIN
        && !between.chars().any(|c| c.is_ascii_digit())
        && (between.trim_start().starts_with(['(', '/', '='])
            || ["大写", "小写", "即", "也就是"].iter().any(|word| between.contains(word)));
    let label = ["金额", "共", "损失", "款项"]
        .iter()
        .any(|word| between.trim_end_matches([':', ' ', '为', '是', '¥']).ends_with(word));
    if beside || !label || gap > 60 {
        return beside;
    }
    let behind = parties.mentions.partition_point(|m| m.span.start < before.span.end);
    let spoken_of = parties.mentions.get(behind).is_some_and(|m| m.span.end <= amount.span.start);
    !spoken_of
}

/// The items of a story: sentences, cut again at the marks of a list.
struct Items {
    /// The item of each character.
    of: Vec<u32>,
}

impl Items {
    fn of(scan: &Scan) -> Self {
        let mut of = Vec::with_capacity(scan.len());
        let (mut item, mut sentence) = (0, scan.sentence(0));
        for index in 0..scan.len() {
            if scan.sentence(index) != sentence {
                sentence = scan.sentence(index);
                item += 1;
            } else if is_list_mark(scan, index) {
                item += 1;
            }
            of.push(item);
        }
        Self { of }
    }

    fn at(&self, index: usize) -> u32 {
        self.of.get(index).copied().unwrap_or(u32::MAX)
    }
}

/// ①, (2), 3): the marks of a list within a sentence.
fn is_list_mark(scan: &Scan, index: usize) -> bool {
    let c = scan.at(index);
    if matches!(c, '①'..='⑳' | '⑴'..='⒇' | '㈠'..='㈩') {
        return true;
    }
    let small = |at: usize| scan.is_digit(at) && scan.at(at + 1) == ')';
    (c == '(' && small(index + 1)) || (small(index) && index > 0 && matches!(scan.at(index - 1), ',' | ' ' | ':'))
}

/// Words of a payment that names no account although others of the story do.
const CODES: [&str; 9] = ["支付宝账", "微信", "扫码", "红包", "现金", "二维码", "POS", "刷卡", "刷信用卡"];

/// What is done at a time that stands right before it.
const ACTS: &[&str] = &[
    "汇出",
    "转出",
    "转入",
    "转账",
    "转至",
    "转到",
    "汇款",
    "照办",
    "照做",
    "支付",
    "付款",
    "完成",
    "打款",
    "打入",
    "存入",
    "交了",
    "转了",
    "付了",
    "汇了",
    "打了",
    "投了",
    "也交了",
    "也转了",
    "也付了",
];
/// What stands between a time and an amount that was not yet paid then.
const ASKS: &[&str] = &["让", "要求", "令", "叫", "借款", "贷款", "接到", "被拉", "收到"];
/// How far before a party the word may stand that says which payments it had.
const ORDINAL_WITHIN: usize = 24;

/// 前两笔, 头两次, 后两笔, 第三回, 最后一次: which of so many payments are meant, and where the word begins in the text.
fn ordinal(text: &str, count: usize) -> Option<(std::ops::Range<usize>, usize)> {
    let characters: Vec<char> = text.chars().collect();
    let at = |index: usize| characters.get(index).copied().unwrap_or(' ');
    let number = |c: char| c.to_digit(10).map(u64::from).or_else(|| kernel::chinese_digit(c).map(u64::from));
    let counter = |c: char| matches!(c, '笔' | '次' | '回' | '单');
    (0..characters.len()).rev().find_map(|start| {
        let counted = number(at(start + 1)).filter(|_| counter(at(start + 2))).and_then(|n| usize::try_from(n).ok());
        let last = at(start) == '最' && at(start + 1) == '后' && (counter(at(start + 2)) || counter(at(start + 3)));
        let range = match (at(start), counted) {
            _ if last => count.checked_sub(1)?..count,
            ('前' | '头', Some(n)) if n <= count => 0..n,
            ('后', Some(n)) if n <= count && at(start.wrapping_sub(1)) != '最' => count - n..count,
            ('第', Some(n)) if (1..=count).contains(&n) => n - 1..n,
            _ => return None,
        };
        Some((range, start))
    })
}

struct Making<'a> {
    scan: &'a Scan,
    found: &'a Found,
    parties: &'a Parties,
    items: &'a Items,
    amounts: &'a [&'a AmountFinding],
    times: &'a [&'a TimeFinding],
    /// Clauses in which an account of Alipay stands.
    alipay_clauses: HashSet<u32>,
    /// The last mention of a party with an account.
    last_account: Option<usize>,
    /// The account paid from, where the story has only one.
    payer: Option<&'a AccountFinding>,
}

/// A time of day that was told; 刚刚 is none where another is.
fn is_exact(time: &TimeFinding) -> bool {
    time.precision > Precision::Day && !time.text.starts_with(['刚', '剛'])
}

fn clause_before_ends(scan: &Scan, amount: &AmountFinding, word: &str) -> bool {
    scan.before(amount.span.start, 8).trim_end_matches([' ', ':', '了', '¥']).ends_with(word)
}

fn apart(a: Span, b: Span) -> usize {
    if a.start >= b.end { a.start - b.end } else { b.start.saturating_sub(a.end) }
}

impl<'a> Making<'a> {
    fn of(
        scan: &'a Scan,
        found: &'a Found,
        parties: &'a Parties,
        items: &'a Items,
        amounts: &'a [&'a AmountFinding],
        times: &'a [&'a TimeFinding],
    ) -> Self {
        let alipay = found.chats.iter().filter(|c| c.service == "alipay");
        let mut payers = found.accounts.iter().filter(|a| a.side == Side::Payer);
        Self {
            scan,
            found,
            parties,
            items,
            amounts,
            times,
            alipay_clauses: alipay.map(|c| scan.clause(c.span.start)).collect(),
            last_account: parties.mentions.iter().rposition(|m| parties.has_account(m.party)),
            payer: payers.next().filter(|_| payers.next().is_none()),
        }
    }

    /// The party of each amount.
    fn whom(&self) -> Vec<Option<usize>> {
        if let Some(whom) = self.by_ordinals() {
            return whom;
        }
        let mut whom: Vec<Option<usize>> = Vec::with_capacity(self.amounts.len());
        let mentions = &self.parties.mentions;
        let item = |span: Span| self.items.at(span.start);
        for (at, amount) in self.amounts.iter().enumerate() {
            let here = item(amount.span);
            let from = mentions.partition_point(|m| item(m.span) < here);
            let to = mentions.partition_point(|m| item(m.span) <= here);
            // Of an item without end only what stands around the amount.
            let middle = mentions.partition_point(|m| m.span.start < amount.span.start).clamp(from, to);
            let (low, high) = (from.max(middle.saturating_sub(NEAR_MAX)), to.min(middle + NEAR_MAX));
            let inside = mentions.get(low..high).unwrap_or_default();
            let first = self.amounts.partition_point(|a| item(a.span) < here);
            let last = self.amounts.partition_point(|a| item(a.span) <= here);
            let (first, last) = (first.max(at.saturating_sub(NEAR_MAX)), last.min(at + NEAR_MAX));
            let alike = self.amounts.get(first..last).unwrap_or_default();
            whom.push(self.of_item(amount, inside, alike, at - first).or_else(|| match inside {
                [] => self.listed_behind(from, alike.len(), at - first).or_else(|| self.beyond_item(amount, from)),
                _ => None,
            }));
        }
        whom
    }

    /// 前两笔收款人甲，后两笔收款人乙: where the words before each party say which payments it had. None where a party
    /// is named without such a word.
    fn by_ordinals(&self) -> Option<Vec<Option<usize>>> {
        let mut whom: Vec<Option<usize>> = vec![None; self.amounts.len()];
        let mut bound: HashSet<usize> = HashSet::new();
        let mut last_end = 0;
        for mention in &self.parties.mentions {
            let before = self.scan.sentence_before(
                mention.span.start,
                ORDINAL_WITHIN.min(mention.span.start - last_end.min(mention.span.start)),
            );
            last_end = mention.span.end;
            let from = self.amounts.partition_point(|a| a.span.start < mention.span.start);
            let since = from.checked_sub(1).and_then(|at| self.amounts.get(at)).map_or(0, |a| a.span.end);
            let Some((range, at)) = ordinal(&before, self.amounts.len()) else { continue };
            // 第二笔5万转到…: the amount itself says to which.
            let begins = mention.span.start - before.chars().count() + at;
            if since > begins {
                continue;
            }
            bound.insert(mention.party);
            whom.get_mut(range).unwrap_or_default().fill(Some(mention.party));
        }
        let all_bound = !bound.is_empty() && self.parties.mentions.iter().all(|m| bound.contains(&m.party));
        all_bound.then_some(whom)
    }

    /// By the mentions of the amount's own item.
    fn of_item(
        &self,
        amount: &AmountFinding,
        inside: &[Mention],
        alike: &[&AmountFinding],
        rank: usize,
    ) -> Option<usize> {
        let clause = self.scan.clause(amount.span.start);
        let own: Vec<&Mention> = inside.iter().filter(|m| self.scan.clause(m.span.start) == clause).collect();
        let distinct = |mentions: &mut dyn Iterator<Item = usize>| {
            let mut parties: Vec<usize> = Vec::new();
            for party in mentions {
                if parties.last() != Some(&party) {
                    parties.push(party);
                }
            }
            parties
        };
        let runs = distinct(&mut inside.iter().map(|m| m.party));
        let in_clause = distinct(&mut own.iter().map(|m| m.party));
        let peers = alike.iter().filter(|a| self.scan.clause(a.span.start) == clause).count();
        match in_clause.as_slice() {
            [] => {}
            [one] => return Some(*one),
            many if many.len() == peers => {
                let before = alike.iter().take(rank).filter(|a| self.scan.clause(a.span.start) == clause).count();
                return many.get(before).copied();
            }
            _ => return own.iter().min_by_key(|m| apart(m.span, amount.span)).map(|m| m.party),
        }
        if runs.is_empty() || self.by_code(amount, &runs) {
            return None;
        }
        if let [one] = runs.as_slice() {
            return Some(*one);
        }
        if runs.len() == alike.len() {
            return runs.get(rank).copied();
        }
        let before = inside.iter().rfind(|m| m.span.end <= amount.span.start);
        before.or_else(|| inside.first()).map(|m| m.party)
    }

    /// Whether an amount was paid by a code or in cash while the story's accounts are of others.
    fn by_code(&self, amount: &AmountFinding, runs: &[usize]) -> bool {
        let clause = self.scan.before(amount.span.start, 24) + &self.scan.after(amount.span.end, 16);
        let number = self.scan.clause(amount.span.start);
        // 支付宝转到 a@example.com: the account is there, and is no bank's.
        let alipay = self.alipay_clauses.contains(&number);
        // 消费4,999.00元: at a shop.
        let shop = clause_before_ends(self.scan, amount, "消费");
        let code = alipay || shop || CODES.iter().any(|word| clause.contains(word));
        let cards = runs.iter().all(|party| self.parties.has_account(*party));
        code && cards && self.amounts.len() > 1
    }

    /// 三次分别打给甲（…）、乙（…）、丙（…）: as many parties in the next item as amounts in this one.
    fn listed_behind(&self, place: usize, count: usize, rank: usize) -> Option<usize> {
        let mentions = &self.parties.mentions;
        let next = mentions.get(place).filter(|_| place == 0 && (2..=NEAR_MAX).contains(&count))?;
        let item = self.items.at(next.span.start);
        let mut parties: Vec<usize> = Vec::new();
        for mention in mentions.iter().skip(place).take(NEAR_MAX).take_while(|m| self.items.at(m.span.start) == item) {
            if !parties.contains(&mention.party) {
                parties.push(mention.party);
            }
        }
        (parties.len() == count && self.scan.sentence_before(next.span.start, 20).contains("分别"))
            .then(|| parties.get(rank).copied())
            .flatten()
    }

    /// An item that names no party: the one before it, or else the one behind it.
    fn beyond_item(&self, amount: &AmountFinding, place: usize) -> Option<usize> {
        let mentions = &self.parties.mentions;
        let before = place.checked_sub(1).and_then(|i| mentions.get(i));
        // 商户叫“鑫源便利”；第二次银行转账…: a shop paid by code is not whom the next transfer went to.
        let shop = before.is_some_and(|m| {
            !self.parties.has_account(m.party) && self.scan.sentence_before(m.span.start, 40).contains("扫码")
        });
        let before = before.filter(|_| !(shop && self.last_account >= Some(place)));
        let party = before.or_else(|| mentions.get(place)).map(|m| m.party)?;
        (!self.by_code(amount, &[party])).then_some(party)
    }

    /// The time of each amount.
    fn when(&self) -> Vec<Option<&TimeFinding>> {
        let mut when: Vec<Option<&TimeFinding>> = Vec::with_capacity(self.amounts.len());
        for (at, amount) in self.amounts.iter().enumerate() {
            let inherited = when.last().copied().flatten().filter(|_| self.is_listed(at));
            let before = when.last().copied().flatten();
            let time = self
                .acted_behind(at, amount)
                .or_else(|| self.beside(at, amount))
                .or_else(|| self.in_window(at, amount, before))
                .or(inherited);
            when.push(time);
        }
        if let Some(listed) = self.listed_for_all() {
            return listed;
        }
        let exact = when.iter().flatten().any(|t| is_exact(t));
        // The last of a list may have taken what is told of all: 888、1888、8888三笔，都是26号转的.
        let one = when.iter().flatten().count() == 1 && when.last().is_some_and(Option::is_some) && when.len() > 1;
        if one
            && let Some(time) = when.last().copied().flatten()
            && self.amounts.last().is_some_and(|a| time.span.start >= a.span.end)
            && ["都", "均", "时间", "分别"].iter().any(|w| self.scan.before(time.span.start, 8).contains(w))
        {
            when.fill(Some(time));
        } else if !exact && let Some((time, last_only)) = self.told_at_the_end() {
            let count = when.len();
            for slot in when.iter_mut().skip(if last_only { count.saturating_sub(1) } else { 0 }) {
                *slot = Some(time);
            }
        }
        when
    }

    /// Whether an amount follows the one before it in the same item.
    fn is_listed(&self, at: usize) -> bool {
        let item = |at: usize| self.amounts.get(at).map(|a| self.items.at(a.span.start));
        at > 0 && item(at - 1) == item(at)
    }

    /// 让其把48,000元转入…，申某于10时03分照办: a time of the act behind an amount that was only asked for before.
    fn acted_behind(&self, at: usize, amount: &AmountFinding) -> Option<&TimeFinding> {
        let next_start = self.amounts.get(at + 1).map_or(self.scan.len(), |a| a.span.start);
        let here = self.items.at(amount.span.start);
        let first = self.times.partition_point(|t| t.span.start < amount.span.end);
        let last = self.times.partition_point(|t| t.span.end <= next_start);
        let behind = self.times.get(first..last).unwrap_or_default().iter().take(NEAR_MAX);
        let acted = behind
            .take_while(|t| self.items.at(t.span.start) == here)
            .find(|t| is_exact(t) && self.scan.word(t.span.end, ACTS).is_some())?;
        let before = first.checked_sub(1).and_then(|at| self.times.get(at)).filter(|t| is_exact(t))?;
        let since =
            self.scan.sentence_before(amount.span.start, amount.span.start.saturating_sub(before.span.end).min(60));
        ASKS.iter().any(|word| since.contains(word)).then_some(*acted)
    }

    /// A list of as many times as there are amounts, behind or before all of them: 600、1200、3600…11月29日 14:10、14:40、15:25.
    fn listed_for_all(&self) -> Option<Vec<Option<&TimeFinding>>> {
        let count = self.amounts.len();
        let (a0, a1) = (self.amounts.first()?, self.amounts.last()?);
        if !(2..=NEAR_MAX).contains(&count)
            || self.amounts.iter().enumerate().any(|(at, amount)| self.beside(at, amount).is_some())
        {
            return None;
        }
        let joined = |pair: &[&TimeFinding]| match pair {
            [one, next] => self.is_gap_of_list(one.span.end, next.span.start),
            _ => false,
        };
        let mut runs = self.times.chunk_by(|one, next| joined(&[one, next]));
        let run = runs.find(|run| {
            let one_side = run.first().is_some_and(|t| t.span.start >= a1.span.end)
                || run.last().is_some_and(|t| t.span.end <= a0.span.start);
            run.len() == count && one_side
        })?;
        Some(run.iter().map(|time| Some(*time)).collect())
    }

    fn is_gap_of_list(&self, from: usize, to: usize) -> bool {
        let joins = |c: char| matches!(c, '、' | ',' | '和' | '及' | ' ' | '与' | ';');
        from < to && to - from <= 2 && (from..to).all(|at| joins(self.scan.at(at)))
    }

    /// In the clause of the amount, else of the same rank in its item.
    fn beside(&self, at: usize, amount: &AmountFinding) -> Option<&TimeFinding> {
        let here = self.items.at(amount.span.start);
        let item = |span: Span| self.items.at(span.start);
        let exact = |t: &&&TimeFinding| is_exact(t);
        let from = self.times.partition_point(|t| item(t.span) < here);
        let to = self.times.partition_point(|t| item(t.span) <= here);
        let middle = self.times.partition_point(|t| t.span.start < amount.span.start).clamp(from, to);
        let (from, to) = (from.max(middle.saturating_sub(NEAR_MAX)), to.min(middle + NEAR_MAX));
        let times: Vec<&&TimeFinding> = self.times.get(from..to).unwrap_or_default().iter().filter(exact).collect();
        let first = self.amounts.partition_point(|a| item(a.span) < here);
        let last = self.amounts.partition_point(|a| item(a.span) <= here);
        let (first, last) = (first.max(at.saturating_sub(NEAR_MAX)), last.min(at + NEAR_MAX));
        let previous_end = at.checked_sub(1).and_then(|i| self.amounts.get(i)).map_or(0, |a| a.span.end);
        let next_start = self.amounts.get(at + 1).map_or(self.scan.len(), |a| a.span.start);
        let clause = self.scan.clause(amount.span.start);
        let before = || {
            times
                .iter()
                .rfind(|t| {
                    t.span.end <= amount.span.start
                        && t.span.start >= previous_end
                        && self.scan.clause(t.span.start) == clause
                })
                .copied()
        };
        let behind = || {
            times
                .iter()
                .find(|t| {
                    t.span.start >= amount.span.end
                        && t.span.end <= next_start
                        && self.scan.clause(t.span.start) == clause
                })
                .copied()
        };
        // As many times as amounts, all on one side: 21时10分、22时08分分别转账3000、6000.
        let zipped = self.rank_among(&times, first, last, at);
        // 于11:05、11:08分两笔转账，另于11:20转账10000元: the amount's own time comes before a list behind it.
        let own = before().filter(|own| {
            zipped.is_none_or(|of_list| of_list.span.end <= previous_end && at > 0 && own.span.start >= previous_end)
        });
        own.copied().or(zipped).or_else(|| before().copied()).or_else(|| behind().copied())
    }

    /// Where a run of times stands as one list on one side of an item's amounts, as many as they: the time of this rank.
    fn rank_among<'t>(
        &self,
        times: &[&&'t TimeFinding],
        first: usize,
        last: usize,
        at: usize,
    ) -> Option<&'t TimeFinding> {
        // The list that the amount stands in, else all amounts of the item.
        let (low, high) = self.list_around(first, last, at);
        let (first, last) = if high - low >= 2 { (low, high) } else { (first, last) };
        let amounts = self.amounts.get(first..last).filter(|a| a.len() >= 2)?;
        let (a0, a1) = (amounts.first()?, amounts.last()?);
        let listed = |pair: &[&&TimeFinding]| match pair {
            [one, next] => self.is_gap_of_list(one.span.end, next.span.start),
            _ => false,
        };
        let run = times.windows(amounts.len()).rev().find(|window| {
            let one_side = window.first().is_some_and(|t| t.span.start >= a1.span.end)
                || window.last().is_some_and(|t| t.span.end <= a0.span.start);
            one_side && (window.windows(2).all(listed) || times.len() == amounts.len())
        })?;
        run.get(at - first).map(|time| **time)
    }

    /// The amounts that stand as one list around one: 9000元、15000元.
    fn list_around(&self, first: usize, last: usize, at: usize) -> (usize, usize) {
        let joined = |left: usize| {
            let (Some(one), Some(next)) = (self.amounts.get(left), self.amounts.get(left + 1)) else { return false };
            let gap = next.span.start.saturating_sub(one.span.end);
            gap <= 3
                && self
                    .scan
                    .plain_text(one.span.end, next.span.start)
                    .chars()
                    .all(|c| matches!(c, '、' | ',' | '和' | '及' | ' ' | '与' | ';'))
        };
        let (mut low, mut high) = (at, at + 1);
        while low > first && joined(low - 1) {
            low -= 1;
        }
        while high < last && joined(high - 1) {
            high += 1;
        }
        (low, high)
    }

    /// Named before the amount since the one before it; else behind it in its item, where no other amount claims it.
    /// `taken` is the time of the amount before, which may stand between the two.
    fn in_window(&self, at: usize, amount: &AmountFinding, taken: Option<&TimeFinding>) -> Option<&TimeFinding> {
        let previous_end = at.checked_sub(1).and_then(|i| self.amounts.get(i)).map_or(0, |a| a.span.end);
        let next_start = self.amounts.get(at + 1).map_or(self.scan.len(), |a| a.span.start);
        let here = self.items.at(amount.span.start);
        let from = self.times.partition_point(|t| t.span.start < previous_end);
        let to = self.times.partition_point(|t| t.span.end <= amount.span.start);
        let before = self.times.get(from..to).unwrap_or_default();
        let first = self.times.partition_point(|t| t.span.start < amount.span.end);
        let last = self.times.partition_point(|t| t.span.end <= next_start);
        let after = self.times.get(first..last).unwrap_or_default();
        let in_item = |t: &TimeFinding| self.items.at(t.span.start) == here || self.amounts.len() == 1;
        let behind = || after.iter().find(|t| in_item(t) && t.precision > Precision::Day);
        let exact = before.iter().rfind(|t| is_exact(t) && self.items.at(t.span.start) == here);
        let free = |t: &&&TimeFinding| taken.is_none_or(|taken| taken.span != t.span);
        let earlier =
            || before.iter().rfind(|t| is_exact(t) && free(t)).or_else(|| before.iter().rfind(|t| is_exact(t)));
        let clause = self.scan.clause(amount.span.start);
        let day_beside = || after.iter().find(|t| self.scan.clause(t.span.start) == clause);
        let day = || before.iter().rfind(free).or_else(day_beside).or_else(|| before.last());
        let day_behind =
            || after.iter().find(|t| in_item(t) && self.scan.clause(t.span.start) != self.scan.clause(next_start));
        // A form: 转出金额 on one line, 转出时间 on the next.
        let labelled = || {
            let near = self.scan.sentence(amount.span.start) + 3;
            after.iter().find(|t| {
                is_exact(t)
                    && self.scan.sentence(t.span.start) <= near
                    && ["时间", "日期"].iter().any(|w| self.scan.before(t.span.start, 8).contains(w))
            })
        };
        let own = || before.iter().rfind(|t| is_exact(t) && free(t));
        let day_in_item = || before.iter().rfind(|t| free(t) && self.items.at(t.span.start) == here);
        let day_behind_in_item = || day_behind().filter(|t| self.items.at(t.span.start) == here);
        // A time that the amount before has taken comes after one that is free.
        exact
            .filter(free)
            .or_else(behind)
            .or(exact)
            .or_else(own)
            .or_else(labelled)
            .or_else(earlier)
            .or_else(day_in_item)
            .or_else(day_behind_in_item)
            .or_else(day)
            .or_else(day_behind)
            .copied()
    }

    /// 时间都是昨天中午12点: a time behind all amounts; with 最后 of the last alone.
    fn told_at_the_end(&self) -> Option<(&TimeFinding, bool)> {
        let end = self.amounts.last()?.span.end;
        let time = self.times.iter().find(|t| t.span.start >= end && is_exact(t))?;
        let clause = self.scan.clause(time.span.start);
        if self.found.amounts.iter().any(|a| a.span.start >= end && self.scan.clause(a.span.start) == clause) {
            return None;
        }
        let clause = self.scan.before(time.span.start, 20) + &self.scan.after(time.span.end, 8);
        let told = [
            "时间", "转", "汇", "付", "打", "日期", "充", "刷", "都是", "存", "最后", "大概", "左右", "均于", "均在",
            "完成",
        ]
        .iter()
        .any(|w| clause.contains(w));
        told.then_some((*time, clause.contains("最后")))
    }

    fn payment(
        &self,
        at: usize,
        amount: &AmountFinding,
        party: Option<usize>,
        time: Option<&TimeFinding>,
    ) -> SuggestedPayment {
        let mut spans = vec![amount.span];
        let mut payment = DraftPayment {
            amount: DraftAmount::Money(amount.value),
            currency: amount.value.currency.to_string(),
            ..DraftPayment::default()
        };
        if let Some(party) = party.and_then(|at| self.parties.all.get(at)) {
            add_party(party, &mut payment, &mut spans);
        }
        if let Some(time) = time {
            payment.paid_at = paid_at(time.value, time.precision);
            spans.push(time.span);
        }
        self.add_payer(&mut payment, &mut spans);
        let start = at.checked_sub(1).and_then(|i| self.amounts.get(i)).map_or(0, |a| a.span.end);
        let end = self.amounts.get(at + 1).map_or(self.scan.len(), |a| a.span.start);
        let references = &self.found.references;
        let from = references.partition_point(|r| r.span.start < start);
        if let Some(reference) = references.get(from).filter(|r| r.span.end <= end) {
            payment.reference.clone_from(&reference.value);
            spans.push(reference.span);
        }
        payment.channel = self.channel(amount).map(|c| c.code().to_owned()).unwrap_or_default();
        spans.sort_unstable();
        spans.dedup();
        SuggestedPayment { payment, spans }
    }

    fn without_amount(&self, party: &Party) -> SuggestedPayment {
        let (mut payment, mut spans) = (DraftPayment::default(), Vec::new());
        add_party(party, &mut payment, &mut spans);
        self.add_payer(&mut payment, &mut spans);
        spans.sort_unstable();
        SuggestedPayment { payment, spans }
    }

    fn add_payer(&self, payment: &mut DraftPayment, spans: &mut Vec<Span>) {
        if let Some(account) = self.payer {
            payment.payer_account.clone_from(&account.value);
            spans.push(account.span);
        }
    }

    fn channel(&self, amount: &AmountFinding) -> Option<PaymentChannel> {
        const WORDS: [(&str, PaymentChannel); 22] = [
            ("手机银行", PaymentChannel::Mobile),
            ("掌上银行", PaymentChannel::Mobile),
            ("网上银行", PaymentChannel::Online),
            ("网银", PaymentChannel::Online),
            ("柜台", PaymentChannel::Counter),
            ("柜面", PaymentChannel::Counter),
            ("ATM", PaymentChannel::Atm),
            ("自助机", PaymentChannel::Atm),
            ("柜员机", PaymentChannel::Atm),
            ("支付宝", PaymentChannel::PaymentInstitution),
            ("微信转", PaymentChannel::PaymentInstitution),
            ("微信支付", PaymentChannel::PaymentInstitution),
            ("扫码", PaymentChannel::PaymentInstitution),
            ("二维码", PaymentChannel::PaymentInstitution),
            ("刷卡", PaymentChannel::CardTerminal),
            ("POS", PaymentChannel::CardTerminal),
            ("充话费", PaymentChannel::TopUp),
            ("话费", PaymentChannel::TopUp),
            ("点卡", PaymentChannel::GameCard),
            ("USDT", PaymentChannel::VirtualCurrency),
            ("虚拟币", PaymentChannel::VirtualCurrency),
            ("现金", PaymentChannel::Cash),
        ];
        let read = |text: &str| {
            let places = WORDS.iter().filter_map(|(word, channel)| text.rfind(word).map(|at| (at, *channel)));
            places.max_by_key(|(at, _)| *at).map(|(_, channel)| channel)
        };
        let start = amount.span.start;
        let whole = self.scan.sentence_before(start, CHANNEL_CHARS_MAX);
        let amounts = self.found.amounts.partition_point(|a| a.span.start < start);
        let coins = self.found.coins.partition_point(|c| c.span.start < start);
        let before = amounts.checked_sub(1).and_then(|at| self.found.amounts.get(at)).map_or(0, |a| a.span.end);
        let coins_end = coins.checked_sub(1).and_then(|at| self.found.coins.get(at)).map_or(0, |c| c.span.end);
        let since = start - before.max(coins_end).min(start);
        let own = self.scan.sentence_before(start, since.min(CHANNEL_CHARS_MAX));
        if let Some(channel) = read(&own) {
            return Some(channel);
        }
        // 9000元、15000元, 又转了3000元: paid as the amount before. What has its own verb or follows coins is not.
        let goes_on = !own.contains(['转', '汇', '打', '付', '存', '充']) || own.contains(['又', '再']);
        if coins_end > before || !goes_on {
            return None;
        }
        read(&whole).filter(|channel| *channel != PaymentChannel::VirtualCurrency)
    }
}

fn add_party(party: &Party, payment: &mut DraftPayment, spans: &mut Vec<Span>) {
    for (known, field) in [
        (&party.account, &mut payment.payee_account),
        (&party.name, &mut payment.payee_name),
        (&party.bank, &mut payment.payee_bank),
    ] {
        if let Some((value, span)) = known {
            field.clone_from(value);
            spans.push(*span);
        }
    }
}
