import DataLoader from 'dataloader';
import { ContractAmendment } from '../../../entities/contracts/ContractAmendment';
import { selectRows } from '../../../entities/rows';
import type { RequestContext } from '../../context';

/** What each version of a contract changed, the first one first; one statement for all contracts of the request. */
export function amendmentsOf(context: RequestContext, contractId: string): Promise<ContractAmendment[]> {
  const loader = context.loader('ContractAmendment.contractId', () => {
    return new DataLoader<string, ContractAmendment[]>(async (ids) => {
      const where = { tenantId: context.principal.tenantId, contractId: [...ids] };
      const rows = await selectRows(context.reads, ContractAmendment, { where, orderBy: 'contract_id, contract_version, id' });
      return ids.map((id) => rows.filter((row) => row.contractId === id));
    });
  });
  return loader.load(contractId);
}
