import { expect, it } from "vitest";
import { bankOf } from "./BankInput";

it("a bank of the directory becomes its id, any other stays as it was said", () => {
  const banks = [{ id: "bank-a", name: "湘江示范银行" }];
  expect(["湘江示范银行", " 湘江示范银行 ", "中国农业银行", ""].map((text) => bankOf(text, banks))).toEqual(["bank-a", "bank-a", "中国农业银行", ""]);
});
