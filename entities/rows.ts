import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata';
import type { EntityMetadata } from 'typeorm/metadata/EntityMetadata';

export type Dialect = 'sqlite' | 'mysql';

/** Runs one statement. `structured` answers how many rows it changed, else its rows. */
export type Run = (text: string, params: unknown[], structured: boolean) => Promise<unknown>;

/** An open transaction, or the committed data seen from outside any: what rows are read from and written to. */
export class Sql {
  /** Statements run through this object so far. */
  statements = 0;

  constructor(
    readonly source: DataSource,
    readonly dialect: Dialect,
    private readonly run: Run,
  ) {}

  async query<Row = Record<string, unknown>>(text: string, params: unknown[] = []): Promise<Row[]> {
    this.statements++;
    return (await this.run(text, params, false)) as Row[];
  }

  /** Runs a statement and returns how many rows it changed (MySQL counts matched rows). */
  async change(text: string, params: unknown[] = []): Promise<number> {
    this.statements++;
    const result = (await this.run(text, params, true)) as { affected?: number };
    return Number(result.affected ?? 0);
  }
}

interface Shape {
  table: string;
  columns: ColumnMetadata[];
  byProperty: ReadonlyMap<string, ColumnMetadata>;
  list: string;
  insert: string;
  /** `UPDATE … WHERE primary key`, whose parameters are `written`. */
  update: string;
  written: ColumnMetadata[];
}
const shapes = new WeakMap<DataSource, Map<Function, Shape>>();

/** Column names and transformers of an entity, worked out once. */
export function shapeOf(source: DataSource, entity: Function): Shape {
  let known = shapes.get(source);
  if (!known) shapes.set(source, (known = new Map()));
  let shape = known.get(entity);
  if (!shape) {
    shape = describe(source.getMetadata(entity as EntityTarget<ObjectLiteral>));
    known.set(entity, shape);
  }
  return shape;
}

function describe({ tableName: table, columns, primaryColumns }: EntityMetadata): Shape {
  const list = columns.map((column) => column.databaseName).join(', ');
  const others = columns.filter((column) => !column.isPrimary);
  const equal = (column: ColumnMetadata) => `${column.databaseName} = ?`;
  return {
    table,
    columns,
    byProperty: new Map(columns.map((column) => [column.propertyName, column])),
    list,
    insert: `INSERT INTO \`${table}\` (${list}) VALUES `,
    update: `UPDATE \`${table}\` SET ${others.map(equal).join(', ')} WHERE ${primaryColumns.map(equal).join(' AND ')}`,
    written: [...others, ...primaryColumns],
  };
}

type Transformer = { to(value: unknown): unknown; from(value: unknown): unknown };

/** The value of a column as the driver takes it. */
export function toDriver(column: ColumnMetadata, value: unknown): unknown {
  const transformer = column.transformer as Transformer | undefined;
  const plain = transformer ? transformer.to(value) : value;
  return plain === undefined ? null : plain;
}

/** A value of a column as the code has it, from what the driver, or the column's default, says. */
export function fromDriver(column: ColumnMetadata, value: unknown): unknown {
  const transformer = column.transformer as Transformer | undefined;
  return transformer ? transformer.from(value ?? null) : (value ?? null);
}

/** Rows of a SELECT over `shape.list` as entity instances. */
export function hydrate<T extends object>(sql: Pick<Sql, 'source'>, entity: new () => T, rows: Record<string, unknown>[]): T[] {
  const { columns } = shapeOf(sql.source, entity);
  return rows.map((row) => {
    const item = new entity() as Record<string, unknown>;
    for (const column of columns) item[column.propertyName] = fromDriver(column, row[column.databaseName]);
    return item as T;
  });
}

/** A column the database works out while it inserts the row. */
export class Computed {
  constructor(
    readonly text: string,
    readonly params: unknown[],
  ) {}
}
type Insertable<T> = { [Key in keyof T]: T[Key] | Computed };

/** Inserts rows of one entity in one statement; a duplicate key is the driver's error (see `isDuplicate`). */
export async function insertRows<T extends object>(sql: Sql, entity: new () => T, rows: readonly Insertable<NoInfer<T>>[]): Promise<void> {
  if (rows.length === 0) return;
  const { text, params } = insertion(sql, entity, rows);
  await sql.query(text, params);
}

/**
 * Inserts those of the rows whose primary key is not taken yet, and says how many they were. The values have to fit their columns: MySQL cuts off what does not, and says nothing.
 */
export async function insertNewRows<T extends object>(sql: Sql, entity: new () => T, rows: readonly NoInfer<T>[]): Promise<number> {
  if (rows.length === 0) return 0;
  const { text, params } = insertion(sql, entity, rows);
  return sql.change(sql.dialect === 'mysql' ? text.replace('INSERT', 'INSERT IGNORE') : `${text} ON CONFLICT DO NOTHING`, params);
}

function insertion<T extends object>(sql: Sql, entity: new () => T, rows: readonly Insertable<T>[]): { text: string; params: unknown[] } {
  const { insert, columns } = shapeOf(sql.source, entity);
  const params: unknown[] = [];
  const mark = (row: object, column: ColumnMetadata) => {
    const value = (row as Record<string, unknown>)[column.propertyName];
    if (value instanceof Computed) params.push(...value.params);
    else params.push(toDriver(column, value));
    return value instanceof Computed ? value.text : '?';
  };
  const values = rows.map((row) => `(${columns.map((column) => mark(row, column)).join(', ')})`);
  return { text: insert + values.join(', '), params };
}

const valueOf = (item: object, column: ColumnMetadata) => toDriver(column, (item as Record<string, unknown>)[column.propertyName]);

/** Writes all columns of one row back by its primary key; returns false if `andVersion` no longer holds. */
export async function updateRow<T extends object>(sql: Sql, row: T, andVersion?: number): Promise<boolean> {
  const { update, written } = shapeOf(sql.source, row.constructor);
  const params = written.map((column) => valueOf(row, column));
  if (andVersion === undefined) return (await sql.change(update, params)) === 1;
  return (await sql.change(`${update} AND version = ?`, [...params, andVersion])) === 1;
}

/**
 * Updates rows of one entity where each is at the version given for it, in one statement. False if not all of them are: somebody was faster.
 */
export async function updateVersioned<T extends object>(sql: Sql, entity: Function, rows: ReadonlyMap<T, number>): Promise<boolean> {
  const { table, columns } = shapeOf(sql.source, entity);
  const names = columns.map((column) => column.databaseName);
  const [keys, sets] = [columns.filter((column) => column.isPrimary), columns.filter((column) => !column.isPrimary)];
  const params = [...rows].flatMap(([row, version]) => [...columns.map((column) => valueOf(row, column)), version]);
  const on = [...keys.map(({ databaseName }) => `t.${databaseName} = v.${databaseName}`), 't.version = v.at_version'].join(' AND ');
  if (sql.dialect === 'mysql') {
    const first = `SELECT ${[...names, 'at_version'].map((name) => `? AS ${name}`).join(', ')}`;
    const values = [first, ...Array<string>(rows.size - 1).fill(`SELECT ${[...names, 'at_version'].map(() => '?').join(', ')}`)].join(' UNION ALL ');
    const set = sets.map(({ databaseName }) => `t.${databaseName} = v.${databaseName}`).join(', ');
    return (await sql.change(`UPDATE (${values}) v STRAIGHT_JOIN \`${table}\` t ON ${on} SET ${set}`, params)) === rows.size;
  }
  const values = [...rows].map(() => `(${[...names, 'at_version'].map(() => '?').join(', ')})`).join(', ');
  const set = sets.map(({ databaseName }) => `${databaseName} = v.${databaseName}`).join(', ');
  return (await sql.change(`WITH v(${[...names, 'at_version'].join(', ')}) AS (VALUES ${values}) UPDATE \`${table}\` AS t SET ${set} FROM v WHERE ${on}`, params)) === rows.size;
}

/**
 * Sets columns of many rows in one statement, each row to values of its own, by key columns; all values as the driver takes them. Linear in
 * the rows, where a CASE would compare each with all.
 */
export async function updateMany(sql: Sql, table: string, { keys, sets, rows }: { keys: string[]; sets: string[]; rows: readonly unknown[][] }): Promise<void> {
  if (rows.length === 0) return;
  const columns = [...keys, ...sets];
  const params = rows.flat();
  if (sql.dialect === 'mysql') {
    const first = `SELECT ${columns.map((column) => `? AS ${column}`).join(', ')}`;
    const values = [first, ...Array<string>(rows.length - 1).fill(`SELECT ${columns.map(() => '?').join(', ')}`)].join(' UNION ALL ');
    const on = keys.map((key) => `t.${key} = v.${key}`).join(' AND ');
    await sql.query(`UPDATE (${values}) v STRAIGHT_JOIN \`${table}\` t ON ${on} SET ${sets.map((column) => `t.${column} = v.${column}`).join(', ')}`, params);
    return;
  }
  const values = rows.map(() => `(${columns.map(() => '?').join(', ')})`).join(', ');
  const where = keys.map((key) => `\`${table}\`.${key} = v.${key}`).join(' AND ');
  await sql.query(`WITH v(${columns.join(', ')}) AS (VALUES ${values}) UPDATE \`${table}\` SET ${sets.map((column) => `${column} = v.${column}`).join(', ')} FROM v WHERE ${where}`, params);
}

/** `IN (…)` for any number of values: SQLite binds at most 32,766, so there they come as one JSON text. */
export function anyOf(sql: Pick<Sql, 'dialect'>, values: readonly unknown[]): { text: string; params: unknown[] } {
  if (values.length === 0) return { text: 'IN (NULL)', params: [] };
  if (sql.dialect === 'sqlite') return { text: 'IN (SELECT value FROM json_each(?))', params: [JSON.stringify(values)] };
  return { text: `IN (${Array<string>(values.length).fill('?').join(', ')})`, params: [...values] };
}

export interface Selection {
  /** Property → value; an array means IN, null IS NULL. */
  where: Record<string, unknown>;
  /** SKIP passes over rows that others have locked. */
  lock?: boolean | 'SKIP';
  orderBy?: string;
  limit?: number;
}

/** Selects entity instances by equality on properties, optionally locking them for update. */
export async function selectRows<T extends object>(sql: Sql, entity: new () => T, selection: Selection): Promise<T[]> {
  const { table, byProperty, list } = shapeOf(sql.source, entity);
  const params: unknown[] = [];
  const conditions = Object.entries(selection.where).map(([property, value]) => {
    const column = byProperty.get(property);
    if (!column) throw new Error(`${entity.name} has no ${property}`);
    if (value === null) return `${column.databaseName} IS NULL`;
    if (!Array.isArray(value)) {
      params.push(toDriver(column, value));
      return `${column.databaseName} = ?`;
    }
    const any = anyOf(sql, value.map((item) => toDriver(column, item)));
    params.push(...any.params);
    return `${column.databaseName} ${any.text}`;
  });
  const order = selection.orderBy ? ` ORDER BY ${selection.orderBy}` : '';
  const limit = selection.limit ? ` LIMIT ${selection.limit}` : '';
  const lock = selection.lock && sql.dialect === 'mysql' ? ` FOR UPDATE${selection.lock === 'SKIP' ? ' SKIP LOCKED' : ''}` : '';
  const text = `SELECT ${list} FROM \`${table}\` WHERE ${conditions.join(' AND ')}${order}${limit}${lock}`;
  return hydrate(sql, entity, await sql.query(text, params));
}

const codeOf = (error: unknown) => {
  const { driverError, code } = error as { driverError?: { code?: string }; code?: string };
  return String(driverError?.code ?? code ?? '');
};

/** A unique key already holds these values. */
export const isDuplicate = (error: unknown) => /^(ER_DUP_ENTRY|SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY))$/.test(codeOf(error));

/** Another transaction was in the way and the same work may pass if tried again. */
export const isContention = (error: unknown) => /^(ER_LOCK_DEADLOCK|ER_LOCK_WAIT_TIMEOUT|SQLITE_BUSY.*|ER_CHECKREAD)$/.test(codeOf(error));
