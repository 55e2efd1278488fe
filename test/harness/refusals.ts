import { ALL_ENTITIES } from '../../entities';
import type { IdPrefix } from '../../entities/ids';
import { Refusal } from '../../entities/refusal';
import { selectRows, shapeOf } from '../../entities/rows';
import type { World } from './world';

/** A well-formed id that nothing has. */
export const unknownId = (prefix: IdPrefix): string => `${prefix}_${'0'.repeat(32)}`;
export const MALFORMED_ID = 'no-id';

type Class<T> = new () => T;

/** Rows of one entity, of whichever tenant the condition names. */
export function rowsOf<T extends object>(world: World, entity: Class<T>, where: Partial<Record<keyof T, unknown>> = {}): Promise<T[]> {
  return selectRows(world.database.reads, entity, { where: { tenantId: 'demo', ...where } });
}

/** All that the database holds, table by table. */
export async function everything(world: World): Promise<Record<string, string[]>> {
  const { reads } = world.database;
  const tables = ALL_ENTITIES.map((entity) => shapeOf(reads.source, entity).table);
  const plain = (_key: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
  const contents = tables.map(async (table): Promise<[string, string[]]> => {
    const rows = await reads.query(`SELECT * FROM \`${table}\``);
    return [table, rows.map((row) => JSON.stringify(row, plain)).sort()];
  });
  return Object.fromEntries(await Promise.all(contents));
}

/** What an act is refused with. Fails if it is not refused, or if a single row came, went or changed. */
export async function refusalOf(world: World, run: () => Promise<unknown>): Promise<Pick<Refusal, 'code' | 'path' | 'retryable' | 'message'>> {
  const before = await everything(world);
  const error: unknown = await run().then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Refusal)) throw error;
  expect(await everything(world)).toEqual(before);
  const { code, path, retryable, message } = error;
  return { code, path, retryable, message };
}
