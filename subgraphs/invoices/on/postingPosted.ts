import { reaction } from '../../domain';
import { postingPosted } from '../../operations/events';
import { finalizeDocument } from '../commands/finalizeDocument';

/** The authority of a document has it in its books: what it gave is final. */
export const onPostingPosted = reaction(postingPosted, async (work, { data: { given, resourceId, backend } }) => {
  if (given !== null) await finalizeDocument(work, { id: resourceId, by: backend as 'billing' | 'erp', ...given });
});
