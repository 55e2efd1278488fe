import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TrytonClient } from '../../connectors/tryton/client';
import { trytonConnector } from '../../connectors/tryton/connector';
import { findInvoice } from '../../connectors/tryton/invoices';
import { toHledger, trytonLedger } from '../../connectors/tryton/ledger';
import { invoiceValues, moveValues } from '../../connectors/tryton/map';
import { openPeriod } from '../../connectors/tryton/periods';
import { prepareCompany } from '../../connectors/tryton/setup';
import { minorOf } from '../../connectors/tryton/values';
import { systemClock } from '../../sync/clock';
import { needs, services } from '../harness/services';
import {
  CUSTOMER, ENTITY, RUN, application, creditOf, customer, fresh, invoice, line, payment, posting, unapplication, voidOf,
} from './trytonWorld';

const signal = () => AbortSignal.timeout(60_000);
const servers: ReturnType<typeof createServer>[] = [];
afterAll(() => servers.forEach((server) => server.close().closeAllConnections()));

const describeTryton = needs('tryton') ? describe : describe.skip;
describeTryton('a real Tryton', () => {
  const account = services.tryton ?? { url: '', user: '', password: '' }; // the body runs also where the tests are skipped
  const client = new TrytonClient(account);
  const connector = trytonConnector({ ...account, clock: systemClock });
  let work: Parameters<typeof findInvoice>[0];

  const post = async (document: Parameters<typeof connector.post>[0]) => connector.post(document, signal());
  const posted = async (...documents: Parameters<typeof connector.post>[0][]) => {
    for (const document of documents) {
      const { reference, ...rest } = { reference: '', number: '', ...(await post(document)) };
      expect({ ...rest, number: 'any' }).toEqual({ outcome: 'POSTED', number: 'any' });
      expect(reference).toMatch(/^[a-z.]+,\d+$/);
    }
  };
  const inErp = async (document: { externalId: string }) => {
    const row = (await findInvoice(work, document.externalId))!;
    return [row.state, (row.amount_to_pay as { decimal: string }).decimal];
  };

  beforeAll(async () => {
    const prepared = await prepareCompany(client.within({ signal: signal() }), ENTITY);
    work = { calls: client.within({ company: prepared.company }), books: prepared };
    await posted(customer());
  }, 120_000);

  test('a customer is one party; a later version replaces it and an older one changes nothing', async () => {
    const id = fresh('cus');
    await posted(customer(id, 'First name', 1), customer(id, 'Third name', 3), customer(id, 'Second name', 2));
    const parties = await work.calls.rows('party.party', [['code', '=', id]], ['id', 'name']);
    expect(parties.map(({ name }) => name)).toEqual(['Third name']);
    expect(await connector.find(customer(id, '', 3), signal())).toMatchObject({ outcome: 'POSTED' });
    expect(await connector.find(customer(id, '', 4), signal())).toEqual({ outcome: 'ABSENT' });
  });

  test('an invoice is posted once with our number and dates, however often and at once it is sent', async () => {
    const document = invoice([line('l1', 10000n), line('l2', 2250n, '19', { quantity: '3', unitPriceMinor: '750' })]);
    expect(await connector.find(document, signal())).toEqual({ outcome: 'ABSENT' });
    const answers = await Promise.all([post(document), post(document), post(document)]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ outcome: 'POSTED', number: document.body.number });
    expect(await connector.find(document, signal())).toEqual(answers[0]);
    const rows = await work.calls.rows('account.invoice', [['reference', '=', document.externalId]], ['number', 'total_amount', 'invoice_date']);
    expect(rows).toMatchObject([{ number: document.body.number, total_amount: { decimal: '146.78' }, invoice_date: { month: 3, day: 10 } }]);
  });

  test('an earlier invoice may follow a later one', async () => {
    await posted(invoice([line('l1', 500n)], { invoiceDate: '2026-03-30' }), invoice([line('l1', 500n)], { invoiceDate: '2026-03-02' }));
    await posted(invoice([line('l1', 500n)], { invoiceDate: '2025-11-02', dueDate: '2025-12-02' }));
  });

  test('a half cent of tax is rounded our way, more than that is refused and leaves no draft', async () => {
    const rounded = invoice([line('l1', 150n, '19')]); // 28.5 minor units: 29 for us, 28 for Tryton
    await posted(rounded);
    expect(await inErp(rounded)).toEqual(['posted', '1.79']);
    const wrong = invoice([line('l1', 10000n, '20', { taxMinor: '2100' })]);
    expect(await post(wrong)).toMatchObject({ outcome: 'REJECTED', code: 'ERP_TOTAL_DIFFERS' });
    expect(await findInvoice(work, wrong.externalId)).toBeUndefined();
  });

  test.each`
    what                     | more                               | code
    ${'an unknown customer'} | ${{ customerId: 'cus_nobody' }}    | ${'ERP_CUSTOMER_UNKNOWN'}
    ${'another currency'}    | ${{ currency: 'USD' }}             | ${'ERP_CURRENCY_DIFFERS'}
    ${'a year without books'} | ${{ invoiceDate: '2019-01-31' }}  | ${'ERP_PERIOD_MISSING'}
    ${'a wrong total'}       | ${{ totalMinor: '1' }}             | ${'ERP_TOTAL_DIFFERS'}
    ${'a date that is none'} | ${{ invoiceDate: 'tomorrow' }}     | ${'ERP_DOCUMENT_INVALID'}
  `('$what is $code', async ({ more, code }) => {
    const document = invoice([line('l1', 1000n)], more);
    expect(await post(document)).toMatchObject({ outcome: 'REJECTED', code });
    expect(await findInvoice(work, document.externalId)).toBeUndefined();
  });

  test('a crash between creating and posting is resumed, not repeated', async () => {
    const document = invoice([line('l1', 4200n)]);
    const { id, address } = (await partyRow())!;
    await work.calls.create('account.invoice', invoiceValues(document, work.books, { party: id, address, taxes: work.books.taxes }));
    expect(await connector.find(document, signal())).toEqual({ outcome: 'ABSENT' });
    await posted(document);
    expect(await work.calls.rows('account.invoice', [['reference', '=', document.externalId]], ['state'])).toMatchObject([{ state: 'posted' }]);
  });

  test('of two drafts, the second made by a request that was given up and carried out all the same, one is posted and the other removed', async () => {
    const document = invoice([line('l1', 4200n)]);
    const paid = payment(4200n);
    const { id, address } = (await partyRow())!;
    const side = (account: number, which: 'debit' | 'credit') => ({ account, party: which === 'credit' ? id : null, side: which, description: 'SEPA' });
    const lines = [side(work.books.bank, 'debit'), side(work.books.receivable, 'credit')];
    const period = await openPeriod(work.calls, '2026-03-20');
    for (let times = 0; times < 2; times++) {
      await work.calls.create('account.invoice', invoiceValues(document, work.books, { party: id, address, taxes: work.books.taxes }));
      await work.calls.create('account.move', moveValues(paid, { journal: work.books.cashJournal, period, lines, company: work.books.company }));
    }
    await posted(document, paid);
    expect(await work.calls.rows('account.invoice', [['reference', '=', document.externalId]], ['state'])).toMatchObject([{ state: 'posted' }]);
    expect(await work.calls.rows('account.move', [['description', '=', paid.externalId]], ['state'])).toMatchObject([{ state: 'posted' }]);
  });

  test('payments applied in parts bring the amount to pay to zero, and one taken back raises it again', async () => {
    const document = invoice([line('l1', 10000n)]);
    const paid = payment(12000n);
    const [first, second] = [application(paid, document, 5000n), application(paid, document, 7000n)];
    const openLines = async () => {
      const lines = await work.calls.rows('account.move.line', [['party.code', '=', CUSTOMER], ['move.description', '=', paid.externalId]], ['reconciliation']);
      return lines.filter(({ reconciliation }) => !reconciliation).length;
    };
    await posted(document, paid, first);
    expect(await inErp(document)).toEqual(['posted', '70.00']);
    await posted(second, second);
    expect((await inErp(document))[0]).toBe('paid');
    expect(await openLines()).toBe(0);
    const back = unapplication(second);
    await posted(back, back);
    expect(await inErp(document)).toEqual(['posted', '70.00']);
    expect(await openLines()).toBe(1);
    expect(await connector.find(back, signal())).toMatchObject({ outcome: 'POSTED' });
    expect(await connector.find(second, signal())).toMatchObject({ outcome: 'POSTED' });
    expect(await post(application(paid, document, 9000n))).toMatchObject({ outcome: 'REJECTED', code: 'ERP_AMOUNT_EXCEEDS' });
  });

  test('a receipt nobody knows waits in a liability account until it is applied', async () => {
    const document = invoice([line('l1', 3000n)]);
    const paid = payment(3600n, null);
    const before = await balances();
    await posted(document, paid);
    expect((await balances()).unidentified - before.unidentified).toBe(-3600n);
    await posted(application(paid, document, 3600n));
    const after = await balances();
    expect(after.unidentified).toBe(before.unidentified);
    expect(after.receivable).toBe(before.receivable);
    expect((await inErp(document))[0]).toBe('paid');
  });

  test('a credit memo lowers what its invoice has to pay', async () => {
    const document = invoice([line('l1', 10000n), line('l2', 5000n)]);
    const credit = creditOf(document, [line('l2', 2000n)]);
    await posted(document, credit, credit);
    expect(await inErp(document)).toEqual(['posted', '156.00']);
    expect(await connector.find(credit, signal())).toMatchObject({ outcome: 'POSTED', number: credit.body.number });
    const origins = await work.calls.rows('account.invoice.line', [['invoice.reference', '=', credit.externalId]], ['origin', 'note']);
    expect(origins).toMatchObject([{ note: 'l2', origin: expect.stringMatching(/^account\.invoice\.line,\d+$/) }]);
  });

  test('a void closes its invoice and is refused once somebody has paid', async () => {
    const document = invoice([line('l1', 10000n)]);
    await posted(document, voidOf(document), voidOf(document));
    expect((await inErp(document))[0]).toBe('paid');
    expect(await connector.find(voidOf(document), signal())).toMatchObject({ outcome: 'POSTED', number: `${document.body.number}-VOID` });
    const paidOne = invoice([line('l1', 10000n)]);
    const paid = payment(5000n);
    await posted(paidOne, paid, application(paid, paidOne, 5000n));
    expect(await post(voidOf(paidOne))).toMatchObject({ outcome: 'REJECTED', code: 'ERP_INVOICE_SETTLED' });
  });

  test('another legal entity gets books of its own, in its own currency', async () => {
    const legalEntity = { code: 'TRYTON-TEST-JP', currency: 'JPY' };
    const own = <Document extends { body: { currency: string } }>(document: Document) =>
      ({ ...document, legalEntity, body: { ...document.body, currency: 'JPY' } });
    const [document, paid] = [own(invoice([line('l1', 10001n, '10'), line('l2', 333n, '8')])), own(payment(11361n))];
    await posted(document, paid, own(application(paid, document, 11361n)));
    const { accounts, currency } = await trytonLedger(client, legalEntity.code);
    expect(currency).toBe('JPY');
    expect(accounts.reduce((total, { debitMinor, creditMinor }) => total + debitMinor - creditMinor, 0n)).toBe(0n);
    expect(await findInvoice(work, document.externalId)).toBeUndefined();
  }, 60_000);

  test('what it cannot book is refused by kind', async () => {
    const document = posting('entitlement', fresh('ent'), { contractId: 'c', contractNumber: 'C-1', customerId: CUSTOMER, grants: [] });
    expect(await post(document)).toMatchObject({ outcome: 'REJECTED', code: 'ERP_KIND_UNSUPPORTED' });
  });

  test.each(['account.invoice.create', 'account.invoice.write', 'account.invoice.post'])(
    'a connection cut after Tryton did %s is UNCERTAIN, and the document is found or finished, never doubled', async (method) => {
      const document = invoice([line('l1', 6600n)], { dueDate: '2099-12-31' }); // a past one has Tryton ask for confirmation first
      const cut = await cutting(account.url, `"model.${method}"`);
      const frail = trytonConnector({ ...account, url: cut.url, clock: systemClock });
      expect(await frail.post(document, signal())).toMatchObject({ outcome: 'UNCERTAIN', sent: true, code: 'ERP_CUT' });
      const found = await connector.find(document, signal());
      expect(found.outcome).toBe(method.endsWith('post') ? 'POSTED' : 'ABSENT');
      await posted(document);
      const rows = await work.calls.rows('account.invoice', [['reference', '=', document.externalId]], ['state', 'number']);
      expect(rows).toMatchObject([{ state: 'posted', number: document.body.number }]);
    },
  );

  test('an aborted call ends at once and is UNCERTAIN', async () => {
    const aborted = AbortSignal.abort();
    expect(await connector.post(payment(100n), aborted)).toMatchObject({ outcome: 'UNCERTAIN', sent: false });
    expect(await connector.post(invoice([line('l1', 900n)]), AbortSignal.timeout(30))).toMatchObject({ outcome: 'UNCERTAIN', sent: true });
  });

  const testHledger = needs('hledger') ? test : test.skip;
  testHledger('the books balance to the cent, in Tryton and in hledger over the exported lines', async () => {
    const { accounts, lines } = await trytonLedger(client, ENTITY.code);
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.reduce((total, { debitMinor, creditMinor }) => total + debitMinor - creditMinor, 0n)).toBe(0n);
    const csv = execFileSync(services.hledger!, ['-f', '-', 'balance', '--flat', '--depth=1', '--no-total', '-O', 'csv'], { input: toHledger(lines), encoding: 'utf8' });
    const hledger = new Map([...csv.matchAll(/^"(\d+)","(-?[\d.]+) EUR"/gm)].map(([, code, amount]) => [code, minorOf(amount!, 2)]));
    const tryton = accounts.map(({ code, debitMinor, creditMinor }) => [code, debitMinor - creditMinor] as const);
    expect(hledger).toEqual(new Map(tryton.filter(([, balance]) => balance !== 0n)));
    const own = await work.calls.rows('account.account', [['code', '!=', null], ['company', '=', work.books.company]], ['code', 'balance']);
    expect(new Map(own.map((row) => [row.code, minorOf((row.balance as { decimal: string }).decimal, 2)]))).toEqual(new Map(tryton));
  });

  /** A proxy to Tryton that lets one kind of call through, and cuts the line before the answer comes back. */
  async function cutting(target: string, marker: string) {
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const { authorization = '' } = request.headers;
      const answer = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json', authorization }, body });
      const text = await answer.text();
      if (body.includes(marker)) response.destroy();
      else response.writeHead(answer.status).end(text);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
  }

  const partyRow = async () => {
    const row = await work.calls.first('party.party', [['code', '=', CUSTOMER]], ['id', 'addresses']);
    return row && { id: row.id, address: (row.addresses as number[])[0]! };
  };

  /** Balances by kind of the lines of this run's customer and of unidentified receipts. */
  async function balances() {
    const { lines } = await trytonLedger(client, ENTITY.code);
    const of = (kind: string) => lines
      .filter((one) => one.kind === kind && (one.party === null || one.party.includes(RUN)))
      .reduce((total, { debitMinor, creditMinor }) => total + debitMinor - creditMinor, 0n);
    return { receivable: of('receivable'), unidentified: of('unidentified') };
  }
});
