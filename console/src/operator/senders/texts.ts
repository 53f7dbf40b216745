/** Texts of the register of official senders (短信端口登记). */
import { texts } from "../../shell/i18n";

export const SENDERS = texts({
  title: { zh: "短信端口登记", en: "Official senders" },
  about: { zh: "登记的端口只有指定账号可用，他人冒用即拦截", en: "A registered sender may be used by its accounts alone; whoever else sends as it is stopped" },
  find: { zh: "端口、名称、单位", en: "Address, name or holder" },
  add: { zh: "登记端口", en: "Register" },
  sender: { zh: "端口或名称", en: "Address or name" },
  senderHint: { zh: "号段以 * 结尾，如 10690*", en: "With * at its end, every address that begins so, as 10690*" },
  holder: { zh: "使用单位", en: "Holder" },
  accounts: { zh: "可用账号", en: "Accounts" },
  accountsHint: { zh: "SMPP system_id，回车分隔", en: "SMPP system_id; Enter after each" },
  note: { zh: "备注", en: "Note" },
  since: { zh: "登记时间", en: "Since" },
  by: { zh: "登记人", en: "By" },
  remove: { zh: "注销", en: "Take out" },
  removeAsk: { zh: "注销后任何账号都可用此端口发送，确认？", en: "Once it is out, any account may send as it. Take it out?" },
  empty: { zh: "还没有登记端口", en: "No sender is registered" },
  emptyHint: { zh: "银行、政务、快递等官方端口应先登记，冒用即可识别。", en: "Register the senders of banks, government and couriers first, so that forgeries are seen." },
  submit: { zh: "登记", en: "Register" },
  done: { zh: "已办理", en: "Done" },
});
