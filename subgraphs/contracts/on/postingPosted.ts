import { CustomerSubscription } from '../../../entities/contracts/CustomerSubscription';
import { Posting } from '../../../entities/operations/Posting';
import { selectRows } from '../../../entities/rows';
import type { EntitlementDocument } from '../../../sync/documents';
import { reaction } from '../../domain';
import { postingPosted } from '../../operations/events';
import { tellEntitlement } from '../commands/publishContract';
import { grant } from '../rules';

/** The SaaS platform has the entitlements, so billing and CRM had the contract before: what was held is granted. */
export const onPostingPosted = reaction(postingPosted, async (work, { resource, data }) => {
  if (data.kind !== 'entitlement') return;
  const [posting] = await selectRows(work.sql, Posting, { where: { tenantId: work.tenantId, id: resource.id } });
  const { contractId, grants } = posting!.document.body as EntitlementDocument;
  for (const { id, productKey } of await work.find(CustomerSubscription, { contractId })) {
    const quantity = grants.find((item) => item.productKey === productKey)?.quantity;
    if (quantity === undefined) continue;
    const subscription = await work.lock(CustomerSubscription, id);
    if (subscription.soldUnits <= subscription.grantedUnits || BigInt(quantity) <= subscription.grantedUnits) continue;
    Object.assign(subscription, grant(subscription, BigInt(quantity)));
    work.change(subscription);
    tellEntitlement(work, subscription);
  }
});
