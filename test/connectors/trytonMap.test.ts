import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { percentKey, percentOf, rateOf } from '../../connectors/tryton/books';
import { TrytonClient } from '../../connectors/tryton/client';
import { trytonConnector } from '../../connectors/tryton/connector';
import { TrytonFault, TrytonRefusal, answerOf } from '../../connectors/tryton/faults';
import { invoiceValues, numberOf } from '../../connectors/tryton/map';
import { minorOf } from '../../connectors/tryton/values';
import { systemClock } from '../../sync/clock';
import { creditOf, customer, invoice, line, voidOf } from './trytonWorld';

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

const servers: ReturnType<typeof createServer>[] = [];
afterAll(() => servers.forEach((server) => server.close().closeAllConnections()));

describe('what a failure of Tryton means', () => {
  test.each`
    message                                                                          | code
    ${'To continue, you must create a period for the date "01/15/2026".'}            | ${'ERP_PERIOD_MISSING'}
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
