export { type Canary, makeCanaries, makeCanary, randomWord } from "./canaries.ts";
export { fitsShares } from "./chi-square.ts";
export { root, temporaryDirectory } from "./paths.ts";
export { commandLine, isRunning, killTree, processTree } from "./process-tree.ts";
export { Project, type ProjectOptions } from "./project.ts";
export { type Answer, send } from "./requests.ts";
export {
  type ApiAnswer,
  type ControlPlaneOptions,
  corralEnvironment,
  type Ended,
  type RunningCorral,
  startControlPlane,
  startCorral,
  StartFailed,
  type StartOptions,
} from "./running-corral.ts";
export { createSweep, type Finding, type Place, sweep } from "./sweep.ts";
export { type UploadForm, uploadForm, type UploadPart } from "./upload-form.ts";
export { type Ran, wrangler, wranglerHome, type WranglerOptions } from "./wrangler.ts";
