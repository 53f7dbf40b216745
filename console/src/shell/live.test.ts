import { expect, it } from "vitest";
import { touchedBy } from "./live";

it("an entry renews the lists that it touches, by kind and by subject", () => {
  expect(touchedBy({ kind: "order.answered", subject: "order:1" })).toEqual(expect.arrayContaining(["orders", "chases", "desk-counts", "journal"]));
  expect(touchedBy({ kind: "hold.lapsed", subject: "account:1" })).toEqual(expect.arrayContaining(["holds", "accounts"]));
  expect(touchedBy({ kind: "report.pair_same", subject: "report:1" })).toEqual(expect.arrayContaining(["reports", "report-pairs", "desk-counts"]));
  expect(touchedBy({ kind: "chase.more_allowed", subject: "chase:1" })).toEqual(expect.arrayContaining(["chases", "chases-waiting", "desk-counts"]));
  expect(touchedBy({ kind: "something.new", subject: "unknown:1" })).toEqual(["journal"]);
});
