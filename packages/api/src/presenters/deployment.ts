import type { WireDeployment } from "@corral/contract";
import type { Control } from "@corral/control";

type DeploymentView = Awaited<ReturnType<Control["deployments"]["get"]>>;

/** wire.md 6.5. */
export function presentDeployment(deployment: DeploymentView): WireDeployment {
  return {
    id: deployment.deploymentId,
    source: deployment.source,
    strategy: "percentage",
    author_id: deployment.authorId,
    author_email: deployment.authorEmail,
    annotations: {
      ...(deployment.message !== null && { "workers/message": deployment.message }),
      "workers/triggered_by": deployment.triggeredBy,
    },
    versions: deployment.shares.map((share) => ({ version_id: share.versionId, percentage: share.percentage })),
    created_on: deployment.createdOn,
  };
}
