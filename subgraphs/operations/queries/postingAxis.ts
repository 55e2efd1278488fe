import { DocumentAuthority, LegalEntity } from '../../../entities/customers/LegalEntity';
import { CreditMemo } from '../../../entities/invoices/CreditMemo';
import { Invoice } from '../../../entities/invoices/Invoice';
import type { RequestContext } from '../../context';
import { byId } from '../../loaders';
import { PostingAxis } from '../api/postingAxis';
import { syncStatus } from './syncStatus';

/** How far an invoice or a credit memo is posted, by the authority of its legal entity; null if there is no such document. */
export async function postingAxis(context: RequestContext, id: string): Promise<PostingAxis | null> {
  const document = await (id.startsWith('inv_') ? byId(Invoice, context, id) : byId(CreditMemo, context, id));
  const entity = document && (await byId(LegalEntity, context, document.legalEntityId));
  if (!entity) return null;
  const { postingAuthority: authority } = entity;
  const { billing, erp } = await syncStatus(context, id);
  const state = authority === DocumentAuthority.GATEWAY ? 'IN_SYNC' : authority === DocumentAuthority.BILLING ? billing : erp;
  return Object.assign(new PostingAxis(), { authority, state });
}
