/** The releases of stock wrangler that are driven: one for each generation of its wire (wire.md 14). */
import { Project, type ProjectOptions, type RunningCorral, startCorral } from "@corral/testkit";
import { probe } from "../support/probe.ts";
import { type Stock, stockWrangler } from "../support/stock.ts";
import { sweepValues } from "../support/values.ts";
import { startWatch, type Watch } from "./watch.ts";

export interface Release {
  readonly release: string;
  /** The name it is installed under. */
  readonly package: string;
  /** In names of Workers. */
  readonly short: string;
  /** `null` in a bulk file deletes (4.95). */
  readonly deletesInBulk: boolean;
}

export const BEFORE_BULK: Release = {
  release: "4.45.4",
  package: "wrangler-4-45",
  short: "v45",
  deletesInBulk: false,
};
export const BEFORE_PATCH: Release = {
  release: "4.105.0",
  package: "wrangler-4-105",
  short: "v105",
  deletesInBulk: true,
};
export const NEWEST: Release = {
  release: "4.164.0",
  package: "wrangler",
  short: "v164",
  deletesInBulk: true,
};
export const RELEASES = [BEFORE_BULK, BEFORE_PATCH, NEWEST] as const;

/** A Corral, what clients see of it, and the projects that they work in. */
export class Bench implements AsyncDisposable {
  readonly corral: RunningCorral;
  readonly watch: Watch;
  readonly #projects: Project[] = [];

  constructor(corral: RunningCorral, watch: Watch) {
    this.corral = corral;
    this.watch = watch;
  }

  /** A project whose Worker is a probe that tells its name as its code. */
  project(name: string, options: Partial<ProjectOptions> = {}): Project {
    const project = new Project({ name, code: probe(name), ...options });
    this.#projects.push(project);
    return project;
  }

  /** This release in that project. */
  stock(release: Release, project: Project, env: Readonly<Record<string, string>> = {}): Stock {
    return stockWrangler(this.watch, project, { env, package: release.package });
  }

  /** What no client may meet: a failure of the server, an unknown route, a value of a secret. */
  problems(): readonly string[] {
    if (this.watch.answers.length === 0) return ["no client asked for anything"];
    const leaks = sweepValues(this.corral, this.watch.places()).map(
      ({ place, canary, form }) => `${canary} is in ${place}, ${form}`,
    );
    return [...this.watch.faults(), ...leaks];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const project of this.#projects) project[Symbol.dispose]();
    await this.watch[Symbol.asyncDispose]();
    await this.corral[Symbol.asyncDispose]();
  }
}

export async function openBench(): Promise<Bench> {
  const corral = await startCorral();
  return new Bench(corral, await startWatch(corral));
}
