import { isUtf8 } from 'node:buffer';
import { Refusal } from '../../entities/refusal';

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252' | 'iso-8859-15';

/** Bytes within which the XML declaration must end. */
const HEAD_BYTES_MAX = 1_024;

/** Declared names of encodings, and how they decode. As the web does, ISO-8859-1 is read as its superset windows-1252. */
const ENCODING_NAMES: Readonly<Record<string, Encoding>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  'iso-8859-1': 'windows-1252',
  latin1: 'windows-1252',
  'windows-1252': 'windows-1252',
  cp1252: 'windows-1252',
  'iso-8859-15': 'iso-8859-15',
  'utf-16': 'utf-16le',
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
};

/** Bytes of the characters that stand before the first invalid one. Only called when there is one. */
function validPrefixBytes(bytes: Buffer): number {
  let good = 0;
  for (;;) {
    const lead = bytes[good] ?? 0;
    const next = good + (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1);
    if (good >= bytes.length || next > bytes.length || !isUtf8(bytes.subarray(good, next))) return good;
    good = next;
  }
}

/** Bytes at the end that begin a UTF-8 character which the next chunk may complete. */
function incompleteTailBytes(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

/** Windows-1252 where it differs from Latin-1, bytes 0x80 to 0x9F. Written out, for TextDecoder of Node 20 reads them as Latin-1. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8DŽ\x8F\x90‘’“”•–—˜™š›œ\x9DžŸ';
function decodeWindows1252(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[\x80-\x9F]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80]!);
}

const LATIN_9 = new TextDecoder('iso-8859-15');
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/**
 * Turns the bytes of an XML file into text by its byte order mark, else its declaration, else as UTF-8. An invalid byte sets
 * `fault` and ends the text just before it, so that what stands before is read the same however the chunks fall.
 */
export class XmlDecoder {
  fault: Refusal | undefined;
  private encoding: Encoding | undefined;
  /** Bytes held back: the head until the encoding is known, later an incomplete character. */
  private held: Buffer = Buffer.alloc(0);
  /** Offset in the file of the first byte held. */
  private offset = 0;

  push(chunk: Buffer): string {
    const bytes = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    if (this.encoding === undefined && !headComplete(bytes)) {
      this.held = bytes;
      return '';
    }
    return this.decode(bytes, false);
  }

  end(): string {
    return this.decode(this.held, true);
  }

  private decode(bytes: Buffer, last: boolean): string {
    const rest = this.encoding === undefined ? this.begin(bytes) : bytes;
    this.held = Buffer.alloc(0);
    if (this.fault) return '';
    if (this.encoding === 'utf-8') return this.decodeUtf8(rest, last);
    if (this.encoding === 'windows-1252') return decodeWindows1252(rest);
    if (this.encoding === 'iso-8859-15') return LATIN_9.decode(rest);
    return this.decodeUtf16(rest, last);
  }

  /** Settles the encoding from the head and steps over a byte order mark. */
  private begin(bytes: Buffer): Buffer {
    if (bytes.length >= 3 && bytes.readUIntBE(0, 3) === 0xefbbbf) return this.start('utf-8', bytes, 3);
    const pair = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0;
    if (pair === 0xfffe) return this.start('utf-16le', bytes, 2);
    if (pair === 0xfeff) return this.start('utf-16be', bytes, 2);
    if (pair === 0x3c00) return this.start('utf-16le', bytes, 0);
    if (pair === 0x003c) return this.start('utf-16be', bytes, 0);
    const head = bytes.toString('latin1', 0, HEAD_BYTES_MAX);
    const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']/.exec(head)?.[1] ?? 'utf-8';
    const encoding = ENCODING_NAMES[declared.toLowerCase()];
    // A file whose declaration could be read byte by byte is not in UTF-16, whatever it says.
    if (encoding === undefined || encoding.startsWith('utf-16')) {
      const text = `The file declares the encoding ${JSON.stringify(declared)}, which it is not or which is not read here.`;
      this.fault = new Refusal('ENCODING_INVALID', text);
      this.encoding = 'utf-8';
      return bytes;
    }
    return this.start(encoding, bytes, 0);
  }

  private start(encoding: Encoding, bytes: Buffer, markBytes: number): Buffer {
    this.encoding = encoding;
    this.offset = markBytes;
    return bytes.subarray(markBytes);
  }

  private decodeUtf8(bytes: Buffer, last: boolean): string {
    const tail = last ? 0 : incompleteTailBytes(bytes);
    const body = tail === 0 ? bytes : bytes.subarray(0, bytes.length - tail);
    if (isUtf8(body)) {
      this.held = tail === 0 ? Buffer.alloc(0) : Buffer.from(bytes.subarray(bytes.length - tail));
      this.offset += body.length;
      return body.toString('utf8');
    }
    const good = validPrefixBytes(body);
    return this.fail(body.toString('utf8', 0, good), { at: good, byte: body[good]!, name: 'UTF-8' });
  }

  private decodeUtf16(bytes: Buffer, last: boolean): string {
    const big = this.encoding === 'utf-16be';
    let length = bytes.length & ~1;
    if (!last && length >= 2) {
      const high = bytes[big ? length - 2 : length - 1]!;
      if (high >= 0xd8 && high <= 0xdb) length -= 2; // the other half of the pair is still to come
    }
    const body = Buffer.from(bytes.subarray(0, length));
    const text = (big ? body.swap16() : body).toString('utf16le');
    const lone = LONE_SURROGATE.exec(text);
    if (lone) return this.fail(text.slice(0, lone.index), { at: lone.index * 2, byte: bytes[lone.index * 2]!, name: 'UTF-16' });
    if (last && length < bytes.length) return this.fail(text, { at: length, byte: bytes[length]!, name: 'UTF-16' });
    this.held = Buffer.from(bytes.subarray(length));
    this.offset += length;
    return text;
  }

  private fail(text: string, { at, byte, name }: { at: number; byte: number; name: string }): string {
    const hex = byte.toString(16).toUpperCase().padStart(2, '0');
    this.fault = new Refusal(
      'ENCODING_INVALID',
      `Byte 0x${hex} at offset ${this.offset + at} is not valid ${name}; have the bank declare the encoding it writes.`,
    );
    return text;
  }
}

/** Whether the bytes suffice to tell the encoding. */
function headComplete(bytes: Buffer): boolean {
  if (bytes.length < 5) return false;
  const head = bytes.toString('latin1', 0, HEAD_BYTES_MAX);
  return !head.startsWith('<?xml') || head.includes('?>') || bytes.length >= HEAD_BYTES_MAX;
}
