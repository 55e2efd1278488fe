import { TrytonClient } from '../../connectors/tryton/client';
import { trytonConnector } from '../../connectors/tryton/connector';
import { startFakeTryton } from '../../connectors/tryton/fake';
import { trytonLedger } from '../../connectors/tryton/ledger';
import type { Connector } from '../../connectors/connector';
import { systemClock } from '../../sync/clock';
import type { PostingDocument, RevenueJournalDocument } from '../../sync/documents';
import { needs, services } from '../harness/services';
import { creditOf, customer, fresh, invoiceBody, line, posting } from './trytonWorld';

const HOMES: [string, () => Promise<{ account: { url: string; user: string; password: string }; close(): Promise<void> }>][] = [['a fake Tryton', startFakeTryton]];
if (needs('tryton')) HOMES.push(['a real Tryton', async () => ({ account: services.tryton!, close: async () => undefined })]);
jest.setTimeout(180_000);

describe.each(HOMES)('deferred revenue on %s', (_name, open) => {
  let connector: Connector;
  let client: TrytonClient;
  let close: () => Promise<void>;
  const entity = { code: `REV-${fresh('x').slice(2, 8)}`, currency: 'EUR' };
  const buyer = fresh('cus');
  const signal = () => AbortSignal.timeout(60_000);
  const of = (document: PostingDocument): PostingDocument => ({ ...document, legalEntity: entity });
  const journal = (change: Partial<RevenueJournalDocument> = {}) => of(posting('revenueJournal', fresh('rvj'), {
    number: fresh('RVJ'), journalDate: '2026-03-31', month: '2026-03', currency: 'EUR',
    lines: [{ account: '2400', accountKind: 'deferredRevenue', debitMinor: '10000', creditMinor: '0' }, { account: '4010', accountKind: 'revenue', debitMinor: '0', creditMinor: '10000' }],
    ...change,
  }));
  const balances = async () => {
    const { accounts } = await trytonLedger(client, entity.code);
    const sum = (kind: string) => accounts.filter((account) => account.kind === kind).reduce((all, { debitMinor, creditMinor }) => all + debitMinor - creditMinor, 0n);
    return { receivable: sum('receivable'), deferred: sum('deferred'), revenue: sum('revenue'), tax: sum('tax') };
  };

  beforeAll(async () => {
    const home = await open();
    close = () => home.close();
    client = new TrytonClient(home.account);
    connector = trytonConnector({ ...home.account, clock: systemClock });
    expect(await connector.post(of(customer(buyer)), signal())).toMatchObject({ outcome: 'POSTED' });
  });
  afterAll(() => close());

  test('an invoice credits it, a journal earns it, sent twice it is booked once, and the books balance', async () => {
    const lines = [line('line-1', 120_000n, '20', { deferredAccount: '2400' })];
    const invoice = of(posting('invoice', fresh('inv'), invoiceBody(lines, { customerId: buyer })));
    expect(await connector.post(invoice, signal())).toMatchObject({ outcome: 'POSTED' });
    expect(await balances()).toEqual({ receivable: 144_000n, deferred: -120_000n, revenue: 0n, tax: -24_000n });
    const credit = of(creditOf(invoice as PostingDocument<'invoice'>, [line('line-1', 20_000n, '20', { deferredAccount: '2400' })], { customerId: buyer }));
    expect(await connector.post(credit, signal())).toMatchObject({ outcome: 'POSTED' });
    expect(await connector.find(credit, signal())).toMatchObject({ outcome: 'POSTED' });
    expect(await balances()).toEqual({ receivable: 120_000n, deferred: -100_000n, revenue: 0n, tax: -20_000n });
    const document = journal();
    expect(await connector.find(document, signal())).toEqual({ outcome: 'ABSENT' });
    const first = await connector.post(document, signal());
    expect(first).toMatchObject({ outcome: 'POSTED' });
    expect(await connector.post(document, signal())).toMatchObject({ outcome: 'POSTED', reference: (first as { reference: string }).reference });
    expect(await connector.find(document, signal())).toMatchObject({ outcome: 'POSTED' });
    expect(await balances()).toEqual({ receivable: 120_000n, deferred: -90_000n, revenue: -10_000n, tax: -20_000n });
  });

  test('an account of another kind is refused, and so is a side of nothing', async () => {
    const wrong = journal({ lines: [{ account: '1000', accountKind: 'deferredRevenue', debitMinor: '1', creditMinor: '0' }, { account: '4010', accountKind: 'revenue', debitMinor: '0', creditMinor: '1' }] });
    expect(await connector.post(wrong, signal())).toMatchObject({ outcome: 'REJECTED', code: 'ERP_ACCOUNT_UNKNOWN' });
    const unknown = journal({ lines: [{ account: '2400', accountKind: 'deferredRevenue', debitMinor: '1', creditMinor: '0' }, { account: '9999', accountKind: 'revenue', debitMinor: '0', creditMinor: '1' }] });
    expect(await connector.post(unknown, signal())).toMatchObject({ outcome: 'REJECTED', code: 'ERP_ACCOUNT_UNKNOWN' });
  });
});
