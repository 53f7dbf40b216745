import { expect, it } from "vitest";
import { firstOnPage } from "./form";

const fault = (field: string) => ({ field, code: "json.missing", zh: "此项必填", en: "This field is needed", zh_remedy: "", en_remedy: "" });

it("the cursor goes to the faulty field that stands first on the page", () => {
  const page: [string | undefined, string][] = [["channel", "Source"], ["victim.name", "Name"], [undefined, "Hint"], ["region", "Region"]];
  expect(firstOnPage([fault("region"), fault("elsewhere"), fault("victim.name")], page)).toBe("Name");
  expect(firstOnPage([fault("elsewhere")], page)).toBeUndefined();
});
