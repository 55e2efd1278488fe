import { DocumentAuthority, type LegalEntity } from '../../../entities/customers/LegalEntity';
import type { Authority } from '../../../sync/documents';
import type { Prerequisite } from '../../../sync/plan';
import type { Work } from '../../work';
import { documentNumber, provisionalNumber } from '../rules';

/** The series of a document in the year of its day. */
export interface Series {
  prefix: 'INV' | 'CRN';
  entity: LegalEntity;
  /** The day of the document. */
  day: string;
}

/**
 * Numbers for so many documents of a legal entity: the next of its series, or provisional ones where another system numbers. From here on whoever numbers in the series waits, and so does a
 * close of the books, until the act ends.
 */
export async function numbersOf(work: Work, { prefix, entity, day }: Series, count: number): Promise<(id: string) => string> {
  const year = day.slice(0, 4);
  const own = entity.numberAuthority === DocumentAuthority.GATEWAY;
  let number = await work.takeNumber(`${prefix}|${entity.id}|${year}`, own ? count : 0);
  return (id) => (own ? documentNumber(prefix, { code: entity.code, year, number: number++ }) : provisionalNumber(prefix, entity, id));
}

/** The number of one document. */
export async function numberDocument(work: Work, series: Series, id: string): Promise<string> {
  return (await numbersOf(work, series, 1))(id);
}

/** That an authority has a document first: others wait until it has, for they get what it gives. */
export const afterAuthority = (authority: Authority | undefined, { kind, externalId }: Pick<Prerequisite, 'kind' | 'externalId'>): Prerequisite[] =>
  authority ? [{ kind, externalId, version: 1, backends: [authority.backend], waiting: [authority.backend === 'erp' ? 'billing' : 'erp'] }] : [];
