//! Words of files and imports, in both languages.

use kernel::Text;

macro_rules! catalogue {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $said:tt, $remedy:tt;)*) => {
        $($(#[$doc])* pub const $name: Text = Text::new($code, $said, $remedy);)*
        /// Every text of this crate.
        pub const CATALOGUE: &[Text] = &[$($name),*];
    };
}

catalogue! {
    /// A file without rows.
    EMPTY = "import.empty", ("文件中没有数据行", "the file has no data rows"),
        ("请核对工作表和标题行", "check the sheet and the header row");
    /// A file of another kind.
    KIND = "import.kind", ("无法识别的文件", "the file is neither CSV nor a workbook"),
        ("请上传 CSV（UTF-8、UTF-16 或 GB18030）或 XLSX 文件", "send CSV (UTF-8, UTF-16 or GB18030) or XLSX");
    /// Too many rows.
    ROWS = "import.rows", ("文件超过 {most} 行", "the file has more than {most} rows"),
        ("请拆分后分批导入", "split it and import the parts");
    /// The sheet is not there.
    SHEET = "import.sheet", ("文件中没有工作表“{sheet}”", "the file has no sheet “{sheet}”"),
        ("请修改映射，或核对文件", "change the mapping, or check the file");
    /// Too many bytes.
    BYTES = "import.bytes", ("文件超过 {most} MB", "the file is larger than {most} MB"),
        ("请拆分后分批导入", "split it and import the parts");
    /// The reading process asked for more memory than it may have.
    MEMORY = "import.memory", ("读取该文件需要超过 {most} MB 内存，已停止读取", "reading the file asks for more than {most} MB of memory, so it was stopped"),
        ("文件可能已损坏或被恶意构造；请另存为 CSV 后再导入", "the file may be damaged or made to do harm; save it as CSV and import that");
    /// The reading process took too long.
    TIME = "import.slow", ("读取该文件耗时过长，已停止读取", "reading the file took too long, so it was stopped"),
        ("请另存为 CSV，或拆分后再导入", "save it as CSV, or split it, and import that");
    /// The reading process could not be started or ended without a word.
    READER = "import.reader", ("读取文件的进程未能完成", "the process that reads the file did not finish"),
        ("请重试；仍不成功请联系管理员", "try again; if it fails again, contact the administrator");
    /// Too many files are read already.
    BUSY = "import.busy", ("正在读取的文件过多", "too many files are being read at this moment"),
        ("请稍候一分钟再上传", "wait a minute and upload it again");
    /// A row longer than a row may be.
    ROW_LONG = "import.row_long", ("这一行过长，可能有引号没有闭合", "the row is too long; a quotation mark may not be closed"),
        ("请检查本行及之后的引号", "check the quotation marks from this row on");
    /// A number that the spreadsheet rounded.
    ROUNDED = "import.rounded", ("表格把这个长号码存成了四舍五入的数字，末几位已丢失", "the spreadsheet kept this long number rounded, and its last digits are lost"),
        ("请将该列设为文本格式，从原始数据重新填写", "format the column as text and fill it in again from the original");
    /// Half a character.
    REPLACED = "import.replaced", ("有字符被截断，已用“\u{fffd}”代替", "a character was cut off; “\u{fffd}” stands in its place"),
        ("请对照原件核对这一栏", "compare the cell with the original");
    /// A job that cannot be cancelled.
    NOT_RUNNING = "import.not_running", ("该导入已结束，不能取消", "the import has ended, so it cannot be cancelled"),
        ("请刷新后查看结果", "reload the page to see the result");
    /// The file of a job is gone.
    LOST = "import.lost", ("已上传的文件不在了，无法继续导入", "the uploaded file is gone, so the import cannot go on"),
        ("请重新上传；已载入的行不会重复", "upload it again; rows that were loaded are not loaded twice");
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_text_speaks_both_languages() {
        assert_eq!(kernel::catalogue_defects(super::CATALOGUE), Vec::<String>::new());
    }
}
