import type { CamtLimits } from '../../connectors/camt/read';
import { amt, bal, doc, el, IBAN, ntry, read, stmt, tied, tx } from './camt.files';

const strd = (content: string): string => `<Strd>${content}</Strd>`;

describe('what a statement says', () => {
  test('the head has account, period and signed balances', async () => {
    const head = `<ElctrncSeqNb>61</ElctrncSeqNb><FrToDt><FrDtTm>2026-03-01T00:00:00</FrDtTm><ToDtTm>2026-03-02T23:59:59Z</ToDtTm></FrToDt>
      <Acct><Ownr><Nm>Owner</Nm></Ownr><Svcr><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></Svcr></Acct>`;
    const { statements, ends, summary } = await read(doc(stmt(`${head}${bal('OPBD', '-5.00')}${bal('CLBD', '-4.99')}${bal('CLAV', '20')}${ntry('0.01')}`)));
    expect(statements[0]).toMatchObject({
      kind: 'statement', id: 'S1', electronicSequenceNumber: '61', from: '2026-03-01T00:00:00', date: '2026-03-02', currency: 'EUR',
      account: { iban: IBAN, currency: 'EUR', ownerName: 'Owner', servicerBic: 'COBADEFFXXX' },
      balances: [
        { code: 'OPBD', amount: { minor: -500n, currency: 'EUR' }, date: '2026-03-02' },
        { code: 'CLBD', amount: { minor: -499n, currency: 'EUR' } },
        { code: 'CLAV', amount: { minor: 2000n, currency: 'EUR' } },
      ],
    });
    expect(ends[0]).toMatchObject({ ties: true, creditMinor: 1n, debitMinor: 0n, bookedEntries: 1 });
    expect(summary).toMatchObject({ format: 'camt.053', version: '001.08', messageId: 'M1', statements: 1, entries: 1, details: 1 });
  });

  test('an entry has its references, dates, code, charges and remark; NOTPROVIDED is no reference', async () => {
    const after = `<AcctSvcrRef>BANK-1</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>
      <Prtry><Cd>166</Cd></Prtry></BkTxCd><Chrgs><Rcrd>${amt('1.50')}<ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs><AddtlNtryInf>a &amp; b</AddtlNtryInf>`;
    const { entries } = await read(tied(ntry('7.50000', { before: '<NtryRef>NOTPROVIDED</NtryRef>', after }), '107.50'));
    expect(entries[0]).toMatchObject({
      index: 1, reference: undefined, amount: { minor: 750n }, direction: 'CREDIT', status: 'BOOK', booked: true, reversal: false,
      bookingDate: '2026-03-02', valueDate: '2026-03-03', servicerReference: 'BANK-1', additionalInformation: 'a & b',
      transactionCode: { domain: 'PMNT', family: 'RCDT', subFamily: 'ESCT', proprietary: '166' },
      charges: [{ amount: { minor: -150n, currency: 'EUR' }, included: true }],
      details: [{ index: 1, amount: { minor: 750n, currency: 'EUR' }, direction: 'CREDIT' }],
    });
  });

  const oldParties = '<Dbtr><Nm>Payer</Nm></Dbtr><UltmtDbtr><Nm>Behind</Nm></UltmtDbtr><Cdtr><Nm>Us</Nm></Cdtr>';
  const newParties = oldParties.replace(/<Nm>(\w+)<\/Nm>/g, '<Pty><Nm>$1</Nm></Pty>');
  test.each([['02', oldParties], ['08', newParties]])('a transaction of version %s is read whole', async (version, parties) => {
    const refs = ['MsgId', 'AcctSvcrRef', 'PmtInfId', 'InstrId', 'EndToEndId', 'TxId', 'MndtId', 'ClrSysRef'].map((name) => el(name, name));
    const details = `<Refs>${refs.join('')}</Refs>
      <AmtDtls><InstdAmt>${amt('10.00', 'USD')}<CcyXchg><XchgRate>0.9</XchgRate></CcyXchg></InstdAmt><TxAmt>${amt('9.00')}</TxAmt></AmtDtls>
      <RltdPties>${parties}<DbtrAcct><Id><IBAN>NL1</IBAN></Id></DbtrAcct><CdtrAcct><Id><Othr><Id>77</Id></Othr></Id></CdtrAcct></RltdPties>
      <RmtInf><Ustrd>one</Ustrd><Ustrd><![CDATA[<two>]]></Ustrd>${strd('<RfrdDocInf><Nb>INV-1</Nb></RfrdDocInf><RfrdDocInf><Nb>INV-2</Nb></RfrdDocInf>')}
      ${strd('<CdtrRefInf><Ref>RF18</Ref></CdtrRefInf>')}${strd('<CdtrRefInf><Ref>NOTPROVIDED</Ref></CdtrRefInf>')}</RmtInf>
      <RtrInf><Rsn><Cd>AC06</Cd></Rsn></RtrInf><AddtlTxInf>more</AddtlTxInf>`;
    const { entries } = await read(doc(stmt(bal('PRCD', '0') + bal('CLBD', '9') + ntry('9', { txs: tx(details) })), { version }));
    expect(entries[0]!.details[0]).toMatchObject({
      amount: { minor: 900n, currency: 'EUR' },
      stated: { instructed: { minor: 1000n, currency: 'USD' }, transaction: { minor: 900n, currency: 'EUR' }, exchangeRate: '0.9' },
      references: {
        messageId: 'MsgId', servicerReference: 'AcctSvcrRef', paymentInformationId: 'PmtInfId', instructionId: 'InstrId',
        endToEndId: 'EndToEndId', transactionId: 'TxId', mandateId: 'MndtId', clearingReference: 'ClrSysRef',
      },
      debtor: { name: 'Payer', iban: 'NL1' }, creditor: { name: 'Us', account: '77' }, ultimateDebtor: 'Behind',
      remittance: { unstructured: ['one', '<two>'], creditorReferences: ['RF18'], documentNumbers: ['INV-1', 'INV-2'] },
      returnReason: 'AC06', additionalInformation: 'more',
    });
  });

  test.each(['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12', '13', '14'])('version 001.%s is read', async (version) => {
    const sts = Number(version) < 8 ? '<Sts>BOOK</Sts>' : undefined;
    const { summary } = await read(doc(stmt(bal('OPBD', '1') + bal('CLBD', '2') + ntry('1', sts ? { sts } : {})), { version }));
    expect(summary).toMatchObject({ format: 'camt.053', version: `001.${version}`, bookedEntries: 1 });
  });

  test('the direction of a reversal is that of its own booking', async () => {
    const { entries, ends } = await read(tied(ntry('-30', { sts: '<RvslInd>true</RvslInd><Sts>BOOK</Sts>' }), '70'));
    expect([entries[0]!.reversal, entries[0]!.amount.minor, ends[0]!.ties]).toEqual([true, -3000n, true]);
  });

  test.each(['PDNG', 'INFO', 'FUTR'])('an entry that is %s is handed on but moves no balance', async (status) => {
    const { entries, ends } = await read(tied(ntry('5', { sts: `<Sts>${status}</Sts>` }) + ntry('1'), '101'));
    expect(entries.map(({ booked }) => booked)).toEqual([false, true]);
    expect(ends[0]).toMatchObject({ entries: 2, bookedEntries: 1, creditMinor: 100n });
  });

  test('a namespace prefix, an envelope, comments and unknown elements change nothing', async () => {
    const plain = tied(ntry('1', { txs: tx('<RmtInf><Ustrd>a<!-- b -->c</Ustrd></RmtInf>') }), '101');
    const prefixed = plain.replace(/<(\/?)(?=\w)/g, '<$1x:').replace('xmlns=', 'xmlns:x=');
    const wrapped = `<Envelope><AppHdr><Fr>bank</Fr></AppHdr>${plain.replace('<Ntry>', '<SplmtryData><Ntry><Amt>9</Amt></Ntry></SplmtryData><Ntry>')}</Envelope>`;
    for (const text of [plain, prefixed, wrapped]) {
      const { entries } = await read(text);
      expect(entries.map((entry) => entry.details[0]!.remittance.unstructured)).toEqual([['ac']]);
    }
  });
});

describe('batches', () => {
  const own = (amount: string, more = ''): string => tx(`${amt(amount)}${more}`);
  const charge = '<Chrgs><Rcrd><Amt Ccy="EUR">1</Amt></Rcrd></Chrgs>';
  test.each([
    ['each line has its own amount, never the total', '10', own('4') + own('6'), [400n, 600n]],
    ['an opposite line reduces the total', '10', own('12') + own('2', '<CdtDbtInd>DBIT</CdtDbtInd>'), [1200n, -200n]],
    ['TxAmt counts where Amt is in another currency', '10', tx(`${amt('5', 'USD')}<AmtDtls><TxAmt>${amt('10')}</TxAmt></AmtDtls>`), [1000n]],
    ['TxAmt counts where Amt does not sum', '10', tx(`${amt('8')}<AmtDtls><TxAmt>${amt('10')}</TxAmt></AmtDtls>`), [1000n]],
    ['one line without an amount has the entry\'s', '10', tx('<Refs><TxId>1</TxId></Refs>'), [1000n]],
    ['lines may exceed the entry by the charges withheld', '9', own('4') + own('6', charge), [400n, 600n]],
  ])('%s', async (_name, total, txs, minors) => {
    const { entries, refusal } = await read(tied(ntry(total, { txs }), String(100 + Number(total))));
    expect(refusal).toBeUndefined();
    expect(entries[0]!.details.map(({ amount }) => amount.minor)).toEqual(minors);
    expect(minors.reduce((a, b) => a + b, 0n) - entries[0]!.chargesNettedMinor).toBe(entries[0]!.amount.minor);
  });

  test('several lines without amounts stay one, flagged, with their evidence', async () => {
    const txs = tx('<RmtInf><Ustrd>INV-1</Ustrd></RmtInf>') + tx(`${amt('4')}<RmtInf><Ustrd>INV-2</Ustrd></RmtInf>`);
    const { entries } = await read(tied(ntry('10', { txs }), '110'));
    expect(entries[0]).toMatchObject({ detailAmountsMissing: true, details: [{ amount: { minor: 1000n }, remittance: { unstructured: ['INV-1', 'INV-2'] } }] });
    expect(entries[0]!.unpriced).toHaveLength(2);
  });
});

describe('balances', () => {
  const day = (date: string): { date: string } => ({ date });
  test.each([
    ['OPBD and CLBD', bal('OPBD', '10') + bal('CLBD', '11')],
    ['PRCD opens where there is no OPBD', bal('PRCD', '10') + bal('CLBD', '11')],
    ['ITBD closes a page', bal('OPBD', '10') + bal('ITBD', '11')],
    ['ITBD opens the next page', bal('ITBD', '10') + bal('CLBD', '11')],
    ['two ITBD frame an inner page', bal('ITBD', '10') + bal('ITBD', '11')],
    ['the earliest and latest count if there is one a day', bal('OPBD', '10', day('2026-03-01')) + bal('CLBD', '7', day('2026-03-01')) + bal('OPBD', '7') + bal('CLBD', '11')],
    ['available balances in other currencies are no matter', bal('OPBD', '10') + bal('CLBD', '11') + bal('CLAV', '9', { currency: 'CHF' })],
  ])('%s', async (_name, balances) => {
    expect((await read(doc(stmt(balances + ntry('1'))))).ends[0]).toMatchObject({ ties: true });
  });

  test('reports and notifications need not tie', async () => {
    const report = await read(doc(stmt(bal('OPBD', '10') + bal('CLBD', '99') + ntry('1') + ntry('1', { currency: 'CHF' }), { name: 'Rpt' }), { format: '052' }));
    expect([report.summary!.kind, report.ends[0]!.ties, report.ends[0]!.otherCurrencyEntries]).toEqual(['report', false, 1]);
    const notification = await read(doc(stmt(ntry('1'), { name: 'Ntfctn', ccy: undefined }), { format: '054' }));
    expect([notification.summary!.kind, notification.ends[0]!.currency, notification.ends[0]!.ties]).toEqual(['notification', 'EUR', false]);
  });
});

const at = (place: string): RegExp => new RegExp(`^BkToCstmrStmt/Stmt\\[1\\]${place.replace(/[[\]]/g, '\\$&')} \\(line \\d+, column \\d+\\): `);
test.each<[string, string, string | Buffer, RegExp, Partial<CamtLimits>?]>([
  ['nothing at all', 'FILE_EMPTY', '', /empty/],
  ['white space', 'FILE_EMPTY', ' \n ', /empty/],
  ['more bytes than allowed', 'FILE_TOO_LARGE', tied('', '100'), /200 bytes/, { fileBytesMax: 200 }],
  ['a wrong end tag', 'XML_MALFORMED', tied(ntry('1').replace('</Amt>', '</Amd>'), '101'), at('/Ntry[1]')],
  ['a cut file', 'XML_MALFORMED', tied(ntry('1'), '101').slice(0, -30), /unclosed/],
  ['an entity of its own', 'XML_MALFORMED', tied(ntry('1', { after: el('AddtlNtryInf', '&xxe;') }), '101'), /undefined entity/],
  ['a DOCTYPE', 'XML_DTD_FORBIDDEN', `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>${tied('', '100')}`, /document type/],
  ['a nest of elements', 'XML_TOO_DEEP', doc('<a>'.repeat(70)), /deeper than 64/],
  ['an endless text', 'XML_TOKEN_TOO_LONG', tied(ntry('1', { after: el('AddtlNtryInf', 'x'.repeat(70_000)) }), '101'), at('/Ntry[1]/AddtlNtryInf')],
  ['an endless attribute', 'XML_TOKEN_TOO_LONG', doc(`<a b="${'x'.repeat(200_000)}"/>`), /65536/],
  ['another message', 'FORMAT_UNKNOWN', '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"/>', /pain\.001/],
  ['a version to come', 'FORMAT_UNKNOWN', doc('', { version: '15' }), /001\.15/],
  ['other XML', 'FORMAT_UNKNOWN', '<html><body/></html>', /no Document/],
  ['no statement', 'ELEMENT_MISSING', doc(''), /statement is missing/],
  ['a statement without Id', 'ELEMENT_MISSING', tied(ntry('1'), '101').replace('<Id>S1</Id>', ''), at('/Id')],
  ['an entry without CdtDbtInd', 'ELEMENT_MISSING', tied(ntry('1').replace(/<CdtDbtInd>.*?<\/CdtDbtInd>/, ''), '101'), at('/Ntry[1]/CdtDbtInd')],
  ['an amount without currency', 'ELEMENT_MISSING', tied(ntry('1').replace(' Ccy="EUR"', ''), '101'), at('/Ntry[1]/Amt/@Ccy')],
  ['an unknown status', 'ELEMENT_MALFORMED', tied(ntry('1', { sts: '<Sts>DONE</Sts>' }), '101'), at('/Ntry[1]/Sts')],
  ['an unknown direction', 'ELEMENT_MALFORMED', tied(ntry('1').replace('CRDT', 'toString'), '101'), at('/Ntry[1]/CdtDbtInd')],
  ['letters for an amount', 'AMOUNT_MALFORMED', tied(ntry('1') + ntry('1,00'), '102'), at('/Ntry[2]/Amt')],
  ['a signed amount', 'AMOUNT_MALFORMED', tied(ntry('1').replace('>1<', '>-1<'), '99'), at('/Ntry[1]/Amt')],
  ['a tenth of a cent', 'AMOUNT_TOO_PRECISE', tied(ntry('1.001'), '101'), at('/Ntry[1]/Amt')],
  ['more money than there is', 'AMOUNT_TOO_LARGE', tied(ntry('99999999999999999'), '1'), at('/Ntry[1]/Amt')],
  ['a currency that is none', 'CURRENCY_UNKNOWN', tied(ntry('1', { currency: 'ZZZ' }), '101'), at('/Ntry[1]/Amt')],
  ['an entry in another currency', 'CURRENCY_MISMATCH', tied(ntry('1', { currency: 'CHF' }), '101'), at('/Ntry[1]/Amt')],
  ['a balance in another currency', 'CURRENCY_MISMATCH', doc(stmt(bal('OPBD', '1') + bal('CLBD', '1', { currency: 'CHF' }))), at('/Bal[2]/Amt')],
  ['no opening balance', 'BALANCE_MISSING', doc(stmt(bal('CLBD', '1') + bal('OPAV', '1'))), at('')],
  ['no closing balance', 'BALANCE_MISSING', doc(stmt(bal('OPBD', '1') + bal('CLAV', '1'))), at('')],
  ['sums that do not tie', 'BALANCE_MISMATCH', tied(ntry('1'), '100'), /opening 100\.00 EUR \+ booked entries 1\.00 EUR is not closing 100\.00 EUR/],
  ['a batch that does not sum', 'ENTRY_DETAILS_MISMATCH', tied(ntry('1', { txs: tx(amt('1')) + tx(amt('1')) }), '101'), at('/Ntry[1]')],
  ['a batch beyond the bound', 'ENTRY_TOO_LARGE', tied(ntry('1', { txs: tx('') + tx('') }), '101'), at('/Ntry[1]/NtryDtls[1]/TxDtls[2]'), { detailsPerEntryMax: 1 }],
  ['30 February', 'DATE_MALFORMED', tied(ntry('1').replace('2026-03-02', '2026-02-30'), '101'), at('/Ntry[1]/BookgDt/Dt')],
  ['a byte that is not UTF-8', 'ENCODING_INVALID', Buffer.from(tied('', '100').replace('<GrpHdr><MsgId>M1', '<GrpHdr><MsgId>M\xe9'), 'latin1'), new RegExp(`0xE9 at offset ${tied('', '').indexOf('M1') + 1} `)],
])('%s is refused as %s', async (_name, code, file, message, limits = {}) => {
  const { refusal } = await read(file, limits);
  expect(refusal?.code).toBe(code);
  expect(refusal?.message).toMatch(message);
});

test('a refusal names line and column of the element', async () => {
  const text = tied(`\n  ${ntry('1')}\r\n  <Ntry>\n    ${amt('x')}</Ntry>`, '101');
  expect((await read(text)).refusal).toMatchObject({ path: 'BkToCstmrStmt/Stmt[1]/Ntry[2]/Amt', message: expect.stringContaining('(line 4, column 5)') });
});
