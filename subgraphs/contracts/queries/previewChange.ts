import { Contract } from '../../../entities/contracts/Contract';
import type { ContractPreview } from '../../../entities/contracts/ContractPreview';
import { LegalEntity } from '../../../entities/customers/LegalEntity';
import { Refusal } from '../../../entities/refusal';
import { selectRows } from '../../../entities/rows';
import { termsOf } from '../../../entities/terms/ofContract';
import { rehearse } from '../../act';
import type { RequestContext } from '../../context';
import type { Command } from '../../domain';
import { refused, type Refused } from '../../refusal';
import type { TermsInput } from '../api';
import { effectsOf } from './effectsOf';

/** What a change of a contract would bring: the command itself is run and taken back, so a preview refuses what the command refuses. */
export async function previewChange<Input extends TermsInput>(context: RequestContext, command: Command<Input, Contract>, input: Input): Promise<ContractPreview | Refused> {
  try {
    return await rehearse(context, { command, input: { ...input, expectedDigest: undefined } }, async (work, contract) => {
      const [row] = await selectRows(work.sql, Contract, { where: { tenantId: work.tenantId, id: contract.id } });
      const { timeZone } = await work.read(LegalEntity, row!.legalEntityId);
      return effectsOf(work.sql, { contract, before: termsOf(row!), after: termsOf(contract), today: work.today(timeZone) });
    });
  } catch (error) {
    if (error instanceof Refusal) return refused(error);
    throw error;
  }
}
