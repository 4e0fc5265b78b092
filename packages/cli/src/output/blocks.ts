/** Objects for people: one `Label:  value` per line, labels padded to one width, an empty line between objects. */
import type { DeploymentInfo, VersionInfo } from "../client/shapes.ts";
import type { Output } from "./output.ts";

export type Row = readonly [label: string, value: string | undefined];

export function printBlock(out: Output, rows: readonly Row[]): void {
  const width = Math.max(...rows.map(([label]) => label.length)) + 2;
  for (const [label, value] of rows) out.line(`${`${label}:`.padEnd(width + 1)}${plain(value)}`);
}

/** Free text that somebody else stored: on one line, without control characters. */
export function plain(text: string | undefined): string {
  // oxlint-disable-next-line no-control-regex -- these move a terminal's cursor
  return text === undefined || text === "" ? "-" : text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
}

const TRIGGERS: Readonly<Record<string, string>> = {
  upload: "Upload",
  version_upload: "Version upload",
  secret: "Secret change",
  rollback: "Rollback",
  promotion: "Promotion",
  deployment: "Deployment",
};

export function triggerOf(thing: VersionInfo | DeploymentInfo): string {
  const { triggeredBy, source } = thing;
  return triggeredBy === undefined ? (source ?? "-") : (TRIGGERS[triggeredBy] ?? triggeredBy);
}

export function versionRows(version: VersionInfo): Row[] {
  return [
    ["Version ID", version.id],
    ["Created", version.createdOn],
    ["Author", version.author],
    ["Source", triggerOf(version)],
    ["Tag", version.tag],
    ["Message", version.message],
  ];
}

/** A version in the documents of --json. */
export function versionDocument(version: VersionInfo) {
  const { id, number, createdOn, author, message, tag } = version;
  return { version_id: id, number, created_on: createdOn, author, source: triggerOf(version), message, tag };
}

export function deploymentDocument(deployment: DeploymentInfo) {
  return {
    deployment_id: deployment.id,
    created_on: deployment.createdOn,
    author: deployment.author,
    source: triggerOf(deployment),
    message: deployment.message,
    versions: deployment.versions.map((one) => ({ version_id: one.versionId, percentage: one.percentage })),
  };
}
