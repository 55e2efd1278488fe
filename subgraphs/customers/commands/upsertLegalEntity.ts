import { ClosedPeriodPolicy, LegalEntity } from '../../../entities/customers/LegalEntity';
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
    currency: input.currency,
    timeZone: readTimeZone(input.timeZone, 'input.timeZone'),
    booksFrom: input.booksFrom,
    bankAccounts: input.bankAccounts.map((account) => normalAccount(readText(account, 'input.bankAccounts', 40))),
  };
  await refuseTakenAccounts(work, id, wanted.bankAccounts);
  const existing = await work.peek(LegalEntity, id);
  const entity = existing ? await work.lock(LegalEntity, id, input.expectedVersion) : Object.assign(new LegalEntity(), { id, code });
  if (existing && existing.currency !== wanted.currency) {
    throw new Refusal('CURRENCY_FIXED', `The books of ${code} are kept in ${existing.currency}.`, 'input.currency');
  }
  const closedPeriodPolicy = input.closedPeriodPolicy ?? existing?.closedPeriodPolicy ?? ClosedPeriodPolicy.ASK;
  if (existing && JSON.stringify({ ...existing, ...wanted, closedPeriodPolicy }) === JSON.stringify(existing)) return entity;
  Object.assign(entity, wanted, { closedPeriodPolicy });
  if (existing) work.change(entity);
  else work.add(entity);
  work.tell(legalEntityUpserted(entity, { code, name: entity.name, currency: entity.currency, closedPeriodPolicy }));
  return entity;
}

/** One bank account belongs to one legal entity. */
async function refuseTakenAccounts(work: Work, id: string, accounts: string[]): Promise<void> {
  const others = (await work.find(LegalEntity, {})).filter((entity) => entity.id !== id);
  const taken = others.find((entity) => entity.bankAccounts.some((account) => accounts.includes(account)));
  if (taken) throw new Refusal('ACCOUNT_TAKEN', `A bank account is already that of ${taken.code}.`, 'input.bankAccounts');
}
