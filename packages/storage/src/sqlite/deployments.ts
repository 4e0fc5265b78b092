import type { DatabaseSync } from "node:sqlite";
import type { Uuid } from "@corral/base";
import type { DeploymentRow } from "../rows.ts";
import type { DeploymentReads, Page } from "../store.ts";
import { reading } from "./reading.ts";
import { ownedTable, prefixOf, Query } from "./table.ts";
import { isShares } from "./workers.ts";

export const deploymentTable = ownedTable<DeploymentRow>({
  name: "deployments",
  idOf: (row) => row.deploymentId,
  columns: ["deployment_id", "created_on", "source", "author_id", "author_email", "message", "triggered_by", "shares"],
  encode: (row) => [
    row.deploymentId,
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
    createdOn: columns.text(),
    source: columns.text(),
    authorId: columns.text(),
    authorEmail: columns.text(),
    message: columns.textOrNull(),
    triggeredBy: columns.text(),
    shares: columns.json(isShares),
  }),
});

export class SqliteDeploymentReads implements DeploymentReads {
  readonly #byId: Query<Omit<DeploymentRow, "workerId">>;
  readonly #list: Query<Omit<DeploymentRow, "workerId">>;

  constructor(db: DatabaseSync) {
    const ofWorker = "WHERE worker = (SELECT id FROM workers WHERE worker_id = ?)";
    // By the order of the commits: times of one millisecond tie.
    this.#byId = new Query(db, deploymentTable, `${ofWorker} AND prefix = ? AND deployment_id = ? ORDER BY seq DESC LIMIT 1`);
    this.#list = new Query(db, deploymentTable, `${ofWorker} ORDER BY seq DESC LIMIT ? OFFSET ?`);
  }

  find(workerId: Uuid, deploymentId: Uuid): Promise<DeploymentRow | undefined> {
    return reading(() => {
      const row = this.#byId.find(workerId, prefixOf(deploymentId), deploymentId);
      return row && Object.assign(row, { workerId });
    });
  }

  list(workerId: Uuid, page: Page): Promise<readonly DeploymentRow[]> {
    return reading(() => this.#list.all(workerId, page.limit, page.offset).map((row) => Object.assign(row, { workerId })));
  }
}
