import type { Resource } from '../entities/resource';
import { updateRow, updateVersioned } from '../entities/rows';
import { LostRace, type Work } from './work';

/** So many resources of a kind are worth a statement for all of them; as many go into one at most. */
const TOGETHER = { min: 4, max: 200 };

/** Writes the resources that an act has changed, each where it is at the version that the act has read. Throws LostRace if one is not. */
export async function saveChanged({ sql, changed }: Work): Promise<void> {
  const byClass = new Map<Function, [Resource, number][]>();
  for (const entry of changed) byClass.set(entry[0].constructor, [...(byClass.get(entry[0].constructor) ?? []), entry]);
  for (const [entity, entries] of byClass) {
    for (let from = 0; from < entries.length; from += TOGETHER.max) {
      const some = entries.slice(from, from + TOGETHER.max);
      if (some.length >= TOGETHER.min) {
        if (!(await updateVersioned(sql, entity, new Map(some)))) throw new LostRace(some[0]![0].id);
        continue;
      }
      for (const [resource, version] of some) if (!(await updateRow(sql, resource, version))) throw new LostRace(resource.id);
    }
  }
}
