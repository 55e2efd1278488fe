import type { Posted } from '../connector';
import type { CustomerDocument, PostingDocument } from '../../sync/documents';
import type { TrytonCalls } from './client';
import { ErpRejection } from './faults';
import type { Id, Row, Values } from './values';

/** The contact of this name holds the version of the customer that Tryton has. */
const VERSION_CONTACT = 'Evenkeel version';

export interface Party {
  id: Id;
  address: Id;
}

/** The party with this code, or undefined. */
export async function findParty(calls: TrytonCalls, code: string): Promise<Party | undefined> {
  const row = await calls.first('party.party', [['code', '=', code]], ['id', 'addresses']);
  const [address] = (row?.addresses as Id[] | undefined) ?? [];
  return row && address !== undefined ? { id: row.id, address } : undefined;
}

export async function partyOf(calls: TrytonCalls, code: string): Promise<Party> {
  const party = await findParty(calls, code);
  if (!party) throw new ErpRejection('ERP_CUSTOMER_UNKNOWN', `Tryton has no party with the code ${code}.`);
  return party;
}

const contactsOf = (calls: TrytonCalls, party: Id) =>
  calls.rows('party.contact_mechanism', [['party', '=', party]], ['id', 'type', 'value', 'name']);

const versionIn = (contacts: Row[]) => Number(contacts.find(({ name }) => name === VERSION_CONTACT)?.value ?? 0);

/** The customer if Tryton holds this version or a later one. */
export async function findCustomer(calls: TrytonCalls, document: PostingDocument): Promise<Posted | undefined> {
  const party = await findParty(calls, document.externalId);
  if (!party || versionIn(await contactsOf(calls, party.id)) < document.version) return undefined;
  return { outcome: 'POSTED', reference: `party.party,${party.id}` };
}

/** Creates the party or replaces an older version of it; a later one stays as it is. */
export async function postCustomer(calls: TrytonCalls, document: PostingDocument): Promise<Posted> {
  const body = document.body as CustomerDocument;
  const party = await findParty(calls, document.externalId);
  const contacts = party ? await contactsOf(calls, party.id) : [];
  if (party && versionIn(contacts) >= document.version) return { outcome: 'POSTED', reference: `party.party,${party.id}` };
  const country = body.countryCode ? await calls.first('country.country', [['code', '=', body.countryCode]]) : undefined;
  const address = country ? { country: country.id } : {};
  const values: Values = { name: body.name, contact_mechanisms: contactChanges(contacts, document) };
  if (party) {
    await calls.write('party.party', [party.id], { ...values, addresses: country ? [['write', [party.address], address]] : [] });
    return { outcome: 'POSTED', reference: `party.party,${party.id}` };
  }
  const id = await calls.create('party.party', { code: document.externalId, ...values, addresses: [['create', [address]]] });
  return { outcome: 'POSTED', reference: `party.party,${id}` };
}

/** The e-mail address and the version, as changes to the contacts that are there. */
function contactChanges(contacts: Row[], document: PostingDocument): unknown[] {
  const { email } = document.body as CustomerDocument;
  const version = { type: 'other', name: VERSION_CONTACT, value: String(document.version) };
  const wanted = [...(email ? [{ type: 'email', name: null, value: email }] : []), version];
  return wanted.map((contact) => {
    const present = contacts.find(({ type, name }) => type === contact.type && (type === 'email' || name === contact.name));
    return present ? ['write', [present.id], { value: contact.value }] : ['create', [contact]];
  });
}
