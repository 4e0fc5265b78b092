/** Connections that never rest: each asks again as soon as its answer is whole. */
import { Agent } from "node:http";
import { type Answer, type RunningCorral, send } from "@corral/testkit";

export interface LoadResult {
  readonly answered: number;
  /** One line for each request that broke or was not 200. */
  readonly failures: readonly string[];
}

export interface Load {
  /** Lets the running requests finish. */
  stop(): Promise<LoadResult>;
}

export function startLoad(corral: RunningCorral, worker: string, connections: number, onAnswer?: (answer: Answer) => void): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const failures: string[] = [];
  let answered = 0;
  const enough = new AbortController();
  const ask = async (): Promise<void> => {
    while (!enough.signal.aborted) {
      try {
        const answer = await send(corral.workersUrl, { headers: { host: `${worker}.localhost` }, agent });
        if (answer.status === 200) answered += 1;
        else failures.push(`${answer.status} ${answer.text.slice(0, 200)}`);
        onAnswer?.(answer);
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  const all = Promise.all(Array.from({ length: connections }, ask));
  return {
    async stop() {
      enough.abort();
      await all;
      agent.destroy();
      return { answered, failures };
    },
  };
}
