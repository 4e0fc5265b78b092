/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly value: number;
  /** `x` for a ratio. */
  readonly unit: "x" | "ms" | "us" | "1/s";
  /** undefined: shown for comparison, nothing is promised. */
  readonly goal?: Goal;
  readonly rounds: number;
  /** What was compared with what, where the name does not say it. */
  readonly note?: string;
}

export interface Goal {
  readonly bound: "at most" | "at least";
  readonly value: number;
}

/** A group of rows that is measured together; `--only` names one. */
export interface Bench {
  readonly name: string;
  run(): Promise<readonly Row[]>;
}

export const atMost = (value: number): Goal => ({ bound: "at most", value });
export const atLeast = (value: number): Goal => ({ bound: "at least", value });

export function isMet({ value, goal }: Row): boolean | undefined {
  if (goal === undefined) return undefined;
  return goal.bound === "at most" ? value <= goal.value : value >= goal.value;
}

export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [row.name, number(row.value, row.unit), goalText(row), verdict(row), String(row.rounds)]);
  const all = [["row", "measured", "goal", "", "rounds"], ...cells];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  const lines = all.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  const notes = rows.flatMap((row) => (row.note === undefined ? [] : [`${row.name}: ${row.note}`]));
  return [...lines.map((line) => line.trimEnd()), ...(notes.length > 0 ? ["", ...notes] : [])].join("\n");
}

function number(value: number, unit: Row["unit"]): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return unit === "x" ? `${value.toFixed(digits)} x` : `${value.toFixed(digits)} ${unit}`;
}

function goalText({ goal, unit }: Row): string {
  if (goal === undefined) return "";
  return `${goal.bound === "at most" ? "<=" : ">="} ${goal.value} ${unit}`;
}

function verdict(row: Row): string {
  const met = isMet(row);
  if (met === undefined) return "";
  return met ? "met" : "MISSED";
}
