//! What each amount of a story is: paid, demanded, a sum of several, or something else such as a rebate or a balance. By
//! the words around it, then by arithmetic and by what the story says in the end.

use super::scan::Scan;
use super::{AmountFinding, AmountRole, Found, Side, Span};

const PAYING: &[&str] = &[
    "转",
    "汇",
    "打款",
    "打了",
    "打给",
    "打到",
    "打入",
    "打过去",
    "打进",
    "付",
    "充",
    "存",
    "刷",
    "交了",
    "缴纳",
    "交给",
    "投",
    "扫码",
    "扫了",
    "购买",
    "买了",
    "买币",
    "借给",
    "借了",
    "支出",
    "打款",
    "盗刷",
    "扣款",
    "被扣",
    "给了",
    "红包",
    "花了",
    "垫",
    "寄",
    "次买",
    "骗了我",
    "骗我",
    "收我",
    "收了我",
    "再买",
    "先买",
    "买了",
    "划走",
    "划给",
    "划到",
    "捐",
    "入金",
    "交费",
    "续费",
    "借我",
    "借他",
    "收了",
    "收取我",
    "定金",
    "尾款",
    "押金",
    "费",
    "收款",
    "金额",
    "已付",
    "→",
    "汇出",
    "给他",
    "汇入",
    "额:",
    "补了",
    "先后收取",
    "借款",
    "收取",
    "我退了",
    "退了他",
    "退了她",
    "退给他",
    "退给她",
    "退给对方",
    "退还给对方",
];
const RECEIVING: &[&str] = &[
    "返",
    "提现",
    "到账",
    "收到",
    "佣金",
    "退回",
    "退还",
    "退了",
    "退给",
    "退款",
    "退我",
    "返现",
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
    "给我转",
    "给我汇",
    "汇给我",
    "转给我",
    "转我",
    "给我打",
    "给我返",
    "打给我",
    "支付利息",
    "利息",
    "剩",
    "补助",
    "出价",
    "车价",
    "便宜",
    "最低",
    "起投",
    "面额",
    "货值",
    "能提",
    "中了",
    "每月扣",
    "月扣",
    "扣费",
    "本来有",
    "最低投",
    "原有",
    "存款",
    "追回",
    "挽回",
    "返还",
    "归还",
    "还了",
    "退赔",
    "止付了",
    "标准",
    "全价",
    "总价",
    "原价",
    "单价",
    "官网",
    "可办理",
    "可贷",
    "能贷",
    "能办",
    "授信",
    "给我",
    "给了我",
    "能领",
    "可领",
    "补贴",
    "借呗",
    "花呗",
    "微粒贷",
    "360借条",
    "备用金",
    "白条",
    "招联",
    "金条",
    "甜头",
    "送我",
    "赔付",
    "每天返",
    "额度为",
    "卡内有",
    "卡里有",
    "存款有",
    "还有",
    "转你",
    "打款给我",
    "手续费0",
    "价格",
    "标价",
    "报价",
    "注册资本",
    "返我",
    "返给",
    "赢",
    "放贷",
    "能放",
    "回头给",
    "回头给他",
    "回头给我",
    "称给他",
    "承诺给",
    "答应给",
];
const DEMANDING: &[&str] = &[
    "要求",
    "需要",
    "让我",
    "叫我",
    "必须",
    "还要",
    "要我",
    "要交",
    "说要",
    "须",
    "再交",
    "让其",
    "要先",
    "应交",
    "得交",
    "索要",
    "索取",
    "要价",
    "还价",
    "开价",
    "还差",
    "又要",
    "让再",
    "要再",
    "叫再",
    "让他",
    "叫他",
    "叫其",
    "让她",
    "要赎",
    "赎金",
    "要税",
    "再要",
    "要付",
    "要充",
    "要转",
    "又让",
    "要再",
    "才能",
    "需先",
    "需再",
    "需",
    "要其",
    "要他",
    "要她",
    "催缴",
    "请将",
    "请把",
    "还款",
    "一开始要",
    "欠",
    "罚款",
    "封口费",
    "威胁要",
    "加仓",
    "没给",
    "要缴",
    "不给",
    "说缴纳",
    "称缴纳",
    "说交",
    "称交",
    "称需",
    "说需",
    "催我",
    "催他",
    "催其",
    "让交",
    "让付",
    "让充",
    "让先",
    "要退",
    "要我退",
    "要他退",
    "要她退",
];
const SUMMING: &[&str] = &[
    "共计",
    "合计",
    "累计",
    "总计",
    "总共",
    "一共",
    "损失",
    "被骗",
    "骗走",
    "骗了",
    "共被",
    "涉案",
    "总额",
    "陆续投入",
    "陆续转",
    "加起来",
    "拢共",
    "合共",
];
const REFUSED: &[&str] = &[
    "没转",
    "未转",
    "没有转",
    "没付",
    "未付",
    "没交",
    "未交",
    "没有付",
    "没有交",
    "没有汇",
    "没汇",
    "未汇",
    "没敢",
    "不敢",
    "未成功",
    "失败",
    "未扣款",
    "拦截",
    "拦住",
    "劝阻",
    "未造成",
    "没同意",
    "拒绝",
    "起疑",
    "没答应",
    "未遂",
    "没给。",
    "没给,",
    "没给他",
    "没充",
    "没理",
    "没打",
    "没再",
    "就没",
    "没还",
    "没钱了",
    "未支付",
    "没有支付",
    "没有给",
    "未给",
    "未果",
    "不肯",
    "未予",
    "不予理",
    "未理会",
    "没理会",
    "没买",
    "放弃",
    "劝止",
    "未汇出",
    "未办理",
    "未操作",
    "未完成",
    "不交了",
    "不付了",
    "不转了",
    "未再",
    "没搭理",
    "没答理",
    "拒绝",
    "已退回",
    "没投",
    "没存",
    "我没退",
    "没钱了",
];
/// What says at the head of the next clause that it was done.
const DONE: &[&str] = &[
    "付了",
    "交了",
    "转了",
    "我付了",
    "我交了",
    "我转了",
    "我扫码付了",
    "照做",
    "我照做",
    "我就转了",
    "我就照",
    "就照",
    "我都付",
    "我照",
    "都付了",
    "我做了",
    "我也付了",
    "我也转了",
    "就付了",
    "就转了",
    "就交了",
    "就汇了",
    "照办",
    "均已转",
    "已转",
    "已付",
    "其照做",
    "遂转",
    "便转",
    "我前",
    "充了",
    "汇了",
    "充完",
    "付完",
    "交完",
    "转完",
];

/// The same where nothing follows: 我又转了8000 is of another amount.
const DONE_ALONE: &[&str] = &["我又转了", "我又付了", "我又充了", "又转了", "又付了", "我又交了"];

/// What says behind a list of amounts that all of them were paid.
const ALL_DONE: &[&str] = &[
    "都付了",
    "都转了",
    "都交了",
    "都充了",
    "都给了",
    "都照做",
    "均已",
    "扫码付的",
    "次付的",
    "次转的",
    "笔转的",
    "全付了",
];

/// Says of each amount outside tables what it seems to be. Amounts are in the order of the text.
pub(super) fn roles(scan: &Scan, found: &mut Found) {
    let spans: Vec<Span> = found.amounts.iter().map(|a| a.span).collect();
    let mut roles: Vec<Reading> = Vec::with_capacity(spans.len());
    for (at, span) in spans.iter().enumerate() {
        if scan.in_table(span.start) {
            let role = found.amounts.get(at).map_or(AmountRole::Paid, |a| a.role);
            roles.push(Reading { role, refused: false, unsaid: false });
            continue;
        }
        let around = Around::of(scan, &spans, at);
        let previous = roles.last().copied().filter(|_| at > 0 && near(scan, &spans, at));
        roles.push(around.read(previous));
    }
    charges(scan, &found.amounts, &mut roles);
    fees(scan, &found.amounts, &mut roles);
    replies(scan, &found.amounts, &mut roles);
    all_done(scan, &found.amounts, &mut roles);
    statement(scan, &found.amounts, &mut roles);
    if story_alone_refuses(scan, &found.amounts, &roles) {
        undone(scan, &found.amounts, &mut roles);
    }
    sums(scan, &found.amounts, &mut roles);
    met_by_total(scan, &found.amounts, &mut roles);
    let has_payee = found.accounts.iter().any(|a| a.side == Side::Payee && !scan.in_table(a.span.start));
    if has_payee {
        promote_unsaid(&mut roles);
    }
    promote(scan, &found.amounts, &mut roles);
    for (amount, reading) in found.amounts.iter_mut().zip(&roles) {
        amount.role = reading.role;
    }
}

#[derive(Debug, Clone, Copy)]
struct Reading {
    role: AmountRole,
    /// The text says that it was not paid.
    refused: bool,
    /// No word says anything of it.
    unsaid: bool,
}

/// Whether an amount belongs to a list with the one before it: the same sentence or the next.
fn near(scan: &Scan, spans: &[Span], at: usize) -> bool {
    let sentence = |index: usize| spans.get(index).map(|s| scan.sentence(s.start));
    match (at.checked_sub(1).and_then(sentence), sentence(at)) {
        (Some(before), Some(here)) => here - before <= 1,
        _ => false,
    }
}

/// The words around an amount.
struct Around {
    /// In its clause, behind the amount before it.
    before: String,
    /// In its sentence, behind the amount before it.
    sentence_before: String,
    /// In its clause, up to the next amount.
    after: String,
    /// In its sentence, up to the next amount.
    sentence_after: String,
    /// The sentence divides a sum: 其中….
    is_part: bool,
    /// Behind the amount before it, over the ends of sentences.
    wide_before: String,
    /// The next sentence begins with 我转了 or the like, of no other amount.
    done_behind: bool,
}

/// Whether the sentence behind the one of an amount begins with 我转了, before another amount.
fn done_behind(scan: &Scan, from: usize, limit: usize) -> bool {
    let sentence = scan.sentence(from);
    let Some(next) = (from..limit.min(from + 40)).find(|at| scan.sentence(*at) != sentence) else { return false };
    let text = scan.plain_text(next, (next + 8).min(limit));
    starts_alone(&text, DONE) || starts_alone(&text, DONE_ALONE)
}

/// Whether a text begins with one of the words and a mark behind it.
fn starts_alone(text: &str, words: &[&str]) -> bool {
    let closes = |rest: &str| rest.starts_with([',', '。', '!', '\n', ' ']);
    words.iter().any(|word| text.strip_prefix(word).is_some_and(closes))
}

fn last_of(text: &str, words: &[&str]) -> Option<usize> {
    words.iter().filter_map(|word| text.rfind(word).map(|at| at + word.len())).max()
}

fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

impl Around {
    fn of(scan: &Scan, spans: &[Span], at: usize) -> Self {
        let span = spans.get(at).copied().unwrap_or(Span { start: 0, end: 0 });
        let before_end = at.checked_sub(1).and_then(|i| spans.get(i)).map_or(0, |s| s.end);
        let limit = spans.get(at + 1).map_or(scan.len(), |s| s.start);
        let reach = (span.start - before_end.min(span.start)).min(60);
        let clause = scan.clause(span.start);
        let after_reach = (limit - span.end.min(limit)).min(24);
        let mut after_end = span.end;
        while after_end < span.end + after_reach && scan.clause(after_end) == clause {
            after_end += 1;
        }
        Self {
            before: without_consent(&scan.before(span.start, reach)),
            sentence_before: without_consent(&scan.sentence_before(span.start, reach)),
            after: as_teller(scan.plain_text(span.end, after_end)),
            sentence_after: as_teller(scan.sentence_after(span.end, 80, limit)),
            is_part: scan.sentence_before(span.start, PART_WITHIN).contains("其中"),
            wide_before: as_teller(scan.plain_text(span.start - reach, span.start)),
            done_behind: done_behind(scan, span.end, limit),
        }
    }

    fn read(&self, previous: Option<Reading>) -> Reading {
        let role = |role| Reading { role, refused: false, unsaid: false };
        let before = self.before.trim_end_matches([' ', ':', '"', '了', '约', '近', '为', '是', '(']);
        let bare = before.trim_end_matches("人民币").trim_end_matches([' ', '约', '近', '了', '为']);
        let (paying, receiving) = (last_of(&self.before, PAYING), last_of(&self.before, RECEIVING));
        if receiving.is_some() && receiving > paying && has_end(bare, &["共计", "合计", "共"]) {
            return role(AmountRole::Other);
        }
        // 共计转账147,300元; but 其中…共8.73万元 is a part.
        let parts = self.is_part;
        let bare = [
            "转账", "汇款", "支付", "转款", "付款", "充值", "投入", "打款", "转出", "被骗", "损失", "刷卡", "投资",
            "支出", "付", "转", "汇", "交", "充", "打",
        ]
        .iter()
        .find_map(|verb| {
            bare.strip_suffix(verb).filter(|rest| has_end(rest, &["共计", "合计", "累计", "总共", "一共", "共"]))
        })
        .unwrap_or(bare);
        // 最少的520、刷满5万: one of many, and a threshold.
        if has_end(before, &["最少的", "最小的", "满", "够", "达到"])
            || has_start(&self.after, &["不算", "是还", "系还"])
        {
            return role(AmountRole::Other);
        }
        let in_bracket = self.after.starts_with('(')
            && (has_clock(&self.after)
                || has(&self.after, &["扫码", "支付", "转账", "汇款", "打款", "转款", "现金", "微信"]));
        if in_bracket && !has_end(bare, &["计", "共", "索要", "要求", "返", "退"]) && receiving <= paying {
            return role(AmountRole::Paid);
        }
        if !parts
            && (has_end(
                bare,
                &[
                    "共计",
                    "合计",
                    "累计",
                    "总计",
                    "总共",
                    "一共",
                    "总额",
                    "计",
                    "共损失",
                    "损失金额",
                    "共",
                    "诈骗",
                    "诈骗了",
                    "骗取",
                    "损失",
                    "前后",
                    "前前后后",
                ],
            ) || (has(bare, &["累计", "陆续"])
                && !self.before.contains(':')
                && last_of(bare, &["次", "笔", "个"]).is_some()))
        {
            return role(AmountRole::Total);
        }
        if has_end(before, &["这", "那", "该", "上述"])
            || has_end(before, &["剩余", "剩下", "余下"])
                && !has(&self.sentence_after, &["再给", "再付"])
                && last_of(&self.before, DEMANDING).is_none()
            || has_start(&self.after, &["余额", "存款", "额度", "低息", "贷款", "的贷款", "无抵押", "的额度"])
            || has(
                &self.after,
                &[
                    "假截图",
                    "截图",
                    "补助",
                    "奖金",
                    "的奖",
                    "额度",
                    "的货",
                    "到我卡",
                    "到我的",
                    "到我账",
                    "给我,",
                    "到其卡",
                ],
            )
        {
            return role(AmountRole::Other);
        }
        let (demanding, summing) = (last_of(&self.before, DEMANDING), last_of(&self.before, SUMMING));
        let rest = self.sentence_after.as_str();
        let handed_over = has_start(&self.after, &["交给", "给了", "转给了", "已"]);
        let of_next = demanding.is_none() && of_next_demand(rest);
        let refused = has(rest, REFUSED)
            && !handed_over
            && !in_bracket
            && !has_start(rest.trim_start_matches([',', ' ']), DONE)
            && !of_next;
        if summing.is_some() && summing > paying && summing > receiving && !self.before.contains(':') && !parts {
            // 被骗1万元，转入…: told together with whom it went to.
            let went = has_start(text_start(rest), &["转入", "转至", "转到", "汇入", "汇至", "打入", "打到", "存入"]);
            return role(if went { AmountRole::Paid } else { AmountRole::Total });
        }
        // 要10万: the verb of wanting stands right before.
        let wanted = has_end(before, &["要", "索要", "差"])
            || has(
                &self.after,
                &[
                    "才能",
                    "才退",
                    "才给",
                    "才放",
                    "可办理",
                    "即可",
                    "就可以",
                    "就能",
                    "可获",
                    "才可",
                    "就群发",
                    "就公开",
                ],
            );
        let demanded = wanted
            || demanding.is_some_and(|at| {
                let since = self.before.get(at..).unwrap_or_default();
                !(since.contains('了') || since.contains('过') || since.contains("已") || has_clock(since))
            });
        let received =
            receiving.is_some() && receiving > demanding && (receiving >= paying || loan_only(&self.before, rest));
        // 剩下的10万还没给, 余款5.6万元未付, 第二笔12万还没汇: still wanted.
        let soon: String = self.after.chars().take(6).collect();
        let rests = has_end(before.trim_end_matches('的'), &["余下", "剩下", "剩余", "余款", "尾款"]);
        if has(&soon, &["还没", "尚未"]) || rests && has(&soon, &["没给", "未付", "没付", "未给", "再给", "再付"])
        {
            return Reading { role: AmountRole::Demanded, refused: true, unsaid: false };
        }
        let meant = has(&self.before, &["准备", "欲", "打算", "本想", "正要", "想要转"])
            && !(self.before.contains('了') || self.before.contains("已"));
        if refused || meant {
            let asked = !meant && (demanded || has(&self.sentence_before, DEMANDING));
            return Reading {
                role: if asked { AmountRole::Demanded } else { AmountRole::Other },
                refused: true,
                unsaid: false,
            };
        }
        if received && !carried_on(&self.after) && !(loan_only(&self.before, "") && carried_on(rest)) {
            return role(AmountRole::Other);
        }
        let next = rest.trim_start_matches(|c: char| c != ',').trim_start_matches([',', ' ']);
        // 余下3万我说见面再给
        if has_end(before, &["余下", "剩下", "余款", "尾款"]) && has(rest, &["再给", "再付"]) {
            return role(AmountRole::Demanded);
        }
        // 还差一笔，再转49800: wanted by the clause before.
        let still_wanted = self.before.chars().count() < 8
            && has(&self.sentence_before, &["还差", "还要", "还需", "还得"])
            && !self.sentence_before.contains('了');
        if still_wanted {
            return role(AmountRole::Demanded);
        }
        // 今日9时15分让我打68000到一个专家卡上: the time and the payee say that it was done.
        let carried_out = has_clock(&self.before) && has_start(&self.after, &["到", "给", "至", "进"]) && !wanted;
        if demanded && !carried_out && demanding >= receiving {
            let soon: String = next.chars().take(10).collect();
            // 先转2000定金锁房，11月29日13:44转到…: the demand was met at a time.
            let met = has_clock(rest) && has(rest, &["转到", "转给", "转至", "转入", "汇到", "汇给", "打到", "打给"]);
            // 让交1万保证金，我15:20交了
            let answered: String = next.chars().take(ANSWER_CHARS_MAX).collect();
            let met = met || has_clock(&answered) && has(&answered, &["交了", "转了", "付了", "打了", "汇了", "投了"]);
            let done = has_start(next, DONE)
                || starts_alone(next, DONE_ALONE)
                || met
                || self.done_behind
                || in_bracket
                || has(&soon, &["照做", "遂转", "便转", "已转", "信以为真"]);
            return role(if done { AmountRole::Paid } else { AmountRole::Demanded });
        }
        if paying.is_some() || has(&self.after, &["转", "汇", "打给", "打到", "存入", "付", "→", "转给", "打进"])
        {
            return role(AmountRole::Paid);
        }
        // No word of its own: as the amount before it in the list, else by the sentence.
        if let Some(previous) = previous {
            let listed = matches!(previous.role, AmountRole::Paid | AmountRole::Demanded | AmountRole::Other);
            let (paying, receiving) =
                (last_of(&self.sentence_before, PAYING), last_of(&self.sentence_before, RECEIVING));
            if receiving > paying {
                return role(AmountRole::Other);
            }
            if paying.is_some() {
                return role(AmountRole::Paid);
            }
            if previous.role == AmountRole::Total {
                return role(AmountRole::Paid);
            }
            if listed {
                return Reading { role: previous.role, refused: previous.refused, unsaid: previous.unsaid };
            }
        }
        let (paying, receiving) = (last_of(&self.sentence_before, PAYING), last_of(&self.sentence_before, RECEIVING));
        if paying.is_none() && receiving.is_none() && !has(&self.sentence_before, DEMANDING) {
            let (paying, receiving) = (last_of(&self.wide_before, PAYING), last_of(&self.wide_before, RECEIVING));
            if last_of(&self.wide_before, SUMMING) > paying {
                return role(AmountRole::Total);
            }
            let unsaid = paying.is_none() && receiving.is_none();
            let role = if paying > receiving { AmountRole::Paid } else { AmountRole::Other };
            return Reading { role, refused: false, unsaid };
        }
        role(if paying.is_some() && paying > receiving { AmountRole::Paid } else { AmountRole::Other })
    }
}

/// …，对方又让我转，我没有转: the refusal is of what was asked for again, and not of the amount before.
fn of_next_demand(rest: &str) -> bool {
    const AGAIN: &[&str] = &[
        "还让",
        "又让",
        "再让",
        "还叫",
        "又叫",
        "再叫",
        "还要",
        "又要",
        "再要",
        "让我再",
        "叫我再",
        "要我再",
        "让其再",
        "要求再",
        "继续转",
        "继续汇",
        "继续付",
        "继续打",
        "继续充",
        "继续投",
    ];
    REFUSED
        .iter()
        .filter_map(|word| rest.find(word))
        .min()
        .is_some_and(|at| has(rest.get(..at).unwrap_or_default(), AGAIN))
}

fn has_end(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.ends_with(word))
}

fn has_start(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.starts_with(word))
}

/// A time of day between a demand and its amount: 令其于16时03分将4,680元转入 was done.
fn has_clock(text: &str) -> bool {
    let mut digits = text.chars().zip(text.chars().skip(1));
    digits.any(|(a, b)| a.is_ascii_digit() && matches!(b, '时' | '点' | ':'))
}

/// Who lends to the victim in the middle of a story.
const LENDERS: &[&str] = &["借呗", "花呗", "微粒贷", "360借条", "备用金", "白条", "招联", "金条", "贷款"];

/// 在微粒贷借款12000元 is what came in; 贷款1.5万元,转至… follows later.
fn loan_only(before: &str, after: &str) -> bool {
    has(before, LENDERS) && !has(before, &["扫码", "刷走", "支付", "转出", "付", "刷"]) && !carried_on(after)
}

/// …并转至同一账户: what came in went out again in the same breath.
fn carried_on(after: &str) -> bool {
    has(
        after,
        &[
            "并转", "转至", "转到", "转给", "转入", "并汇", "汇给", "汇到", "汇入", "汇至", "打到", "打给", "打入",
            "打进", "存入", "全转", "全汇",
        ],
    ) || has_start(text_start(after), &["也转", "都转", "全转", "被转", "也汇", "都汇", "也打", "都打"])
}

/// 按要求缴纳 was done, though it speaks of a demand.
fn without_consent(text: &str) -> String {
    let text = as_teller(without_quoted(text));
    ["按要求", "按其要求", "按照要求", "按对方要求", "应要求", "应对方要求", "根据要求"]
        .iter()
        .fold(text.replace("余额宝", ""), |text, words| text.replace(words, ""))
}

/// 本人 is the teller, as 我 is.
fn as_teller(text: String) -> String {
    if text.contains("本人") { text.replace("本人", "我") } else { text }
}

/// How far behind a demand the words are looked for that say that it was met at a time.
const ANSWER_CHARS_MAX: usize = 20;

/// How far before an amount 其中 may stand that makes it a part of a sum.
const PART_WITHIN: usize = 120;

/// Without the names in quotes, which say nothing of what was done: 付给“退款中心”，8000.
fn without_quoted(text: &str) -> String {
    let parts: Vec<&str> = text.split('"').collect();
    let closed = parts.len() % 2 == 1;
    let inside = |at: usize| closed && at % 2 == 1;
    let name = |part: &&str| {
        part.chars().count() <= QUOTED_NAME_CHARS_MAX && !part.contains([',', '。', ' ']) && !has(part, LENDERS)
    };
    let outside: Vec<&str> =
        parts.iter().enumerate().map(|(at, part)| if inside(at) && name(part) { "\"\"" } else { part }).collect();
    outside.concat()
}

/// Longest text in quotes that is taken for a name.
const QUOTED_NAME_CHARS_MAX: usize = 12;

fn text_start(text: &str) -> &str {
    text.trim_start_matches([',', ' ', ')'])
}

/// 收取服务费9,000元，我扫码付了9,000元: the charge and its payment are one payment.
fn charges(scan: &Scan, amounts: &[AmountFinding], roles: &mut [Reading]) {
    for (at, pair) in amounts.windows(2).enumerate() {
        let [one, next] = pair else { continue };
        let paid = |at: usize| roles.get(at).is_some_and(|r| r.role == AmountRole::Paid);
        if one.value != next.value || !paid(at) || !paid(at + 1) || scan.in_table(one.span.start) {
            continue;
        }
        let gap = next.span.start.saturating_sub(one.span.end);
        let before = scan.before(one.span.start, 20);
        let asks = |before: &str| {
            has(before, &["收取", "缴纳", "收", "要", "需", "借款", "交", "充值"])
                && !(before.contains('了') || before.contains("已") || has_clock(before))
        };
        let charged = asks(&before) || asks(&scan.sentence_before(one.span.start, 20));
        let between = scan.plain_text(one.span.end, next.span.start);
        let done = has(&between, &["付了", "转了", "充了", "交了", "汇了", "扫码", "支付了", "将"]);
        if gap <= 60
            && charged
            && done
            && let Some(reading) = roles.get_mut(at)
        {
            reading.role = AmountRole::Demanded;
        }
    }
}

/// Largest fee of a transfer that stands beside it, in fen, or in hundredths of the transfer where that is more.
const FEE_MINOR_MAX: i64 = 5_000;

/// 打了三千五百块，手续费5元: what the bank takes for a payment is none itself. What a scammer asks for under this name is
/// larger, or stands alone.
fn fees(scan: &Scan, amounts: &[AmountFinding], roles: &mut [Reading]) {
    const FEES: &[&str] = &["手续费", "转账费", "汇费", "汇款费", "跨行费", "工本费", "短信费", "服务费"];
    for (at, pair) in amounts.windows(2).enumerate() {
        let [transfer, fee] = pair else { continue };
        let before = scan.before(fee.span.start, 12);
        let bare = before.trim_end_matches([' ', ':', '为', '是', '了', '共', '约', '扣', '收', '取', '另', '有']);
        let after = scan.after(fee.span.end, 6);
        let named = has_end(bare, FEES) || has_start(after.trim_start_matches(['的', '元']), FEES);
        let most = FEE_MINOR_MAX.max(transfer.value.minor / 100);
        let near = scan.sentence(fee.span.start) - scan.sentence(transfer.span.start) <= 1;
        let paid = roles.get(at).is_some_and(|reading| reading.role == AmountRole::Paid);
        if named
            && near
            && paid
            && fee.value.minor <= most
            && !scan.in_table(fee.span.start)
            && let Some(reading) = roles.get_mut(at + 1)
        {
            reading.role = AmountRole::Other;
        }
    }
}

/// A log of a chat: what the other side asks for in one line is paid or refused by the next line of the victim.
fn replies(scan: &Scan, amounts: &[AmountFinding], roles: &mut [Reading]) {
    for (at, amount) in amounts.iter().enumerate() {
        // （2026-11-28 14:20 转账5000元）: the payment itself is told behind the answer.
        let told = amounts.get(at + 1).is_some_and(|next| {
            next.value == amount.value
                && next.span.start - amount.span.end <= LINE_CHARS_MAX
                && roles.get(at + 1).is_some_and(|r| r.role == AmountRole::Paid)
                && has_clock(&scan.before(next.span.start, 20))
        });
        let Some(reading) = roles.get_mut(at).filter(|_| !told) else { continue };
        let open = matches!(reading.role, AmountRole::Demanded | AmountRole::Other | AmountRole::Paid);
        if !open || scan.in_table(amount.span.start) {
            continue;
        }
        let line = (amount.span.end..scan.len().min(amount.span.end + LINE_CHARS_MAX)).find(|at| scan.at(*at) == '\n');
        let Some(end) = line.filter(|end| scan.starts(end + 1, "我:")) else { continue };
        let own = (amount.span.start.saturating_sub(LINE_CHARS_MAX)..amount.span.start)
            .rev()
            .find(|at| scan.at(*at) == '\n')
            .map_or(0, |at| at + 1);
        if scan.starts(own, "我:") {
            continue;
        }
        let received = last_of(&scan.before(amount.span.start, 8), RECEIVING).is_some();
        let reply = scan.plain_text(end + 3, (end + 3 + REPLY_CHARS_MAX).min(scan.len()));
        let reply = reply.split('\n').next().unwrap_or_default();
        if received {
            continue;
        }
        if has(reply, REFUSED) {
            *reading = Reading { role: AmountRole::Demanded, refused: true, unsaid: false };
        } else if has(reply, &["已转", "转了", "付了", "已付", "付好了", "转好了", "转过去了", "充了", "交了", "打了"])
        {
            reading.role = AmountRole::Paid;
        }
    }
}

/// Longest line of a chat that is looked through.
const LINE_CHARS_MAX: usize = 120;
/// How far into the victim's answer is read.
const REPLY_CHARS_MAX: usize = 16;

/// Most amounts of which one 都付了 says that they were paid.
const ALL_DONE_MAX: usize = 20;

/// 付了198，又要检疫费460，航空箱费380，都付了: what was demanded in a sentence that says in the end that all was paid.
fn all_done(scan: &Scan, amounts: &[AmountFinding], roles: &mut [Reading]) {
    let mut at = 0;
    while let Some(amount) = amounts.get(at) {
        let sentence = scan.sentence(amount.span.start);
        let behind = amounts.get(at..).unwrap_or_default();
        let count = behind.iter().take_while(|a| scan.sentence(a.span.start) == sentence).count().max(1);
        let of_sentence = behind.get(..count).unwrap_or_default();
        for (offset, amount) in of_sentence.iter().enumerate() {
            let next = of_sentence.get(offset + 1).map_or(scan.len(), |a| a.span.start);
            let rest = scan.sentence_after(amount.span.end, 40, next);
            if !has(&rest, ALL_DONE) || has(&rest, REFUSED) {
                continue;
            }
            for reading in roles.get_mut(at + offset.saturating_sub(ALL_DONE_MAX)..=at + offset).unwrap_or_default() {
                if reading.role == AmountRole::Demanded && !reading.refused {
                    reading.role = AmountRole::Paid;
                }
            }
        }
        at += count;
    }
}

/// Lines of a statement: where some say 转出 or 支出 right before the amount, those that say 转入 or 收入 came in.
fn statement(scan: &Scan, amounts: &[AmountFinding], roles: &mut [Reading]) {
    let ends = |amount: &AmountFinding, words: &[&str]| {
        let before = scan.before(amount.span.start, 6);
        has_end(before.trim_end_matches([' ', ':', '¥', '+']), words)
    };
    if !amounts.iter().any(|amount| ends(amount, &["转出", "支出"])) {
        return;
    }
    for (amount, reading) in amounts.iter().zip(roles.iter_mut()) {
        if !scan.in_table(amount.span.start) && ends(amount, &["转入", "收入", "存入"]) {
            reading.role = AmountRole::Other;
        }
    }
}

/// A story that says that nothing was paid: what stands there without 了 or a time of day was not.
fn undone(scan: &Scan, amounts: &[AmountFinding], roles: &mut [Reading]) {
    for (amount, reading) in amounts.iter().zip(roles.iter_mut()) {
        let before = scan.sentence_before(amount.span.start, 40);
        let done =
            before.contains('了') || before.contains('已') || has_clock(&before) || scan.in_table(amount.span.start);
        if reading.role == AmountRole::Paid && !done {
            *reading = Reading { role: AmountRole::Other, refused: true, unsaid: false };
        }
    }
}

/// An amount that is the sum of others is a total, where a word of summing stands with it or it is divided: 两万一千五分三次.
fn sums(scan: &Scan, amounts: &[AmountFinding], roles: &mut [Reading]) {
    let paid: Vec<usize> = (0..amounts.len())
        .filter(|at| roles.get(*at).is_some_and(|r| r.role == AmountRole::Paid))
        .filter(|at| amounts.get(*at).is_some_and(|a| !scan.in_table(a.span.start)))
        .collect();
    let minor = |at: &usize| amounts.get(*at).map_or(0, |a| a.value.minor);
    let all = paid.iter().map(minor).fold(0_i64, i64::saturating_add);
    let total = paid.iter().find(|at| {
        let Some(amount) = amounts.get(**at) else { return false };
        let rest = scan.plain_text(amount.span.end, amount.span.end + 12);
        let before = scan.before(amount.span.start, 16);
        let parted = rest.starts_with('分') || has(&before, &["共", "合计", "总", "累计", "损失", "被骗", "诈骗", "="]);
        minor(at).saturating_mul(2) == all && paid.len() > 2 && parted
    });
    if let Some(reading) = total.and_then(|at| roles.get_mut(*at)) {
        reading.role = AmountRole::Total;
    }
}

/// Where a total is what was paid and demanded together, the demands were met: 先付600，要充1200，要3000解冻，一共付了4800.
fn met_by_total(scan: &Scan, amounts: &[AmountFinding], roles: &mut [Reading]) {
    let sum = |wanted: AmountRole, roles: &[Reading]| {
        let of_role =
            amounts.iter().zip(roles).filter(|(a, r)| r.role == wanted && !r.refused && !scan.in_table(a.span.start));
        of_role.map(|(a, _)| a.value.minor).fold(0_i64, i64::saturating_add)
    };
    let (paid, demanded) = (sum(AmountRole::Paid, roles), sum(AmountRole::Demanded, roles));
    let all = paid.saturating_add(demanded);
    let told = amounts.iter().zip(roles.iter()).any(|(a, r)| r.role == AmountRole::Total && a.value.minor == all);
    if told && demanded > 0 {
        for reading in roles.iter_mut().filter(|r| r.role == AmountRole::Demanded && !r.refused) {
            reading.role = AmountRole::Paid;
        }
    }
}

/// 罗大同，农行6222…，15:20，1万元: where nothing is said to be paid, what stands beside accounts without a word was.
fn promote_unsaid(roles: &mut [Reading]) {
    if roles.iter().any(|r| r.refused || r.role == AmountRole::Paid || r.role == AmountRole::Demanded) {
        return;
    }
    for reading in roles.iter_mut().filter(|r| r.unsaid) {
        reading.role = AmountRole::Paid;
    }
}

/// Where nothing was paid for sure: what was demanded and not refused, then the first sum.
fn promote(scan: &Scan, amounts: &[AmountFinding], roles: &mut [Reading]) {
    if roles.iter().any(|r| r.role == AmountRole::Paid) || amounts.iter().any(|a| scan.in_table(a.span.start)) {
        return;
    }
    let refused = roles.iter().any(|r| r.refused);
    let demanded = roles.iter().any(|r| r.role == AmountRole::Demanded);
    if demanded && !refused && !story_refuses(scan) {
        for reading in roles.iter_mut().filter(|r| r.role == AmountRole::Demanded) {
            reading.role = AmountRole::Paid;
        }
        return;
    }
    if let Some(total) = roles.iter_mut().find(|r| r.role == AmountRole::Total).filter(|_| !refused) {
        total.role = AmountRole::Paid;
        return;
    }
    // 一床3980，他掏现钱买了一床: the only amount of a story in which something was bought is its price.
    let bought = || has(&scan.plain_text(0, scan.len().min(STORY_CHARS_MAX)), BOUGHT);
    if let ([_], [only], false) = (amounts, roles, refused)
        && bought()
    {
        only.role = AmountRole::Paid;
    }
}

const BOUGHT: &[&str] = &["买了", "付了", "掏", "花了", "交了", "付款凭证", "转账凭证", "回单", "交易成功", "转账成功"];
/// How far into a story the word is looked for that says that something was bought.
const STORY_CHARS_MAX: usize = 400;

/// Words that say of a story, or of the amount before them, that nothing was paid.
const NOTHING: &[&str] = &[
    "没有投",
    "未投",
    "没投钱",
    "没有转账",
    "未转账",
    "没转账",
    "没有汇款",
    "未汇款",
    "没有付款",
    "未付款",
    "没有转",
    "没有被骗",
    "没被骗",
    "未造成损失",
    "未受损失",
    "没损失",
    "没还",
    "没有还",
    "未损失",
];

/// 没有转账, 未转账: the story says somewhere that nothing was paid.
fn story_refuses(scan: &Scan) -> bool {
    has(&scan.plain_text(0, scan.len()), NOTHING)
}

/// The same where no amount that was asked for right before is meant: 让我再转10万元，我没有转 is of the 10万 alone.
fn story_alone_refuses(scan: &Scan, amounts: &[AmountFinding], roles: &[Reading]) -> bool {
    (0..scan.len()).filter(|at| scan.word(*at, NOTHING).is_some()).any(|at| {
        let before = amounts.partition_point(|amount| amount.span.end <= at).checked_sub(1);
        let asked =
            before.and_then(|index| amounts.get(index).zip(roles.get(index))).is_some_and(|(amount, reading)| {
                let beside = scan.sentence(at) - scan.sentence(amount.span.start) <= 1;
                beside && (reading.role == AmountRole::Demanded || reading.refused)
            });
        !asked
    })
}
