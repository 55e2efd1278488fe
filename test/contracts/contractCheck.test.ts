import { Contract } from '../../entities/contracts/Contract';
import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { Posting } from '../../entities/operations/Posting';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import { retryPosting } from '../../subgraphs/operations/commands/retryPosting';
import { DATABASES } from '../harness/databases';
import { rowsOf } from '../harness/refusals';
import { type Sample, sample, sampleContract } from '../harness/sample';
import { World } from '../harness/world';
import { allOf, entitlements, postings } from './given';

describe.each(DATABASES)('the check of a contract on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
    await world.settles();
  });
  afterEach(() => world.close());

  const erpHas = (settings: Record<string, unknown>) =>
    fetch(`${world.sandbox!.url}/settings`, { method: 'POST', body: JSON.stringify({ backend: 'erp', ...settings }) });
  const checkOf = async ({ id }: Contract, version = 1) =>
    (await rowsOf(world, Posting, { resourceId: id, kind: 'contractCheck' })).find(({ document }) => document.version === version)!;
  const more = ({ id }: Contract) => world.do(amendContract, { contractId: id, reason: 'More', lines: [{ productId: given.product.id, quantity: '12' }] });

  test('the ERP is asked first, then billing gets it, then the CRM, then the SaaS platform', async () => {
    const contract = await sampleContract(world, given);
    await world.settles();
    expect(await postings(world, contract.id, 1)).toEqual(allOf('POSTED'));
    const at = async (kind: string, backend: string) => (await rowsOf(world, Posting, { resourceId: contract.id, kind, backend } as never))[0]!;
    expect((await at('contractCheck', 'erp')).document.body).toMatchObject({ invoicesFrom: '2026-11-24', lines: [{ revenueAccount: '4010', taxCode: 'VAT20' }] });
    const order = (await world.ask('{ changes(first: 500) { nodes { type resourceId } } }')).data.changes.nodes.filter(({ type }: { type: string }) => type === 'posting.posted');
    const places = await Promise.all([at('contractCheck', 'erp'), at('contract', 'billing'), at('contract', 'crm'), at('entitlement', 'saas')].map(async (posting) => {
      const { id } = await posting;
      return order.findIndex(({ resourceId }: { resourceId: string }) => resourceId === id);
    }));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(await world.audit('/erp/journal?tenant=demo')).toEqual({ rows: [], next: null });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['has not the account', { accounts: ['4000'] }, 'UNKNOWN_ACCOUNT'],
    ['has closed its books', { closedThrough: '2026-12-31' }, 'START_CLOSED'],
  ])('an ERP that %s refuses it: everything after it is held, somebody is told, and once mended all of it goes', async (_what, settings, code) => {
    await erpHas(settings);
    const contract = await sampleContract(world, given);
    await world.settles();
    const check = await checkOf(contract);
    expect(check).toMatchObject({ state: 'REJECTED', errorCode: code });
    expect(await entitlements(world, contract.id)).toEqual(['SEAT HELD 0/10']);
    const query = 'query($id: ID!) { contract(id: $id) { sync { state erp billing crm saas heldBy exceptions { kind } } } }';
    const { sync } = (await world.ask(query, { id: contract.id })).data.contract;
    expect(sync).toMatchObject({ state: 'BLOCKED', erp: 'REJECTED', billing: 'PENDING', crm: 'PENDING', saas: 'PENDING', exceptions: [{ kind: 'POSTING_REJECTED' }] });
    expect(sync.heldBy).toContain(check.id);
    await erpHas({ accounts: null, closedThrough: null });
    await world.do(retryPosting, { postingId: check.id });
    await world.settles();
    expect(await postings(world, contract.id, 1)).toEqual(allOf('POSTED'));
    expect(await entitlements(world, contract.id)).toEqual(['SEAT ACTIVE 10/10']);
  });

  test('a version that the ERP refused goes nowhere once it takes a later one', async () => {
    await erpHas({ accounts: ['4000'] });
    const contract = await sampleContract(world, given);
    await world.settles();
    await erpHas({ accounts: null });
    await more(contract);
    await world.settles();
    expect(await postings(world, contract.id, 1)).toEqual(allOf('SUPERSEDED'));
    expect(await postings(world, contract.id, 2)).toEqual(allOf('POSTED'));
    expect(new Set((await rowsOf(world, Posting, { resourceId: contract.id, state: 'SUPERSEDED' } as never)).map((posting) => posting.supersededReason))).toEqual(new Set(['LATER_VERSION']));
    expect(await rowsOf(world, ExceptionItem, { state: 'OPEN' } as never)).toEqual([]);
    expect((await world.audit<{ rows: { kind: string; version: number }[] }>('/billing/documents?tenant=demo')).rows.filter(({ kind }) => kind === 'contract')).toMatchObject([{ version: 2, count: 1 }]);
  });

  test('a contract that ends asks only for its customer, so no closed book or missing account keeps it alive', async () => {
    await erpHas({ accounts: ['4000'], closedThrough: '2026-12-31' });
    const contract = await sampleContract(world, given);
    await world.settles();
    await world.do(cancelContract, { contractId: contract.id, reason: 'Left' });
    await world.settles();
    expect(await postings(world, contract.id, 2)).toEqual(allOf('POSTED'));
    expect(await postings(world, contract.id, 1)).toEqual(allOf('SUPERSEDED'));
  });
});
