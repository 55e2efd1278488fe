/** The records of the fake Tryton: models without classes, relations by name, searches by domain. */
import { date, decimal, decimalText, isoDate, type Id, type Row, type Values } from './values';

/** model.field → the model at the other end, and its field that points back where the relation is one to many. */
const RELATIONS: Readonly<Record<string, { model: string; back?: string; many?: true }>> = {
  'party.party.addresses': { model: 'party.address', back: 'party' },
  'party.party.contact_mechanisms': { model: 'party.contact_mechanism', back: 'party' },
  'currency.currency.rates': { model: 'currency.currency.rate', back: 'currency' },
  'account.fiscalyear.periods': { model: 'account.period', back: 'fiscalyear' },
  'account.fiscalyear.invoice_sequences': { model: 'account.fiscalyear.invoice_sequence', back: 'fiscalyear' },
  'account.move.lines': { model: 'account.move.line', back: 'move' },
  'account.invoice.lines': { model: 'account.invoice.line', back: 'invoice' },
  'account.invoice.taxes': { model: 'account.invoice.tax', back: 'invoice' },
  'account.invoice.payment_lines': { model: 'account.move.line', many: true },
  'account.invoice.line.taxes': { model: 'account.tax', many: true },
  'res.user.companies': { model: 'company.company', many: true },
  'account.account.type': { model: 'account.account.type' },
  'ir.sequence.sequence_type': { model: 'ir.sequence.type' },
  'ir.sequence.strict.sequence_type': { model: 'ir.sequence.type' },
};
/** Fields of these names point to the same model wherever they stand. */
const NAMED: Readonly<Record<string, string>> = {
  party: 'party.party', currency: 'currency.currency', company: 'company.company', move: 'account.move', invoice: 'account.invoice',
  account: 'account.account', period: 'account.period',
};

/** What the fake says no with; it becomes Tryton's `UserError`. */
export class FakeUserError extends Error {}

export type Command = [what: 'create', rows: Values[]] | [what: 'add' | 'remove', ids: Id[]] | [what: 'write', ids: Id[], values: Values];

/** Values worth comparing: dates and decimals travel as tagged objects. */
export function plain(value: unknown): unknown {
  const tag = (value as { __class__?: string } | null)?.__class__;
  if (tag === 'date') return isoDate(value);
  return tag === 'Decimal' ? scaled(decimalText(value)) : value;
}

const SCALE = 8;

/** A decimal in units of 10^-8, enough for every price and rate. */
export function scaled(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const units = BigInt(whole + fraction.padEnd(SCALE, '0').slice(0, SCALE));
  return text.startsWith('-') ? -units : units;
}

/** Such units with the digits of a currency, as Tryton writes them. */
export function amount(units: bigint, digits: number): unknown {
  const text = (units < 0n ? -units : units).toString().padStart(SCALE + 1, '0');
  const fraction = text.slice(-SCALE).slice(0, digits);
  return decimal(`${units < 0n ? '-' : ''}${text.slice(0, -SCALE)}${fraction ? `.${fraction}` : ''}`);
}

export class FakeRecords {
  private readonly models = new Map<string, Map<Id, Row>>();
  private lastId: Id = 100;
  /** `model.field` of a row that is worked out, not stored; undefined when the field is a stored one. */
  computed: (model: string, row: Row, field: string) => unknown = () => undefined;

  all(model: string): Row[] {
    return [...this.table(model).values()];
  }

  get(model: string, id: unknown): Row {
    const row = this.table(model).get(id as Id);
    if (!row) throw new FakeUserError(`There is no ${model} ${String(id)}.`);
    return row;
  }

  add(model: string, values: Values): Row {
    const row: Row = { ...values, id: ++this.lastId };
    this.table(model).set(row.id, row);
    this.relate(model, row, values);
    return row;
  }

  change(model: string, id: Id, values: Values): Row {
    const row = this.get(model, id);
    const kept = Object.entries(values).filter(([field]) => !isToMany(model, field));
    Object.assign(row, Object.fromEntries(kept));
    this.relate(model, row, values);
    return row;
  }

  remove(model: string, id: Id): void {
    this.get(model, id);
    for (const [name, { model: other, back }] of Object.entries(RELATIONS)) {
      if (!back || name.slice(0, name.lastIndexOf('.')) !== model) continue;
      for (const child of this.all(other)) if (child[back] === id) this.table(other).delete(child.id);
    }
    this.table(model).delete(id);
  }

  search(model: string, domain: readonly [string, string, unknown][]): Row[] {
    return this.all(model).filter((row) => domain.every(([path, operator, value]) => compare(plain(this.follow(model, row, path)), operator, plain(value))));
  }

  /** The fields of a row in Tryton's nesting: `party.code` comes as `{ 'party.': { id, code } }`. */
  read(model: string, row: Row, fields: readonly string[]): Row {
    const result: Row = { id: row.id };
    for (const field of fields) {
      const [first = '', ...rest] = field.split('.');
      if (rest.length === 0) {
        result[field] = this.valueOf(model, row, field);
        continue;
      }
      const target = this.valueOf(model, row, first);
      const inner = target == null ? null : this.read(modelOf(model, first), this.get(modelOf(model, first), target), [rest.join('.')]);
      result[first] ??= target ?? null;
      result[`${first}.`] = inner && { ...(result[`${first}.`] as object | undefined), ...inner };
    }
    return result;
  }

  valueOf(model: string, row: Row, field: string): unknown {
    const worked = this.computed(model, row, field);
    if (worked !== undefined) return worked;
    const relation = RELATIONS[`${model}.${field}`];
    if (relation?.back) return this.all(relation.model).filter((child) => child[relation.back!] === row.id).map(({ id }) => id);
    return row[field] ?? (relation?.many ? [] : null);
  }

  private follow(model: string, row: Row, path: string): unknown {
    const [first = '', ...rest] = path.split('.');
    const value = this.valueOf(model, row, first);
    if (rest.length === 0 || value === null) return value;
    const other = modelOf(model, first);
    return this.follow(other, this.get(other, value), rest.join('.'));
  }

  private relate(model: string, row: Row, values: Values): void {
    for (const [field, commands] of Object.entries(values)) {
      const relation = RELATIONS[`${model}.${field}`];
      if (!relation || !isToMany(model, field)) continue;
      if (!relation.back && !isIds(row[field])) row[field] = [];
      for (const command of commands as Command[]) this.obey(row, { field, ...relation }, command);
    }
  }

  private obey(row: Row, { field, model, back }: { field: string; model: string; back?: string }, command: Command): void {
    const ids = row[field] as Id[];
    if (command[0] === 'create') for (const values of command[1]) this.add(model, { ...values, ...(back ? { [back]: row.id } : {}) });
    else if (command[0] === 'write') for (const id of command[1]) this.change(model, id, command[2]);
    else if (command[0] === 'add') row[field] = [...new Set([...ids, ...command[1]])];
    else row[field] = ids.filter((id) => !command[1].includes(id));
  }

  private table(model: string): Map<Id, Row> {
    let table = this.models.get(model);
    if (!table) this.models.set(model, (table = new Map()));
    return table;
  }
}

const isIds = (value: unknown) => Array.isArray(value) && value.every((id) => typeof id === 'number');

function isToMany(model: string, field: string): boolean {
  const relation = RELATIONS[`${model}.${field}`];
  return relation?.back !== undefined || relation?.many === true;
}

function modelOf(model: string, field: string): string {
  const name = RELATIONS[`${model}.${field}`]?.model ?? NAMED[field];
  if (!name) throw new FakeUserError(`${model} has no relation ${field}.`);
  return name;
}

function compare(found: unknown, operator: string, wanted: unknown): boolean {
  if (operator === '=') return (found ?? null) === wanted;
  if (operator === '!=') return (found ?? null) !== wanted;
  if (found === null || found === undefined) return false;
  const [a, b] = [found as string, wanted as string];
  if (operator === '<=') return a <= b;
  if (operator === '>=') return a >= b;
  return operator === '>' ? a > b : a < b;
}

/** The months of a year as first and last day. */
export function monthsOf(year: number): { start_date: unknown; end_date: unknown }[] {
  return Array.from({ length: 12 }, (_, month) => {
    const two = (number: number) => String(number).padStart(2, '0');
    const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    return { start_date: date(`${year}-${two(month + 1)}-01`), end_date: date(`${year}-${two(month + 1)}-${two(last)}`) };
  });
}
