/** What a bulk does to a Worker, and how that is told. */
import type { Redacted } from "@corral/base";
import type { Cli } from "../cli.ts";
import type { SecretChanges } from "../client/worker-api.ts";
import { counted } from "../output/words.ts";
import type { Entry } from "./entries.ts";

export interface BulkSummary {
  readonly changes: SecretChanges;
  readonly created: readonly string[];
  readonly deleted: readonly string[];
  /** Bytes per value. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Deletions first, as they are told. */
export function summarize(entries: readonly Entry[]): BulkSummary {
  const deleted = entries.filter((one) => one.value === null).map((one) => one.name);
  const put = entries.filter((one): one is Entry & { readonly value: Redacted } => one.value !== null);
  return {
    changes: new Map([
      ...deleted.map((name): [string, null] => [name, null]),
      ...put.map((one): [string, Redacted] => [one.name, one.value]),
    ]),
    created: put.map((one) => one.name),
    deleted,
    sizes: new Map(put.map((one) => [one.name, Buffer.byteLength(one.value.reveal())])),
  };
}

export function tellEach(summary: BulkSummary, cli: Cli): void {
  for (const name of summary.deleted) cli.out.line(`💥 Successfully deleted secret for key: ${name}`);
  for (const name of summary.created) cli.out.line(`✨ Successfully created secret for key: ${name}`);
  cli.out.line("Finished processing secrets file:");
  if (summary.deleted.length > 0) cli.out.line(`💥 ${counted(summary.deleted.length, "secret")} successfully deleted`);
  if (summary.created.length > 0) cli.out.line(`✨ ${counted(summary.created.length, "secret")} successfully created`);
}

/** --dry-run: against the names that are there now. */
export function tellPlan(summary: BulkSummary, existing: readonly string[], cli: Cli): void {
  const there = new Set(existing);
  const touched = new Set(summary.changes.keys());
  const plan = {
    create: summary.created.filter((name) => !there.has(name)),
    replace: summary.created.filter((name) => there.has(name)),
    delete: summary.deleted.filter((name) => there.has(name)),
    unchanged: existing.filter((name) => !touched.has(name)),
  };
  const lines = [
    ["Would create", plan.create],
    ["Would replace", plan.replace],
    ["Would delete", plan.delete],
    ["Unchanged on the Worker", plan.unchanged],
  ] as const;
  for (const [label, names] of lines) if (names.length > 0) cli.out.line(`${label}: ${names.join(", ")}`);
  const absent = summary.deleted.filter((name) => !there.has(name));
  if (absent.length > 0) cli.out.note(`Not on the Worker, so nothing to delete: ${absent.join(", ")}`);
  cli.out.document(plan);
}
