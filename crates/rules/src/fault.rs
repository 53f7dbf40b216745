//! What can be wrong with the text of a rule.

use kernel::{Fault, Text};

macro_rules! texts {
    ($($name:ident = $code:literal, $zh:literal, $en:literal, $zh_remedy:literal, $en_remedy:literal;)*) => {
        $(pub(crate) const $name: Text = Text::new($code, ($zh, $en), ($zh_remedy, $en_remedy));)*
        /// Every text of this crate.
        pub fn catalogue() -> Vec<Text> {
            vec![$($name),*]
        }
    };
}

texts! {
    EMPTY = "rule.empty", "规则没有表达式", "the rule has no expression",
        "请填写条件,例如 caller.attempts_10m > 30", "Enter a condition such as caller.attempts_10m > 30";
    TOO_LONG = "rule.too_long", "表达式有 {bytes} 字节,最多 {limit} 字节", "the expression has {bytes} bytes, {limit} at most",
        "请拆成几条规则", "Split it into several rules";
    TOO_DEEP = "rule.too_deep", "括号或 ?: 嵌套超过 {limit} 层", "brackets or ?: stand more than {limit} deep",
        "请拆成几条规则", "Split it into several rules";
    SYNTAX = "rule.syntax", "第 {line} 行第 {column} 列:语法错误({detail})", "line {line}, column {column}: syntax error ({detail})",
        "请核对括号、引号和运算符", "Check brackets, quotes and operators";
    UNKNOWN_FEATURE = "rule.unknown_feature", "第 {line} 行第 {column} 列:没有特征“{name}”{near}", "line {line}, column {column}: there is no feature “{name}”{near}",
        "请从特征表中选取", "Choose one from the table of features";
    UNKNOWN_WORD = "rule.unknown_word", "第 {line} 行第 {column} 列:{name} 不会取值“{word}”", "line {line}, column {column}: {name} is never “{word}”",
        "可取的值:{words}", "It may be: {words}";
    TYPE = "rule.type", "第 {line} 行第 {column} 列:这里要 {expected},得到的是 {found}", "line {line}, column {column}: {expected} is wanted here, {found} is given",
        "请核对两边的类型", "Check the types on both sides";
    NOT_SUPPORTED = "rule.not_supported", "第 {line} 行第 {column} 列:规则不支持 {what}", "line {line}, column {column}: rules do not know {what}",
        "可用:整数、文本、== != < <= > >= in && || ! ?: + - * / %,startsWith endsWith contains size has", "Known are: whole numbers, texts, == != < <= > >= in && || ! ?: + - * / %, startsWith endsWith contains size has";
    NOT_BOOL = "rule.not_bool", "规则的结果是 {found},应为 bool", "the rule gives {found}, not bool",
        "请写成一个能判断真假的条件", "Write a condition that is true or false";
    NOT_CONSTANT = "rule.not_constant", "第 {line} 行第 {column} 列:方括号里只能写常量", "line {line}, column {column}: only constants may stand in the brackets",
        "请用 || 连接几个比较", "Join comparisons with ||";
    STAGE = "rule.stage", "规则现在是“{stage}”,不能这样变更", "the rule is in stage “{stage}”, which does not allow this",
        "请先刷新,再看可以做什么", "Load it again and see what can be done";
    SAME_PERSON = "rule.same_person", "提出的人不能自己复核", "who proposed it may not approve it",
        "请由另一人复核", "Ask a second person";
    TOO_MANY = "rule.too_many", "规则有 {count} 条,最多 {limit} 条", "there are {count} rules, {limit} at most",
        "请停用不再需要的规则", "Retire rules that are no longer needed";
}

/// The faults of one rule, with the place where each stands.
pub(crate) struct FaultSheet<'a> {
    source: &'a str,
    faults: Vec<Fault>,
}

impl<'a> FaultSheet<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        Self { source, faults: Vec::new() }
    }

    /// Notes a fault at a byte offset, which is what CEL's parser tells.
    pub(crate) fn at(&mut self, text: &Text, offset: u32, values: &[(&str, &str)]) {
        let (line, column) = self.place(offset);
        self.at_place(text, line, column, values);
    }

    /// Notes a fault at a line and column, both counted from one.
    pub(crate) fn at_place(&mut self, text: &Text, line: usize, column: usize, values: &[(&str, &str)]) {
        let (line, column) = (line.to_string(), column.to_string());
        let mut all = vec![("line", line.as_str()), ("column", column.as_str())];
        all.extend_from_slice(values);
        let fault = text.at("expression", &all);
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// The number that stands at a byte offset, as written: `5.0`, `1e3`, `7u`.
    pub(crate) fn number_at(&self, offset: u32) -> Option<String> {
        let rest = self.source.get(offset as usize..)?;
        let mut before = ' ';
        let number: String = rest
            .chars()
            .take_while(|c| {
                let sign = matches!(c, '+' | '-') && matches!(before, ' ' | 'e' | 'E');
                before = *c;
                sign || c.is_ascii_alphanumeric() || *c == '.'
            })
            .collect();
        number.contains(|c: char| c.is_ascii_digit()).then_some(number)
    }

    pub(crate) fn whole(&mut self, text: &Text, values: &[(&str, &str)]) {
        self.faults.push(text.at("expression", values));
    }

    pub(crate) fn into_faults(self) -> kernel::Faults {
        kernel::Faults(self.faults)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    fn place(&self, offset: u32) -> (usize, usize) {
        let before = self.source.char_indices().take_while(|(index, _)| *index < offset as usize);
        let (mut line, mut column) = (1, 1);
        for (_, c) in before {
            if c == '\n' {
                line += 1;
                column = 1;
            } else {
                column += 1;
            }
        }
        (line, column)
    }
}
