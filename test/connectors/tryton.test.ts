import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { percentKey, percentOf, rateOf } from '../../connectors/tryton/books';
import { TrytonClient } from '../../connectors/tryton/client';
import { trytonConnector } from '../../connectors/tryton/connector';
import { TrytonFault, TrytonRefusal, answerOf } from '../../connectors/tryton/faults';
import { findInvoice } from '../../connectors/tryton/invoices';
import { toHledger, trytonLedger } from '../../connectors/tryton/ledger';
import { invoiceValues, numberOf } from '../../connectors/tryton/map';
import { prepareCompany } from '../../connectors/tryton/setup';
import { minorOf } from '../../connectors/tryton/values';
import { systemClock } from '../../sync/clock';
import { needs, services } from '../harness/services';
import {
  CUSTOMER, ENTITY, RUN, application, creditOf, customer, fresh, invoice, line, payment, posting, unapplication, voidOf,
} from './trytonWorld';

const signal = () => AbortSignal.timeout(60_000);
const books = {
  company: 1, currency: 'EUR', currencyId: 2, receivable: 11, bank: 12, unidentified: 13, revenueJournal: 21, cashJournal: 22, generalJournal: 23,
  accounts: new Map([['4010', { id: 14, code: '4010', name: 'Revenue', kind: 'revenue' as const }]]), taxes: new Map([['20', 31]]),
};
const refs = { party: 41, address: 42, taxes: new Map([['20', 31]]), origins: new Map([['l1', 51], ['', 50]]) };

describe('the mapping to Tryton', () => {
  const mapped = (document: Parameters<typeof invoiceValues>[0]) =>
    (invoiceValues(document, books, refs).lines as [[string, Record<string, unknown>[]]])[0][1][0]!;

  test.each`
    quantity    | unitPriceMinor | netMinor   | sent   | price
    ${'3'}      | ${'1250'}      | ${'3750'}  | ${3}   | ${'12.50'}
    ${'2.50'}   | ${'1000'}      | ${'2500'}  | ${2.5} | ${'10.00'}
    ${'0.5161'} | ${'10000'}     | ${'5161'}  | ${1}   | ${'51.61'}
    ${'3'}      | ${'333'}       | ${'1000'}  | ${1}   | ${'10.00'}
    ${'1'}      | ${'-500'}      | ${'-500'}  | ${1}   | ${'-5.00'}
  `('$quantity at $unitPriceMinor making $netMinor is sent as $sent at $price', ({ quantity, unitPriceMinor, netMinor, sent, price }) => {
    const values = mapped(invoice([line('l1', 1n, '20', { quantity, unitPriceMinor, netMinor })]));
    expect([values.quantity, values.unit_price]).toEqual([sent, { __class__: 'Decimal', decimal: price }]);
  });

  test('a credit has negative quantities and names the line it credits, or the first one', () => {
    const original = invoice([line('l1', 1000n)]);
    expect(mapped(creditOf(original, [line('l1', 400n)]))).toMatchObject({ quantity: -1, origin: 'account.invoice.line,51' });
    expect(mapped(creditOf(original, [line('other', 400n)]))).toMatchObject({ origin: 'account.invoice.line,50' });
  });

  test('a void that carries its invoice’s id and number gets its own in Tryton', () => {
    const original = invoice([line('l1', 1000n)]);
    const document = voidOf(original);
    expect([invoiceValues(document, books, refs).reference, numberOf(document)]).toEqual([`${original.externalId}/void`, `${original.body.number}-VOID`]);
  });

  test('a revenue account that Tryton does not have is refused by its code', () => {
    expect(() => mapped(invoice([line('l1', 100n, '20', { revenueAccount: '4999' })]))).toThrow('no revenue account 4999');
  });

  test.each([['20', '0.20'], ['7.7', '0.077'], ['0', '0.00'], ['100', '1.00'], ['5.5000', '0.055']])('%s percent is the rate %s', (percent, rate) => {
    expect(rateOf(percent)).toBe(rate);
    expect(percentOf(rate)).toBe(percentKey(percent));
  });

  test.each([['12.30', 1230n], ['-0.05', -5n], ['7', 700n], ['0E-8', 0n], ['1E+3', 100000n], ['1.500000', 150n]])('Tryton’s %s is %s minor units', (text, minor) => {
    expect(minorOf(text, 2)).toBe(minor);
  });
});

describe('what a failure of Tryton means', () => {
  test.each`
    message                                                                          | code
    ${'To continue, you must create a period for the date "01/15/2026".'}            | ${'ERP_PERIOD_CLOSED'}
    ${'To post move "9", you must balance all its lines debits and credits.'}        | ${'ERP_UNBALANCED'}
    ${'you must set an accounting date after 2026-03-01'}                            | ${'ERP_DATE_ORDER'}
    ${'The value "99999" for field "Account" in "Invoice Line" does not exist.'}     | ${'ERP_ACCOUNT_UNKNOWN'}
    ${'The code on party must be unique.'}                                           | ${'ERP_REFUSED'}
  `('$message is $code', ({ message, code }) => {
    expect(answerOf(new TrytonRefusal(message))).toEqual({ outcome: 'REJECTED', code, message });
  });

  test.each(['could not obtain lock on row in relation "x"', 'could not serialize access due to concurrent update', 'server closed the connection'])(
    '%s may be tried again', (message) => expect(answerOf(new TrytonFault(message))).toMatchObject({ outcome: 'UNCERTAIN', sent: true }),
  );

  test.each`
    what                      | status | body                    | sent    | code
    ${'an error page'}        | ${502} | ${'<html>'}             | ${true} | ${'ERP_HTTP'}
    ${'no JSON'}              | ${200} | ${'it works!'}          | ${true} | ${'ERP_NOT_JSON'}
    ${'a request for a rest'} | ${429} | ${''}                   | ${false} | ${'ERP_BUSY'}
  `('$what after the login is UNCERTAIN, sent: $sent', async ({ status, body, sent, code }) => {
    const url = await answering((request) => (request.includes('login') ? [200, '{"result":[1,"key"]}'] : [status, body]));
    const connector = trytonConnector({ url, user: 'u', password: 'p', clock: systemClock });
    expect(await connector.post(customer(), signal())).toMatchObject({ outcome: 'UNCERTAIN', sent, code });
  });

  test('a server that is not there is UNCERTAIN and nothing was sent', async () => {
    const url = await answering(() => [200, '']);
    await new Promise((resolve) => servers.pop()!.close(resolve));
    const connector = trytonConnector({ url, user: 'u', password: 'p', clock: systemClock });
    expect(await connector.post(customer(), signal())).toMatchObject({ outcome: 'UNCERTAIN', sent: false, code: 'ERP_DOWN' });
  });

  test('an answer beyond the limit is cut off', async () => {
    const url = await answering((request) => (request.includes('login') ? [200, '{"result":[1,"key"]}'] : [200, 'x'.repeat(9_000_000)]));
    const connector = trytonConnector({ url, user: 'u', password: 'p', clock: systemClock });
    expect(await connector.post(customer(), signal())).toMatchObject({ outcome: 'UNCERTAIN', code: 'ERP_ANSWER_TOO_LARGE' });
  });

  test('a session that has ended is renewed once and the call repeated', async () => {
    let calls = 0;
    const url = await answering((request) => {
      if (request.includes('login')) return [200, `{"result":[1,"key${calls}"]}`];
      return calls++ === 0 ? [401, ''] : [200, '{"result":[]}'];
    });
    expect(await new TrytonClient({ url, user: 'u', password: 'p' }).within({}).rows('x', [], ['id'])).toEqual([]);
  });

  const servers: ReturnType<typeof createServer>[] = [];
  afterAll(() => servers.forEach((server) => server.close().closeAllConnections()));
  async function answering(reply: (request: string) => [number, string]): Promise<string> {
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const [status, text] = reply(body);
      response.writeHead(status).end(text);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }
});

const describeTryton = needs('tryton') ? describe : describe.skip;
describeTryton('a real Tryton', () => {
  const account = services.tryton!;
  const client = new TrytonClient(account ?? { url: '', user: '', password: '' });
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
    ${'a year without books'} | ${{ invoiceDate: '2019-01-31' }}  | ${'ERP_PERIOD_CLOSED'}
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

  test('payments applied in parts bring the amount to pay to zero, and one taken back raises it again', async () => {
    const document = invoice([line('l1', 10000n)]);
    const paid = payment(12000n);
    const [first, second] = [application(paid, document, 5000n), application(paid, document, 7000n)];
    await posted(document, paid, first);
    expect(await inErp(document)).toEqual(['posted', '70.00']);
    await posted(second, second);
    expect((await inErp(document))[0]).toBe('paid');
    const back = unapplication(second);
    await posted(back, back);
    expect(await inErp(document)).toEqual(['posted', '70.00']);
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
