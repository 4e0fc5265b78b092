/** What Corral itself answers on a Worker's address. Fixed text and an id of our own: never what the Worker said. */
export type Page = "unknown-host" | "nothing-deployed" | "threw" | "not-started" | "unavailable" | "held";

const PAGES: Readonly<Record<Page, { readonly status: number; readonly text: string }>> = {
  "unknown-host": { status: 404, text: "There is no Worker at this address." },
  "nothing-deployed": { status: 404, text: "This Worker has no deployment." },
  threw: { status: 500, text: "Error 1101: the Worker threw an exception." },
  "not-started": { status: 500, text: "Error 1101: the Worker did not start." },
  held: { status: 503, text: "This Worker is held: it hung the process that it shares with others." },
  unavailable: { status: 503, text: "The Worker is not available at the moment." },
};

export function page(kind: Page, requestId?: string): Response {
  const { status, text } = PAGES[kind];
  const body = requestId === undefined ? `${text}\n` : `${text}\nRequest id: ${requestId}\n`;
  return new Response(body, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      ...(requestId === undefined ? {} : { "corral-request-id": requestId }),
    },
  });
}
