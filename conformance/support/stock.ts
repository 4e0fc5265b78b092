/** Stock wrangler in a project, with what a story needs to say about a run. */
import { type Project, type Ran, wrangler, type WranglerOptions } from "@corral/testkit";

export interface Stock {
  /** Throws, with all that it printed, unless it ends with 0. */
  run(args: string, input?: string): Promise<Ran>;
  /** Ends as it ends. */
  try(args: string, input?: string): Promise<Ran>;
}

type Target = WranglerOptions["corral"];

/** Arguments are split at spaces; a part in single quotes stays together. */
export function stockWrangler(corral: Target, project: Project, options: Pick<WranglerOptions, "env" | "package"> = {}): Stock {
  const attempt = (args: string, input?: string): Promise<Ran> =>
    wrangler(splitArguments(args), { ...options, corral, cwd: project.path, ...(input === undefined ? {} : { input }) });
  return {
    try: attempt,
    async run(args, input) {
      const ran = await attempt(args, input);
      if (ran.code !== 0) throw new Error(`wrangler ${args} ended with ${ran.code}:\n${ran.stdout}\n${ran.stderr}`);
      return ran;
    },
  };
}

function splitArguments(args: string): string[] {
  return [...args.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}
