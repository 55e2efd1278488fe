import DataLoader from 'dataloader';
import type { Contract } from '../../../entities/contracts/Contract';
import { ContractAmendment } from '../../../entities/contracts/ContractAmendment';
import { selectRows } from '../../../entities/rows';
import type { RequestContext } from '../../context';

/** What each version of a contract up to this one changed, the first one first; one statement for all contracts of the request. */
export async function amendmentsOf(context: RequestContext, { id: contractId, version }: Contract): Promise<ContractAmendment[]> {
  const loader = context.loader('ContractAmendment.contractId', () => {
    return new DataLoader<string, ContractAmendment[]>(async (ids) => {
      const where = { tenantId: context.principal.tenantId, contractId: [...ids] };
      const rows = await selectRows(context.reads, ContractAmendment, { where, orderBy: 'contract_id, contract_version, effective_date, id' });
      return ids.map((id) => rows.filter((row) => row.contractId === id));
    });
  });
  return (await loader.load(contractId)).filter(({ contractVersion }) => contractVersion <= version);
}
