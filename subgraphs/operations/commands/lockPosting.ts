import { parseId } from '../../../entities/ids';
import { Posting } from '../../../entities/operations/Posting';
import { Refusal } from '../../../entities/refusal';
import { selectRows } from '../../../entities/rows';
import type { Work } from '../../work';

/** The posting an input names, locked until the act ends. Refuses ID_MALFORMED, NOT_FOUND. */
export async function lockPosting(work: Work, postingId: string): Promise<Posting> {
  const id = parseId(postingId, 'pst', 'input.postingId');
  const [posting] = await selectRows(work.sql, Posting, { where: { tenantId: work.tenantId, id }, lock: true });
  if (!posting) throw new Refusal('NOT_FOUND', `There is no Posting ${id}.`, 'input.postingId');
  return posting;
}
