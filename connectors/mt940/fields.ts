import { Refusal } from '../../entities/refusal';
import type { TextLine } from '../bankFile';

/** One field of a message: `:61:` and what follows it up to the next one. */
export interface Field {
  tag: string;
  /** Its lines, the first one behind the tag. */
  lines: string[];
  at: number;
}

const TAG = /^:(\d{2}[A-Z]?):(.*)$/;
/** Behind these only other balances come: a line with a hyphen alone ends the statement. Before, it is text that a bank has broken badly. */
const CLOSING = /^(62[FM]|64|65)$/;

/**
 * The fields of the messages of a file; null between two messages. What stands outside of them (SWIFT's blocks, names of banks, remarks) is passed over.
 */
export async function* fieldsOf(lines: AsyncIterable<TextLine>): AsyncGenerator<Field | null> {
  let field: Field | undefined;
  let closed = false;
  for await (const { at, text } of lines) {
    const tag = TAG.exec(text);
    const ends = /^-?\}|^\{1:|^:9\d\d:$/.test(text) || (text.trim() === '-' && closed);
    if ((tag || ends) && field) {
      yield field;
      field = undefined;
    }
    if (ends || tag?.[1] === '20') {
      yield null;
      closed = false;
    }
    if (tag) {
      field = { tag: tag[1]!, lines: [tag[2]!], at };
      closed ||= CLOSING.test(field.tag);
    } else if (!ends && field) field.lines.push(text);
  }
  if (field) yield field;
  yield null;
}

/** Says where in the file something is wrong. */
export function fault(code: string, { tag, at }: Pick<Field, 'tag' | 'at'>, text: string): Refusal {
  return new Refusal(code, `:${tag}: (line ${at}): ${text}`, 'input.content');
}
