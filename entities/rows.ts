import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata';

export type Dialect = 'sqlite' | 'mysql';

type Run = (text: string, params: unknown[], structured: boolean) => Promise<unknown>;

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
  primary: ColumnMetadata[];
  list: string;
}
const shapes = new WeakMap<DataSource, Map<Function, Shape>>();

/** Column names and transformers of an entity, worked out once. */
export function shapeOf(source: DataSource, entity: Function): Shape {
  let known = shapes.get(source);
  if (!known) shapes.set(source, (known = new Map()));
  let shape = known.get(entity);
  if (!shape) {
    const metadata = source.getMetadata(entity as EntityTarget<ObjectLiteral>);
    shape = {
      table: metadata.tableName,
      columns: metadata.columns,
      primary: metadata.primaryColumns,
      list: metadata.columns.map((column) => column.databaseName).join(', '),
    };
    known.set(entity, shape);
  }
  return shape;
}

type Transformer = { to(value: unknown): unknown; from(value: unknown): unknown };

/** The value of a column as the driver takes it. */
export function toDriver(column: ColumnMetadata, value: unknown): unknown {
  const transformer = column.transformer as Transformer | undefined;
  const plain = transformer ? transformer.to(value) : value;
  return plain === undefined ? null : plain;
}

function fromDriver(column: ColumnMetadata, value: unknown): unknown {
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

/** Inserts rows of one entity in one statement; a duplicate key is the driver's error (see `isDuplicate`). */
export async function insertRows<T extends object>(sql: Sql, entity: new () => T, rows: readonly T[]): Promise<void> {
  if (rows.length === 0) return;
  const { table, columns, list } = shapeOf(sql.source, entity);
  const one = `(${columns.map(() => '?').join(', ')})`;
  const params = rows.flatMap((row) => columns.map((column) => toDriver(column, (row as Record<string, unknown>)[column.propertyName])));
  await sql.query(`INSERT INTO \`${table}\` (${list}) VALUES ${rows.map(() => one).join(', ')}`, params);
}

/** Writes all columns of one row back by its primary key; returns false if `andVersion` no longer holds. */
export async function updateRow<T extends object>(sql: Sql, row: T, andVersion?: number): Promise<boolean> {
  const { table, columns, primary } = shapeOf(sql.source, row.constructor);
  const value = (column: ColumnMetadata) => toDriver(column, (row as Record<string, unknown>)[column.propertyName]);
  const changed = columns.filter((column) => !column.isPrimary);
  const params = [...changed.map(value), ...primary.map(value)];
  let where = primary.map((column) => `${column.databaseName} = ?`).join(' AND ');
  if (andVersion !== undefined) {
    where += ' AND version = ?';
    params.push(andVersion);
  }
  const sets = changed.map((column) => `${column.databaseName} = ?`).join(', ');
  return (await sql.change(`UPDATE \`${table}\` SET ${sets} WHERE ${where}`, params)) === 1;
}

export interface Selection {
  /** Property → value; an array means IN, null IS NULL. */
  where: Record<string, unknown>;
  lock?: boolean;
  orderBy?: string;
  limit?: number;
}

/** Selects entity instances by equality on properties, optionally locking them for update. */
export async function selectRows<T extends object>(sql: Sql, entity: new () => T, selection: Selection): Promise<T[]> {
  const { table, columns, list } = shapeOf(sql.source, entity);
  const params: unknown[] = [];
  const conditions = Object.entries(selection.where).map(([property, value]) => {
    const column = columns.find((candidate) => candidate.propertyName === property);
    if (!column) throw new Error(`${entity.name} has no ${property}`);
    if (value === null) return `${column.databaseName} IS NULL`;
    if (!Array.isArray(value)) {
      params.push(toDriver(column, value));
      return `${column.databaseName} = ?`;
    }
    params.push(...value.map((item) => toDriver(column, item)));
    return value.length === 0 ? '1 = 0' : `${column.databaseName} IN (${value.map(() => '?').join(', ')})`;
  });
  const order = selection.orderBy ? ` ORDER BY ${selection.orderBy}` : '';
  const limit = selection.limit ? ` LIMIT ${selection.limit}` : '';
  const lock = selection.lock && sql.dialect === 'mysql' ? ' FOR UPDATE' : '';
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
