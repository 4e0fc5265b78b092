import { expect, test } from "vitest";
import { cloudflareRoutes, corralOperations, corralRoutes, type Route } from "./index.ts";

const tables: Readonly<Record<string, Readonly<Record<string, Route>>>> = { cloudflareRoutes, corralRoutes };

test.each(Object.keys(tables))("no two operations of %s have the same method and path", (name) => {
  const routes = Object.values(tables[name] ?? {}).map(({ method, path }) => `${method} ${path}`);
  expect(new Set(routes).size).toBe(routes.length);
});

test("what reads a body says how large it may be", () => {
  const silent = Object.entries({ ...cloudflareRoutes, ...corralRoutes }).filter(
    ([, route]) => (route.method === "PUT" || route.method === "PATCH") && route.body === "none",
  );
  expect(silent).toEqual([]);
});

test("every one of our own operations is described", () => {
  expect(Object.keys(corralOperations).toSorted()).toEqual(Object.keys(corralRoutes).toSorted());
});
