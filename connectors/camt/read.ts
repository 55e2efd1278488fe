import { setImmediate as nextTurn } from 'node:timers/promises';
import { Refusal } from '../../entities/refusal';
import { Builder, type CamtEvent } from './build';
import { XmlDecoder } from './decode';
import { CAMT_LIMITS, type CamtLimits, type CamtSink, type CamtSummary } from './types';

export { deduplicationKey, contentHash } from './dedupe';
export { identify } from './identify';
export * from './types';

/** How much is parsed before what was found is handed on; memory holds the entries of one such piece. */
const PIECE_LENGTH_MAX = 64 * 1024;
/** How much is parsed between two turns of the event loop. */
const TURN_LENGTH_MAX = 4 * PIECE_LENGTH_MAX;

/**
 * Reads a camt.052, .053 or .054 file of any size in flat memory and hands it to the sink piece by piece. Throws a Refusal whose message names
 * the element with line and column: FILE_EMPTY, FILE_TOO_LARGE, ENCODING_INVALID, XML_MALFORMED, XML_DTD_FORBIDDEN, XML_TOO_DEEP,
 * XML_TOKEN_TOO_LONG, FORMAT_UNKNOWN, ELEMENT_MISSING, ELEMENT_MALFORMED, AMOUNT_MALFORMED, AMOUNT_TOO_PRECISE,
 * AMOUNT_TOO_LARGE, CURRENCY_UNKNOWN, CURRENCY_MISMATCH, DATE_MALFORMED, ENTRY_DETAILS_MISMATCH, ENTRY_TOO_LARGE,
 * BALANCE_MISSING, BALANCE_MISMATCH. None is retryable with the same file. What the sink got before a refusal must be dropped.
 */
export async function readCamt(
  source: AsyncIterable<Buffer | string>,
  sink: CamtSink,
  limits: Partial<CamtLimits> = {},
): Promise<CamtSummary> {
  const reader = new Reader(sink, { ...CAMT_LIMITS, ...limits });
  for await (const chunk of source) {
    if (typeof chunk === 'string') await reader.takeText(chunk);
    else await reader.takeBytes(chunk);
  }
  return reader.end();
}

class Reader {
  private readonly decoder = new XmlDecoder();
  private readonly builder: Builder;
  private bytes = 0;
  private blank = true;
  private sinceTurn = 0;
  private entries = 0;
  private bookedEntries = 0;
  private details = 0;

  constructor(
    private readonly sink: CamtSink,
    private readonly limits: CamtLimits,
  ) {
    this.builder = new Builder(limits);
  }

  /** Bytes are decoded; what stands before a bad byte or beyond the size limit is still read, so chunking changes nothing. */
  async takeBytes(chunk: Buffer): Promise<void> {
    const room = this.limits.fileBytesMax - this.bytes;
    const taken = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.bytes += taken.length;
    for (let at = 0; at < taken.length; at += PIECE_LENGTH_MAX) {
      await this.parse(this.decoder.push(taken.subarray(at, at + PIECE_LENGTH_MAX)));
      if (this.decoder.fault) throw this.decoder.fault;
    }
    if (taken !== chunk) throw this.tooLarge();
  }

  /** Text is taken as decoded already, whatever its declaration says. */
  async takeText(chunk: string): Promise<void> {
    this.bytes += Buffer.byteLength(chunk);
    if (this.bytes > this.limits.fileBytesMax) throw this.tooLarge();
    for (let at = 0; at < chunk.length; at += PIECE_LENGTH_MAX) await this.parse(chunk.slice(at, at + PIECE_LENGTH_MAX));
  }

  async end(): Promise<CamtSummary> {
    await this.parse(this.decoder.end());
    if (this.decoder.fault) throw this.decoder.fault;
    if (this.blank) throw new Refusal('FILE_EMPTY', 'The file is empty.');
    await this.handingOn(() => this.builder.finish());
    const { bytes, entries, bookedEntries, details } = this;
    return { ...this.builder.message, bytes, statements: this.builder.statements, entries, bookedEntries, details };
  }

  private tooLarge(): Refusal {
    return new Refusal('FILE_TOO_LARGE', `The file is larger than ${this.limits.fileBytesMax} bytes; ask the bank for smaller statements.`);
  }

  private async parse(text: string): Promise<void> {
    if (text === '') return;
    this.blank &&= !/[^\s\uFEFF]/.test(text);
    await this.handingOn(() => this.builder.walker.write(text));
    this.sinceTurn += text.length;
    if (this.sinceTurn < TURN_LENGTH_MAX) return;
    this.sinceTurn = 0;
    await nextTurn();
  }

  /** Parses, then hands on what was found, even if it ended in a refusal. */
  private async handingOn(parse: () => void): Promise<void> {
    try {
      parse();
    } finally {
      await this.handOn();
    }
  }

  private async handOn(): Promise<void> {
    const { events } = this.builder;
    for (const event of events) {
      const pending = this.tell(event);
      if (pending) await pending;
    }
    events.length = 0;
  }

  private tell(event: CamtEvent): void | Promise<void> {
    switch (event.type) {
      case 'message':
        return this.sink.message?.(event.message);
      case 'statement':
        return this.sink.statement?.(event.statement);
      case 'entry':
        this.entries++;
        this.details += event.entry.details.length;
        if (event.entry.booked) this.bookedEntries++;
        return this.sink.entry?.(event.entry, event.statement);
      case 'end':
        return this.sink.statementEnd?.(event.end, event.statement);
    }
  }
}
