import type { Contract } from '../../../entities/contracts/Contract';
import { type AmendmentKind, ContractAmendment } from '../../../entities/contracts/ContractAmendment';
import { AMOUNT_MINOR_MAX } from '../../../entities/money';
import { Refusal } from '../../../entities/refusal';
import { describeChange } from '../../../entities/terms/changes';
import { valueOf } from '../../../entities/terms/revenue';
import type { ContractTerms } from '../../../entities/terms/terms';
import type { Work } from '../../work';

export interface Recorded {
  kind: AmendmentKind;
  before: ContractTerms;
  after: ContractTerms;
  effectiveDate: string;
  activationDate?: string | null | undefined;
  acceptanceDate?: string | null | undefined;
  reason: string;
  treatment: string | null;
}

const TREATMENT_CHARS_MAX = 500;

/** Adds to the story of a contract what its new version changed: who, when, why, from which day, and what it comes to. Refuses AMOUNT_TOO_LARGE. */
export function recordAmendment(work: Work, contract: Contract, recorded: Recorded): ContractAmendment {
  const { kind, before, after, effectiveDate, activationDate, acceptanceDate, reason, treatment } = recorded;
  const { client, role } = work.occasion.principal;
  const valueAfterMinor = valueOf(after);
  if (valueAfterMinor > AMOUNT_MINOR_MAX) throw new Refusal('AMOUNT_TOO_LARGE', 'The contract would come to more than amounts may be.', 'input.lines');
  return work.add(Object.assign(new ContractAmendment(), {
    id: work.id('amd', { system: 'crm', type: `amendment.${kind}`, key: contract.number, revision: contract.version }),
    contractId: contract.id,
    contractVersion: contract.version,
    activationDate: activationDate ?? effectiveDate,
    acceptanceDate: acceptanceDate ?? null,
    recordedAtMs: work.nowMs,
    changes: describeChange(before, after),
    currency: contract.currency,
    valueBeforeMinor: valueOf(before),
    valueAfterMinor,
    treatment: treatment?.slice(0, TREATMENT_CHARS_MAX) ?? null,
    kind, effectiveDate, reason, client, role,
  }));
}
