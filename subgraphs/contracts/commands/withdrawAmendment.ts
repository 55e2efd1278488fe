import { Contract } from '../../../entities/contracts/Contract';
import { AmendmentKind, ContractAmendment } from '../../../entities/contracts/ContractAmendment';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { parseId } from '../../../entities/ids';
import { ResourceVersion } from '../../../entities/operations/ResourceVersion';
import { Refusal } from '../../../entities/refusal';
import { selectRows } from '../../../entities/rows';
import { columnsOf, dayWithin, termsOf } from '../../../entities/terms/ofContract';
import { readText } from '../../input';
import { move } from '../../move';
import { restore } from '../../act';
import type { Work } from '../../work';
import type { WithdrawAmendmentInput } from '../api';
import { amendmentWithdrawn } from '../events';
import { checkWithdrawable } from '../rules';
import { CONTRACT_MOVES } from '../states';
import { publishContract } from './publishContract';
import { recordAmendment } from './recordAmendment';

/**
 * Takes the latest amendment or renewal back: version n+1 has the terms of version n-1. Backends that have version n get it, the others
 * get neither. Refuses NOTHING_TO_WITHDRAW, ALREADY_WITHDRAWN, ALREADY_IN_EFFECT, and TERMS_INVOICED while an invoice since version n is not credited.
 */
export async function withdrawAmendment(work: Work, input: WithdrawAmendmentInput): Promise<Contract> {
  const contract = await work.lock(Contract, parseId(input.contractId, 'con', 'input.contractId'), input.expectedVersion);
  contract.state = move(CONTRACT_MOVES, contract.state, 'withdraw');
  checkWithdrawable(contract, await lastAmended(work, contract));
  await refuseInvoiced(work, contract);
  const before = termsOf(contract);
  const after = termsOf(await versionBefore(work, contract));
  const { timeZone } = await work.read(LegalEntity, contract.legalEntityId);
  const today = work.today(timeZone);
  const reason = readText(input.reason, 'input.reason');
  Object.assign(contract, columnsOf(after, today, contract.currency), { reason, withdraws: contract.version });
  work.change(contract);
  recordAmendment(work, contract, { kind: AmendmentKind.WITHDRAWAL, before, after, effectiveDate: dayWithin(after, today), reason, treatment: null });
  await publishContract(work, contract, amendmentWithdrawn);
  return contract;
}

async function versionBefore(work: Work, { id, version }: Contract): Promise<Contract> {
  const where = { tenantId: work.tenantId, resourceId: id, version: version - 1 };
  const [before] = await selectRows(work.sql, ResourceVersion, { where });
  return restore(work.sql, Contract, before!.body);
}

/** The last version that an amendment made; the latest one where versions were not told apart yet. */
async function lastAmended(work: Work, { id, version }: Contract): Promise<number> {
  const versions = (await work.find(ContractAmendment, { contractId: id })).map(({ contractVersion }) => contractVersion);
  return versions.length === 0 ? version : Math.max(...versions);
}

/** What was invoiced since the latest version may be of its terms, and stays due: it has to be credited or voided first. */
async function refuseInvoiced(work: Work, contract: Contract): Promise<void> {
  const [invoiced] = await work.sql.query<{ number: string }>(
    `SELECT number FROM invoice i WHERE tenant_id = ? AND state = 'ISSUED' AND created_at_ms >= ? AND credited_minor < total_minor
     AND (contract_id = ? OR id IN (SELECT document_id FROM billed_item b WHERE b.tenant_id = i.tenant_id AND b.contract_id = ?)) LIMIT 1`,
    [work.tenantId, contract.updatedAtMs, contract.id, contract.id],
  );
  if (!invoiced) return;
  const text = `Invoice ${invoiced.number} was issued under version ${contract.version}; void it or credit all of it first.`;
  throw new Refusal('TERMS_INVOICED', text, 'input.contractId');
}
