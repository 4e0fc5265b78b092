import { expect, test } from "vitest";
import { sourceOf } from "./source.ts";

test.each([
  ["wrangler/4.164.0", "wrangler"],
  ["terraform-provider-cloudflare/5.22.0 terraform-plugin-framework/1.15 terraform/1.9", "terraform"],
  ["corral/0.1.0", "corral"],
  ["cf/1.0.0-beta.13", "cf_cli"],
  ["Cloudflare/JS 7.3.0", "api"],
  ["dash", "api"],
  [undefined, "api"],
])("the client %s is the source %s", (userAgent, source) => {
  expect(sourceOf(userAgent)).toBe(source);
});
