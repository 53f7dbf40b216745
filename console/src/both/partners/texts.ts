/** Texts of the partners page (协作单位). */
import { texts } from "../../shell/i18n";

export const PARTNERS = texts({
  title: { zh: "协作单位", en: "Partners" },
  about: { zh: "以电子签章互通指令与反馈的单位", en: "Seats with which sealed messages are exchanged" },
  add: { zh: "新增单位", en: "New partner" },
  edit: { zh: "修改", en: "Edit" },
  id: { zh: "标识", en: "Id" },
  idHint: { zh: "小写字母、数字和横线，如 bank-a；建立后不能修改", en: "Lowercase letters, digits and dashes, as bank-a; fixed once made" },
  partner: { zh: "单位", en: "Partner" },
  name: { zh: "名称", en: "Name (Chinese)" },
  nameEn: { zh: "英文名称", en: "Name (English)" },
  role: { zh: "类别", en: "Role" },
  url: { zh: "接收地址", en: "Address" },
  urlHint: { zh: "https://主机[:端口]；明文 http 仅限本机", en: "https://host[:port]; plain http only on this machine" },
  minutes: { zh: "反馈时限（分钟）", en: "Answers within (min)" },
  codes: { zh: "行号", en: "Bank codes" },
  codesHint: { zh: "回车分隔多个", en: "Enter after each" },
  keys: { zh: "签章公钥", en: "Seal keys" },
  key: { zh: "公钥（base64url）", en: "Public key (base64url)" },
  kid: { zh: "密钥编号", en: "Key id" },
  from: { zh: "生效", en: "From" },
  to: { zh: "失效", en: "To" },
  addKey: { zh: "增加公钥", en: "Add key" },
  keyInForce: { zh: "有效", en: "In force" },
  keyEnding: { zh: "30 天内失效", en: "Ends within 30 days" },
  keyOut: { zh: "不在有效期", en: "Not in force" },
  noKey: { zh: "没有有效公钥，其报文将被拒收", en: "No key in force: its messages are refused" },
  contacts: { zh: "联系人", en: "Contacts" },
  contactName: { zh: "姓名", en: "Name" },
  contactPhone: { zh: "电话", en: "Phone" },
  duty: { zh: "职责", en: "Duty" },
  addContact: { zh: "增加联系人", en: "Add contact" },
  contactsHint: { zh: "银行须登记 24 小时联系人与代理联系人（银发〔2019〕85号）", en: "A bank needs a contact round the clock and a deputy" },
  enabled: { zh: "启用", en: "Enabled" },
  disabled: { zh: "停用", en: "Off" },
  state: { zh: "状态", en: "State" },
  remove: { zh: "删除", en: "Remove" },
  empty: { zh: "还没有协作单位", en: "No partner yet" },
  emptyHint: { zh: "新增银行并登记其公钥后，才能向其下达指令。", en: "Add a bank with its public key before orders can go there." },
  saved: { zh: "已保存 {name}", en: "{name} saved" },
  within: { zh: "{n} 分钟", en: "{n} min" },
});

export const PARTNER_ROLES = texts({
  centre: { zh: "反诈中心", en: "Anti-scam centre" },
  bank: { zh: "银行/支付机构", en: "Bank / payment" },
  operator: { zh: "通信运营商", en: "Operator" },
});

export const DUTIES = texts({
  primary: { zh: "24 小时联系人", en: "Round the clock" },
  deputy: { zh: "代理联系人", en: "Deputy" },
  technical: { zh: "技术联系人", en: "Technical" },
});
