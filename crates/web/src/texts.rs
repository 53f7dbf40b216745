//! The words of this crate, in both languages.

use kernel::Text;

macro_rules! catalogue {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $said:tt, $remedy:tt;)*) => {
        $($(#[$doc])* pub const $name: Text = Text::new($code, $said, $remedy);)*
        /// Every text of this crate.
        pub const CATALOGUE: &[Text] = &[$($name),*];
    };
}

catalogue! {
    /// Fields are wrong; the faults say which.
    INPUT_FAULTY = "input.faulty", ("填写内容有误，共 {count} 处", "The input has {count} fault(s)"),
        ("请按各栏提示修改后重新提交", "Fix the marked fields and submit again");
    /// The body is no JSON at all.
    JSON_SYNTAX = "json.syntax", ("请求内容不是有效的 JSON（第 {line} 行第 {column} 列）", "The body is not valid JSON (line {line}, column {column})"),
        ("请检查括号、引号与逗号", "Check brackets, quotes and commas");
    /// A field that must be there is not.
    JSON_MISSING = "json.missing", ("此项必填", "This field is needed"),
        ("请填写此项", "Fill it in");
    /// A field that nobody knows.
    JSON_UNKNOWN = "json.unknown", ("没有这个栏目", "There is no such field"),
        ("请核对栏目名称，参见 /api/docs", "Check its name against /api/docs");
    /// A value of the wrong shape.
    JSON_VALUE = "json.value", ("该栏的值不合要求：{problem}", "The value does not fit: {problem}"),
        ("请按提示修改", "Correct it as the message says");
    /// A value of a form that fits none of what the field takes.
    JSON_FORM = "json.form", ("该栏的格式不对", "The value has the wrong form"),
        ("请对照 /api/docs 的说明填写", "See /api/docs for the form of this field");
    /// Not text.
    JSON_TEXT = "json.text", ("该栏应为文字", "This must be text"),
        ("请填写带引号的文字", "Send a string in quotes");
    /// Not a whole number.
    JSON_INTEGER = "json.integer", ("该栏应为整数", "This must be a whole number"),
        ("请填写不带引号和小数点的整数", "Send a number without quotes or decimal point");
    /// Not a number.
    JSON_NUMBER = "json.number", ("该栏应为数字", "This must be a number"),
        ("请填写不带引号的数字", "Send a number without quotes");
    /// Neither true nor false.
    JSON_FLAG = "json.flag", ("该栏应为“是”或“否”", "This must be yes or no"),
        ("请填写 true 或 false", "Send true or false");
    /// Not a list.
    JSON_LIST = "json.list", ("该栏应为列表", "This must be a list"),
        ("请用方括号列出各项", "List the items in square brackets");
    /// Not an object.
    JSON_OBJECT = "json.object", ("该栏应由若干子栏组成", "This must be an object with fields"),
        ("请用花括号写出各子栏，参见 /api/docs", "Write its fields in braces; /api/docs lists them");
    /// A number out of its bounds.
    JSON_RANGE = "json.range", ("数值 {found} 超出范围：{least} 至 {most}", "{found} is out of range: {least} to {most}"),
        ("请填写范围内的数值", "Choose a number within the range");
    /// A text too short or too long.
    JSON_LENGTH = "json.length", ("文字长度应为 {least} 至 {most} 个字符", "The text must have {least} to {most} characters"),
        ("请调整长度", "Shorten or complete it");
    /// A list too short or too long.
    JSON_COUNT = "json.count", ("应有 {least} 至 {most} 项", "The list must have {least} to {most} items"),
        ("请增减项目或分批提交", "Add or remove items, or send it in parts");
    /// Not an identifier.
    JSON_ID = "json.id", ("不是系统编号", "This is not an identifier"),
        ("请使用接口返回的 id（UUID），而不是页面上显示的业务编号", "Use the id that the API returns (a UUID), not the number shown on pages");
    /// Not a time.
    JSON_TIME = "json.time", ("不是带时区的时间", "This is not a time with an offset"),
        ("请写成 2026-11-23T08:00:00+08:00 的形式", "Write it as 2026-11-23T08:00:00+08:00");
    /// A parameter of the address twice.
    JSON_TWICE = "json.twice", ("该参数重复出现", "This parameter is given twice"),
        ("请只保留一个", "Keep one of them");
    /// Two things are named where one is meant.
    ENTRY_OR_TIMER = "journal.entry_or_timer", ("日志条目与定时任务只能指定一项", "Name an entry or a timer, not both"),
        ("请去掉其中一项", "Leave one of them out");
    /// The content type is not what the route takes.
    MEDIA_TYPE = "body.media_type", ("不支持的内容类型", "The content type is not supported"),
        ("请以 application/json 发送", "Send it as application/json");
    /// The body is larger than the limit.
    TOO_LARGE = "body.too_large", ("请求内容过大", "The body is too large"),
        ("请拆分后分批提交", "Split it and send the parts");
    /// A file larger than the route takes.
    UPLOAD_TOO_LARGE = "upload.too_large", ("文件超过 {most} MB", "The file is larger than {most} MB"),
        ("请拆分后再上传", "Split it and upload the parts");
    /// A file that broke off.
    UPLOAD_BROKEN = "upload.broken", ("上传中断，文件不完整", "The upload broke off, so the file is not whole"),
        ("请重新上传", "Upload it again");
    /// No room for a file.
    UPLOAD_NO_ROOM = "upload.no_room", ("本席位的磁盘无法保存上传的文件", "The disk of this seat cannot keep the file"),
        ("请联系管理员检查数据目录的空间和权限", "Contact the administrator to check space and permissions of the data folder");
    /// The request is not of a form that the server reads.
    BAD_REQUEST = "request.bad", ("请求格式有误", "The request is not well formed"),
        ("请核对请求，参见 /api/docs", "Check the request against /api/docs");
    /// No session, or one that has ended.
    UNAUTHENTICATED = "session.missing", ("尚未登录或登录已失效", "There is no valid session"),
        ("请重新登录", "Log in again");
    /// The CSRF header is missing or wrong.
    CSRF = "session.csrf", ("请求缺少有效的防伪标记", "The request lacks a valid anti-forgery token"),
        ("请刷新页面后重试；程序调用须带 X-Shouhu-CSRF 头", "Reload the page; programs send the header X-Shouhu-CSRF");
    /// A page of another site sent the request.
    CROSS_SITE = "session.cross_site", ("拒绝来自其他网站的请求", "Requests from other sites are refused"),
        ("请在本系统页面内操作", "Work in the pages of this system");
    /// A right is missing.
    FORBIDDEN = "right.missing", ("您没有这项权限：{right}", "You do not have the right {right}"),
        ("请向管理员申请该权限", "Ask an administrator for this right");
    /// A purpose is needed.
    PURPOSE_NEEDED = "purpose.needed", ("查看个人信息须写明用途", "A purpose is needed to see personal data"),
        ("请填写用途，例如“核对报警人信息”（2 至 200 字）", "Write the purpose, for instance \"confirm the reporter\" (2 to 200 characters)");
    /// No such page or route.
    NOT_FOUND = "route.unknown", ("没有这个地址", "There is nothing at this address"),
        ("请核对地址，参见 /api/docs", "Check the address against /api/docs");
    /// No such thing.
    NO_SUCH = "thing.unknown", ("找不到：{what}", "Not found: {what}"),
        ("请核对编号", "Check the number");
    /// The route does not take this method.
    METHOD = "route.method", ("该地址不支持此方法", "This address does not take that method"),
        ("请核对方法，参见 /api/docs", "Check the method against /api/docs");
    /// The state does not allow it.
    CONFLICT = "state.conflict", ("当前状态不允许此操作", "This is not possible in the present state"),
        ("请刷新后再试", "Reload and look again");
    /// Too many requests.
    RATE_LIMITED = "rate.limited", ("操作过于频繁", "Too many requests"),
        ("请在 {seconds} 秒后重试", "Try again in {seconds} seconds");
    /// The server failed.
    SERVER = "server.failure", ("服务器内部出错", "The server failed"),
        ("请稍后重试，并将请求编号告知管理员", "Try again shortly, and give the request id to the administrator");
    /// The server took too long.
    TIMEOUT = "server.timeout", ("处理超时", "The server took too long"),
        ("请稍后重试；创建类请求请带同一 Idempotency-Key", "Try again shortly; when creating, send the same Idempotency-Key");
    /// The server is not ready.
    UNAVAILABLE = "server.unavailable", ("服务暂时不可用", "The service is not available right now"),
        ("请稍后重试", "Try again shortly");
    /// The idempotency key is not of the right form.
    IDEMPOTENCY_KEY = "idempotency.key", ("Idempotency-Key 应为 8 至 128 个可见 ASCII 字符", "Idempotency-Key must be 8 to 128 visible ASCII characters"),
        ("请使用 UUID", "Use a UUID");
    /// The same key came with another body.
    IDEMPOTENCY_OTHER = "idempotency.other_body", ("同一 Idempotency-Key 已用于不同内容", "This Idempotency-Key was used with another body"),
        ("请为新的请求换用新的键", "Use a new key for a new request");
    /// The same key is being worked on.
    IDEMPOTENCY_IN_FLIGHT = "idempotency.in_flight", ("同一请求正在处理", "The same request is being handled"),
        ("请稍候以同一键重试", "Wait a moment, then try again with the same key");
    /// Login or password is wrong.
    LOGIN_FAILED = "login.failed", ("账号或口令不正确", "Login or password is wrong"),
        ("请核对后重试；忘记口令请联系管理员", "Check both and try again; an administrator can set a new password");
    /// The code of the authenticator is needed.
    TOTP_NEEDED = "login.totp_needed", ("需要动态口令", "A code of the authenticator is needed"),
        ("请输入验证器上的 6 位数字", "Enter the six digits that the authenticator shows");
    /// The code is wrong or was used.
    TOTP_WRONG = "login.totp_wrong", ("动态口令不正确或已使用过", "The code is wrong or was used before"),
        ("请等待验证器显示下一组数字", "Wait for the next code of the authenticator");
    /// The password is short or long.
    PASSWORD_LENGTH = "password.length", ("口令长度应为 12 至 128 个字符", "A password has 12 to 128 characters"),
        ("请使用更长的口令，例如几个不相关的词", "Use a longer one, for instance several unrelated words");
    /// The password is easily guessed.
    PASSWORD_WEAK = "password.weak", ("口令过于简单或包含账号", "The password is easily guessed or contains the login"),
        ("请避免重复字符、连续数字和账号本身", "Avoid repeated characters, plain sequences and the login itself");
    /// The present password is wrong.
    PASSWORD_WRONG = "password.wrong", ("当前口令不正确", "The present password is wrong"),
        ("请重新输入当前口令", "Enter your present password again");
    /// A login of the wrong form.
    USER_LOGIN = "user.login", ("账号应为 2 至 64 个小写字母、数字、点、横线或下划线", "A login has 2 to 64 lowercase letters, digits, dots, dashes or underscores"),
        ("例如 wang.li", "For instance wang.li");
    /// The login is taken.
    USER_TAKEN = "user.taken", ("该账号已存在", "This login is taken"),
        ("请换一个账号", "Choose another");
    /// The name is missing or long.
    USER_NAME = "user.name", ("姓名应为 1 至 64 个字符", "A name has 1 to 64 characters"),
        ("请填写姓名", "Give the name");
    /// No such role.
    USER_ROLE = "user.role", ("没有这个角色：{role}", "There is no role {role}"),
        ("可用角色：{roles}", "Roles: {roles}");
    /// No role at all.
    USER_ROLES_NONE = "user.roles_none", ("至少需要一个角色", "At least one role is needed"),
        ("可用角色：{roles}", "Roles: {roles}");
    /// Disabling oneself or the last administrator.
    USER_LAST_ADMIN = "user.last_admin", ("不能停用自己，或移除最后一名管理员", "You cannot disable yourself, or remove the last administrator"),
        ("请先由另一名管理员办理", "Let another administrator do it");
    /// A user beyond the region of the administrator.
    USER_SCOPE = "user.scope", ("只能管理本辖区（{own}）的用户", "You manage users of your own region ({own}) only"),
        ("请选择辖区内的地区，或请上级管理员办理", "Choose a region within it, or ask the administrator of the office above");
    /// Roles and region of oneself.
    USER_OWN_RIGHTS = "user.own_rights", ("不能修改自己的角色或地区", "You cannot change your own roles or region"),
        ("请由另一名管理员办理", "Let another administrator do it");
    /// The account comes from the single sign-on.
    USER_EXTERNAL = "user.external", ("该账号由统一认证管理，没有本地口令", "This account belongs to the single sign-on and has no password here"),
        ("请在统一认证系统中修改", "Change it there");
    /// No enrolment was begun.
    TOTP_NOT_BEGUN = "totp.not_begun", ("尚未开始绑定验证器", "No enrolment of an authenticator was begun"),
        ("请先获取密钥，再提交验证码", "Ask for a secret first, then confirm with a code");
    /// One's own password or authenticator by the way of administration.
    USER_OWN_SECRETS = "user.own_secrets", ("不能在用户管理中更改自己的口令或解绑自己的验证器", "Your own password and authenticator are not changed here"),
        ("请在“我的账号”中办理，须验证当前口令与动态口令", "Do it under My account, with your present password and a code");
    /// An administrator without a second factor.
    ENROL_FIRST = "session.enrol_first", ("管理员须先绑定验证器（动态口令）才能办理业务", "An administrator enrols an authenticator before anything else"),
        ("请登录页面按提示绑定，或调用 POST /api/session/totp 与 /api/session/totp/confirm", "Follow the page after log-in, or call POST /api/session/totp and /api/session/totp/confirm");
    /// A password that many people use.
    PASSWORD_COMMON = "password.common", ("口令由常见词、键盘顺序、日期或账号拼成，容易被猜中", "The password is put together from common words, keyboard walks, dates or the login"),
        ("请使用几个不相关的词，或请密码管理器生成", "Use several unrelated words, or have a password manager make one");
    /// Single sign-on is not set up.
    OIDC_OFF = "oidc.off", ("未配置统一认证", "Single sign-on is not set up"),
        ("请使用账号口令登录，或请管理员配置", "Log in with a password, or ask an administrator to set it up");
    /// The identity provider cannot be reached, or answers nonsense.
    OIDC_PROVIDER = "oidc.provider", ("统一认证服务未能应答", "The identity provider did not answer properly"),
        ("请稍后重试，或使用账号口令登录", "Try again shortly, or log in with a password");
    /// The login was not begun here, or took too long.
    OIDC_STATE = "oidc.state", ("统一认证登录已过期或不是从本页发起", "This single sign-on has expired or was not begun here"),
        ("请从登录页重新发起", "Begin again at the log-in page");
    /// The provider knows the user but grants no role.
    OIDC_NO_ROLE = "oidc.no_role", ("您的统一认证账号在本系统没有角色", "Your single sign-on account has no role here"),
        ("请管理员在统一认证中授予角色", "Ask an administrator to grant you one");
    /// A cursor that we did not give out.
    CURSOR = "list.cursor", ("翻页标记无效", "The cursor is not valid"),
        ("请从第一页重新开始", "Begin at the first page");
    /// A word that is not in its list.
    NOT_ONE_OF = "list.not_one_of", ("“{found}”不在可选值中", "“{found}” is not one of the values"),
        ("可用：{words}", "Use one of: {words}");
    /// What is asked to be revealed does not exist.
    REVEAL_UNKNOWN = "reveal.unknown", ("没有可显示的内容：{subject} {field}", "There is nothing to reveal: {subject} {field}"),
        ("请核对对象与字段", "Check subject and field");
}
