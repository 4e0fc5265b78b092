/**
 * How a row of TypeScript becomes a row of SQLite and back: one `Table` per table, its columns named once.
 *
 * Every row ends with `sum`, a CRC-32 over the table's name and all columns. SQLite notices damage to its trees, not
 * to what lies in a cell; with the sum a row that comes back is the row that was written, or it is "storage.corrupt".
 * It guards against accidents, not against people: that is what MACs and sealed records are for.
 */
import { crc32 } from "node:zlib";
import type { DatabaseSync, StatementResultingChanges, StatementSync } from "node:sqlite";
import { parseJson } from "@corral/base";
import { corruptRow } from "./errors.ts";
import type { Check } from "./shapes.ts";

export type SqlValue = string | number | Uint8Array | null;

export interface Table<Row, Written = Row> {
  readonly name: string;
  readonly columns: readonly string[];
  /** In the order of `columns`. */
  encode(row: Written): SqlValue[];
  /** Reads its columns in the same order. */
  decode(columns: ColumnReader): Row;
}

/** What a Worker owns: stored with the Worker's row number in place of its uuid, which whoever reads it knows. */
export type OwnedTable<Row> = Table<Omit<Row, "workerId">, { readonly row: Row; readonly worker: number }>;

/** `idOf` gives the uuid whose prefix the index holds. */
export function ownedTable<Row>(
  table: Table<Omit<Row, "workerId">, Row> & { readonly idOf: (row: Row) => string },
): OwnedTable<Row> {
  return {
    name: table.name,
    columns: ["worker", "prefix", ...table.columns],
    encode: ({ row, worker }) => [worker, prefixOf(table.idOf(row)), ...table.encode(row)],
    decode: (columns) => {
      columns.skip(2);
      return table.decode(columns);
    },
  };
}

/** The first 32 bits of a uuid. */
export function prefixOf(id: string): number {
  return Number.parseInt(id.slice(0, 8), 16);
}

/** A prepared SELECT of whole rows. `rest` is everything after the table's name. */
export class Query<Row> {
  readonly #table: Pick<Table<Row>, "name" | "decode">;
  readonly #statement: StatementSync;

  constructor(db: DatabaseSync, table: Pick<Table<Row>, "name" | "columns" | "decode">, rest: string) {
    this.#table = table;
    this.#statement = db.prepare(`SELECT ${table.columns.join(", ")}, sum FROM ${table.name} ${rest}`);
    this.#statement.setReturnArrays(true);
  }

  find(...params: SqlValue[]): Row | undefined {
    const values = this.#statement.get(...params) as unknown[] | undefined;
    return values === undefined ? undefined : decodeRow(this.#table, values);
  }

  all(...params: SqlValue[]): Row[] {
    const rows = this.#statement.all(...params) as unknown as unknown[][];
    return rows.map((values) => decodeRow(this.#table, values));
  }
}

type Writes<Written> = Pick<Table<unknown, Written>, "name" | "columns" | "encode">;

/** A prepared statement that takes a whole row, then `params`. */
export class RowStatement<Written> {
  readonly #table: Writes<Written>;
  readonly #statement: StatementSync;

  constructor(db: DatabaseSync, table: Writes<Written>, sql: string) {
    this.#table = table;
    this.#statement = db.prepare(sql);
  }

  /** How many rows it changed. */
  run(row: Written, ...params: SqlValue[]): number {
    return Number(this.#run(row, params).changes);
  }

  /** The row number that the row got; undefined if it was not inserted. */
  insert(row: Written): number | undefined {
    const { changes, lastInsertRowid } = this.#run(row, []);
    return Number(changes) === 0 ? undefined : Number(lastInsertRowid);
  }

  #run(row: Written, params: readonly SqlValue[]): StatementResultingChanges {
    const values = this.#table.encode(row);
    return this.#statement.run(...values, checksum(this.#table.name, values), ...params);
  }
}

export function insertInto<Written>(db: DatabaseSync, table: Writes<Written>, rest = ""): RowStatement<Written> {
  const places = table.columns.map(() => "?").join(", ");
  return new RowStatement(
    db,
    table,
    `INSERT INTO ${table.name} (${table.columns.join(", ")}, sum) VALUES (${places}, ?) ${rest}`,
  );
}

/** `key` is a unique column; a row that has it already is replaced. */
export function upsertInto<Written>(db: DatabaseSync, table: Writes<Written>, key: string): RowStatement<Written> {
  const sets = [...table.columns, "sum"].filter((column) => column !== key).map((column) => `${column} = excluded.${column}`);
  return insertInto(db, table, `ON CONFLICT (${key}) DO UPDATE SET ${sets.join(", ")}`);
}

/** Hands out the columns of one row whose sum holds, each checked for its type. */
export class ColumnReader {
  readonly #table: string;
  readonly #values: readonly unknown[];
  #at = 0;

  constructor(table: string, values: readonly unknown[]) {
    this.#table = table;
    this.#values = values;
  }

  text(): string {
    const value = this.#next();
    return typeof value === "string" ? value : this.#damaged();
  }

  textOrNull(): string | null {
    const value = this.#next();
    return typeof value === "string" || value === null ? value : this.#damaged();
  }

  oneOf<T extends string>(...words: readonly T[]): T {
    const text = this.text();
    return words.find((word) => word === text) ?? this.#damaged();
  }

  integer(): number {
    const value = this.#next();
    return typeof value === "number" ? value : this.#damaged();
  }

  /** Past columns that only SQL looks at. */
  skip(count: number): void {
    this.#at += count;
  }

  boolean(): boolean {
    return this.integer() !== 0;
  }

  bytes(): Uint8Array {
    const value = this.#next();
    return value instanceof Uint8Array ? value : this.#damaged();
  }

  json<T>(holds: Check<T>): T {
    const parsed = parseJson(this.text());
    const value: unknown = parsed.ok ? parsed.value : undefined;
    return holds(value) ? value : this.#damaged();
  }

  #next(): unknown {
    return this.#values[this.#at++];
  }

  #damaged(): never {
    throw corruptRow(this.#table);
  }
}

function decodeRow<Row>(table: Pick<Table<Row>, "name" | "decode">, values: unknown[]): Row {
  const sum = values.pop();
  if (sum !== checksum(table.name, values)) throw corruptRow(table.name);
  return table.decode(new ColumnReader(table.name, values));
}

/** Texts and numbers in one run, each ended by a NUL and told apart by a letter; bytes each on their own. */
function checksum(table: string, values: readonly unknown[]): number {
  let sum = 0;
  let text = table;
  for (const value of values) {
    if (typeof value === "string") text += `\0s${value}`;
    else if (typeof value === "number") text += `\0n${value}`;
    else if (value instanceof Uint8Array) {
      text += `\0b${value.length}`;
      sum = crc32(value, sum);
    } else text += "\0-";
  }
  return crc32(text, sum);
}
