/** What a generated camt.053 file holds. */
export interface CamtPlan {
  readonly entries: number;
  /** The same seed gives the same file, byte for byte. */
  readonly seed: number;
  /** Every n-th entry is a batch of three transactions; 0 for none. */
  readonly batchEvery?: number;
  readonly openingMinor?: bigint;
}

const CHUNK_LENGTH = 64 * 1024;
const NAMES = ['Nordwind Energie AG', 'Atelier Lumière SARL', 'Harbour & Sons Ltd', 'Bäckerei Grün', 'Polder Logistics BV', 'Sierra Óptica SL'];

/** A small seeded source of whole numbers (xorshift, 32 bits): quick and the same everywhere. */
function source(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** A line's amount, positive for a credit. */
interface Line {
  readonly minors: readonly bigint[];
  readonly name: string;
}

function* lines({ entries, seed, batchEvery = 20 }: CamtPlan): Generator<Line> {
  const next = source(seed);
  for (let i = 1; i <= entries; i++) {
    const sign = next(5) === 0 ? -1n : 1n;
    const parts = batchEvery > 0 && i % batchEvery === 0 ? 3 : 1;
    const minors = Array.from({ length: parts }, () => sign * BigInt(1 + next(1_000_000)));
    yield { minors, name: NAMES[next(NAMES.length)]! };
  }
}

const total = (minors: readonly bigint[]): bigint => minors.reduce((a, b) => a + b, 0n);
const decimal = (minor: bigint): string => {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
};
const indicator = (minor: bigint): string => (minor < 0n ? 'DBIT' : 'CRDT');
const escaped = (text: string): string => text.replace(/&/g, '&amp;');

function balance(code: string, minor: bigint, date: string): string {
  return `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${decimal(minor)}</Amt>
<CdtDbtInd>${indicator(minor)}</CdtDbtInd><Dt><Dt>${date}</Dt></Dt></Bal>\n`;
}

function transaction(reference: string, minor: bigint, name: string): string {
  const role = minor < 0n ? 'Cdtr' : 'Dbtr';
  return `        <TxDtls>
          <Refs><AcctSvcrRef>T${reference}</AcctSvcrRef><EndToEndId>E2E-${reference}</EndToEndId></Refs>
          <Amt Ccy="EUR">${decimal(minor)}</Amt><CdtDbtInd>${indicator(minor)}</CdtDbtInd>
          <RltdPties><${role}><Pty><Nm>${escaped(name)}</Nm></Pty></${role}><${role}Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></${role}Acct></RltdPties>
          <RmtInf><Ustrd>Invoice INV-${reference} of ${escaped(name)}</Ustrd><Strd><CdtrRefInf><Ref>RF18${reference}</Ref></CdtrRefInf></Strd></RmtInf>
        </TxDtls>\n`;
}

function entry(index: number, { minors, name }: Line): string {
  const whole = total(minors);
  const details = minors.map((minor, i) => transaction(`${String(index).padStart(7, '0')}${i}`, minor, name));
  return `      <Ntry>
        <NtryRef>${index}</NtryRef><Amt Ccy="EUR">${decimal(whole)}</Amt><CdtDbtInd>${indicator(whole)}</CdtDbtInd>
        <Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt><ValDt><Dt>2026-03-02</Dt></ValDt>
        <AcctSvcrRef>B${String(index).padStart(9, '0')}</AcctSvcrRef>
        <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
        <NtryDtls>
${details.join('')}        </NtryDtls>
      </Ntry>\n`;
}

/** A camt.053.001.08 file with one statement that ties, as a stream of text. */
export function* camtFile(plan: CamtPlan): Generator<string> {
  const { seed, openingMinor = 1_000_000n } = plan;
  let closing = openingMinor;
  for (const { minors } of lines(plan)) closing += total(minors);
  let text = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>GENERATED-${seed}</MsgId><CreDtTm>2026-03-02T21:00:00+01:00</CreDtTm></GrpHdr>
<Stmt><Id>STMT-${seed}</Id><ElctrncSeqNb>61</ElctrncSeqNb><CreDtTm>2026-03-02T21:00:00+01:00</CreDtTm>
<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy><Svcr><FinInstnId><BICFI>COBADEFFXXX</BICFI></FinInstnId></Svcr></Acct>
${balance('OPBD', openingMinor, '2026-03-02')}${balance('CLBD', closing, '2026-03-02')}`;
  let index = 0;
  for (const line of lines(plan)) {
    text += entry(++index, line);
    if (text.length < CHUNK_LENGTH) continue;
    yield text;
    text = '';
  }
  yield `${text}</Stmt></BkToCstmrStmt></Document>\n`;
}
