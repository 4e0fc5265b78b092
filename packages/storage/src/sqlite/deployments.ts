import type { DatabaseSync } from "node:sqlite";
import type { Uuid } from "@corral/base";
import type { DeploymentRow } from "../rows.ts";
import type { DeploymentReads, Page } from "../store.ts";
import { reading } from "./reading.ts";
import { Query, type Table } from "./table.ts";
import { isShares } from "./workers.ts";

export const deploymentTable: Table<DeploymentRow> = {
  name: "deployments",
  columns: [
    "deployment_id",
    "worker_id",
    "created_on",
    "source",
    "author_id",
    "author_email",
    "message",
    "triggered_by",
    "shares",
  ],
  encode: (row) => [
    row.deploymentId,
    row.workerId,
    row.createdOn,
    row.source,
    row.authorId,
    row.authorEmail,
    row.message,
    row.triggeredBy,
    JSON.stringify(row.shares),
  ],
  decode: (columns) => ({
    deploymentId: columns.text(),
    workerId: columns.text(),
    createdOn: columns.text(),
    source: columns.text(),
    authorId: columns.text(),
    authorEmail: columns.text(),
    message: columns.textOrNull(),
    triggeredBy: columns.text(),
    shares: columns.json(isShares),
  }),
};

export class SqliteDeploymentReads implements DeploymentReads {
  readonly #byId: Query<DeploymentRow>;
  readonly #list: Query<DeploymentRow>;

  constructor(db: DatabaseSync) {
    this.#byId = new Query(db, deploymentTable, "WHERE deployment_id = ? AND worker_id = ?");
    // By the order of the commits: times of one millisecond tie.
    this.#list = new Query(db, deploymentTable, "WHERE worker_id = ? ORDER BY seq DESC LIMIT ? OFFSET ?");
  }

  find(workerId: Uuid, deploymentId: Uuid): Promise<DeploymentRow | undefined> {
    return reading(() => this.#byId.find(deploymentId, workerId));
  }

  list(workerId: Uuid, page: Page): Promise<readonly DeploymentRow[]> {
    return reading(() => this.#list.all(workerId, page.limit, page.offset));
  }
}
