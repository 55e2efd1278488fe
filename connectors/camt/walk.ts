import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { Refusal } from '../../entities/refusal';
import type { Position } from './draft';
import { DOCUMENT, type Leaf, type Part, type Reading, type Rule } from './grammar';
import { identifyNamespace } from './identify';
import type { CamtFormat, CamtIdentity, CamtLimits } from './types';

/** A rule made ready for reading: children by name, and which counters to reset when it begins. */
interface Node {
  readonly id: number;
  readonly name: string;
  readonly part: Part | undefined;
  readonly repeats: boolean;
  readonly text: Leaf | undefined;
  readonly children: Map<string, Node> | undefined;
  readonly counters: readonly number[];
}

let nodes = 0;
function compile(name: string, rule: Rule): Node {
  if (typeof rule === 'function') {
    const repeats = name === 'Ustrd';
    return { id: nodes++, name, part: undefined, repeats, text: rule, children: undefined, counters: [] };
  }
  const children = new Map(Object.entries(rule.children).map(([child, below]) => [child, compile(child, below)]));
  const counters = [...children.values()].filter((child) => child.repeats).map((child) => child.id);
  return { id: nodes++, name, part: rule.part, repeats: rule.repeats === true, text: rule.text, children, counters };
}
const DOCUMENTS = Object.fromEntries(
  Object.entries(DOCUMENT).map(([format, children]) => [format, compile('', { children })]),
) as Record<CamtFormat, Node>;
/** An envelope around `Document`, such as that of a business application header. */
const ENVELOPE = compile('', { children: {} });
const COUNTERS = new Array<number>(nodes).fill(0);

/** A child that is missing or wrong. */
export interface Child {
  readonly name: string;
  readonly position?: Position | undefined;
  readonly up?: number;
}

/** Receives the message's identity once, and the leaves and parts of the grammar in the order of the file. */
export interface Walked extends Reading {
  begin(identity: CamtIdentity): void;
}

/** Walks the XML by the grammar with saxes, keeps every bound, and knows where it is. Entities beyond XML's own five are refused. */
export class Walker {
  attributes: Record<string, string> = {};
  private readonly parser = new SaxesParser({ position: false, xmlns: false as const });
  private readonly stack: Node[] = [ENVELOPE];
  private readonly lines: number[] = [0];
  private readonly columns: number[] = [0];
  private readonly counts = COUNTERS.slice();
  /** Depth inside an element the grammar does not name. */
  private skipped = 0;
  private text = '';
  /** Characters given to the parser. */
  private fed = 0;
  /** Offset in characters of the end of what was read last. */
  private last = 0;
  /** Prefix of the message's namespace with its colon, `` for the default namespace. */
  private prefix = '';

  constructor(
    private readonly reading: Walked,
    private readonly limits: CamtLimits,
  ) {
    // An eighth handler would turn the parser into a slow dictionary (V8), at a quarter of the speed.
    this.parser.on('opentag', (tag) => this.opened(tag));
    this.parser.on('closetag', () => this.closed());
    this.parser.on('text', (text) => this.took(text, this.parser.position - 1));
    this.parser.on('cdata', (text) => this.took(text, this.parser.position));
    this.parser.on('comment', () => this.moveTo(this.parser.position + 1));
    this.parser.on('doctype', () => {
      throw this.refusalHere('XML_DTD_FORBIDDEN', 'a document type declaration is not allowed in a bank file');
    });
    this.parser.on('error', (error) => {
      throw this.refusalHere('XML_MALFORMED', error.message);
    });
  }

  write(text: string): void {
    this.parser.write(text);
    this.fed += text.length;
    if (this.fed - this.last > this.limits.tokenCharsMax) throw this.tooLong();
  }

  end(): void {
    this.parser.close();
  }

  /** The path of the element being read, with the number of each that may repeat. */
  path(child = '', up = 0): string {
    const names = this.stack.slice(0, this.stack.length - up).filter((node) => node.name !== '');
    const path = names.map((node) => (node.repeats ? `${node.name}[${this.counts[node.id]}]` : node.name)).join('/');
    return child === '' ? path : path === '' ? child : `${path}/${child}`;
  }

  /** Where the element being read begins. */
  position(up = 0): Position {
    const depth = this.stack.length - 1 - up;
    return { line: this.lines[depth]!, column: this.columns[depth]! };
  }

  /** A refusal about the element being read, or about a child of it (its parent's, with `up`), at its position if kept. */
  refusal(code: string, text: string, child: Child = { name: '' }): Refusal {
    const up = child.up ?? 0;
    return this.refusalAt({ code, text, path: this.path(child.name, up), position: child.position ?? this.position(up) });
  }

  private refusalHere(code: string, text: string): Refusal {
    const position = { line: this.parser.line, column: this.parser.columnIndex + 1 };
    return this.refusalAt({ code, text, path: this.path(), position });
  }

  private refusalAt({ code, text, path, position }: { code: string; text: string; path: string; position: Position }): Refusal {
    const place = `line ${position.line}, column ${position.column}`;
    return new Refusal(code, path === '' ? `${place}: ${text}` : `${path} (${place}): ${text}`, path);
  }

  private tooLong(): Refusal {
    return this.refusal('XML_TOKEN_TOO_LONG', `a text, tag or comment is longer than ${this.limits.tokenCharsMax} characters`);
  }

  /** Notes that everything before an offset is read; what it ended must not be too long. */
  private moveTo(offset: number): void {
    if (offset - this.last > this.limits.tokenCharsMax) throw this.tooLong();
    this.last = offset;
  }

  private took(text: string, end: number): void {
    this.moveTo(end);
    if (this.skipped > 0 || this.stack[this.stack.length - 1]!.text === undefined) return;
    this.text += text;
    if (this.text.length > this.limits.tokenCharsMax) throw this.tooLong();
  }

  private opened(tag: SaxesTagPlain): void {
    const start = this.last;
    const end = this.parser.position;
    this.moveTo(end);
    if (this.stack.length + this.skipped > this.limits.depthMax) {
      throw this.refusal('XML_TOO_DEEP', `elements are nested deeper than ${this.limits.depthMax}`);
    }
    if (this.skipped > 0) {
      this.skipped++;
      return;
    }
    const parent = this.stack[this.stack.length - 1]!;
    const node = parent === ENVELOPE ? this.enter(tag) : parent.children?.get(this.localName(tag.name));
    if (node === undefined) {
      this.skipped = 1;
      return;
    }
    this.push(node, end - start);
    this.attributes = tag.attributes;
    if (node.part !== undefined) this.reading.open(node.part);
  }

  private push(node: Node, length: number): void {
    if (node.repeats) this.counts[node.id]!++;
    for (const counter of node.counters) this.counts[counter] = 0;
    const column = this.parser.columnIndex - length + 1;
    this.stack.push(node);
    this.lines.push(this.parser.line);
    this.columns.push(column > 0 ? column : this.parser.columnIndex + 1); // a tag over several lines: its end
    this.text = '';
  }

  /** `Document` begins the message if its namespace is one of camt; anything else before it is an envelope. */
  private enter(tag: SaxesTagPlain): Node {
    const colon = tag.name.indexOf(':');
    if (tag.name.slice(colon + 1) !== 'Document') return ENVELOPE;
    this.prefix = tag.name.slice(0, colon + 1);
    const namespace = tag.attributes[colon < 0 ? 'xmlns' : `xmlns:${tag.name.slice(0, colon)}`] ?? '';
    const identity = identifyNamespace(namespace);
    if (identity === undefined) {
      const text = `the namespace ${JSON.stringify(namespace)} is none of camt.052, camt.053 or camt.054, versions 001.01 to 001.14`;
      throw this.refusalHere('FORMAT_UNKNOWN', `Document: ${text}`);
    }
    this.reading.begin(identity);
    return DOCUMENTS[identity.format];
  }

  private localName(name: string): string {
    return this.prefix !== '' && name.startsWith(this.prefix) ? name.slice(this.prefix.length) : name;
  }

  private closed(): void {
    this.moveTo(this.parser.position);
    if (this.skipped > 0) {
      this.skipped--;
      return;
    }
    const node = this.stack[this.stack.length - 1]!;
    if (node.text !== undefined) {
      const text = this.text.trim();
      if (text !== '') node.text(this.reading, text);
    }
    if (node.part !== undefined) this.reading.close(node.part);
    this.stack.pop();
    this.lines.pop();
    this.columns.pop();
  }
}
