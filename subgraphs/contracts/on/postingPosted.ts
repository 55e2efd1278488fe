import { Subscription } from '../../../entities/contracts/Subscription';
import { reaction } from '../../domain';
import { postingPosted } from '../../operations/events';
import type { EntitlementDocument } from '../../../sync/documents';
import { tellEntitlement } from '../commands/publishContract';
import { grant } from '../rules';

/** The SaaS platform has the entitlements, so billing and CRM had the contract before: what was held is granted. */
export const onPostingPosted = reaction(postingPosted, async (work, { data }) => {
  if (data.kind !== 'entitlement') return;
  const { contractId, grants } = data.body as unknown as EntitlementDocument;
  for (const { id, productKey } of await work.find(Subscription, { contractId })) {
    const quantity = grants.find((item) => item.productKey === productKey)?.quantity;
    if (quantity === undefined) continue;
    const subscription = await work.lock(Subscription, id);
    if (subscription.soldUnits <= subscription.grantedUnits || BigInt(quantity) <= subscription.grantedUnits) continue;
    Object.assign(subscription, grant(subscription, BigInt(quantity)));
    work.change(subscription);
    tellEntitlement(work, subscription);
  }
});
