import { DATABASES } from '../harness/databases';
import { type Sample, sample, sampleContract, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('on %s', (database) => {
  let world: World;
  let given: Sample;
  beforeEach(async () => {
    world = await World.open({ database });
    given = await sample(world);
    await world.settles();
  });
  afterEach(() => world.close());

  const refuses = (backend: string, match: string) => world.sandbox!.faults.set({ backend, fault: 'reject', match } as never);
  const openExceptions = async () =>
    (await world.ask('{ exceptions(filter: { state: OPEN }) { nodes { kind allowedActions moneyAtRisk { amount } subject { id } } } }')).data.exceptions.nodes;
  const lineage = async (resourceId: string, backend: string) => {
    const query = `query($filter: PostingFilter) { postings(filter: $filter) { nodes { id kind state supersededBy supersededReason } } }`;
    const { nodes } = (await world.ask(query, { filter: { resourceId, backend } })).data.postings;
    const kindOf = (id: string | null) => nodes.find((node: any) => node.id === id)?.kind ?? null;
    return nodes.map((node: any) => `${node.kind} ${node.state} ${node.supersededReason} by ${kindOf(node.supersededBy)}`).sort();
  };

  test('an invoice that the ERP refuses is voided: billing has both, the ERP neither, nobody has anything left to do, and the lineage says why', async () => {
    refuses('erp', 'invoice');
    const { id } = await sampleInvoice(world, given);
    await world.settles();
    expect(await openExceptions()).toMatchObject([{ kind: 'POSTING_REJECTED', moneyAtRisk: { amount: '120.00' } }]);
    const voided = await world.ask('mutation($input: VoidInvoiceInput!) { voidInvoice(input: $input) { ... on Invoice { state } ... on Refused { code } } }', {
      input: { invoiceId: id, reason: 'Wrong account', expectedVersion: 1 },
    });
    expect(voided.data.voidInvoice).toEqual({ state: 'VOIDED' });
    await world.settles();
    expect(await openExceptions()).toEqual([]);
    expect(await lineage(id, 'erp')).toEqual(['invoice SUPERSEDED REJECTED by invoiceVoid', 'invoiceVoid SUPERSEDED NOTHING_TO_UNDO by invoice']);
    expect(await lineage(id, 'billing')).toEqual(['invoice POSTED null by null', 'invoiceVoid POSTED null by null']);
    const { data } = await world.ask('query($id: ID!) { invoice(id: $id) { sync { state erp billing lag heldBy } } }', { id });
    expect(data.invoice.sync).toEqual({ state: 'IN_SYNC', erp: 'IN_SYNC', billing: 'IN_SYNC', lag: 0, heldBy: [] });
    expect(await world.audit('/erp/open-items?tenant=demo')).toEqual([]);
    expect(await world.audit('/billing/open-items?tenant=demo')).toEqual([]);
  });

  test('a void that the ERP refuses while it has the invoice stays open as a failed compensation until it is posted', async () => {
    const { id } = await sampleInvoice(world, given);
    await world.settles();
    refuses('erp', 'invoiceVoid');
    await world.ask('mutation($input: VoidInvoiceInput!) { voidInvoice(input: $input) { __typename } }', { input: { invoiceId: id, reason: 'Twice' } });
    await world.settles();
    const [item] = await openExceptions();
    expect(item).toMatchObject({ kind: 'COMPENSATION_FAILED', allowedActions: ['retryPosting', 'assignException'], moneyAtRisk: { amount: '120.00' } });
    world.sandbox!.faults.clear();
    await world.ask('mutation($input: RetryPostingInput!) { retryPosting(input: $input) { __typename } }', { input: { postingId: item.subject.id } }, { role: 'ops' });
    expect(await openExceptions()).toHaveLength(1);
    await world.settles();
    expect(await openExceptions()).toEqual([]);
    expect(await world.audit('/erp/open-items?tenant=demo')).toEqual([]);
  });

  test('a renewal that the CRM refuses is withdrawn: billing gets the old terms back, the CRM and the SaaS platform never hear of it', async () => {
    const { id } = await sampleContract(world, given);
    await world.settles();
    world.clock.travelTo('2026-11-24T10:00:00Z');
    refuses('crm', 'contract');
    const renewal = { contractId: id, endDate: '2027-12-31', expectedVersion: 1, lines: [{ productId: given.product.id, quantity: '50' }] };
    await world.ask('mutation($input: RenewContractInput!) { renewContract(input: $input) { __typename } }', { input: renewal });
    await world.settles();
    world.sandbox!.faults.clear();
    const withdrawal = { contractId: id, reason: 'Not signed', expectedVersion: 2 };
    const query = 'mutation($input: WithdrawAmendmentInput!) { withdrawAmendment(input: $input) { ... on Contract { version withdraws endDate } ... on Refused { code } } }';
    expect((await world.ask(query, { input: withdrawal })).data.withdrawAmendment).toEqual({ version: 3, withdraws: 2, endDate: '2026-12-31' });
    await world.settles();
    const { data } = await world.ask('query($id: ID!) { contract(id: $id) { sync { state heldBy exceptions { kind } } subscriptions { state grantedQuantity soldQuantity } } }', { id });
    expect(data.contract).toEqual({ sync: { state: 'IN_SYNC', heldBy: [], exceptions: [] }, subscriptions: [{ state: 'ACTIVE', grantedQuantity: '10', soldQuantity: '10' }] });
    const versions = async (backend: string, kind: string) =>
      (await world.audit<{ rows: { kind: string; version: number }[] }>(`/${backend}/documents?tenant=demo`)).rows.filter((row) => row.kind === kind).map(({ version }) => version);
    expect(await Promise.all([versions('billing', 'contract'), versions('crm', 'contract'), versions('saas', 'entitlement')])).toEqual([[3], [1], [1]]);
  });
});
