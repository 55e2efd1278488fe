import { Column, PrimaryColumn } from 'typeorm';

/** bigint in code, BIGINT in the database; drivers hand it over as string (MySQL) or bigint (SQLite), never as a rounded number. */
export const exact = {
  to: (value: bigint | null | undefined) => (value === null || value === undefined ? null : value.toString()),
  from: (value: string | bigint | number | null) => (value === null ? null : BigInt(value)),
};

/** Whole numbers below 2^53: versions, counts, milliseconds. */
const whole = {
  to: (value: number | null | undefined) => value ?? null,
  from: (value: string | bigint | number | null) => (value === null ? null : Number(value)),
};

/** 0 or 1 in the database. */
const flag = {
  to: (value: boolean | null | undefined) => (value ? 1 : 0),
  from: (value: string | bigint | number | null) => Number(value) === 1,
};

const json = {
  to: (value: unknown) => (value === undefined ? null : JSON.stringify(value)),
  from: (value: string | null) => (value === null ? null : JSON.parse(value)),
};

interface Options {
  nullable?: boolean;
  /** As the database would have it: stands for it in versions that were recorded before there was such a column. */
  default?: string;
}

/** Leads the primary key and every index of every table. */
export const TenantColumn = () => PrimaryColumn({ name: 'tenant_id', type: 'varchar', length: 40 });
export const KeyColumn = (name: string) => PrimaryColumn({ name, type: 'varchar', length: 80 });
/** A resource id: prefix and 32 hex digits. */
export const IdColumn = (name: string, options: Options = {}) => Column({ name, type: 'varchar', length: 36, ...options });
export const TextColumn = (name: string, length = 191, options: Options = {}) => Column({ name, type: 'varchar', length, ...options });
/** Money in minor units. */
export const MinorColumn = (name: string, options: Options = {}) => Column({ name, type: 'bigint', transformer: exact, ...options });
export const WholeColumn = (name: string, options: Options = {}) => Column({ name, type: 'bigint', transformer: whole, ...options });
export const FlagColumn = (name: string) => Column({ name, type: 'bigint', transformer: flag, default: '0' });
/** Milliseconds since the epoch, UTC. */
export const InstantColumn = WholeColumn;
/** A calendar day `YYYY-MM-DD` in the legal entity's zone. */
export const DayColumn = (name: string, options: Options = {}) => Column({ name, type: 'varchar', length: 10, ...options });
export const JsonColumn = (name: string, options: Options = {}) => Column({ name, type: 'text', transformer: json, ...options });
