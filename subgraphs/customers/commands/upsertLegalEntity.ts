import { ClosedPeriodPolicy, DocumentAuthority, LegalEntity } from '../../../entities/customers/LegalEntity';
import { digitsOf } from '../../../entities/money';
import { Refusal } from '../../../entities/refusal';
import { readText } from '../../input';
import type { Work } from '../../work';
import type { UpsertLegalEntityInput } from '../api';
import { legalEntityUpserted } from '../events';
import { normalAccount, readTimeZone } from '../rules';

/** Creates the legal entity of a company code, or makes its next version. Its currency is for ever. */
export async function upsertLegalEntity(work: Work, input: UpsertLegalEntityInput): Promise<LegalEntity> {
  const code = readText(input.code, 'input.code', 20);
  const id = work.id('ent', { system: 'evenkeel', type: 'legalEntity', key: code });
  digitsOf(input.currency, 'input.currency');
  const wanted = {
    name: readText(input.name, 'input.name'),
    timeZone: readTimeZone(input.timeZone, 'input.timeZone'),
    booksFrom: input.booksFrom,
    bankAccounts: input.bankAccounts.map((account) => normalAccount(readText(account, 'input.bankAccounts', 40))),
  };
  await refuseTakenAccounts(work, id, wanted.bankAccounts);
  const entity = await work.lockOrNew(LegalEntity, { id, code, currency: input.currency, ...DEFAULTS }, input.expectedVersion);
  if (entity.currency !== input.currency) throw new Refusal('CURRENCY_FIXED', `The books of ${code} are kept in ${entity.currency}.`, 'input.currency');
  const settings = settingsOf(entity, input);
  if (!work.put(entity, { ...wanted, ...settings })) return entity;
  work.tell(legalEntityUpserted(entity, { code, name: entity.name, currency: entity.currency, ...settings }));
  return entity;
}

const DEFAULTS = {
  closedPeriodPolicy: ClosedPeriodPolicy.ASK,
  numberAuthority: DocumentAuthority.GATEWAY,
  taxAuthority: DocumentAuthority.GATEWAY,
  postingAuthority: DocumentAuthority.ERP,
};

/** What is said, else as it is. Refuses AUTHORITIES_DIFFER: a document cannot wait for two other systems, each of which needs what the other gives. */
function settingsOf(entity: LegalEntity, input: UpsertLegalEntityInput): typeof DEFAULTS {
  const settings = {
    closedPeriodPolicy: input.closedPeriodPolicy ?? entity.closedPeriodPolicy,
    numberAuthority: input.numberAuthority ?? entity.numberAuthority,
    taxAuthority: input.taxAuthority ?? entity.taxAuthority,
    postingAuthority: input.postingAuthority ?? entity.postingAuthority,
  };
  const others = new Set([settings.numberAuthority, settings.taxAuthority].filter((one) => one !== DocumentAuthority.GATEWAY));
  if (others.size > 1) throw new Refusal('AUTHORITIES_DIFFER', 'Billing and ERP cannot be the authority for number and tax of the same documents, one for each.', 'input.taxAuthority');
  return settings;
}

/** One bank account belongs to one legal entity. */
async function refuseTakenAccounts(work: Work, id: string, accounts: string[]): Promise<void> {
  await work.hold('bankAccounts');
  const others = (await work.find(LegalEntity, {})).filter((entity) => entity.id !== id);
  const taken = others.find((entity) => entity.bankAccounts.some((account) => accounts.includes(account)));
  if (taken) throw new Refusal('ACCOUNT_TAKEN', `A bank account is already that of ${taken.code}.`, 'input.bankAccounts');
}
