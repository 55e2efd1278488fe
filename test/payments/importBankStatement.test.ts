import { Readable } from 'node:stream';
import { camtStatement, type Credit } from '../../cli/scenario/statement';
import { importBankFile } from '../../connectors/bankFiles';
import { Invoice } from '../../entities/invoices/Invoice';
import { ExceptionItem } from '../../entities/operations/ExceptionItem';
import { BankLine } from '../../entities/payments/BankLine';
import { BankStatement } from '../../entities/payments/BankStatement';
import { Payment } from '../../entities/payments/Payment';
import { PaymentApplication } from '../../entities/payments/PaymentApplication';
import { voidInvoice } from '../../subgraphs/invoices/commands/voidInvoice';
import { unapplyPayment } from '../../subgraphs/payments/commands/unapplyPayment';
import { applyPayment } from '../../subgraphs/payments/commands/applyPayment';
import { bal, doc, ntry, stmt } from '../connectors/camt.files';
import { DATABASES } from '../harness/databases';
import { everything, refusalOf, rowsOf } from '../harness/refusals';
import { anotherCustomer, anotherEntity, IBAN, type Sample, sample, sampleInvoice } from '../harness/sample';
import { World } from '../harness/world';

describe.each(DATABASES)('importBankStatement on %s', (database) => {
  let world: World;
  let given: Sample;
  let count = 0;
  const bill = () => sampleInvoice(world, given, `R-${++count}`);
  const file = (credits: Credit[], id = `S-${++count}`) => camtStatement({ iban: IBAN, id, day: '2026-11-20', openingMinor: 0n }, credits);
  const take = (content: string, tenant = 'demo') => importBankFile(world.actor('finance', tenant), () => Readable.from([Buffer.from(content)]));
  const transfer = (amountMinor: bigint, rest: Partial<Credit> = {}): Credit => ({ amountMinor, payer: 'Acme', ...rest });
  const paymentOf = async ({ statementIds }: { statementIds: string[] }) => {
    const [line] = await rowsOf(world, BankLine, { statementId: statementIds[0] });
    return (await rowsOf(world, Payment, { id: line!.paymentId }))[0]!;
  };
  const openExceptions = async (subjectId: string) => rowsOf(world, ExceptionItem, { subjectId, state: 'OPEN' });

  beforeAll(async () => {
    world = await World.open({ database, tenants: ['demo', 'other'] });
    given = await sample(world);
  });
  afterAll(() => world.close());

  test.each<[string, string, (invoice: Invoice) => Partial<Credit>]>([
    ['the creditor reference', 'CREDITOR_REFERENCE', (invoice) => ({ creditorReference: invoice.paymentReference })],
    ['the end-to-end id', 'END_TO_END_ID', (invoice) => ({ endToEndId: invoice.number })],
    ['the number in the text', 'NUMBER_IN_TEXT', (invoice) => ({ text: `Thank you for ${invoice.number}, bye` })],
  ])('%s pays the invoice in full, by the rule %s', async (_what, rule, rest) => {
    const invoice = await bill();
    expect(await take(file([transfer(12000n, rest(invoice))]))).toMatchObject({ lines: 1, known: 0, applied: 1, unmatched: 0, debits: 0, conflicts: 0 });
    expect((await rowsOf(world, Invoice, { id: invoice.id }))[0]).toMatchObject({ settlement: 'PAID', openMinor: 0n });
    expect((await rowsOf(world, PaymentApplication, { invoiceId: invoice.id }))[0]).toMatchObject({ rule, evidence: invoice.number, amountMinor: 12000n });
  });

  /** An MT940 statement of one line from an account. */
  const from = (account: string, amount: string, text: string, id = ++count) =>
    [`:20:F${id}`, `:25:${IBAN}`, `:28C:${id}/7`, ':60F:C261119EUR0,', `:61:2611201120C${amount},NTRFNONREF//F-${id}`, `:86:166?00GUTSCHRIFT?20${text}?31${account}?32Somebody`, `:62F:C261120EUR${amount},`, '-', ''].join('\n');
  const applications = async (...ids: string[]) => (await rowsOf(world, PaymentApplication, { invoiceId: ids })).filter(({ state }) => state === 'APPLIED').map(({ rule, amountMinor }) => `${rule} ${amountMinor}`).sort();

  test('several invoices that are named and come to the amount are all paid', async () => {
    const [one, two] = [await bill(), await bill()];
    expect(await take(file([transfer(24_000n, { text: `${one.number} and ${two.number}` })]))).toMatchObject({ applied: 1, unmatched: 0 });
    expect(await applications(one.id, two.id)).toEqual(['NAMED_TOGETHER 12000', 'NAMED_TOGETHER 12000']);
  });

  test('who has paid from an account is known: the only invoice of the amount is paid without a word, until that is taken back', async () => {
    const customer = await anotherCustomer(world, `PAYER-${count}`);
    const billed = () => sampleInvoice(world, { ...given, customer }, `R-${++count}`);
    const first = await billed();
    await take(from('DE100001', '120', first.number));
    const second = await billed();
    expect(await take(from('DE100002', '120', 'thanks'))).toMatchObject({ applied: 0, unmatched: 1 }); // from elsewhere
    const report = await take(from('DE100001', '120', 'thanks'));
    expect(report).toMatchObject({ applied: 1, unmatched: 0 });
    expect(await applications(second.id)).toEqual(['PAYER_AND_AMOUNT 12000']);
    for (const { id } of await rowsOf(world, PaymentApplication, { invoiceId: [first.id, second.id] })) await world.do(unapplyPayment, { applicationId: id });
    expect(await take(from('DE100001', '120', 'thanks'))).toMatchObject({ applied: 0, unmatched: 1 });
    const { data } = await world.ask('{ matchingRules { rule applied takenBack precision } }');
    expect(data.matchingRules).toContainEqual({ rule: 'PAYER_AND_AMOUNT', applied: 1, takenBack: 1, precision: 0 });
  });

  test('two transfers at once that can only be meant for one invoice: one pays it, the other is left to a person, and neither is refused', async () => {
    const customer = await anotherCustomer(world, `PAYER-${count}`);
    const billed = () => sampleInvoice(world, { ...given, customer }, `R-${++count}`);
    await take(from('DE100009', '120', (await billed()).number));
    const only = await billed();
    const reports = await Promise.all(['first', 'second'].map((text) => take(from('DE100009', '120', text))));
    expect(reports.map(({ applied, unmatched }) => `${applied} ${unmatched}`).sort()).toEqual(['0 1', '1 0']);
    expect(await applications(only.id)).toEqual(['PAYER_AND_AMOUNT 12000']);
  });

  test('two of the amount are left to a person, with both as suggestions, and what is meant is said by how it is spelt', async () => {
    const customer = await anotherCustomer(world, `PAYER-${count}`);
    const billed = (amount: string) => sampleInvoice(world, { ...given, customer }, `R-${++count}`, amount);
    const [first, second] = [await billed('310.00'), await billed('310.00')];
    const report = await take(from('DE100003', '372', second.number.replace('-2026-', '-2062-')));
    expect(report).toMatchObject({ applied: 0, unmatched: 1 });
    const { data } = await world.ask('query($id: ID!) { payment(id: $id) { suggestions { score evidence parts { invoiceId number amount { amount } } } } }', { id: (await paymentOf(report)).id });
    const suggested = data.payment.suggestions.map(({ parts }: any) => parts.map(({ invoiceId }: any) => invoiceId).join());
    expect(new Set(suggested.slice(0, 2))).toEqual(new Set([first.id, second.id]));
    expect(data.payment.suggestions[0]).toMatchObject({ evidence: expect.arrayContaining(['It comes to the amount.']), parts: [{ amount: { amount: '372.00' } }] });
    expect((await world.ask('query($id: ID!) { payment(id: $id) { suggestions { score } } }', { id: (await rowsOf(world, Payment, { state: 'APPLIED' }))[0]!.id })).data.payment.suggestions).toEqual([]);
  });

  test('MT940 and BAI2 pay as camt.053 does, and once', async () => {
    const [one, two] = [await bill(), await bill()];
    const mt940 = [':20:X', `:25:${IBAN}`, ':28C:9/1', ':60F:C261119EUR0,', ':61:2611201120C120,NTRFNONREF//B-1', `:86:166?00GUTSCHRIFT?20SVWZ+${one.number}?32ACME`, ':62F:C261120EUR120,', '-', ''].join('\n');
    const bai2 = ['01,1,2,261120,1015,7,80,1,2/', '02,2,1,1,261119,2359,EUR,2/', `03,${IBAN},EUR,015,12000,,/`, `16,174,12000,Z,B-2,${two.number},THANKS/`, '49,24000,3/', '98,24000,1,5/', '99,24000,1,7/', ''].join('\n');
    for (const content of [mt940, bai2]) expect(await take(content)).toMatchObject({ lines: 1, known: 0, applied: 1, unmatched: 0 });
    for (const content of [mt940, bai2]) expect(await take(content)).toMatchObject({ lines: 1, known: 1, applied: 0 });
    expect(await rowsOf(world, PaymentApplication, { invoiceId: [one.id, two.id] })).toMatchObject([{ rule: expect.stringMatching(/NUMBER_IN_TEXT|END_TO_END_ID/) }, { rule: expect.any(String) }]);
    for (const { id } of [one, two]) expect((await rowsOf(world, Invoice, { id }))[0]).toMatchObject({ settlement: 'PAID' });
  });

  test('a part of what is open pays that part, and nobody is asked', async () => {
    const invoice = await bill();
    const report = await take(file([transfer(5000n, { text: invoice.number })]));
    expect(report).toMatchObject({ applied: 1, unmatched: 0 });
    expect((await rowsOf(world, Invoice, { id: invoice.id }))[0]).toMatchObject({ settlement: 'PARTLY_PAID', openMinor: 7000n });
    expect(await openExceptions((await paymentOf(report)).id)).toEqual([]);
  });

  test('an overpayment pays the invoice, and the rest goes to a person with the money at risk', async () => {
    const invoice = await bill();
    const report = await take(file([transfer(15000n, { text: invoice.number })]));
    expect(report).toMatchObject({ applied: 1, unmatched: 1 });
    const payment = await paymentOf(report);
    expect(payment).toMatchObject({ state: 'PARTLY_APPLIED', unappliedMinor: 3000n, customerId: given.customer.id });
    expect(await openExceptions(payment.id)).toMatchObject([{ kind: 'UNMATCHED_PAYMENT', atRiskMinor: 3000n, currency: 'EUR', customerId: given.customer.id }]);
  });

  test('an unknown reference becomes unapplied cash of nobody with an exception, which resolves itself when the cash is applied', async () => {
    const report = await take(file([transfer(12000n, { text: 'INV-DE01-1999-000001' })]));
    expect(report).toMatchObject({ applied: 0, unmatched: 1 });
    const payment = await paymentOf(report);
    expect(payment).toMatchObject({ state: 'UNAPPLIED', customerId: null, source: 'BANK', payerName: 'Acme' });
    expect(await openExceptions(payment.id)).toHaveLength(1);
    await world.do(applyPayment, { paymentId: payment.id, invoiceId: (await bill()).id });
    expect(await rowsOf(world, ExceptionItem, { subjectId: payment.id })).toMatchObject([{ state: 'RESOLVED', resolution: 'The payment is applied in full' }]);
  });

  test('a transfer that names two invoices is not guessed', async () => {
    const [first, second] = [await bill(), await bill()];
    expect(await take(file([transfer(12000n, { text: `${first.number} ${second.number}` })]))).toMatchObject({ applied: 0, unmatched: 1 });
    expect(await rowsOf(world, PaymentApplication, { invoiceId: [first.id, second.id] })).toEqual([]);
  });

  test("a voided invoice and another legal entity's are not paid", async () => {
    const [gone, elsewhere] = [await bill(), await sampleInvoice(world, { ...given, entity: await anotherEntity(world) }, `R-${++count}`)];
    await world.do(voidInvoice, { invoiceId: gone.id, reason: 'Wrong' });
    const credits = [gone, elsewhere].map((invoice) => transfer(100n, { creditorReference: invoice.paymentReference }));
    expect(await take(file(credits))).toMatchObject({ lines: 2, applied: 0, unmatched: 2 });
  });

  test('the same file again changes nothing', async () => {
    const content = file([transfer(12000n, { text: (await bill()).number }), transfer(700n)]);
    const first = await take(content);
    const before = await everything(world);
    expect(await take(content)).toMatchObject({ statementIds: first.statementIds, lines: 2, known: 2, applied: 0, unmatched: 0, conflicts: 0 });
    expect({ ...(await everything(world)), audit_entry: [] }).toEqual({ ...before, audit_entry: [] });
  });

  test('the same file by ten clients at once is taken in once', async () => {
    const content = file([transfer(12000n, { text: (await bill()).number }), transfer(800n)]);
    const reports = await Promise.all(Array.from({ length: 10 }, () => take(content)));
    expect(reports.map(({ known }) => known).sort((a, b) => a - b)).toEqual([0, ...Array(9).fill(2)]);
    expect(await rowsOf(world, BankLine, { statementId: reports[0]!.statementIds[0] })).toHaveLength(2);
  });

  test('a statement that overlaps an earlier one takes in only what is new', async () => {
    const credits = [transfer(1100n, { text: 'one' }), transfer(1200n, { text: 'two' }), transfer(1300n, { text: 'three' })];
    await take(file(credits.slice(0, 2), 'DAY'));
    const later = file(credits, 'WEEK').replace(/WEEK-(?=\d)/g, 'DAY-'); // the bank's own reference of a booking stays
    expect(await take(later)).toMatchObject({ lines: 3, known: 2, unmatched: 1, conflicts: 0 });
    expect(await take(later)).toMatchObject({ lines: 3, known: 3, unmatched: 0 });
  });

  test('two equal transfers of one statement are two payments, also under one bank reference', async () => {
    const content = file([transfer(900n, { text: 'same' }), transfer(900n, { text: 'same' })], 'TWINS');
    const shared = content.replaceAll('TWINS-2', 'TWINS-1');
    expect(await take(shared)).toMatchObject({ lines: 2, known: 0, unmatched: 2, conflicts: 0 });
    expect(await take(shared)).toMatchObject({ lines: 2, known: 2, unmatched: 0, conflicts: 0 });
  });

  test('a known line with other content is a conflict for a person, and the first one stands', async () => {
    const content = file([transfer(1000n, { text: 'invoice 1' })], 'TOLD');
    const first = await take(content);
    expect(await take(content.replace('invoice 1', 'invoice 2'))).toMatchObject({ known: 0, conflicts: 1, unmatched: 0 });
    expect(await openExceptions(first.statementIds[0]!)).toMatchObject([{ kind: 'STATEMENT_CONFLICT', atRiskMinor: 1000n }]);
    expect((await rowsOf(world, BankLine, { statementId: first.statementIds[0] })).map(({ remittance }) => remittance)).toEqual([['invoice 1']]);
  });

  test('money out is kept and makes no payment; what is not booked yet is left alone', async () => {
    const entries = ntry('-40.00') + ntry('15.00', { sts: '<Sts><Cd>PDNG</Cd></Sts>' });
    const report = await take(doc(stmt(bal('OPBD', '100.00') + bal('CLBD', '60.00') + entries, { id: 'OUT' })));
    expect(report).toMatchObject({ lines: 1, debits: 1, applied: 0, unmatched: 0 });
    expect(await rowsOf(world, BankLine, { statementId: report.statementIds[0] })).toMatchObject([{ amountMinor: -4000n, paymentId: null }]);
  });

  test('a statement of more lines than one act takes is finished with its count', async () => {
    const report = await take(file(Array.from({ length: 203 }, (_, index) => transfer(BigInt(index + 1), { text: `line ${index}` })), 'LONG'));
    expect(report).toMatchObject({ lines: 203, unmatched: 203 });
    expect(await rowsOf(world, BankStatement, { id: report.statementIds })).toMatchObject([{ state: 'IMPORTED', lineCount: 203, openingMinor: 0n, closingMinor: 20706n }]);
  });

  const bomb = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Document>&b;</Document>';
  test.each<[string, string, () => string]>([
    ['an empty file', 'FILE_EMPTY', () => ''],
    ['blanks', 'FILE_EMPTY', () => ' \n '],
    ['no bank file', 'FORMAT_UNKNOWN', () => '{"statement": 1}'],
    ['an MT940 statement that does not tie', 'BALANCE_MISMATCH', () => `:20:X\n:25:${IBAN}\n:28C:1\n:60F:C261119EUR0,\n:61:261120C1,NTRFNONREF\n:62F:C261120EUR2,\n-\n`],
    ['an XML bomb', 'XML_DTD_FORBIDDEN', () => bomb],
    ['other XML', 'FORMAT_UNKNOWN', () => '<html></html>'],
    ['half a file', 'XML_MALFORMED', () => file([transfer(1n)]).slice(0, -40)],
    ['a statement that does not tie', 'BALANCE_MISMATCH', () => file([transfer(100n)]).replace('<Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>', '<Amt Ccy="EUR">1.01</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>')],
    ['an account of nobody', 'ACCOUNT_UNKNOWN', () => file([transfer(1n)]).replace(IBAN, 'DE02120300000000202051')],
    ['an account report', 'FORMAT_UNSUPPORTED', () => doc(stmt(bal('OPBD', '1.00') + bal('CLBD', '1.00'), { name: 'Rpt' }), { format: '052' })],
  ])('%s is refused with %s, and nothing of it is kept', async (_what, code, content) => {
    expect(await refusalOf(world, () => take(content()))).toMatchObject({ code, retryable: false });
  });

  test("a tenant cannot import a statement of another tenant's account", async () => {
    expect(await refusalOf(world, () => take(file([transfer(1n)]), 'other'))).toMatchObject({ code: 'ACCOUNT_UNKNOWN' });
  });

  test('the public schema answers the statements and counts, or what the file was refused with', async () => {
    const mutation = `mutation($input: ImportBankStatementInput!) { importBankStatement(input: $input) {
      __typename ... on BankStatementImport { lines known applied unmatched debits conflicts statements { statementNumber state closing { amount } } }
      ... on Refused { code path retryable } } }`;
    const done = await world.ask(mutation, { input: { content: file([transfer(12000n, { text: (await bill()).number })], 'ASKED') } });
    expect(done.data.importBankStatement).toEqual({
      __typename: 'BankStatementImport', lines: 1, known: 0, applied: 1, unmatched: 0, debits: 0, conflicts: 0,
      statements: [{ statementNumber: 'ASKED', state: 'IMPORTED', closing: { amount: '120.00' } }],
    });
    const no = await world.ask(mutation, { input: { content: bomb } });
    expect(no.data.importBankStatement).toMatchObject({ __typename: 'Refused', code: 'XML_DTD_FORBIDDEN', retryable: false });
  });
});
