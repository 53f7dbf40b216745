//! The help in Chinese: each command and option of [`crate::cli`] by its place, with a test that none is missing.

use clap::{Arg, ArgAction, Command};

/// Commands by the words that lead to them.
const COMMANDS: &[(&str, &str)] = &[
    ("", "守护：一个程序就是一个反诈中心"),
    ("centre", "公安席位：接警、止付、追踪资金"),
    ("centre serve", "运行席位，直到 Ctrl-C 或 SIGTERM"),
    ("centre openapi", "输出本席位的 OpenAPI 文档，与 /api/openapi.json 相同"),
    ("bank", "银行席位：账户、账簿、控制、答复"),
    ("bank serve", "运行席位，直到 Ctrl-C 或 SIGTERM"),
    ("bank openapi", "输出本席位的 OpenAPI 文档，与 /api/openapi.json 相同"),
    ("bank import", "从 CSV 文件载入客户、账户与交易"),
    ("operator", "运营商席位：筛查呼叫与短信，按中心指令处置线路"),
    ("operator serve", "运行席位，直到 Ctrl-C 或 SIGTERM"),
    ("operator openapi", "输出本席位的 OpenAPI 文档，与 /api/openapi.json 相同"),
    ("operator check", "说明某号码的呼叫会被如何处理，以及为什么"),
    ("operator list", "本运营商自己维护的号码名单"),
    ("operator list import", "载入 CSV 文件；不能载入的行按行号与全部问题列出"),
    ("operator list export", "把名单写成 CSV；事由记入日志"),
    ("operator list stats", "统计名单，并说明中心名单有多旧"),
    ("operator calls", "通话结果（话单），送给运行中的席位"),
    ("operator calls import", "把话单文件送给运行中的席位；被拒绝的行按行号与全部问题列出"),
    ("operator roaming", "归属寄存器所知的用户所在，送给运行中的席位"),
    ("operator roaming import", "把漫游登记文件送给运行中的席位；被拒绝的行按行号与全部问题列出"),
    ("operator replay", "把真相已知的事件送过筛查，给出精确率、召回率与误拦率"),
    ("demo", "在本机运行一个中心、三家银行和一个运营商，人、钱与呼叫都是虚构的"),
    ("scene", "在运行中的演示里演一个场景：转移被骗资金并报案"),
    ("migrate", "建立或更新席位的数据表；运行席位时也会做"),
    ("keys", "席位的签章密钥"),
    ("keys new", "生成新的签章密钥；旧密钥对其已签的内容仍然有效"),
    ("keys list", "列出密钥及其状态"),
    ("keys public", "以 JSON 输出公钥，供合作单位登记"),
    ("users", "席位的本地用户"),
    ("users add", "添加用户；未从标准输入给出密码时，输出其初始密码"),
    ("users list", "列出用户"),
    ("users disable", "停用用户并结束其会话"),
    ("users enable", "重新启用已停用的用户，密码与角色不变"),
    ("users password", "设置新密码；未从标准输入给出时输出新密码；已停用的用户仍为停用"),
    ("users totp", "清除用户的认证器（第二因素），由其重新绑定"),
    ("partners", "合作单位通讯录"),
    ("partners add", "添加合作单位，或更换其地址与公钥"),
    ("partners list", "列出合作单位"),
    ("partners keys", "更换合作单位的公钥"),
    ("journal", "日志：核验、跟随、导出与核对证据"),
    ("journal verify", "核验日志链，指出第一条不符的日志"),
    ("journal retry", "列出工作台办不了而搁置的日志条目与定时器，并让席位依次重办"),
    ("journal export", "写出关于一个主体的证据包：日志、材料、链证明、清单"),
    ("journal check", "核对证据包，不需要数据库"),
    ("journal tail", "随写入输出日志，每行一个 JSON 对象"),
    ("report", "报案"),
    ("report submit", "向运行中的中心提交报案；一次列出全部问题字段"),
    ("world", "虚构的省份：生成若干天的通话，并对运营商席位播放"),
    ("world generate", "写出事件及其真相，每行一个 JSON 对象"),
    ("world play", "用 SIP（UDP）播放文件中的呼叫、用 SMPP 播放短信，并说明各类得到的应答"),
    ("text", "短信分类器：用自己的案例训练、评估，或试判一条文本"),
    ("text train", "用含 text、label 两列的 CSV 文件训练模型"),
    ("text eval", "说明各类文本的区分效果：各类 F1，以及哪些被误认成哪些"),
    ("text check", "判断一条文本并列出其中的标识，输出 JSON"),
    ("completions", "向标准输出写出 shell 的补全脚本"),
    ("bench", "针对运行中的演示测量一项承诺的指标"),
];

/// Options by name; where one name means two things, the command leads: `demo.data`, with all its words where another ends
/// alike: `operator list export.out`.
const OPTIONS: &[(&str, &str)] = &[
    ("lang", "程序所用的语言"),
    ("log", "日志级别：error、warn、info、debug，或如 info,wire=debug 的指令；运行席位时默认 info，其余 warn"),
    ("log_format", "写到标准错误的日志格式"),
    ("data", "席位的目录：密钥、内置数据库、shouhu.toml"),
    ("database", "数据库：sqlite:///路径/文件.db 或 postgres://用户@主机/库名；默认为数据目录中的 shouhu.db"),
    ("config", "配置文件（TOML），代替数据目录中的 shouhu.toml"),
    ("listen", "监听的地址与端口"),
    ("smpp", "短信发送方以 SMPP 接入的地址与端口"),
    ("serve.sip", "SIP 的地址与端口（UDP 与 TCP）；未指明任何接入时为 127.0.0.1:5060"),
    ("list", "启动时读取的名单文件（CSV），与所存名单并用"),
    ("check.list", "名单文件（CSV），与席位名单并用；不给 --data 时只用此文件"),
    ("number", "主叫号码，写法与网络所见相同"),
    ("callee", "被叫号码"),
    ("trunk", "呼叫来路：本网、网间、国际"),
    ("import.file", "CSV 文件；- 表示标准输入"),
    ("operator calls import.file", "话单文件：CSV、NDJSON 或 JSON 数组；- 表示标准输入"),
    ("operator roaming import.file", "漫游登记文件：CSV、NDJSON 或 JSON 数组；- 表示标准输入"),
    ("seat_url", "运行中的席位的地址；不给则取其配置中的监听地址"),
    ("warm_up", "前若干小时只用来积累记忆，不计入结果"),
    ("replay.file", "由 `world generate` 写出的事件；- 表示标准输入"),
    ("json", "以一个 JSON 对象输出各项数字"),
    ("id", "席位在合作单位间的编号：小写字母、数字与短横"),
    ("name", "显示给人看的中文名称"),
    ("name_en", "显示给人看的英文名称"),
    ("institution", "银行席位属于哪类机构"),
    ("tls_cert", "TLS 证书链（PEM）"),
    ("tls_key", "证书的私钥（PEM）"),
    ("behind_proxy", "由本机的代理终结 TLS；Cookie 因此只用于 TLS"),
    ("trusted_proxies", "可信代理的地址，采信其 X-Forwarded-For（可多次给出）"),
    ("roots", "向合作单位发送时信任的证书（PEM），代替系统证书"),
    ("centre", "银行席位所上报的中心；运营商席位所接受名单与指令的中心，不给则独立运行"),
    ("durability", "提交的可靠程度：full 断电不丢，process 仅进程结束不丢"),
    ("second_factor", "除密码外须有动态口令的人；首次启动时记下"),
    ("until_stdin_ends", "标准输入结束时退出；由父进程持有另一端"),
    ("seat", "目录中还没有席位时，建立哪种席位"),
    ("folder", "含 customers.csv、accounts.csv、transfers.csv 或其中几个的目录"),
    ("customers", "客户 CSV"),
    ("accounts", "账户 CSV"),
    ("transfers", "交易 CSV"),
    ("demo.data", "五个席位的目录"),
    ("base_port", "中心的端口；三家银行、运营商及其 SIP 依次使用其后的端口"),
    (
        "demo.password_stdin",
        "从标准输入读取全部演示用户的密码；否则取自环境变量 SHOUHU_DEMO_PASSWORD，再否则自动生成；自首次启动起保留",
    ),
    ("demo.password", "不接受：本机所有人都能看到"),
    ("fresh", "从头开始：删除目录中先前的演示"),
    ("bench.seconds", "只送这么多秒的报案，用于查找瓶颈；这样的一次不算测量"),
    ("scene", "哪个场景"),
    ("finish", "连警官的操作一并代做：批准、更正，并核对最终止付的金额"),
    ("demo", "运行中的演示的目录"),
    ("login", "登录名"),
    ("roles", "角色（可多次给出）"),
    ("region", "辖区：六位行政区划代码，如 430000 或 430100；不给则不限"),
    ("password_stdin", "从标准输入读取密码"),
    ("add.name", "显示的姓名或名称"),
    ("add.id", "席位编号，例如 bank-a"),
    ("role", "它是什么单位"),
    ("url", "接收签章报文的地址；或中心的地址"),
    ("keys", "公钥文件，即 `shouhu keys public` 的输出；- 表示标准输入"),
    ("contacts", "联系人，写作 职责:姓名:电话，职责为 primary、deputy 或 technical（可多次给出）"),
    ("bank_codes", "其账户所属的行号（可多次给出）"),
    ("answer_minutes", "须在多少分钟内答复指令"),
    ("subject", "指令、线路指令、报案或案件的编号，如 Z261123-0001；或主体，如 order:<标识>"),
    ("case", "该案件的全部日志；写案件编号或标识"),
    ("out", "写出的目录，须尚不存在"),
    ("operator list export.out", "写出的文件，须尚不存在"),
    ("purpose", "取出个人信息的事由，记入日志；不给则个人信息保持密文"),
    ("operator list export.purpose", "取出号码的事由，记入日志"),
    ("bundle", "证据包的目录"),
    ("check.keys", "出具单位的公钥，须来自可信渠道；不给则用包内自带的公钥，只能证明内容完整"),
    ("after", "从此条之后开始；默认从末尾"),
    ("retry.list", "只列出被搁置的事项及原因"),
    ("desk", "搁置该条目的工作台；与 --seq 同用"),
    ("seq", "只重办这一条；与 --desk 同用"),
    ("timer", "只重办这个定时器"),
    ("wait", "最多等候结果的秒数"),
    ("anchor", "库外锚点文件，代替 shouhu.toml 中的 anchor"),
    ("no_follow", "读完即止，不等待新日志"),
    ("file", "报案的 JSON 文件，格式同 POST /api/reports；- 表示标准输入"),
    ("password_file", "密码文件；不给则从标准输入读取"),
    ("generate.out", "要写出的文件"),
    ("train.file", "含 text、label 两列的 CSV 文件；- 表示标准输入"),
    ("train.out", "写出的模型文件"),
    ("scam", "属于诈骗的标签，可多次给出；不给出时，取写明诈骗类型的标签"),
    ("eval.file", "含 text、label 两列的 CSV 文件；- 表示标准输入"),
    ("model", "模型文件；不给出时用随程序附带的模型"),
    ("folds", "不用现成模型，而按这么多折训练并评估"),
    ("check.text", "要判断的文本；- 表示标准输入"),
    ("seed", "一切由它而来：同一种子得到同样的事件"),
    ("people", "有电话的人数"),
    ("gangs", "打电话的团伙数"),
    ("start", "起始时间（RFC 3339）；不给则为现在"),
    ("hours", "持续多少小时"),
    ("play.file", "由 `world generate` 写出的事件"),
    ("play.sip", "运营商席位的 SIP 地址（UDP）：播放呼叫"),
    ("play.smpp", "运营商席位的短信地址：播放短信"),
    ("system_id", "短信账号；其密码取自环境变量 SHOUHU_SMPP_PASSWORD"),
    ("rate", "每秒呼叫数"),
    ("calls_max", "最多读取的事件数"),
    ("from", "本网、国内、境外中继的来源地址，依此次序"),
    ("shell", "哪种 shell"),
    ("figure", "哪项指标"),
];

/// Words that stand for values.
const VALUE_NAMES: &[(&str, &str)] = &[
    ("FILE", "文件"),
    ("DIR", "目录"),
    ("FOLDER", "目录"),
    ("ADDR", "地址:端口"),
    ("URL", "网址"),
    ("SEAT_URL", "网址"),
    ("ID", "编号"),
    ("TEXT", "文字"),
    ("BOOL", "true|false"),
    ("IP", "IP"),
    ("LEVEL", "级别"),
    ("PORT", "端口"),
    ("SEQ", "序号"),
    ("HOURS", "小时"),
    ("SECONDS", "秒"),
    ("DESK", "工作台"),
    ("COUNT", "数量"),
    ("TIME", "时间"),
    ("LABEL", "标签"),
    ("CONTACT", "联系人"),
    ("NUMBER", "号码"),
    ("LANG", "语言"),
    ("LOG_FORMAT", "格式"),
    ("INSTITUTION", "机构"),
    ("DURABILITY", "程度"),
    ("SECOND_FACTOR", "范围"),
    ("SEAT", "席位"),
    ("SHELL", "shell"),
    ("SCENE", "场景"),
    ("FIGURE", "指标"),
    ("LOGIN", "登录名"),
    ("NAME", "名称"),
    ("NAME_EN", "英文名称"),
    ("ROLES", "角色"),
    ("ROLE", "角色"),
    ("REGION", "行政区划代码"),
    ("BANK_CODES", "行号"),
    ("ANSWER_MINUTES", "分钟"),
    ("SUBJECT", "主体或编号"),
    ("CASE", "案件"),
    ("PURPOSE", "事由"),
    ("CALLEE", "号码"),
    ("TRUNK", "来路"),
    ("SEED", "种子"),
    ("PEOPLE", "人数"),
    ("GANGS", "团伙数"),
    ("RATE", "每秒呼叫数"),
    ("FOLDS", "折数"),
];

/// Values that are words, and what they mean.
const VALUES: &[(&str, &str)] = &[
    ("zh", "中文"),
    ("en", "英文"),
    ("auto", "终端上为文字行，否则为 JSON"),
    ("pretty", "文字行"),
    ("json", "每行一个 JSON 对象"),
    ("bank", "银行"),
    ("payment", "支付机构"),
    ("centre", "反诈中心"),
    ("operator", "运营商"),
    ("full", "断电不丢"),
    ("process", "仅进程结束不丢"),
    ("administrators", "能管理用户的人，首次登录时须先绑定验证器"),
    ("optional", "不强制，人人可用"),
    ("home", "本网"),
    ("national", "网间"),
    ("foreign", "国际"),
    ("professor", "八十六岁的教授交出六张卡，五十多万元流向多名收款人"),
    ("student", "学生几分钟前转出借来的三万元"),
    ("disbeliever", "本人不承认被骗，父亲代为报案，收款人姓名起初写错"),
    ("caller", "一省两小时的呼叫，其中有诈骗团伙，经 SIP 打到运营商席位"),
    ("hold", "从报案到银行止付"),
    ("chase", "追踪一千个账户"),
    ("memory", "空闲中心的常驻内存"),
    ("load", "最忙的一夜：每秒一百件报案，另有三百路实时页面"),
];

/// Endings of help pages that say more than examples.
const ENDINGS: &[(&str, &str)] = &[
    (
        "text eval",
        "示例：\n  shouhu text eval cases.csv --model cases.model\n  shouhu text eval cases.csv --folds 5\n\n给出 --folds 时，每一折由其余各折训练的模型判断；几乎相同的文本总在同一折。",
    ),
    (
        "",
        "\
示例：
  shouhu demo                                     在本机运行一个中心、三家银行和一个运营商，人物均为虚构
  shouhu centre serve --data /var/lib/shouhu      在 127.0.0.1:8430 运行中心，使用内置数据库
  shouhu users add chen --role stop_officer --data /var/lib/shouhu
  shouhu journal verify --data /var/lib/shouhu    指出第一条不符的日志

退出码：
  0 完成   1 结论为否（被拒绝、核验不符）   2 用法、配置或输入文件有误
  3 环境不具备（文件、端口、数据库、其他席位）   4 程序内部错误
  5 席位长时间不正常而自行终止，请重新启动",
    ),
    (
        "centre serve",
        "\
示例：
  shouhu centre serve --data /var/lib/shouhu --listen 127.0.0.1:8430
  shouhu centre serve --config /etc/shouhu/centre.toml
  SHOUHU_DATABASE=postgres://shouhu@db/shouhu shouhu centre serve --data /var/lib/shouhu

数据目录中有密钥、内置数据库和 shouhu.toml：首次启动时写下，并记住最近一次给出的访问方式。
命令行优先于环境变量，环境变量优先于文件。文件中出现不认识的项即报错。",
    ),
    (
        "bank import",
        "\
示例：
  shouhu bank import ./files --data /var/lib/bank-a
  shouhu bank import --data /var/lib/bank-a --customers c.csv --accounts a.csv --transfers t.csv

不能载入的行按行号与全部问题列出，其余照常载入；载入过的行会跳过，因此同一文件可以再次载入。
各列的含义见 docs/handbook/administrator.md。",
    ),
    (
        "operator serve",
        "\
示例：
  shouhu operator serve --list numbers.csv                          独立运行：SIP 在 127.0.0.1:5060，页面在 127.0.0.1:8434
  shouhu operator serve --data /var/lib/operator-a --id operator-a --centre centre-43 --sip 127.0.0.1:5060
  shouhu operator serve --data /var/lib/operator-a --smpp 127.0.0.1:2775

FILE 为 CSV：number,action,reason，可另有 expires,source,case_number；action 为 block、watch、allow 或 protect；
号码可写前缀（+86170*）或区间。有问题的行写入日志，其余照常生效。
中继群、TLS、代理与短信账户写在 shouhu.toml 的 [sip] 与 [messages] 中。",
    ),
    (
        "operator check",
        "\
示例：
  shouhu operator check 17000000000 --data /var/lib/operator-a
  shouhu operator check 073188888888 --trunk foreign --list numbers.csv

退出码：0 呼叫放行   1 呼叫被拦截",
    ),
    (
        "operator calls import",
        "\
示例：
  SHOUHU_FEED_KEY=… shouhu operator calls import cdr.csv --data /var/lib/operator-a

FILE 为 CSV：call_id,caller,callee,started,answered,ended，可另有 cause,trunk；也可以是同名字段的 NDJSON 或 JSON 数组。
一小时内结束的通话计入主叫的行为窗口，更早的只存话单；先前送过的 Call-ID 略过。密钥须登记在 shouhu.toml 的 [feeds] 中，
取自环境变量 SHOUHU_FEED_KEY。",
    ),
    (
        "operator roaming import",
        "\
示例：
  SHOUHU_FEED_KEY=… shouhu operator roaming import abroad.csv --data /var/lib/operator-a

FILE 为 CSV：number，可另有 state,since,until,network；也可以是同名字段的 NDJSON 或 JSON 数组；state 为 abroad 或 home。
密钥须登记在 shouhu.toml 的 [feeds] 中，取自环境变量 SHOUHU_FEED_KEY。",
    ),
    (
        "operator replay",
        "\
示例：
  shouhu world generate --out day.ndjson
  shouhu operator replay day.ndjson
  shouhu operator replay day.ndjson --list numbers.csv --json

不给 --data 时，只由程序自带的规则与名单文件判定；给出时用该席位的名单与规则。",
    ),
    (
        "demo",
        "\
示例：
  shouhu demo                                   使用 127.0.0.1:8430 至 8435，数据在 ./shouhu-demo
  shouhu demo --data /tmp/demo --base-port 9000 --fresh
  SHOUHU_DEMO_PASSWORD=… shouhu demo            自定密码；本机其他人看不到
  shouhu scene professor                        演示运行时，在另一个终端
  shouhu scene caller                           诈骗呼叫，看运营商如何拦截

其中的人、号码和钱都是虚构的。它不打开浏览器，只输出地址与登录名。",
    ),
    (
        "keys new",
        "示例：\n  shouhu keys new --data /var/lib/shouhu\n\n运行中的席位十秒内即用新密钥签章，无需重启；请马上把输出的公钥交给各合作单位。",
    ),
    (
        "users add",
        "\
示例：
  shouhu users add chen --name 陈警官 --role stop_officer --data /var/lib/shouhu
  echo \"$PASSWORD\" | shouhu users add admin --role admin --password-stdin --data /var/lib/shouhu

角色：
  中心：intake_officer、stop_officer、stop_reviewer、lines_officer、chief、auditor、admin
  银行：bank_clerk、bank_admin、auditor、admin
  运营商：operator_clerk、operator_reviewer、operator_admin、auditor、admin",
    ),
    (
        "partners add",
        "\
示例：
  shouhu keys public --data /var/lib/bank-a > bank-a.json
  shouhu partners add bank-a --name 湘江示范银行 --role bank --url https://stop.bank-a.example --keys bank-a.json \\
    --contact primary:值班室:0731-0000001 --contact deputy:副班:0731-0000002 --data /var/lib/shouhu

银行须有一名二十四小时联系人和一名副班（银发〔2019〕85号）。",
    ),
    (
        "operator list import",
        "示例：\n  shouhu operator list import numbers.csv --data /var/lib/operator-a\n\n名单中已有的行会跳过，因此同一文件可以再次载入。",
    ),
    (
        "operator list export",
        "示例：\n  shouhu operator list export --out numbers.csv --purpose '每月备份' --data /var/lib/operator-a",
    ),
    (
        "journal export",
        "\
示例：
  shouhu journal export --subject Z261123-0001 --out bundle --purpose '庭审卷宗 2026-17' --data /var/lib/shouhu
  shouhu journal export --case R261123-0001 --out bundle --data /var/lib/shouhu",
    ),
    (
        "world play",
        "\
示例：
  shouhu world play day.ndjson --sip 127.0.0.1:5060 --rate 200
  SHOUHU_SMPP_PASSWORD=… shouhu world play day.ndjson --smpp 127.0.0.1:2775 --system-id shop

本网呼叫从 127.0.0.11 发出，国内呼叫从 127.0.0.12，境外呼叫从 127.0.0.13，另有 --from 时依其所给；
席位的中继群须登记这些地址。",
    ),
];

const TEMPLATE: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}\n";

/// The command line with Chinese help.
pub fn chinese(command: Command) -> Command {
    let help = Arg::new("help").short('h').long("help").global(true).action(ArgAction::Help).help("显示帮助");
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).help("显示版本");
    translate(command, "")
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(help.help_heading("通用"))
        .arg(version.help_heading("通用"))
}

fn translate(mut command: Command, place: &str) -> Command {
    if let Some((_, about)) = COMMANDS.iter().find(|(name, _)| *name == place) {
        command = command.about(*about).long_about(*about);
    }
    let ending = ENDINGS.iter().find(|(name, _)| *name == place).map(|(_, text)| (*text).to_owned()).or_else(|| {
        let text = command.get_after_help()?.to_string();
        Some(text.replace("EXAMPLES:", "示例：").replace("EXAMPLE:", "示例：").replace("ROLES:", "角色："))
    });
    if let Some(ending) = ending {
        command = command.after_help(ending);
    }
    let name = command.get_name().to_owned();
    command = command
        .help_template(TEMPLATE)
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令")
        .disable_help_subcommand(true)
        .mut_args(|arg| {
            let heading = match arg.get_help_heading() {
                Some("Everywhere") => "通用",
                Some("Seat") => "席位",
                _ if arg.is_positional() => "参数",
                _ => "选项",
            };
            let words = option(place, &name, arg.get_id().as_str()).unwrap_or("");
            let words = format!("{words}{}", choices(&arg));
            let takes_value = arg.get_action().takes_values();
            let arg = arg.help_heading(heading).help(words.clone()).long_help(words);
            let arg = if takes_value { arg.hide_possible_values(true) } else { arg };
            match value_name(&arg) {
                Some(shown) => arg.value_name(shown),
                None => arg,
            }
        });
    let subs: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for sub in subs {
        let place = format!("{place} {sub}");
        command = command.mut_subcommand(sub, |inner| translate(inner, place.trim()));
    }
    command
}

/// The values that an option may have, each with what it means where it is not plain.
fn choices(arg: &Arg) -> String {
    let values = if arg.get_action().takes_values() { arg.get_possible_values() } else { Vec::new() };
    let shown = values.iter().map(|value| match VALUES.iter().find(|(name, _)| *name == value.get_name()) {
        Some((name, words)) => format!("{name} {words}"),
        None => value.get_name().to_owned(),
    });
    let shown = shown.collect::<Vec<_>>().join("，");
    if shown.is_empty() { shown } else { format!("［可选：{shown}］") }
}

/// What stands for the value of an option in usage lines.
fn value_name(arg: &Arg) -> Option<&'static str> {
    if !arg.get_action().takes_values() {
        return None;
    }
    let given = arg.get_value_names().and_then(|names| names.first()).map(|name| name.to_string());
    let name = given.unwrap_or_else(|| arg.get_id().as_str().to_uppercase());
    let found = VALUE_NAMES.iter().find(|(known, _)| *known == name).map(|(_, words)| *words);
    // A test walks every option: what is not in the table has no Chinese word yet.
    Some(found.unwrap_or("值"))
}

/// What clap writes by itself into a page of help, in Chinese.
pub fn finish(page: &str) -> String {
    let mut out = page.to_owned();
    for (en, zh) in [
        ("[OPTIONS]", "[选项]"),
        ("[default: ", "[默认："),
        ("[env: ", "[环境变量："),
        ("[aliases: ", "[别名："),
        ("[alias: ", "[别名："),
        ("<COMMAND>", "<命令>"),
    ] {
        out = out.replace(en, zh);
    }
    out
}

fn option(place: &str, command: &str, id: &str) -> Option<&'static str> {
    let find = |key: &str| OPTIONS.iter().find(|(name, _)| *name == key).map(|(_, words)| *words);
    find(&format!("{place}.{id}")).or_else(|| find(&format!("{command}.{id}"))).or_else(|| find(id))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn missing(command: &Command, place: &str, out: &mut Vec<String>) {
        if !COMMANDS.iter().any(|(name, _)| *name == place) {
            out.push(format!("command {place:?}"));
        }
        for arg in command.get_arguments() {
            let id = arg.get_id().as_str();
            if option(place, command.get_name(), id).is_none() && id != "help" && id != "version" {
                out.push(format!("{place} --{id}"));
            }
        }
        for sub in command.get_subcommands() {
            missing(sub, format!("{place} {}", sub.get_name()).trim(), out);
        }
    }

    #[test]
    fn every_command_and_option_has_chinese_words() {
        let mut out = Vec::new();
        missing(&crate::cli::Cli::command(), "", &mut out);
        assert!(out.is_empty(), "{out:#?}");
    }

    /// Words of English that stand beside each other: prose, where Chinese should be.
    fn english(line: &str) -> Option<String> {
        let words: Vec<&str> = line.split(' ').collect();
        let is_word = |word: &str| word.len() >= 2 && word.bytes().all(|b| b.is_ascii_lowercase());
        words.windows(2).find(|pair| pair.iter().all(|word| is_word(word))).map(|pair| pair.join(" "))
    }

    fn pages(command: &mut Command, place: &str, out: &mut Vec<String>) {
        let page = finish(&command.render_long_help().to_string());
        for needle in
            ["Usage:", "Options:", "Print help", "[OPTIONS]", "Possible values", "<值>", "[default", "[env", "[alias"]
        {
            if page.contains(needle) {
                out.push(format!("{place}: {needle}"));
            }
        }
        for line in page.lines() {
            let typed = line.trim_start_matches("用法：").trim_start();
            let is_command = ["shouhu ", "echo ", "SHOUHU_", "--contact"].iter().any(|start| typed.starts_with(start));
            // What stands between backticks is typed, not said.
            let line = &line.split('`').step_by(2).collect::<Vec<_>>().join("`");
            let prose = if is_command { typed.split_once("  ").map_or("", |(_, words)| words) } else { line.as_str() };
            if let Some(words) = english(prose) {
                out.push(format!("{place}: {words:?} in {line:?}"));
            }
        }
        for sub in command.get_subcommands_mut() {
            let place = format!("{place} {}", sub.get_name());
            pages(sub, &place, out);
        }
    }

    #[test]
    fn no_page_of_the_chinese_help_speaks_english() {
        let mut command = chinese(crate::cli::Cli::command());
        command.build();
        let mut out = Vec::new();
        pages(&mut command, "", &mut out);
        assert!(out.is_empty(), "{out:#?}");
    }

    #[test]
    fn the_chinese_help_is_well_formed_and_chinese() {
        let mut command = chinese(crate::cli::Cli::command());
        command.build();
        let help = command
            .find_subcommand_mut("centre")
            .and_then(|c| c.find_subcommand_mut("serve"))
            .map(|serve| serve.render_long_help().to_string());
        let help = help.unwrap();
        for needle in ["用法：", "监听的地址与端口", "SHOUHU_LISTEN", "示例：", "席位"] {
            assert!(help.contains(needle), "{needle}\n{help}");
        }
        for needle in ["Usage:", "Options:", "Print help"] {
            assert!(!help.contains(needle), "{needle}\n{help}");
        }
    }

    /// The help of every command, by its words.
    fn all_pages(command: &mut Command, place: &str, out: &mut Vec<(String, String)>) {
        out.push((place.to_owned(), finish(&command.render_long_help().to_string())));
        for sub in command.get_subcommands_mut() {
            let place = format!("{place} {}", sub.get_name());
            all_pages(sub, place.trim(), out);
        }
    }

    /// The pages of both languages.
    fn both() -> [Vec<(String, String)>; 2] {
        [crate::cli::Cli::command(), chinese(crate::cli::Cli::command())].map(|mut command| {
            command.build();
            let mut out = Vec::new();
            all_pages(&mut command, "", &mut out);
            out
        })
    }

    #[test]
    fn helps_that_name_roles_name_all_of_each_seat() {
        for pages in both() {
            let naming: Vec<&(String, String)> = pages.iter().filter(|(_, page)| page.contains("bank_clerk")).collect();
            assert!(naming.iter().any(|(place, _)| place == "users add"));
            for (place, page) in naming {
                for (seat, zh) in [("centre", "中心"), ("bank", "银行"), ("operator", "运营商")] {
                    let starts = [format!("{seat}: "), format!("{zh}：")];
                    let line =
                        page.lines().map(str::trim).find(|line| starts.iter().any(|start| line.starts_with(start)));
                    let named: std::collections::BTreeSet<&str> = line
                        .unwrap_or("")
                        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                        .filter(|word| !word.is_empty() && *word != seat)
                        .collect();
                    let roles = web::roles::ROLES.iter().filter(|role| role.seats.contains(&seat));
                    let known: std::collections::BTreeSet<&str> = roles.map(|role| role.code).collect();
                    assert_eq!(named, known, "{place}, {seat}");
                }
            }
        }
    }

    #[test]
    fn the_help_and_the_handbooks_name_every_exit_code() {
        use crate::speech::Exit;
        let codes = [Exit::No, Exit::Usage, Exit::Surroundings, Exit::Fault, Exit::Unhealthy].map(|exit| exit as u8);
        for pages in both() {
            let root = &pages[0].1;
            let (_, told) = root.split_once("EXIT CODES").or_else(|| root.split_once("退出码")).unwrap();
            for code in codes {
                assert!(told.contains(&format!("  {code} ")), "{code}: {root}");
            }
        }
    }

    #[test]
    fn what_another_program_writes_by_the_book_is_its_owners_alone() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/handbook");
        for book in ["administrator.md", "zh-CN/administrator.md"] {
            let text = std::fs::read_to_string(folder.join(book)).unwrap();
            for tool in ["sqlite3 ", "pg_dump "] {
                let lines: Vec<&str> = text.lines().filter(|line| line.contains(tool)).collect();
                assert!(!lines.is_empty(), "{book} has no {tool}");
                for line in lines {
                    assert!(line.contains(&format!("(umask 077; {tool}")), "{book}: {line}");
                }
            }
        }
    }

    #[test]
    fn what_is_written_is_named_a_folder_where_it_is_one() {
        let folders =
            [("journal export", ["--out <FOLDER>", "--out <目录>"]), ("journal check", ["<FOLDER>", "<目录>"])];
        let files = [("operator list export", ["--out <FILE>", "--out <文件>"])];
        for (wanted, words) in folders.into_iter().chain(files) {
            for (pages, word) in both().iter().zip(words) {
                let (_, page) = pages.iter().find(|(place, _)| place == wanted).unwrap();
                assert!(page.contains(word), "{wanted}: {page}");
            }
        }
        let (_, list) = both()[1].iter().find(|(place, _)| place == "operator list export").unwrap().clone();
        assert!(list.contains("写出的文件") && !list.contains("写出的目录"), "{list}");
    }
}
