import { Posting, PostingState } from '../../../entities/operations/Posting';
import { hydrate, shapeOf, updateRow } from '../../../entities/rows';
import type { Work } from '../../work';
import { finalDocument } from '../rules';

/** What is final of an invoice or a credit memo now, and by whose word. */
export interface Final {
  id: string;
  number: string;
  taxes: Readonly<Record<string, string>> | null;
  by: string;
}

/** Writes what is final into the documents that wait for it: none of them was sent, for each waits until the authority has its own. */
export async function finalizePostings(work: Work, final: Final): Promise<void> {
  const { list } = shapeOf(work.sql.source, Posting);
  const lock = work.sql.dialect === 'mysql' ? ' FOR UPDATE' : '';
  for (const column of ['resource_id', 'related_id']) {
    const text = `SELECT ${list} FROM posting WHERE tenant_id = ? AND ${column} = ? AND backend <> ? AND state = ?${lock}`;
    for (const posting of hydrate(work.sql, Posting, await work.sql.query(text, [work.tenantId, final.id, final.by, PostingState.PENDING]))) {
      posting.document = finalDocument(posting.document, final);
      await updateRow(work.sql, posting);
    }
  }
}
