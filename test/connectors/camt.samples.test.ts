import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { identify } from '../../connectors/camt/read';
import { cut, outcomeOf, read } from './camt.files';

/**
 * Samples published by banks and other projects, read in place beside the repository. What each comes to is written down, so that a change
 * shows. Several are schema examples whose balances are made up in different currencies: they must be refused.
 */
const OUTCOMES: Readonly<Record<string, string>> = {
  'genkgo-camt052.v1.xml': 'read 1/1',
  'genkgo-camt052.v2.other-account.xml': 'read 1/1',
  'genkgo-camt052.v2.with-account-name.xml': 'read 1/1',
  'genkgo-camt052.v2.xml': 'read 1/1',
  'genkgo-camt052.v4.xml': 'read 1/1',
  'genkgo-camt052.v6.Amt-zero.xml': 'read 1/1',
  'genkgo-camt052.v6.xml': 'read 1/1',
  'genkgo-camt053.v2.minimal.ultimate.xml': 'CURRENCY_MISMATCH at BkToCstmrStmt/Stmt[1]/Bal[2]/Amt (line 60, column 17)',
  'genkgo-camt053.v2.minimal.xml': 'CURRENCY_MISMATCH at BkToCstmrStmt/Stmt[1]/Bal[2]/Amt (line 60, column 17)',
  'genkgo-camt053.v2.with-account-name.xml': 'BALANCE_MISSING at BkToCstmrStmt/Stmt[1] (line 8, column 9)',
  'genkgo-camt053.v2.with-party-ids.xml': 'CURRENCY_MISMATCH at BkToCstmrStmt/Stmt[1]/Bal[2]/Amt (line 60, column 17)',
  'genkgo-camt053.v4.xml': 'CURRENCY_MISMATCH at BkToCstmrStmt/Stmt[1]/Bal[2]/Amt (line 80, column 17)',
  'genkgo-camt053.v8.xml': 'CURRENCY_MISMATCH at BkToCstmrStmt/Stmt[1]/Bal[2]/Amt (line 80, column 17)',
  'genkgo-camt054.v2.with-account-name.xml': 'read 1/1',
  'genkgo-camt054.v2.xml': 'read 1/1, amounts missing in 1',
  'genkgo-camt054.v4.xml': 'read 1/1, amounts missing in 1',
  'genkgo-camt054.v8.xml': 'read 1/1, amounts missing in 1',
  'hbci4java-test-camt-parse-05200102.xml': 'ties 2/2',
  'hbci4java-test-camt-parse-05200108.xml': 'ties 1/1',
  'moov-200519_camt.052_P_CH2909000000250094239_1110092686_0_2019042416072347.xml': 'read 2/2',
  'moov-200519_camt.054-Credit_P_CH2909000000250094239_1110092691_0_2019042421291293.xml': 'read 1/1',
  'moov-200519_camt.054-Debit_P_CH2909000000250094239_1110092692_0_2019042401501580.xml': 'read 1/1',
  'moov-200519_camt.054_P_CH2909000000250094239_1111091335_0_2020061900081727.xml': 'read 1/2',
  'moov-200519_camt054-chdd_p_ch2909000000250094239_1110097484_0_20190520700381159.xml': 'read 1/2',
  'moov-200519_camt054-epo_p_ch5109000000250092291_1110097605_0_2019052003522556.xml': 'read 1/3',
  'moov-200519_camt054-epo_p_ch5109000000250092291_1110097605_0_2019052103322231.xml': 'read 1/3',
  'moov-200519_camt054-returns_p_ch2909000000250094239_1109800798_0_2019052023472022.xml': 'read 1/1',
  'moov-FI_camt_052_sample.xml': 'read 2/2',
  'moov-FI_camt_053_sample.xml': 'ties 10/13',
  'oca-camt053-txdtls.xml': 'ties 1/2',
  'oca-camt053.xml': 'BALANCE_MISMATCH at BkToCstmrStmt/Stmt[1]/Bal[2]/Amt (line 44, column 17)',
  'oca-camt054.xml': 'read 1/1',
  'oca-sftp-camt053.xml': 'BALANCE_MISSING at BkToCstmrStmt/Stmt[1] (line 7, column 9)',
};

const folder = path.resolve(__dirname, '../../../shared/data/bank-statements/camt');
const present = existsSync(folder);
if (!present && process.env['CI'] !== 'true') console.warn(`camt samples skipped: there is no ${path.relative(process.cwd(), folder)}`);
const whenPresent = present || process.env['CI'] === 'true' ? test : test.skip;
const names = Object.keys(OUTCOMES);
const bytesOf = (name: string): Buffer => readFileSync(path.join(folder, name));

whenPresent('every sample has its outcome written down', () => {
  expect(readdirSync(folder).filter((name) => name.endsWith('.xml')).sort()).toEqual([...names].sort());
});

whenPresent.each(names)('%s comes to what is written down', async (name) => {
  const { refusal, ends, entries, summary } = await read(bytesOf(name));
  const missing = entries.filter((entry) => entry.detailAmountsMissing).length;
  const ties = ends.every((end) => end.ties) ? 'ties' : 'read';
  const outcome = refusal
    ? `${refusal.code} at ${refusal.message.split(': ')[0]}`
    : `${ties} ${summary!.entries}/${summary!.details}${missing > 0 ? `, amounts missing in ${missing}` : ''}`;
  expect(outcome).toBe(OUTCOMES[name]);
});

whenPresent.each(names)('%s reads the same in chunks of 1 and of 7 bytes', async (name) => {
  const whole = await read(bytesOf(name));
  for (const length of [1, 7]) expect(await outcomeOf(cut(bytesOf(name), [length]))).toEqual(whole);
});

whenPresent.each(names)('%s is recognised by content', (name) => {
  const format = /camt\.?(05[234])|camt_(05[234])|parse-(052)/.exec(name)!.slice(1).find((one) => one !== undefined);
  expect(identify(bytesOf(name).subarray(0, 4096))?.format).toBe(`camt.${format}`);
});

/** Elements as fast-xml-parser sees them: always lists, texts as written. */
type Element = { [name: string]: Element[] } & { '#text'?: string; '@_Ccy'?: string };
const independent = new XMLParser({ ignoreAttributes: false, parseTagValue: false, parseAttributeValue: false, isArray: (_name, _path, _leaf, attribute) => !attribute, alwaysCreateTextNode: true });
const at = (from: Element | undefined, ...names: string[]): Element[] => names.reduce((found, name) => found.flatMap((one) => one[name] ?? []), from ? [from] : []);
const text = (found: Element[]): string | undefined => (found[0]?.['#text'] === '' ? undefined : found[0]?.['#text']);
/** Minor units by moving the point in the text: every entry of the samples is in a currency of two decimals. */
const minorText = (amount: string): string => {
  const [whole, fraction = ''] = amount.split('.');
  return BigInt(whole! + fraction.slice(0, 2).padEnd(2, '0')).toString();
};

function entriesOf(name: string): unknown[] {
  const root = independent.parse(bytesOf(name).toString('utf8')) as Element;
  const message = Object.entries(at(root, 'Document')[0]!).find(([key]) => key.startsWith('BkToCstmr'))![1] as Element[];
  const statements = message.flatMap((one) => [...(one['Stmt'] ?? []), ...(one['Rpt'] ?? []), ...(one['Ntfctn'] ?? [])]);
  return statements.flatMap((statement) => at(statement, 'Ntry')).map((entry) => {
    const details = at(entry, 'NtryDtls', 'TxDtls');
    return {
      amount: minorText(text(at(entry, 'Amt'))!),
      currency: at(entry, 'Amt')[0]!['@_Ccy'],
      debit: text(at(entry, 'CdtDbtInd')) === 'DBIT',
      status: text(at(entry, 'Sts', 'Cd')) ?? text(at(entry, 'Sts')),
      date: (text(at(entry, 'BookgDt', 'Dt')) ?? text(at(entry, 'BookgDt', 'DtTm')))?.slice(0, 10),
      servicerReference: text(at(entry, 'AcctSvcrRef')),
      endToEndIds: details.map((detail) => text(at(detail, 'Refs', 'EndToEndId'))).filter((id) => id !== undefined && id !== 'NOTPROVIDED'),
      debtors: details.map((detail) => text(at(detail, 'RltdPties', 'Dbtr', 'Nm')) ?? text(at(detail, 'RltdPties', 'Dbtr', 'Pty', 'Nm'))),
      unstructured: details.map((detail) => at(detail, 'RmtInf', 'Ustrd').map((one) => one['#text']).filter((one) => one !== '')),
      references: details.map((detail) => at(detail, 'RmtInf', 'Strd', 'CdtrRefInf', 'Ref').map((one) => one['#text'])),
    };
  });
}

whenPresent.each(names)('%s says the same to an independent parser', async (name) => {
  const { entries } = await read(bytesOf(name));
  const ours = entries.map((entry) => {
    const details = entry.detailAmountsMissing ? entry.unpriced : entry.details;
    return {
      amount: (entry.amount.minor < 0n ? -entry.amount.minor : entry.amount.minor).toString(),
      currency: entry.amount.currency,
      debit: entry.direction === 'DEBIT',
      status: entry.status,
      date: entry.bookingDate,
      servicerReference: entry.servicerReference,
      endToEndIds: details.map((detail) => detail.references.endToEndId).filter((id) => id !== undefined),
      debtors: details.map((detail) => detail.debtor.name),
      unstructured: details.map((detail) => detail.remittance.unstructured),
      references: details.map((detail) => detail.remittance.creditorReferences),
    };
  });
  const theirs = entriesOf(name) as typeof ours;
  // An entry without transactions has one line here and none there.
  const padded = theirs.map((entry) => (entry.debtors.length > 0 ? entry : { ...entry, debtors: [undefined], unstructured: [[]], references: [[]] }));
  expect(ours.length).toBeGreaterThan(0);
  expect(ours).toEqual(padded);
});
