import fc from 'fast-check';
import { contentHash, deduplicationKey, identify, readCamt } from '../../connectors/camt/read';
import { formatDecimal, sum } from '../../entities/money';
import { amt, bal, cut, doc, el, ntry, outcomeOf, read, stmt, tied, tx } from './camt.files';

const declared = (encoding: string): string => `<?xml version="1.0" encoding="${encoding}"?>`;
const named = (name: string, encoding?: string): string => {
  const content = stmt(bal('OPBD', '1') + bal('CLBD', '2') + ntry('1', { after: el('AddtlNtryInf', name) }));
  return doc(content, { declaration: encoding ? declared(encoding) : '' });
};
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

const encodings: [string, string, Buffer][] = [
  ['UTF-8', 'Müller €🙂', Buffer.from(named('Müller €🙂'))],
  ['UTF-8 with a byte order mark', 'Müller', Buffer.from(`\uFEFF${named('Müller', 'UTF-8')}`)],
  ['ISO-8859-1', 'Müller', Buffer.from(named('Müller', 'ISO-8859-1'), 'latin1')],
  ['ISO-8859-15', 'Œuvre €', Buffer.from(named('\xbcuvre \xa4', 'iso-8859-15'), 'latin1')],
  ['windows-1252', 'dash – €', Buffer.from(named('dash \x96 \x80', 'windows-1252'), 'latin1')],
  ['UTF-16 little endian', 'Müller 🙂', Buffer.from(`\uFEFF${named('Müller 🙂', 'UTF-16')}`, 'utf16le')],
  ['UTF-16 big endian', 'Müller 🙂', utf16be(`\uFEFF${named('Müller 🙂', 'UTF-16')}`)],
];
test.each(encodings)('%s is decoded, whole or byte by byte', async (_name, name, bytes) => {
  const single = [...bytes].map((byte) => Buffer.from([byte]));
  for (const chunks of [[bytes], single]) {
    expect((await outcomeOf(chunks)).entries.map((entry) => entry.additionalInformation)).toEqual([name]);
  }
});

test.each([
  ['a character cut off at the end', Buffer.from([...Buffer.from(named('x')), 0xe2, 0x82]), /offset \d+/],
  ['an encoding that is not read here', Buffer.from(named('x', 'EBCDIC-DE')), /EBCDIC-DE/],
  ['UTF-16 declared in a file that is not', Buffer.from(named('x', 'UTF-16')), /UTF-16/],
  ['half a surrogate pair', Buffer.from(`\uFEFF${named('\uD83D', 'UTF-16')}`, 'utf16le'), /not valid UTF-16/],
])('%s is refused as ENCODING_INVALID', async (_name, bytes, message) => {
  expect((await read(bytes)).refusal).toMatchObject({ code: 'ENCODING_INVALID', message: expect.stringMatching(message) });
});

const good = tied(ntry('10', { txs: tx(amt('4')) + tx(`${amt('6')}<RmtInf><Ustrd>Ré &#233; €\r\nb</Ustrd></RmtInf>`) }), '110');
const files: [string, Buffer, number?][] = [
  ['a good file', Buffer.from(good)],
  ['a file that does not tie', Buffer.from(tied(ntry('1') + ntry('2'), '100'))],
  ['a file cut off', Buffer.from(good.slice(0, -40))],
  ['a file with a bad byte after a good entry', Buffer.concat([Buffer.from(tied(ntry('1'), '101').slice(0, -40)), Buffer.from([0xff, 0x20])])],
  ['a malformed file', Buffer.from(good.replace('</RmtInf>', '</Rmt>'))],
  ['a file beyond the limit', Buffer.from(tied(ntry('1') + ntry('2'), '103')), 900],
];
test.each(files)('%s reads the same wherever its chunks end', async (_name, bytes, fileBytesMax = 1e6) => {
  const whole = await outcomeOf([bytes], { fileBytesMax });
  const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(lengths, async (some) => expect(await outcomeOf(cut(bytes, some), { fileBytesMax })).toEqual(whole)),
    { numRuns: 60 },
  );
});

test('a text of exactly the limit is read, one character more is refused, wherever the chunks end', async () => {
  for (const [length, code] of [[200, undefined], [201, 'XML_TOKEN_TOO_LONG']] as const) {
    const bytes = Buffer.from(tied(ntry('1', { after: el('AddtlNtryInf', 'x'.repeat(length)) }), '101'));
    const outcomes = await Promise.all([[bytes], cut(bytes, [1]), cut(bytes, [37])].map((chunks) => outcomeOf(chunks, { tokenCharsMax: 200 })));
    expect(outcomes.map(({ refusal }) => refusal?.code)).toEqual([code, code, code]);
    expect(new Set(outcomes.map(({ refusal }) => refusal?.message)).size).toBe(1);
  }
});

const parts = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 4 });
const booking = fc.record({ parts, debit: fc.boolean(), status: fc.constantFrom('BOOK', 'BOOK', 'PDNG') });
const random = fc.record({
  opening: fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }),
  currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
  bookings: fc.array(booking, { maxLength: 12 }),
});
test('whatever is booked, totals are exact and the statement ties; one minor unit off and it is refused', async () => {
  await fc.assert(
    fc.asyncProperty(random, async ({ opening, currency, bookings }) => {
      const decimal = (minor: bigint): string => formatDecimal(minor, currency);
      const entries = bookings.map(({ parts: minors, debit, status }) =>
        ntry((debit ? '-' : '') + decimal(sum(minors)), { sts: `<Sts>${status}</Sts>`, currency, txs: minors.map((one) => tx(amt(decimal(one), currency))).join('') }),
      );
      const booked = bookings.filter(({ status }) => status === 'BOOK');
      const of = (side: boolean): bigint => sum(booked.filter(({ debit }) => debit === side).map((one) => sum(one.parts)));
      const closing = opening + of(false) - of(true);
      const file = (minor: bigint): string =>
        doc(stmt(bal('OPBD', decimal(opening), { currency }) + bal('CLBD', decimal(minor), { currency }) + entries.join(''), { ccy: currency }));
      const outcome = await read(file(closing));
      expect(outcome.ends[0]).toMatchObject({ creditMinor: of(false), debitMinor: of(true), ties: true, bookedEntries: booked.length });
      expect(outcome.entries.map((entry) => sum(entry.details.map(({ amount }) => amount.minor)))).toEqual(outcome.entries.map((entry) => entry.amount.minor));
      expect((await read(file(closing + 1n))).refusal?.code).toBe('BALANCE_MISMATCH');
    }),
    { numRuns: 150 },
  );
});

test('entries are handed on one at a time and a slow sink is waited for', async () => {
  const seen: string[] = [];
  const entry = async ({ index }: { index: number }): Promise<void> => {
    seen.push(`begin ${index}`);
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(`done ${index}`);
  };
  await readCamt((async function* () { yield tied(ntry('1') + ntry('2'), '103'); })(), { entry });
  expect(seen).toEqual(['begin 1', 'done 1', 'begin 2', 'done 2']);
});

describe('recognising lines', () => {
  const lineOf = async (id: string, entries: string, closing: string) => {
    const outcome = await read(doc(stmt(bal('OPBD', '100') + bal('CLBD', closing) + entries, { id })));
    return outcome.entries.map((entry) => ({ statement: outcome.statements[0]!, entry, detail: entry.details[0]! }));
  };
  const paid = (remark: string, reference = '<AcctSvcrRef>B1</AcctSvcrRef>'): string => ntry('5', { after: reference + el('AddtlNtryInf', remark) });

  test('the same line again has the same key and hash; in another statement the same hash alone', async () => {
    const [[first], [again], [overlap]] = await Promise.all([lineOf('S1', paid('a b'), '105'), lineOf('S1', paid('a  b'), '105'), lineOf('S2', paid('a b'), '105')]);
    expect(deduplicationKey(again!)).toBe(deduplicationKey(first!));
    expect(contentHash(again!)).toBe(contentHash(first!));
    expect(deduplicationKey(overlap!)).not.toBe(deduplicationKey(first!));
    expect(contentHash(overlap!)).toBe(contentHash(first!));
  });
  test('a changed line under the same key has another hash', async () => {
    const [[first], [changed]] = await Promise.all([lineOf('S1', paid('a'), '105'), lineOf('S1', paid('b'), '105')]);
    expect(deduplicationKey(changed!)).toBe(deduplicationKey(first!));
    expect(contentHash(changed!)).not.toBe(contentHash(first!));
  });
  test('two payments alike without references of the bank keep two keys', async () => {
    const [one, two] = await lineOf('S1', paid('a', '') + paid('a', ''), '110');
    expect(deduplicationKey(one!)).not.toBe(deduplicationKey(two!));
  });
});

test.each([
  ['camt.053', Buffer.from(tied('', '100')), { format: 'camt.053', version: '001.08' }],
  ['camt.054 with a prefix and a comment', Buffer.from(`<!-- x -->${doc('', { format: '054', version: '02' }).replace(/<(\/?)(?=\w)/g, '<$1n:').replace('xmlns=', 'xmlns:n=')}`), { format: 'camt.054', version: '001.02' }],
  ['UTF-16', utf16be(`\uFEFF${doc('', { format: '052' })}`), { format: 'camt.052', version: '001.08' }],
  ['a payment order', Buffer.from('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03">'), undefined],
  ['MT940', Buffer.from(':20:STARTUMS\r\n:25:10010010/1'), undefined],
  ['nothing', Buffer.alloc(0), undefined],
])('%s is recognised by content', (_name, head, identity) => {
  expect(identify(head)).toEqual(identity);
});
