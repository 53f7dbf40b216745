import { expect, it } from "vitest";
import { filterOf, queueNamed, queueOf, QUEUES } from "./queues";

it("a draft of the public page stands in the queue of what waits to be taken", () => {
  expect(queueOf({ state: "draft", channel: "public" })).toBe("public");
  expect(queueOf({ state: "draft", channel: "110" })).toBe("draft");
  // Once taken it is a report as any other.
  expect(queueOf({ state: "submitted", channel: "public" })).toBe("submitted");
  expect(queueOf({ state: "joined", channel: "public" })).toBe("joined");
  expect(queueOf({ state: "closed", channel: "110" })).toBe("all");
});

it("a queue asks for no more than stands in it", () => {
  expect(filterOf("public")).toEqual({ state: "draft", channel: "public" });
  expect(filterOf("draft")).toEqual({ state: "draft" });
  expect(filterOf("all")).toEqual({});
});

it("an address names a queue or none", () => {
  expect(QUEUES.map(queueNamed)).toEqual([...QUEUES]);
  expect([queueNamed(null), queueNamed("elsewhere")]).toEqual([null, null]);
});
