//! Texts of the message front in both languages.

use kernel::Text;

pub(super) const TOO_MANY: Text =
    Text::new("message.too_many", ("超过 {most} 个", "there are more than {most}"), ("请减少", "Give fewer"));
pub(super) const SYSTEM_ID: Text = Text::new(
    "message.system_id",
    ("system_id 须为 1 至 {most} 个字母、数字、短横或下划线", "a system_id has 1 to {most} letters, digits, - or _"),
    ("请修改名称", "Choose another name"),
);
pub(super) const ACCOUNT_TWICE: Text = Text::new(
    "message.account_twice",
    ("账户 {name} 出现两次", "the account {name} stands here twice"),
    ("请删去一个", "Remove one"),
);
pub(super) const NO_SECRET: Text = Text::new(
    "message.no_secret",
    ("账户既没有密码也没有接口密钥", "the account has neither a password nor an API key"),
    ("请填写 password_hash 或 api_key_hash", "Give password_hash or api_key_hash"),
);
pub(super) const NO_HASH: Text = Text::new(
    "message.no_hash",
    ("不是 argon2id 或 sha256 摘要", "this is no argon2id or sha256 hash"),
    ("不要填写明文,请填写摘要", "Give the hash, never the secret itself"),
);
pub(super) const ZERO: Text =
    Text::new("message.zero", ("必须大于零", "this must be above zero"), ("请填写正数", "Give a positive number"));
pub(super) const ADDRESS: Text = Text::new(
    "message.address",
    ("不是 主机:端口", "this is not host:port"),
    ("例如 10.0.0.8:2775", "For instance 10.0.0.8:2775"),
);
pub(super) const NO_ACCOUNT: Text = Text::new(
    "message.no_account",
    ("没有账户 {name}", "there is no account {name}"),
    ("请填写已登记的账户", "Name an account that is registered"),
);
pub(super) const KEY: Text = Text::new(
    "message.key",
    ("接口密钥缺失或不正确", "the API key is missing or wrong"),
    ("请在 Authorization 头中以 Bearer 方式提供密钥", "Send the key as a bearer token in Authorization"),
);
pub(super) const EMPTY: Text = Text::new("message.empty", ("该栏为空", "the field is empty"), ("请补齐", "Fill it in"));
pub(super) const NUMBER: Text = Text::new(
    "message.number",
    ("“{found}”不是电话号码", "“{found}” is no telephone number"),
    ("请填写手机号,例如 +8613800138000", "Give a number such as +8613800138000"),
);
pub(super) const TEXT_LENGTH: Text = Text::new(
    "message.text_length",
    ("短信超过 {most} 个字", "the text has more than {most} characters"),
    ("请缩短", "Shorten it"),
);
pub(super) const FROM: Text = Text::new(
    "message.from",
    ("本账户不得使用该主叫“{found}”", "the account may not send as “{found}”"),
    ("请使用已登记给本账户的号码", "Use a sender that is registered to the account"),
);
pub(super) const SCAM: Text = Text::new(
    "message.stopped",
    ("短信被拦截", "the message was stopped"),
    ("如认为有误,请向运营商申诉", "Appeal to the operator if this is wrong"),
);
pub(super) const AWAY: Text = Text::new(
    "message.away",
    ("短信中心暂时不可用", "the message centre is out of reach"),
    ("请稍后重试", "Try again later"),
);
pub(super) const REFUSED: Text = Text::new(
    "message.refused",
    ("短信中心拒收,状态 {status}", "the message centre refused it with {status}"),
    ("请核对号码和内容", "Check the number and the text"),
);
pub(super) const WARNING_LINK: Text = Text::new(
    "message.warning_link",
    ("预警短信中不得含有网址", "a warning holds no link"),
    ("请删去网址", "Remove the link"),
);
pub(super) const WARNING_PHONE: Text = Text::new(
    "message.warning_phone",
    ("预警短信中不得含有电话号码", "a warning holds no telephone number"),
    ("请删去号码", "Remove the number"),
);
pub(super) const NO_WARNINGS: Text = Text::new(
    "message.no_warnings",
    ("没有配置预警短信的发送账户", "no account is configured to send warnings"),
    ("请在配置中填写 warning", "Fill in warning in the configuration"),
);

/// Texts of this module.
pub const TEXTS: &[Text] = &[
    TOO_MANY,
    SYSTEM_ID,
    ACCOUNT_TWICE,
    NO_SECRET,
    NO_HASH,
    ZERO,
    ADDRESS,
    NO_ACCOUNT,
    KEY,
    EMPTY,
    NUMBER,
    TEXT_LENGTH,
    FROM,
    SCAM,
    AWAY,
    REFUSED,
    WARNING_LINK,
    WARNING_PHONE,
    NO_WARNINGS,
];
