//! Makes payments out of findings that stand together: for each amount paid its account, name, bank and time.

use kernel::{Duration, Timestamp};

use super::scan::Scan;
use super::{AccountFinding, AmountFinding, AmountRole, Found, Precision, Side, Span, SuggestedPayment, TimeFinding};
use crate::intake::model::{DraftAmount, DraftPayment, PaymentChannel};

/// How far the clock of a payer may be ahead.
const CLOCKS_APART_MAX: Duration = Duration::minutes(10);

const PAYING: [&str; 19] = [
    "转",
    "汇",
    "打款",
    "打了",
    "打给",
    "打到",
    "打入",
    "付",
    "充",
    "存",
    "刷",
    "交",
    "投",
    "扫码",
    "购买",
    "买了",
    "借给",
    "支出",
    "打过去",
];
const RECEIVING: [&str; 24] = [
    "返",
    "提现",
    "到账",
    "收到",
    "佣金",
    "退",
    "赚",
    "收益",
    "余额",
    "额度",
    "利润",
    "贷款",
    "价值",
    "奖励",
    "工资",
    "显示",
    "盈利",
    "到手",
    "报酬",
    "手机话费剩",
    "资产",
    "征信",
    "中奖",
    "贷出",
];
const DEMANDING: [&str; 16] = [
    "要求", "需要", "让我", "叫我", "必须", "还要", "要我", "要交", "说要", "须", "再交", "让其", "要先", "应交",
    "得交", "索要",
];
const SUMMING: [&str; 12] =
    ["共计", "合计", "累计", "总计", "总共", "一共", "损失", "被骗", "骗走", "骗了", "共被", "涉案"];

/// Says of each amount outside tables what it seems to be, by the words in its clause.
pub(super) fn roles(scan: &Scan, found: &mut Found) {
    for amount in &mut found.amounts {
        if scan.in_table(amount.span.start) {
            amount.role = AmountRole::Paid;
            continue;
        }
        amount.role = role(scan, amount.span);
    }
}

fn last_of(text: &str, words: &[&str]) -> Option<usize> {
    words.iter().filter_map(|word| text.rfind(word).map(|at| at + word.len())).max()
}

fn role(scan: &Scan, span: Span) -> AmountRole {
    let before = scan.before(span.start, 60);
    let after = scan.after(span.end, 8);
    if ["这", "该", "上述", "剩余", "剩下"].iter().any(|word| before.ends_with(word)) {
        return AmountRole::Other;
    }
    let (paying, receiving) = (last_of(&before, &PAYING), last_of(&before, &RECEIVING));
    let (demanding, summing) = (last_of(&before, &DEMANDING), last_of(&before, &SUMMING));
    if summing.is_some() && summing > paying {
        return AmountRole::Total;
    }
    if ["共计", "合计", "累计", "总计", "总共", "一共", "共"].iter().any(|word| before.ends_with(word)) {
        return AmountRole::Total;
    }
    let said_done =
        paying.is_some_and(|at| before.get(at..).is_some_and(|rest| rest.contains('了') || rest.contains('过')));
    match (paying, receiving) {
        (Some(paid), received) if received.is_none_or(|received| received < paid) => {
            if demanding.is_some_and(|demanded| demanded < paid) && !said_done {
                AmountRole::Demanded
            } else {
                AmountRole::Paid
            }
        }
        (_, Some(_)) => AmountRole::Other,
        _ if demanding.is_some() => AmountRole::Demanded,
        // 把3万元转给对方: the verb follows.
        _ if last_of(&after, &["转", "汇", "打给", "打到", "存入", "付"]).is_some() => AmountRole::Paid,
        _ => AmountRole::Other,
    }
}

/// One payment for each amount paid; where none was paid for sure, what was demanded, then a sum; and where there is
/// no amount at all, one for each account of the other side.
pub(super) fn payments(scan: &Scan, found: &Found, reference: Timestamp) -> Vec<SuggestedPayment> {
    let of = |role: AmountRole| -> Vec<&AmountFinding> {
        found.amounts.iter().filter(|a| a.role == role && !scan.in_table(a.span.start)).collect()
    };
    let has_table = found.amounts.iter().any(|a| scan.in_table(a.span.start));
    let mut amounts = of(AmountRole::Paid);
    if !has_table {
        for fallback in [AmountRole::Demanded, AmountRole::Total] {
            if amounts.is_empty() {
                amounts = of(fallback);
            }
        }
    }
    let payees: Vec<&AccountFinding> =
        found.accounts.iter().filter(|a| a.side == Side::Payee && !scan.in_table(a.span.start)).collect();
    let made = Making { scan, found, payees, reference };
    if amounts.is_empty() && !has_table {
        return made.payees.iter().map(|account| made.without_amount(account)).collect();
    }
    let mut last_account: Option<&AccountFinding> = None;
    let mut payments = Vec::new();
    for (at, amount) in amounts.iter().enumerate() {
        let window = Span {
            start: at.checked_sub(1).and_then(|before| amounts.get(before)).map_or(0, |a| a.span.end),
            end: amounts.get(at + 1).map_or(scan.len(), |a| a.span.start),
        };
        let account = made.account_for(amount, window, last_account);
        last_account = account.or(last_account);
        payments.push(made.payment(amount, account, window, amounts.len() == 1));
    }
    payments
}

struct Making<'a> {
    scan: &'a Scan,
    found: &'a Found,
    payees: Vec<&'a AccountFinding>,
    reference: Timestamp,
}

impl<'a> Making<'a> {
    /// The account of an amount: in the same clause, else before it, else the one last used, else behind it.
    fn account_for(
        &self,
        amount: &AmountFinding,
        window: Span,
        last: Option<&'a AccountFinding>,
    ) -> Option<&'a AccountFinding> {
        let inside =
            || self.payees.iter().copied().filter(move |a| a.span.start >= window.start && a.span.end <= window.end);
        let clause = self.scan.clause(amount.span.start);
        let near = |a: &&AccountFinding| {
            if a.span.start > amount.span.start {
                a.span.start - amount.span.end
            } else {
                amount.span.start - a.span.end.min(amount.span.start)
            }
        };
        let same_clause = inside().filter(|a| self.scan.clause(a.span.start) == clause).min_by_key(near);
        let before = || inside().filter(|a| a.span.end <= amount.span.start).min_by_key(near);
        let behind = || {
            inside()
                .filter(|a| {
                    a.span.start >= amount.span.end
                        && self.scan.sentence(a.span.start) == self.scan.sentence(amount.span.start)
                })
                .min_by_key(near)
        };
        let anywhere = || self.payees.iter().copied().min_by_key(near);
        let same_again = self.says_same_again(amount);
        if same_again && last.is_some() {
            return last;
        }
        same_clause
            .or_else(before)
            .or_else(|| last.is_none().then(behind).flatten())
            .or(last)
            .or_else(behind)
            .or_else(anywhere)
    }

    fn says_same_again(&self, amount: &AmountFinding) -> bool {
        let clause = format!("{}{}", self.scan.before(amount.span.start, 60), self.scan.after(amount.span.end, 30));
        ["同一账", "同一个账", "该账", "上述账", "这个账", "此账", "同一张卡", "该卡", "这张卡"]
            .iter()
            .any(|word| clause.contains(word))
    }

    fn payment(
        &self,
        amount: &AmountFinding,
        account: Option<&AccountFinding>,
        window: Span,
        only_one: bool,
    ) -> SuggestedPayment {
        let mut spans = vec![amount.span];
        let mut payment = DraftPayment {
            amount: DraftAmount::Money(amount.value),
            currency: amount.value.currency.to_string(),
            ..DraftPayment::default()
        };
        if let Some(account) = account {
            self.add_account(account, &mut payment, &mut spans);
        } else {
            self.add_lone_name(&mut payment, &mut spans);
        }
        if let Some(time) = self.time_for(amount, window, only_one) {
            payment.paid_at = time.value.to_rfc3339();
            spans.push(time.span);
        }
        self.add_payer(&mut payment, &mut spans);
        if let Some(reference) =
            self.found.references.iter().find(|r| r.span.start >= window.start && r.span.end <= window.end)
        {
            payment.reference.clone_from(&reference.value);
            spans.push(reference.span);
        }
        payment.channel = self.channel(amount).map(|c| c.code().to_owned()).unwrap_or_default();
        spans.sort_unstable();
        SuggestedPayment { payment, spans }
    }

    fn without_amount(&self, account: &AccountFinding) -> SuggestedPayment {
        let (mut payment, mut spans) = (DraftPayment::default(), Vec::new());
        self.add_account(account, &mut payment, &mut spans);
        self.add_payer(&mut payment, &mut spans);
        spans.sort_unstable();
        SuggestedPayment { payment, spans }
    }

    /// Name and bank belong to the account they stand nearest to, between the accounts around it.
    fn add_account(&self, account: &AccountFinding, payment: &mut DraftPayment, spans: &mut Vec<Span>) {
        payment.payee_account.clone_from(&account.value);
        spans.push(account.span);
        let fits = |span: Span| {
            self.nearest_account(span).is_some_and(|nearest| nearest.value == account.value)
                && self.scan.sentence(span.start).abs_diff(self.scan.sentence(account.span.start)) <= 1
        };
        let distance = |span: Span| span.start.abs_diff(account.span.start);
        let names = self.found.names.iter().filter(|n| n.side == Side::Payee && fits(n.span));
        if let Some(name) = names.min_by_key(|n| distance(n.span)) {
            payment.payee_name.clone_from(&name.value);
            spans.push(name.span);
        }
        let banks = self.found.banks.iter().filter(|b| fits(b.span));
        if let Some(bank) = banks.min_by_key(|b| distance(b.span)) {
            payment.payee_bank.clone_from(&bank.value);
            spans.push(bank.span);
        }
    }

    fn add_lone_name(&self, payment: &mut DraftPayment, spans: &mut Vec<Span>) {
        let mut names = self.found.names.iter().filter(|n| n.side == Side::Payee);
        if let (Some(name), None) = (names.next(), names.next()) {
            payment.payee_name.clone_from(&name.value);
            spans.push(name.span);
        }
        let mut banks = self.found.banks.iter();
        if let (Some(bank), None) = (banks.next(), banks.next()) {
            payment.payee_bank.clone_from(&bank.value);
            spans.push(bank.span);
        }
    }

    /// The account that a name or bank belongs to: in the same clause, else the nearest.
    fn nearest_account(&self, span: Span) -> Option<&AccountFinding> {
        let clause = self.scan.clause(span.start);
        let all = || self.found.accounts.iter().filter(|a| !self.scan.in_table(a.span.start));
        let near = |a: &&AccountFinding| {
            if a.span.start >= span.end { a.span.start - span.end } else { span.start.saturating_sub(a.span.end) }
        };
        all().filter(|a| self.scan.clause(a.span.start) == clause).min_by_key(near).or_else(|| all().min_by_key(near))
    }

    /// The last time named before the amount since the payment before; else one behind it in the same clause; and
    /// where the text speaks of one payment, any time that is more than a day. A day that stands before the time of
    /// day was counted in when the time was read.
    fn time_for(&self, amount: &AmountFinding, window: Span, only_one: bool) -> Option<&TimeFinding> {
        // 明天 is when something is promised, not when money was paid.
        let passed = |t: &&TimeFinding| t.value <= self.reference + CLOCKS_APART_MAX;
        let times = || self.found.times.iter().filter(|t| !self.scan.in_table(t.span.start)).filter(passed);
        let before = || times().filter(|t| t.span.start >= window.start && t.span.end <= amount.span.start);
        let clause = self.scan.clause(amount.span.start);
        let behind = || {
            times().find(|t| {
                t.span.start >= amount.span.end && t.span.end <= window.end && self.scan.clause(t.span.start) == clause
            })
        };
        before()
            .rfind(|t| t.precision > Precision::Day)
            .or_else(behind)
            .or_else(|| times().find(|t| only_one && t.precision > Precision::Day))
            .or_else(|| before().next_back())
    }

    fn add_payer(&self, payment: &mut DraftPayment, spans: &mut Vec<Span>) {
        let mut accounts = self.found.accounts.iter().filter(|a| a.side == Side::Payer);
        if let (Some(account), None) = (accounts.next(), accounts.next()) {
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
        let sentence = self.scan.sentence(amount.span.start);
        let start = (0..amount.span.start).rev().take_while(|i| self.scan.sentence(*i) == sentence).last()?;
        let text = self.scan.plain_text(start, amount.span.start);
        WORDS
            .iter()
            .filter_map(|(word, channel)| text.rfind(word).map(|at| (at, *channel)))
            .max_by_key(|(at, _)| *at)
            .map(|(_, c)| c)
    }
}
