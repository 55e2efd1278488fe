import { randomBytes } from 'node:crypto';
import { TrytonClient, type TrytonCalls } from '../../connectors/tryton/client';
import { trytonConnector } from '../../connectors/tryton/connector';
import { TrytonFault } from '../../connectors/tryton/faults';
import { prepareCompany } from '../../connectors/tryton/setup';
import { date, isoDate, type Row } from '../../connectors/tryton/values';
import { systemClock } from '../../sync/clock';
import { closeBooks, datesInErp } from '../operations/given';
import { DATABASES } from '../harness/databases';
import { needs, services } from '../harness/services';
import { until } from '../harness/until';
import { type Answer, World } from '../harness/world';

const ENTITY = `mutation($input: UpsertLegalEntityInput!) { upsertLegalEntity(input: $input) { ... on LegalEntity { id closedPeriodPolicy } ... on Refused { code } } }`;
const CUSTOMER = `mutation($input: UpsertCustomerInput!) { upsertCustomer(input: $input) { ... on Customer { id } ... on Refused { code } } }`;
const PRODUCT = `mutation($input: UpsertProductInput!) { upsertProduct(input: $input) { ... on Product { id } ... on Refused { code } } }`;
const ISSUE = `mutation($input: IssueInvoiceInput!) { issueInvoice(input: $input) { ... on Invoice { id } ... on Refused { code message } } }`;
const PROPOSE = `mutation($input: ProposePostingDateInput!) { proposePostingDate(input: $input) { ... on Posting { state } ... on Refused { code } } }`;
const APPROVE = `mutation($input: ApprovePostingDateInput!) { approvePostingDate(input: $input) { ... on Posting { state postingDate } ... on Refused { code } } }`;
const RETRY = `mutation($input: RetryPostingInput!) { retryPosting(input: $input) { ... on Posting { state } ... on Refused { code } } }`;
const INVOICE = `query($id: ID!) { invoice(id: $id) { sync { state billing erp exceptions { kind state message nextAction allowedActions moneyAtRisk { amount } } } } }`;
const POSTINGS = `query($id: ID!) { postings(first: 10, filter: { resourceId: $id, backend: "erp" }) { nodes {
  id state errorCode errorMessage effectiveDate postingDate periodHold { refusedDate openFrom retryAt proposedDate proposedBy reason } } } }`;
const EXCEPTIONS = '{ exceptions(filter: { kind: PERIOD_CLOSED }) { nodes { state resolution } } }';

/** One tenant's finance department, as it speaks through the public API. */
class Office {
  entityId: string;
  customerId: string;
  productId: string;

  constructor(readonly world: World, private readonly tenant: string) {}

  async ask(query: string, variables: object = {}, role: 'finance' | 'approver' | 'ops' = 'finance'): Promise<Answer['data']> {
    const { data, errors } = await this.world.ask(query, variables as Record<string, unknown>, { role, tenant: this.tenant });
    expect(errors).toBeUndefined();
    return Object.values(data)[0];
  }

  async furnish(code: string): Promise<void> {
    const entity = await this.ask(ENTITY, { input: { code, name: code, currency: 'EUR', timeZone: 'Europe/Berlin', booksFrom: '2025-01-01' } });
    expect(entity.closedPeriodPolicy).toBe('ASK');
    this.entityId = entity.id;
    ({ id: this.customerId } = await this.ask(CUSTOMER, { input: { system: 'crm', key: 'ACME', name: 'Acme', currency: 'EUR' } }));
    const product = { key: 'SEAT', name: 'Seat', revenueAccount: '4010', taxCode: 'VAT20', taxRatePercent: '20' };
    ({ id: this.productId } = await this.ask(PRODUCT, { input: product }));
  }

  /** Issues an invoice of 120.00 dated on a day; its id. */
  async issue(reference: string, invoiceDate: string): Promise<string> {
    const lines = [{ productId: this.productId, quantity: '1', unitPrice: { amount: '100.00', currency: 'EUR' } }];
    const input = { reference, invoiceDate, dueDate: '2099-12-31', customerId: this.customerId, legalEntityId: this.entityId, lines };
    return (await this.ask(ISSUE, { input })).id;
  }

  posting = async (invoiceId: string) => (await this.ask(POSTINGS, { id: invoiceId })).nodes[0];
  sync = async (invoiceId: string) => (await this.ask(INVOICE, { id: invoiceId })).sync;

  /** Until the ERP has said something of an invoice; it may be busy with others. */
  async settles(invoiceId: string, state: string): Promise<void> {
    let last: unknown;
    await until(`the posting of ${invoiceId} is ${state}`, async () => {
      await this.world.settles();
      last = await this.posting(invoiceId);
      return (last as { state: string }).state === state;
    }).catch((error: Error) => {
      throw new Error(`${error.message}; it is ${JSON.stringify(last)}`);
    });
  }
}

/** The road from the refusal to the books by the word of two people, whatever ERP it is. */
async function askTwoPeople(office: Office, { reference, day, openFrom }: { reference: string; day: string; openFrom: string }): Promise<string> {
  const id = await office.issue(reference, day);
  await office.settles(id, 'REJECTED');
  const { id: postingId, errorMessage, ...refused } = await office.posting(id);
  const hold = { refusedDate: day, openFrom, retryAt: null, proposedDate: null, proposedBy: null, reason: null };
  expect(refused).toEqual({ state: 'REJECTED', errorCode: 'PERIOD_CLOSED', effectiveDate: day, postingDate: day, periodHold: hold });
  expect(errorMessage).toContain('closed');
  const blocked = await office.sync(id);
  expect(blocked).toMatchObject({ state: 'BLOCKED', erp: 'REJECTED', exceptions: [{ kind: 'PERIOD_CLOSED', state: 'OPEN', moneyAtRisk: { amount: '120.00' } }] });
  expect(blocked.exceptions[0].message).toContain(`closed for the invoice dated ${day}. They are open from ${openFrom}.`);
  expect(blocked.exceptions[0].allowedActions.slice(0, 2)).toEqual(['proposePostingDate', 'retryPosting']);

  const proposal = { postingId, postingDate: openFrom, reason: 'The month is reported' };
  expect(await office.ask(PROPOSE, { input: { ...proposal, postingDate: day } })).toEqual({ code: 'POSTING_DATE_BEFORE_OPEN' });
  expect(await office.ask(PROPOSE, { input: proposal }, 'approver')).toEqual({ state: 'REJECTED' });
  expect(await office.ask(APPROVE, { input: { postingId } }, 'approver')).toEqual({ code: 'SECOND_PERSON_REQUIRED' });
  await office.ask(PROPOSE, { input: proposal }, 'ops');
  expect((await office.sync(id)).exceptions[0]).toMatchObject({ message: expect.stringContaining(`proposes ${openFrom}: The month is reported.`), nextAction: expect.stringContaining('approvePostingDate') });
  expect(await office.ask(APPROVE, { input: { postingId, postingDate: openFrom } }, 'approver')).toEqual({ state: 'PENDING', postingDate: openFrom });
  await office.settles(id, 'POSTED');
  expect(await office.posting(id)).toMatchObject({ state: 'POSTED', errorCode: null, effectiveDate: day, postingDate: openFrom, periodHold: null });
  expect(await office.sync(id)).toMatchObject({ state: 'IN_SYNC', erp: 'IN_SYNC', exceptions: [] });
  return id;
}

describe.each(DATABASES)('a month that the sandbox ERP has closed, on %s', (database) => {
  let office: Office;
  beforeAll(async () => {
    office = new Office(await World.open({ database }), 'demo');
    await office.furnish('DE01');
    await office.world.settles();
  });
  afterAll(() => office.world.close());

  test('takes an invoice on a day that one person proposed and another approved; both dates are in the books, once', async () => {
    const { world } = office;
    await closeBooks(world, '2026-10-31');
    const id = await askTwoPeople(office, { reference: 'LATE-1', day: '2026-10-20', openFrom: '2026-11-01' });
    expect(await datesInErp(world, { id })).toEqual([{ date: '2026-11-01', effectiveDate: '2026-10-20' }]);
    const balances = await world.audit<{ kind: string; debitMinor: string; creditMinor: string }[]>('/erp/balances?tenant=demo');
    expect(balances.map(({ kind, debitMinor, creditMinor }) => `${kind} ${debitMinor} ${creditMinor}`).sort()).toEqual(['receivable 12000 0', 'revenue 0 10000', 'tax 0 2000']);
    const journal = await (await fetch(`${world.sandbox!.url}/erp/hledger?tenant=demo`)).text();
    expect(journal).toContain(`2026-11-01=2026-10-20 * (${id}) invoice`);
    expect((await office.ask(EXCEPTIONS)).nodes).toMatchObject([{ state: 'RESOLVED', resolution: expect.stringMatching(/^Posted to erp as ERP-/) }]);
    const told = (await world.told()).filter((type) => /^posting\.(rejected|dateProposed|redated)$/.test(type));
    expect(told).toEqual(['posting.rejected', 'posting.dateProposed', 'posting.dateProposed', 'posting.redated']);
  });

  test('and the customer goes on meanwhile: what is dated in the open month is booked', async () => {
    await closeBooks(office.world, '2026-10-31');
    const held = await office.issue('LATE-2', '2026-10-21');
    const free = await office.issue('NOW-1', '2026-11-20');
    await office.settles(free, 'POSTED');
    expect((await office.posting(held)).state).toBe('REJECTED');
  });
});

const JANUARY = { day: '2026-01-15', start: '2026-01-01', openFrom: '2026-02-01' };
const BOOKS = { code: 'PERIODS-TEST', currency: 'EUR' };

const describeTryton = needs('tryton') ? describe : describe.skip;
describeTryton('a month that a real Tryton has closed', () => {
  const account = services.tryton ?? { url: '', user: '', password: '' }; // the body runs also where the tests are skipped
  let calls: TrytonCalls;
  let office: Office;

  beforeAll(async () => {
    const client = new TrytonClient(account);
    const { company } = await prepareCompany(client.within({ signal: AbortSignal.timeout(120_000) }), BOOKS);
    calls = client.within({ company });
    const tenant = `periods-${randomBytes(4).toString('hex')}`;
    const world = await World.open({ connectors: { erp: trytonConnector({ ...account, clock: systemClock }) }, tenants: [tenant] });
    office = new Office(world, tenant);
    await office.furnish(BOOKS.code);
  }, 180_000);
  afterAll(async () => {
    await turnPeriod(calls, 'reopen');
    await openJournals(calls);
    await office.world.close();
  });

  const invoiceDates = async (id: string) => {
    const rows = await calls.rows('account.invoice', [['reference', '=', id]], ['id', 'state', 'invoice_date', 'accounting_date', 'move.date', 'move.period']);
    return rows.map((row) => [row.state, isoDate(row.invoice_date), row.accounting_date ? isoDate(row.accounting_date) : null, isoDate((row['move.'] as Row).date)]);
  };

  test('takes an invoice on a day that two people agreed on, with its own date as invoice date', async () => {
    await turnPeriod(calls, 'close');
    const id = await askTwoPeople(office, { reference: 'LATE-1', ...JANUARY });
    expect(await invoiceDates(id)).toEqual([['posted', JANUARY.day, JANUARY.openFrom, JANUARY.openFrom]]);
  }, 120_000);

  test('takes it under its own date once the month is open again', async () => {
    await turnPeriod(calls, 'reopen');
    await openJournals(calls);
    await office.settles(await office.issue('EARLY', JANUARY.day), 'POSTED');
    await turnPeriod(calls, 'close');
    const id = await office.issue('LATE-2', JANUARY.day);
    await office.settles(id, 'REJECTED');
    expect(await invoiceDates(id)).toEqual([]);
    const retry = async () => office.ask(RETRY, { input: { postingId: (await office.posting(id)).id } });
    await turnPeriod(calls, 'reopen'); // its journals stay closed, which only Tryton's message tells
    expect(await retry()).toEqual({ state: 'PENDING' });
    await office.settles(id, 'REJECTED');
    expect(await office.posting(id)).toMatchObject({ errorCode: 'PERIOD_CLOSED', errorMessage: expect.stringContaining('closed journal-period') });
    await openJournals(calls);
    expect(await retry()).toEqual({ state: 'PENDING' });
    await office.settles(id, 'POSTED');
    expect(await invoiceDates(id)).toEqual([['posted', JANUARY.day, null, JANUARY.day]]);
  }, 120_000);
});

/** Opens January's journals, which closed with it. */
async function openJournals(calls: TrytonCalls): Promise<void> {
  const domain = [['period.company', '=', calls.company], ['period.start_date', '=', date(JANUARY.start)], ['state', '=', 'close']];
  const journals = await calls.rows('account.journal.period', domain, ['id']);
  if (journals.length > 0) await calls.act('account.journal.period', 'reopen', journals.map(({ id }) => id));
}

/** Closes or reopens January. Tryton locks its table of moves for the one, so it may take a few tries. */
async function turnPeriod(calls: TrytonCalls, act: 'close' | 'reopen'): Promise<void> {
  const wanted = act === 'close' ? 'open' : 'close';
  await until(`Tryton's period is ready after ${act}`, async () => {
    const domain = [['company', '=', calls.company], ['type', '=', 'standard'], ['start_date', '=', date(JANUARY.start)]];
    const period = await calls.first('account.period', domain, ['id', 'state']);
    if (period!.state !== wanted) return true;
    try {
      await calls.act('account.period', act, [period!.id]);
    } catch (error) {
      if (!(error instanceof TrytonFault)) throw error;
    }
    return false;
  });
}
