import DataLoader from 'dataloader';
import { PostingAnswer } from '../../../entities/operations/PostingAnswer';
import { selectRows } from '../../../entities/rows';
import type { RequestContext } from '../../context';

const ANSWERS_MAX = 1_000;

/** What backends said of a posting beside its outcome, oldest first, batched; of many postings at once the first thousand answers. */
export function postingAnswers(context: RequestContext, postingId: string): Promise<PostingAnswer[]> {
  const make = () => new DataLoader<string, PostingAnswer[]>(async (ids) => {
    const where = { tenantId: context.principal.tenantId, postingId: [...ids] };
    const answers = await selectRows(context.reads, PostingAnswer, { where, orderBy: 'id', limit: ANSWERS_MAX });
    return ids.map((id) => answers.filter((answer) => answer.postingId === id));
  }, { maxBatchSize: 200 });
  return context.loader('postingAnswers', make).load(postingId);
}
