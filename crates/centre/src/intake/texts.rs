//! The words of this desk, in both languages.

use kernel::Text;

macro_rules! catalogue {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $said:tt, $remedy:tt;)*) => {
        $($(#[$doc])* pub(crate) const $name: Text = Text::new($code, $said, $remedy);)*
        /// Every text of this desk.
        pub(crate) const CATALOGUE: &[Text] = &[$($name),*];
    };
}

catalogue! {
    /// A field that must be filled in.
    MISSING = "report.missing", ("此项必填", "this field is needed"),
        ("请填写此项", "fill it in");
    /// Neither of two regions.
    REGION = "report.region", ("居住地和受理辖区至少填一项", "the home region or the region of the case is needed"),
        ("请选择其中一项", "choose one of the two");
    /// A code that is not in the list.
    NOT_IN_LIST = "report.not_in_list", ("“{given}”不在可选范围内", "“{given}” is not among the choices"),
        ("可选：{choices}", "choose one of: {choices}");
    /// A time that does not read.
    TIME = "report.time", ("“{given}”不是有效的时间", "“{given}” is not a time"),
        ("请写成 2026-11-22 15:20:05", "write it as 2026-11-22 15:20:05");
    /// A payment later than now.
    TIME_FUTURE = "report.time_future", ("时间晚于现在", "the time lies in the future"),
        ("请核对日期和上下午", "check the date, and morning or afternoon");
    /// A time long past.
    TIME_OLD = "report.time_old", ("时间早于二十年前", "the time lies more than twenty years back"),
        ("请核对年份", "check the year");
    /// An amount that is not above zero.
    AMOUNT = "report.amount", ("金额应大于零", "the amount must be above zero"),
        ("请填写实际转出的金额", "enter what was paid");
    /// A bank that is no partner.
    BANK = "report.bank", ("“{given}”未接入本系统，指令不能自动发出", "“{given}” is not connected, so no order goes out by itself"),
        ("请核对名称；确未接入的，请发函办理", "check the name; if the bank is not connected, go by letter");
    /// A text that is too long.
    TOO_LONG = "report.too_long", ("内容有 {length} 字，最多 {most} 字", "the text has {length} characters; {most} at most"),
        ("请精简，或将原文作为附件", "shorten it, or attach the original");
    /// Too many entries.
    TOO_MANY = "report.too_many", ("共 {count} 条，最多 {most} 条", "there are {count} entries; {most} at most"),
        ("请分成几份报案", "split it into several reports");
    /// More payments than the public page takes.
    PUBLIC_PAYMENTS = "report.public_payments", ("网上报案最多填写 {most} 笔付款，现有 {count} 笔", "a report of the public page takes {most} payments at most; there are {count}"),
        ("请先填写金额最大和最近的付款，其余在民警回电时说明；情况紧急请立即拨打110", "enter the largest and the latest, and tell the officer who calls you of the others; call 110 if it is urgent");
    /// The same payment twice in one report.
    PAYMENT_TWICE = "report.payment_twice", ("与第 {other} 笔付款相同", "this is the same payment as number {other}"),
        ("请删去重复的一笔", "remove one of the two");
    /// A web address that does not read.
    URL = "report.url", ("不是有效的网址", "this is not a web address"),
        ("请写成 example.com/path 的形式", "write it like example.com/path");
    /// A reference with odd characters.
    REFERENCE = "report.reference", ("流水号含有不应出现的字符“{found}”", "the reference contains “{found}”"),
        ("请只填写字母、数字和短横", "use letters, digits and dashes only");
    /// Caution: no payment at all.
    NO_PAYMENT = "report.no_payment", ("没有填写付款，止付台将无事可做", "there is no payment, so nothing can be stopped"),
        ("如已转账请补充付款；未转账可直接提交", "add the payment if money was sent; otherwise submit as it is");
    /// Caution: the name for the four-point check is missing.
    NO_PAYEE_NAME = "report.no_payee_name", ("没有收款户名，银行无法核对户名", "without the payee's name the bank cannot compare it"),
        ("请向报案人或转账凭证核实户名", "ask the reporter, or read it from the receipt");
    /// Caution: the bank is missing.
    NO_PAYEE_BANK = "report.no_payee_bank", ("没有收款银行，暂时无法发出止付", "without the payee's bank no stop can go out yet"),
        ("请根据转账凭证补充收款银行", "read the bank from the receipt");
    /// Caution: only the date is known.
    TIME_OF_DAY = "report.time_of_day", ("只有日期，没有具体时间，银行核对交易时间可能不符", "only the date is given; the bank may not find the transaction"),
        ("请从转账凭证补充时分", "read the time of day from the receipt");
    /// Caution: payer and payee are one account.
    SAME_ACCOUNT = "report.same_account", ("付款账号与收款账号相同", "payer and payee are the same account"),
        ("请核对两个账号", "check both accounts");
    /// Caution: a very large amount.
    LARGE = "report.large", ("金额达到 {amount} 元以上", "the amount is {amount} yuan or more"),
        ("请核对位数和单位", "check the digits and the unit");
    /// Caution: a payment of more than a year ago.
    LONG_AGO = "report.long_ago", ("付款时间在一年以前", "the payment was more than a year ago"),
        ("请核对年份", "check the year");
    /// Caution: an account number of few characters.
    SHORT_ACCOUNT = "report.short_account", ("账号位数很少，可能不完整", "the account number is very short and may not be complete"),
        ("请与转账凭证核对", "compare it with the receipt");
    /// Caution: a service number as the victim's phone.
    SERVICE_PHONE = "report.service_phone", ("这是服务号码，不是个人电话", "this is a service number, not somebody's telephone"),
        ("请填写能联系到报案人的电话", "enter a number at which the reporter can be reached");
    /// Somebody else changed the draft.
    VERSION = "report.version", ("草稿已被他人修改（现为第 {version} 版）", "somebody else changed the draft (it is at version {version} now)"),
        ("请刷新后再改", "reload it and change it again");
    /// The state does not allow it.
    STATE = "report.state", ("报案 {number} 目前的状态是 {state}，不能这样办理", "report {number} stands at {state}, so this is not possible"),
        ("请刷新后查看；如需补充付款，请新建一份报案，系统会自动并案", "reload it; to add payments take a new report, which will be joined");
    /// Said to the public after a report.
    RECEIVED = "report.received", ("已收到您的报案，编号 {number}", "your report was received; its number is {number}"),
        ("请保持电话畅通，保留转账凭证和聊天记录，不要再转账；情况紧急请立即拨打110，咨询请拨打96110", "keep your telephone free, keep receipts and chats, and send no more money; call 110 if it is urgent, 96110 for advice");
    /// A file without rows.
    FILE_EMPTY = "import.empty", ("文件中没有数据行", "the file has no data rows"),
        ("请核对工作表和标题行", "check the sheet and the header row");
    /// A column of the mapping is not there.
    COLUMN = "import.column", ("文件中没有列“{column}”", "the file has no column “{column}”"),
        ("请修改映射，或核对标题行；现有列：{present}", "change the mapping, or check the header row; there are: {present}");
    /// A mapped column that is not there, in a file that reads without it.
    COLUMN_USUAL = "import.column_usual", ("文件中没有映射的列“{column}”，已按通用列名识别", "the file has no mapped column “{column}”, so its columns were taken by their usual names"),
        ("请核对导入结果；如有误，请修改映射后重新导入；现有列：{present}", "check what was imported; if it is wrong, change the mapping and import the file again; there are: {present}");
    /// No column could be recognised.
    COLUMNS_UNKNOWN = "import.columns_unknown", ("未能识别列，且来源“{source}”没有保存映射", "no column was recognised, and the source “{source}” has no mapping"),
        ("请先为该来源保存映射；现有列：{present}", "save a mapping for the source first; there are: {present}");
    /// A mapping to a field that does not exist.
    FIELD_UNKNOWN = "import.field_unknown", ("没有栏目“{field}”", "there is no field “{field}”"),
        ("可用栏目：{fields}", "the fields are: {fields}");
    /// A field mapped twice.
    FIELD_TWICE = "import.field_twice", ("栏目“{field}”映射了两次", "the field “{field}” is mapped twice"),
        ("每个栏目只映射一列", "map each field to one column");
    /// Money that came in: no payment of the victim.
    INCOMING = "import.incoming", ("这是收入的款项，不是受害人的付款，未登记", "this row is money that came in, not a payment of the victim, so no payment was made of it"),
        ("如方向有误，请改正该行的收付标志后重新导入", "if the direction is wrong, correct the mark of the row and import the file again");
    /// Neither in nor out.
    NO_FLOW = "import.no_flow", ("该行标为不计收支，未登记", "the row is marked as neither income nor expense, so no payment was made of it"),
        ("如确为付款，请改正该行的收付标志后重新导入", "if it is a payment, correct the mark of the row and import the file again");
    /// A mark of direction that is not known.
    DIRECTION = "import.direction", ("“{given}”不是收付标志", "“{given}” is not a mark of direction"),
        ("支出写作 借、支、出 或 D，收入写作 贷、收、入 或 C", "write 借, 支, 出 or D for money out; 贷, 收, 入 or C for money in");
    /// No mark of direction where others have one.
    DIRECTION_MISSING = "import.direction_missing", ("这一行没有收付标志，金额也没有正负号，无法判断方向", "the row has no mark of direction, and its amount no sign, so it is not known where the money went"),
        ("请补上收付标志后重新导入", "fill in the mark and import the file again");
    /// A negative amount among others that have no sign.
    NEGATIVE = "import.negative_amount", ("金额为负，而其他行没有正负号，可能是退款", "the amount is below zero while other rows have no sign; it may be a refund"),
        ("退款请删去该行；付款请改为正数", "remove the row if it is a refund; write the amount without the sign if it is a payment");
    /// Income and expense in one row.
    BOTH_WAYS = "import.both_ways", ("同一行既有收入又有支出", "the row has both an income and an expense"),
        ("请核对并拆成两行", "check it, and split it into two rows");
    /// Two currencies for one amount.
    CURRENCIES = "import.currencies", ("币种列与金额中的币种不一致", "the column of the currency and the amount name two currencies"),
        ("请核对后只保留一个", "check them and keep one");
    /// A source of the wrong form.
    SOURCE = "import.source", ("来源名称应为 1 至 64 个字符", "a source has a name of 1 to 64 characters"),
        ("例如“市局12月台账”", "for instance “city ledger December”");
    /// No file in the upload.
    NO_FILE = "import.no_file", ("没有收到文件", "no file was received"),
        ("请以 multipart 的 file 栏上传", "send it as the multipart field “file”");
    /// Another process imports this file.
    IMPORT_RUNNING = "import.running", ("同一文件正在导入", "the same file is being imported"),
        ("请稍后查看结果", "look at the result in a moment");
    /// A reference time that does not read.
    REFERENCE_TIME = "narrative.reference_time", ("参考时间无效", "the reference time does not read"),
        ("请写成 2026-11-23T08:00:00+08:00，或留空表示现在", "write it as 2026-11-23T08:00:00+08:00, or leave it out for now");
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_text_speaks_both_languages() {
        assert_eq!(kernel::catalogue_defects(super::CATALOGUE), Vec::<String>::new());
    }
}
