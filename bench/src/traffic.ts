/** What Corral's router costs a request: the same Worker behind it and on a direct workerd socket, in turns. */
import { startCorral, uploadForm } from "@corral/testkit";
import { startDirectWorkerd } from "./direct-workerd.ts";
import { load, type LoadAnswer } from "./load.ts";
import { atLeast, type Bench, type Row } from "./rows.ts";
import { median, medianRatio, ROUNDS, takeTurns } from "./rounds.ts";

const CONNECTIONS = 32;
const ROUND_MS = 1000;
const COMPATIBILITY_DATE = "2026-01-01";
const SOURCE = `export default { fetch() { return new Response("hello") } };`;

export const traffic: Bench = {
  name: "traffic",
  async run(): Promise<readonly Row[]> {
    await using direct = await startDirectWorkerd(SOURCE, COMPATIBILITY_DATE);
    await using corral = await startCorral();
    const form = uploadForm({ main_module: "worker.js", compatibility_date: COMPATIBILITY_DATE }, [
      { name: "worker.js", content: SOURCE },
    ]);
    await corral.must("PUT", "/workers/scripts/bench", form.body, form.headers);

    let busiest = 0;
    const rate = async (port: number, host: string): Promise<number> => {
      const order = { port, host, path: "/", connections: CONNECTIONS, milliseconds: ROUND_MS };
      const answer: LoadAnswer = await load(order);
      if (answer.failed > 0) throw new Error(`${answer.failed} requests failed`);
      busiest = Math.max(busiest, answer.busy);
      return answer.perSecond;
    };
    const results = await takeTurns({
      direct: () => rate(direct.port, "bench.localhost"),
      router: () => rate(Number(new URL(corral.workersUrl).port), "bench.localhost"),
    });
    return [
      {
        name: "requests through Corral / direct workerd socket",
        value: medianRatio(results.router, results.direct),
        unit: "x",
        goal: atLeast(0.42),
        rounds: ROUNDS,
        note: `${CONNECTIONS} connections; the loading thread was busy ${Math.round(busiest * 100)} % of the time at most`,
      },
      { name: "requests through Corral", value: median(results.router), unit: "1/s", rounds: ROUNDS },
      { name: "requests on the direct socket", value: median(results.direct), unit: "1/s", rounds: ROUNDS },
    ];
  },
};
