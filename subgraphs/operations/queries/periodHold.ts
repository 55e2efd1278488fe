import DataLoader from 'dataloader';
import { PeriodHold } from '../../../entities/operations/PeriodHold';
import { selectRows } from '../../../entities/rows';
import type { RequestContext } from '../../context';

/** What holds a posting, batched with the others of the request; null if no closed period does. */
export function periodHold(context: RequestContext, postingId: string): Promise<PeriodHold | null> {
  const loader = context.loader('periodHold', () => {
    return new DataLoader<string, PeriodHold | null>(async (ids) => {
      const rows = await selectRows(context.reads, PeriodHold, { where: { tenantId: context.principal.tenantId, postingId: [...ids] } });
      const found = new Map(rows.map((row) => [row.postingId, row]));
      return ids.map((id) => found.get(id) ?? null);
    });
  });
  return loader.load(postingId);
}
