//! Passwords that many people use: not a list of whole passwords, which would be long and never complete, but the pieces
//! that such passwords are made of, and how much of a password they leave unexplained.
//!
//! ```text
//! Woaini@5201314   woaini (word) · @ (joins) · 5201314 (digits)          1 unexplained: refused
//! Qwer1234asdf     qwer, 1234, asdf (walks)                              0 unexplained: refused
//! correct horse    none of our words                                     as many as it has letters
//! ```
//!
//! With some 400 words, their other spellings (`p@ssw0rd`), walks over the keyboard, dates and digits before, behind and
//! between them, this refuses many thousands of the usual passwords of twelve and more characters.

/// Characters that must stay unexplained.
const UNEXPLAINED_MIN: usize = 5;

/// Words of the usual passwords, in English and pinyin, lower case.
const WORDS: &str = "\
password passwd passw passwort pass pwd secret geheim letmein welcome login logon signin access admin administrator \
administrateur root user guest test tester testing demo default changeme change master manager system server service \
office company public private account security secure hello world monkey dragon shadow sunshine princess football \
baseball basketball soccer hockey superman batman spiderman pokemon starwars matrix michael jordan michelle jennifer \
jessica ashley nicole daniel andrew joshua thomas robert charlie george maggie buster tigger ginger pepper cookie \
summer winter spring autumn monday friday sunday january february march april june july august september october \
november december iloveyou ilove loveyou love lover forever trustno trust nothing whatever freedom computer internet \
google android apple iphone samsung windows microsoft linux ubuntu oracle mysql postgres cisco huawei xiaomi tencent \
alibaba baidu weixin wechat alipay taobao zhifubao jingdong mustang ferrari porsche mercedes toyota honda harley \
killer hunter ranger cowboy eagle eagles tiger tigers lion panda bear angel angels devil heaven blink blessed jesus \
christ god money dollar rich lucky diamond golden silver orange purple yellow black white green blue red banana \
cheese chocolate coffee butter flower rainbow butterfly star stars moon sun sky ocean summer phoenix falcon thunder \
qwerty qwertz azerty qwert asdf zxcv zxcvbn asdfgh qazwsx qaz wsx edc rfv qweasd zaq xsw asd zxc qwe abc abcd abcabc \
aaa bbb xxx xyz one two three four five six seven eight nine zero first last new old my the and you your me is it \
china chinese zhongguo zhonghua beijing shanghai guangzhou shenzhen changsha wuhan chengdu chongqing nanjing hangzhou \
tianjin xian hunan hubei guangdong sichuan zhejiang jiangsu shandong henan hebei fujian anhui yunnan guizhou jiangxi \
woaini woaiwo woai aini woaizhongguo woshishui woshi nihao mima mimashi wodemima zhanghao denglu guanli guanliyuan \
xitong gongsi bangong yonghu ceshi caonima tamade haha hehe heihei laopo laogong baobao baobei baba mama gege jiejie \
didi meimei erzi nver xiaoming xiaohong xiaoli xiaowang laowang laoli zhangsan lisi wangwu zhaoliu tiantian kuaile \
xingfu jiankang pingan facai gongxi fuqi yangguang xinxin aixin xiangni meiyou \
wang li zhang liu chen yang huang zhao zhou wu xu sun hu zhu gao lin he guo ma luo liang song zheng xie han tang feng \
dong cheng cao yuan deng xiao tian jiang cai jia ding wei xue ye yan yu pan du dai xia zhong tan liao fan wan shi \
jing min na fang xiuying ying lei jun jie yong juan tao ming chao xiulan ping gang guiying hui hao bin bo kai jian \
shouhu shou guardian centre center fanzha zhapian zhifu dongjie jingcha gongan gongan110 police officer reviewer chief \
deputy auditor intake lines clerk bank yinhang bankcard operator carrier telecom dianxin yidong liantong mobile unicom \
yunyingshang xiaoxiang xiangjiang dongting juzhou sanxiang antiscam scam fraud";

/// The same in Chinese.
const CHINESE: &[&str] = &[
    "我爱你",
    "爱你",
    "中国",
    "密码",
    "口令",
    "管理员",
    "管理",
    "系统",
    "公安",
    "警察",
    "民警",
    "守护",
    "反诈",
    "诈骗",
    "中心",
    "银行",
    "电信",
    "移动",
    "联通",
    "运营商",
    "测试",
    "用户",
    "登录",
    "你好",
    "北京",
    "上海",
    "长沙",
    "湖南",
    "一生一世",
    "一帆风顺",
    "万事如意",
    "恭喜发财",
    "平安",
    "快乐",
    "幸福",
    "老婆",
    "老公",
    "宝贝",
    "爸爸",
    "妈妈",
];

/// Rows and columns of a keyboard; walks go along them either way.
const WALKS: &[&str] = &[
    "`1234567890-=",
    "~!@#$%^&*()_+",
    "qwertyuiop[]\\",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujmikolp",
    "zaq1xsw2cde3vfr4bgt5nhy6mju7",
    "147258369",
    "159357",
    "!qaz@wsx#edc$rfv%tgb^yhn&ujm",
];
/// Fewest keys that make a walk.
const WALK_MIN: usize = 4;

/// Whether a password is made of what everybody uses, and of the names of its owner.
pub(crate) fn is_common(password: &str, login: &str, name: &str) -> bool {
    let lower: Vec<char> = password.to_lowercase().chars().collect();
    unexplained(&lower, &own_words(login, name)) < UNEXPLAINED_MIN
}

/// The letter that a sign stands for, as in `p@$$w0rd`.
fn plain(c: char) -> char {
    match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        '9' => 'g',
        other => other,
    }
}

fn own_words(login: &str, name: &str) -> Vec<Vec<char>> {
    let mut words: Vec<Vec<char>> = [login, name]
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()).chain([*text]))
        .map(|word| word.to_lowercase().chars().collect::<Vec<char>>())
        .filter(|word| word.len() >= 2)
        .collect();
    let backwards: Vec<Vec<char>> = words.iter().map(|word| word.iter().rev().copied().collect()).collect();
    words.extend(backwards);
    words
}

/// Characters that no piece explains, when the pieces are laid as well as they can be.
fn unexplained(text: &[char], own: &[Vec<char>]) -> usize {
    // `best` at a place is what the characters before it leave unexplained.
    let mut best = vec![usize::MAX; text.len() + 1];
    if let Some(first) = best.first_mut() {
        *first = 0;
    }
    for at in 0..text.len() {
        let (Some(so_far), Some(rest)) = (best.get(at).copied(), text.get(at..)) else { break };
        let mut reach = |length: usize, cost: usize| {
            if let Some(there) = best.get_mut(at + length) {
                *there = (*there).min(so_far.saturating_add(cost));
            }
        };
        let before = at.checked_sub(1).and_then(|before| text.get(before)).copied();
        if let Some(c) = rest.first() {
            reach(1, alone(*c, before));
        }
        let words = WORDS.split_ascii_whitespace().chain(CHINESE.iter().copied());
        words.filter(|word| starts(rest, word.chars())).for_each(|word| reach(word.chars().count(), 0));
        own.iter().filter(|word| starts(rest, word.iter().copied())).for_each(|word| reach(word.len(), 0));
        let walk = longest_walk(rest).max(run(rest, |a, b| a == b));
        (WALK_MIN.min(walk)..=walk).filter(|length| *length >= 3).for_each(|length| reach(length, 0));
        let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
        (3..=digits).for_each(|length| reach(length, 1));
    }
    best.last().copied().unwrap_or(0)
}

/// What a character by itself is worth: a sign that joins two pieces nothing, a Chinese character two letters.
fn alone(c: char, before: Option<char>) -> usize {
    match c {
        c if c.is_alphanumeric() => usize::from(!c.is_ascii()) + 1,
        _ if before.is_none_or(char::is_alphanumeric) => 0,
        _ => 1,
    }
}

/// Whether the text begins with the word, written plainly or with signs in place of letters.
fn starts(text: &[char], word: impl Iterator<Item = char>) -> bool {
    let mut text = text.iter();
    for wanted in word {
        if !text.next().is_some_and(|c| *c == wanted || plain(*c) == wanted) {
            return false;
        }
    }
    true
}

fn longest_walk(text: &[char]) -> usize {
    let along = |row: Vec<char>| {
        (0..row.len()).map(|at| row.iter().skip(at).zip(text).take_while(|(a, b)| a == b).count()).max().unwrap_or(0)
    };
    let longest = WALKS.iter().map(|row| along(row.chars().collect()).max(along(row.chars().rev().collect()))).max();
    longest.filter(|length| *length >= WALK_MIN).unwrap_or(0)
}

/// Characters from the start of which each follows on the one before.
fn run(text: &[char], follows: impl Fn(char, char) -> bool) -> usize {
    let pairs = text.iter().zip(text.iter().skip(1));
    1 + pairs.take_while(|(a, b)| follows(**a, **b)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_uses_is_common() {
        for password in [
            "password1234",
            "P@ssw0rd2026!",
            "Passw0rd!Passw0rd!",
            "qwertyuiop12",
            "1qaz2wsx3edc",
            "!QAZ2wsx#EDC",
            "administrator1",
            "Admin@123456",
            "iloveyou5201314",
            "woaini1314520",
            "Woaini@5201314",
            "zhangwei19880808",
            "changsha2026!!",
            "shouhu-demo-2026",
            "13800138000138",
            "430102198808081234",
            "aaaa1111bbbb",
            "qwer1234asdf",
            "zaq1xsw2cde3",
            "welcome2shouhu",
            "我爱你中国2026我爱你",
            "ChangeMe-2026!",
            "letmein-letmein",
            "147258369147",
        ] {
            assert!(is_common(password, "chen", "陈一"), "{password}");
        }
    }

    #[test]
    fn the_names_of_the_owner_do_not_count() {
        assert!(is_common("ouyang.qingfeng-26", "ouyang.qingfeng", "欧阳清风"));
        assert!(!is_common("ouyang.qingfeng-26", "intake", "小周"));
        assert!(is_common("欧阳清风欧阳清风2026", "oy", "欧阳清风"));
    }

    #[test]
    fn unrelated_words_and_random_letters_are_not() {
        for password in [
            "correct horse battery",
            "correct horse battery staple",
            "correct-horse-battery-43",
            "Sec-Test-2026x",
            "橘子洲头看万山红遍层林尽染",
            "kfmw-tqhc-vbnj-8xup",
            "g7Kq!vR2#xWz",
            "gravel teapot lantern",
        ] {
            assert!(!is_common(password, "wang.li", "王丽"), "{password}");
        }
    }
}
