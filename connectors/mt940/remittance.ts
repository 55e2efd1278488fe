/** What `:86:` says of a line, in whichever of the three ways a bank writes it: numbered subfields, codes between slashes, or free text. */

export interface Remittance {
  payerName: string | undefined;
  iban: string | undefined;
  creditorReferences: string[];
  references: string[];
  text: string[];
}

/** Reads the lines of one or more `:86:`. */
export function remittanceOf(lines: readonly string[]): Remittance {
  const numbered = /^\d{3}([^\w\s])\s?\d{2}/.exec(lines.join(''));
  if (numbered) return fromSubfields(lines.join(''), numbered[1]!);
  const joined = lines.join('');
  if (/\/(EREF|REMI|CNTP|TRTP|NAME|MARF|ORDP|BENM)\//.test(joined)) return fromCodes(joined);
  return fromText(lines);
}

/** Subfields: 20 to 29 and 60 to 63 are the text, 31 the account, 32 and 33 the name of the other party. */
function fromSubfields(text: string, sign: string): Remittance {
  const parts = text.slice(3).split(sign).filter((part) => /^\s?\d{2}/.test(part)).map((part) => {
    const plain = part.trimStart();
    return { code: Number(plain.slice(0, 2)), text: plain.slice(2) };
  });
  const of = (...codes: number[]) => parts.filter(({ code }) => codes.includes(code)).map((part) => part.text);
  const pieces = of(20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 60, 61, 62, 63);
  const name = of(32, 33).join('').trim();
  const remittance = fromKeywords(pieces);
  return { ...remittance, payerName: remittance.payerName ?? (name || undefined), iban: of(31)[0]?.trim() || remittance.iban };
}

const KEYWORD = /(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC)[+:]\s?/;

/** SEPA keywords within the text: the end-to-end id behind EREF, the text proper behind SVWZ. */
function fromKeywords(pieces: readonly string[]): Remittance {
  const parts = pieces.join('').split(KEYWORD);
  if (parts.length === 1) return fromText(pieces);
  const values = new Map<string, string>();
  for (let index = 1; index < parts.length; index += 2) values.set(parts[index]!, (values.get(parts[index]!) ?? '') + parts[index + 1]!.trim());
  const text = [values.get('SVWZ') ?? parts[0]!.trim()].filter((one) => one !== '');
  const references = [values.get('EREF'), values.get('KREF')].filter((one) => one !== undefined && isReference(one)) as string[];
  return { payerName: values.get('ABWA'), iban: values.get('IBAN'), creditorReferences: creditorReferencesIn(text), references, text: withoutSpaces(text) };
}

const CODE = /\/(EREF|REMI|CNTP|NAME|TRTP|IBAN|BIC|MARF|CSID|PREF|RTRN|ORDP|BENM|ISDT|PURP|ULTD|ULTB|TRCD|ADDR|ID|SVCL|IREF|RREF|CHGS|EXCH|OCMT)\//;

/** Codes between slashes, as Dutch and Belgian banks write them. */
function fromCodes(joined: string): Remittance {
  const parts = joined.split(CODE);
  const values = new Map<string, string>();
  for (let index = 1; index < parts.length; index += 2) if (!values.has(parts[index]!)) values.set(parts[index]!, parts[index + 1]!.trim().replace(/\/+$/, ''));
  const [iban, , name] = (values.get('CNTP') ?? '').split('/');
  const remitted = values.get('REMI') ?? '';
  const structured = /^STRD\/[A-Z]*\/+(.+)$/.exec(remitted)?.[1];
  const text = [remitted.replace(/^USTD\/+/, ''), parts[0]!.trim()].filter((one) => one !== '' && structured === undefined);
  const references = [values.get('EREF'), structured].filter((one) => one !== undefined && isReference(one)) as string[];
  return {
    payerName: values.get('NAME') || name || undefined, iban: values.get('IBAN') || iban || undefined, references,
    creditorReferences: structured ? [structured, ...creditorReferencesIn([structured])] : creditorReferencesIn(text), text: withoutSpaces(text),
  };
}

/** Free text breaks its lines anywhere, within words too: it is evidence both with and without the breaks. */
function fromText(lines: readonly string[]): Remittance {
  const spaced = lines.map((line) => line.trim()).filter((line) => line !== '').join(' ');
  const joined = lines.join('').replace(/\s+/g, ' ').trim();
  const text = [...new Set([spaced, joined])].filter((one) => one !== '');
  return { payerName: undefined, iban: undefined, creditorReferences: creditorReferencesIn(text), references: [], text };
}

const isReference = (text: string) => text !== '' && !/^(NOTPROVIDED|NONREF)$/i.test(text);
const creditorReferencesIn = (texts: readonly string[]): string[] => [...new Set(texts.flatMap((text) => text.match(/\bRF\d{2}[0-9A-Z]{1,21}\b/g) ?? []))];
const withoutSpaces = (texts: readonly string[]): string[] => texts.map((text) => text.replace(/\s+/g, ' ').trim());
