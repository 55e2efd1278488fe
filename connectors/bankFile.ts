import { Refusal } from '../entities/refusal';

/** What is known of a statement before its lines. */
export interface BankFileStatement {
  /** 1 for the first of the file. */
  index: number;
  /** The account as the bank writes it. */
  account: string;
  /** The bank's number of the statement. */
  number: string;
  /** Where in the file it stands, for people. */
  where: string;
}

/** One movement of money that the bank has booked, with all that may tell what it is for. */
export interface BankFileLine {
  /** `YYYY-MM-DD`. */
  bookingDate: string;
  currency: string;
  /** Minor units; money in is positive. */
  amountMinor: bigint;
  payerName: string | null;
  /** The account it came from, if the bank says. */
  payerAccount: string | null;
  /** In the order of its weight as evidence. */
  evidence: { creditorReferences: string[]; references: string[]; text: string[] };
  /** What it is known by: the same key again is the same line, delivered once more. */
  key: string;
  /** A digest of what the bank says of it, without the statement and the place it stands in. */
  content: string;
}

/** What a statement came to. Its lines lead from the opening to the closing balance, or it is refused. */
export interface BankFileEnd {
  lines: number;
  currency: string | undefined;
  openingMinor: bigint;
  closingMinor: bigint;
  closingDate: string | undefined;
}

/** Takes what is read, in the order of the file; what it got before a refusal must be dropped. */
export interface BankFileSink {
  statement?(statement: BankFileStatement): void | Promise<void>;
  line?(line: BankFileLine, statement: BankFileStatement): void | Promise<void>;
  end?(end: BankFileEnd, statement: BankFileStatement): void | Promise<void>;
}

/** A format of bank statements. */
export interface BankFormat {
  /** As people call it. */
  name: string;
  /** Whether the first bytes of a file are of this format. */
  identify(head: Buffer): boolean;
  /** Reads a file as a stream. Refuses it, naming the place, if anything is malformed or does not tie, and FORMAT_UNSUPPORTED if it is no statement. */
  read(source: AsyncIterable<Buffer | string>, sink: BankFileSink): Promise<void>;
}

const FILE_BYTES_MAX = 256 * 1024 * 1024;
const LINE_BYTES_MAX = 64 * 1024;

/** A line of a text file, numbered from 1, without its end. */
export interface TextLine {
  at: number;
  text: string;
}

/**
 * The lines of a text file, however they end, each as UTF-8 or else as windows-1252: banks write both, and say neither. Refuses FILE_TOO_LARGE, FILE_EMPTY and LINE_TOO_LONG.
 */
export async function* linesOf(source: AsyncIterable<Buffer | string>): AsyncGenerator<TextLine> {
  let rest: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  let bytes = 0;
  let at = 0;
  for await (const chunk of source) {
    const piece = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    bytes += piece.length;
    if (bytes > FILE_BYTES_MAX) throw new Refusal('FILE_TOO_LARGE', `The file has more than ${FILE_BYTES_MAX} bytes.`, 'input.content');
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let from = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, from)) {
      yield { at: ++at, text: decode(rest.subarray(from, end)) };
      from = end + 1;
    }
    rest = rest.subarray(from);
    if (rest.length > LINE_BYTES_MAX) throw new Refusal('LINE_TOO_LONG', `Line ${at + 1} has more than ${LINE_BYTES_MAX} bytes.`, 'input.content');
  }
  if (bytes === 0) throw new Refusal('FILE_EMPTY', 'The file is empty.', 'input.content');
  if (rest.length > 0) yield { at: ++at, text: decode(rest) };
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });
const LATIN = new TextDecoder('windows-1252');

function decode(bytes: Buffer): string {
  const line = bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes;
  try {
    return UTF_8.decode(line);
  } catch {
    return LATIN.decode(line);
  }
}
