import fc from 'fast-check';
import { addDays } from '../../entities/terms/days';
import { applyChange, describeChange, givesAfter, type TermsChange, unitsOn, upliftOf } from '../../entities/terms/changes';
import { allItems } from '../../entities/terms/schedule';
import { type ContractTerms, type LineStep, lineOn } from '../../entities/terms/terms';
import { days, line, terms } from './termsGiven';

const { steps: _, ...SEAT } = line();
const set = (from: string, step: Omit<LineStep, 'from'>): TermsChange => ({ kind: 'LINE', line: SEAT, step: { from, ...step } });
const after = (...changes: TermsChange[]) => changes.reduce(applyChange, terms());

/** The terms rebuilt from all changes at once, by another road than one after the other: for each day, who spoke last of it. */
function rebuild(first: ContractTerms, changes: readonly TermsChange[]): ContractTerms {
  const spoken = new Map<string, LineStep>(first.lines[0]!.steps.map((step) => [step.from, step]));
  const billers = new Map(first.billedBy.map((entry) => [entry.from, entry]));
  const owners = new Map(first.ownedBy.map((entry) => [entry.from, entry]));
  for (const change of changes) {
    if (change.kind === 'LINE') spoken.set(change.step.from, { ...spoken.get(change.step.from), ...change.step });
    if (change.kind === 'OWNER') owners.set(change.from, { from: change.from, customerId: change.customerId });
    if (change.kind === 'TRANSFER') billers.set(change.from, { from: change.from, legalEntityId: change.legalEntityId });
  }
  const inOrder = <T>(map: Map<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  return { ...first, billedBy: inOrder(billers), ownedBy: inOrder(owners), lines: [{ ...first.lines[0]!, steps: inOrder(spoken) }] };
}

const someChange: fc.Arbitrary<TermsChange> = fc.oneof(
  fc.record({ from: days('2026-01-01', 364), quantity: fc.option(fc.integer({ min: 0, max: 30 }).map(String), { nil: undefined }), price: fc.option(fc.integer({ min: 0, max: 9_999 }).map(String), { nil: undefined }) })
    .map(({ from, quantity, price }) => set(from, { ...(quantity !== undefined && { quantity }), ...(price !== undefined && { unitPriceMinor: price }) })),
  fc.record({ from: days('2026-01-02', 363), legalEntityId: fc.constantFrom('ent_a', 'ent_b', 'ent_c') }).map((transfer) => ({ kind: 'TRANSFER' as const, ...transfer })),
  fc.record({ from: days('2026-01-02', 363), customerId: fc.constantFrom('cus_a', 'cus_b', 'cus_c') }).map((transfer) => ({ kind: 'OWNER' as const, ...transfer })),
);
const dayOf = (change: TermsChange) => (change.kind === 'LINE' ? `LINE ${change.step.from}` : 'from' in change ? `${change.kind} ${change.from}` : change.kind);

describe('changes of terms', () => {
  test('applied one after the other they make what a rebuild from all of them makes', () => {
    fc.assert(fc.property(fc.array(someChange, { maxLength: 12 }), (changes) => {
      expect(changes.reduce(applyChange, terms())).toEqual(rebuild(terms(), changes));
    }));
  });

  test('changes of different days come to the same in any order of arrival', () => {
    const distinct = fc.uniqueArray(someChange, { selector: dayOf, maxLength: 8 });
    fc.assert(fc.property(distinct.chain((changes) => fc.tuple(fc.constant(changes), fc.shuffledSubarray(changes, { minLength: changes.length }))), ([changes, shuffled]) => {
      const [one, other] = [changes, shuffled].map((order) => order.reduce(applyChange, terms()));
      expect(one).toEqual(other);
      expect(allItems(one!)).toEqual(allItems(other!));
    }));
  });

  test('a later amendment that was known first keeps its day when an earlier one arrives after it', () => {
    const { lines } = after(set('2026-06-01', { quantity: '20' }), set('2026-03-01', { quantity: '15', unitPriceMinor: '9000' }));
    const on = (day: string) => lineOn(lines[0]!, day);
    expect([on('2026-02-28'), on('2026-03-01'), on('2026-06-01')]).toEqual([
      { quantity: 10n, unitPriceMinor: 10_000n }, { quantity: 15n, unitPriceMinor: 9_000n }, { quantity: 20n, unitPriceMinor: 9_000n },
    ]);
  });

  test.each`
    what                               | changes                                                                                                     | suspensions
    ${'a suspension'}                  | ${[{ kind: 'SUSPEND', from: '2026-03-01', until: null }]}                                                    | ${[{ from: '2026-03-01', until: null }]}
    ${'a resumption'}                  | ${[{ kind: 'SUSPEND', from: '2026-03-01', until: null }, { kind: 'RESUME', from: '2026-04-01' }]}            | ${[{ from: '2026-03-01', until: '2026-04-01' }]}
    ${'a resumption before it begins'} | ${[{ kind: 'SUSPEND', from: '2026-03-01', until: '2026-05-01' }, { kind: 'RESUME', from: '2026-02-01' }]}    | ${[]}
    ${'a resumption after it'}         | ${[{ kind: 'SUSPEND', from: '2026-03-01', until: '2026-05-01' }, { kind: 'RESUME', from: '2026-06-01' }]}    | ${[{ from: '2026-03-01', until: '2026-05-01' }]}
  `('$what', ({ changes, suspensions }) => {
    expect(after(...changes).suspensions).toEqual(suspensions);
  });

  test('a renewal adds a term behind the last one, a cancellation ends all of them', () => {
    expect(after({ kind: 'EXTEND', endDate: '2027-12-31' })).toMatchObject({ endDate: '2027-12-31', terms: [{ until: '2027-01-01' }, { from: '2027-01-01', until: '2028-01-01' }] });
    const ended = after({ kind: 'CANCEL', from: '2026-05-01' });
    expect(givesAfter(ended, '2026-04-30')).toBe(true);
    expect(givesAfter(ended, '2026-05-01')).toBe(false);
  });

  test('units are there to use from the day of activation', () => {
    const { lines } = after(set('2026-03-01', { quantity: '15', activates: '2026-03-10' }));
    expect(['2026-02-28', '2026-03-09', '2026-03-10'].map((day) => unitsOn(lines[0]!, day))).toEqual([10n, 10n, 15n]);
  });

  test.each([[30_000n, '10300'], [33_333n, '10333'], [5n, '10000'], [50n, '10001']])('an uplift of %s parts of a million makes 10000 %s', (perMillion, price) => {
    expect(upliftOf(terms(), '2027-01-01', perMillion)).toEqual([{ kind: 'LINE', line: SEAT, step: { from: '2027-01-01', unitPriceMinor: price } }]);
  });

  test('what changed is told in words', () => {
    const changed = after(set('2026-03-01', { quantity: '15', unitPriceMinor: '9000' }), { kind: 'TRANSFER', from: '2026-04-01', legalEntityId: 'ent_b' }, { kind: 'SUSPEND', from: '2026-05-01', until: null },
      { kind: 'EXTEND', endDate: addDays('2027-12-31', 0) });
    expect(describeChange(terms(), changed)).toEqual([
      'SEAT: 10 to 15 units from 2026-03-01 on', 'SEAT: unit price 10000 to 9000 minor units from 2026-03-01 on',
      'ends on 2027-12-31 instead of 2026-12-31', 'billed by ent_b from 2026-04-01 on', 'suspended from 2026-05-01 until further notice',
    ]);
  });
});
