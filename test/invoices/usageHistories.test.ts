import fc from 'fast-check';
import { BilledItem } from '../../entities/invoices/BilledItem';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import type { UsageEventInput } from '../../subgraphs/invoices/api/usage';
import { billContract } from '../../subgraphs/invoices/commands/billContract';
import { cancelUsage } from '../../subgraphs/invoices/commands/cancelUsage';
import { recordUsage } from '../../subgraphs/invoices/commands/recordUsage';
import { DATABASES } from '../harness/databases';
import { rowsOf } from '../harness/refusals';
import { World } from '../harness/world';
import { perCall, type SampleUsage, sampleUsage, usageContract } from './usageGiven';

const HISTORIES = Number(process.env.EVENKEEL_HISTORIES ?? 15);
const MONTHS = ['08', '09', '10'];

type Move =
  | { kind: 'SEND'; event: number }
  | { kind: 'CANCEL'; event: number }
  | { kind: 'BILL' }
  | { kind: 'PRICE'; month: number; day: number; cents: number };

interface History {
  /** Day and calls of each event. */
  events: { month: number; day: number; calls: number }[];
  moves: Move[];
}

const history: fc.Arbitrary<History> = fc.record({
  events: fc.array(fc.record({ month: fc.integer({ min: 0, max: 2 }), day: fc.integer({ min: 1, max: 30 }), calls: fc.integer({ min: 0, max: 500 }) }), { minLength: 1, maxLength: 8 }),
}).chain(({ events }) => {
  const event = fc.integer({ min: 0, max: events.length - 1 });
  const move = fc.oneof(
    { weight: 4, arbitrary: event.map((index): Move => ({ kind: 'SEND', event: index })) },
    { weight: 1, arbitrary: event.map((index): Move => ({ kind: 'CANCEL', event: index })) },
    { weight: 2, arbitrary: fc.constant<Move>({ kind: 'BILL' }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('PRICE' as const), month: fc.integer({ min: 0, max: 2 }), day: fc.integer({ min: 1, max: 28 }), cents: fc.integer({ min: 1, max: 9 }) }) },
  );
  return fc.record({ events: fc.constant(events), moves: fc.array(move, { maxLength: 14 }) });
});

/** What all of it comes to, day by day, by somebody who knows nothing of periods, counts and documents: each call at the price that was last set for the latest day up to its own. */
function owedCents({ events, moves }: History): bigint {
  const sent = new Set(moves.flatMap((move, index) => (move.kind === 'SEND' ? [{ event: move.event, index }] : [])).map(({ event }) => event));
  const cancelled = new Set(moves.flatMap((move, index) => (move.kind === 'CANCEL' && moves.slice(0, index).some((earlier) => earlier.kind === 'SEND' && earlier.event === move.event) ? [move.event] : [])));
  const prices = new Map<string, number>();
  for (const move of moves) if (move.kind === 'PRICE') prices.set(dayOf(move), move.cents);
  let total = 0n;
  events.forEach((event, index) => {
    if (!sent.has(index) || cancelled.has(index)) return;
    const price = [...prices].filter(([from]) => from <= dayOf(event)).sort().at(-1)?.[1] ?? 2;
    total += BigInt(event.calls * price);
  });
  return total;
}
const dayOf = ({ month, day }: { month: number; day: number }) => `2026-${MONTHS[month]}-${String(day).padStart(2, '0')}`;

describe.each(DATABASES)('histories of usage on %s', (database) => {
  let world: World;
  let given: SampleUsage;
  let count = 0;
  beforeAll(async () => {
    world = await World.open({ database });
    given = await sampleUsage(world);
  });
  afterAll(() => world.close());

  async function live({ events, moves }: History): Promise<bigint> {
    const number = `H-${++count}`;
    const { id: contractId } = await usageContract(world, given, { number, billingFrom: '2026-08-01' });
    const inputOf = (index: number): UsageEventInput => ({ source: number, id: `${index}`, type: 'calls', subject: number, time: `${dayOf(events[index]!)}T12:00:00Z`, value: String(events[index]!.calls) });
    const sent = new Set<number>();
    for (const move of [...moves, { kind: 'BILL' } as Move]) {
      if (move.kind === 'SEND') await world.do(recordUsage, { events: [inputOf(move.event), inputOf(move.event)] });
      if (move.kind === 'SEND') sent.add(move.event);
      if (move.kind === 'CANCEL' && sent.has(move.event)) await world.do(cancelUsage, { source: number, id: `${move.event}`, reason: 'Wrong' });
      if (move.kind === 'PRICE') {
        const usage = perCall(given.meter, { tiers: [{ unitPrice: `0.0${move.cents}` }] });
        await world.do(amendContract, { contractId, reason: 'Price', effectiveDate: dayOf(move), lines: [{ productId: given.product.id, quantity: '1', usage }] });
      }
      if (move.kind === 'BILL') await world.do(billContract, { contractId });
    }
    const items = await rowsOf(world, BilledItem, { contractId });
    const byMonth = new Map<string, bigint>();
    for (const { periodFrom, amountMinor } of items) byMonth.set(periodFrom, (byMonth.get(periodFrom) ?? 0n) + amountMinor);
    expect([...byMonth.values()].every((minor) => minor >= 0n)).toBe(true);
    return items.reduce((all, { amountMinor }) => all + amountMinor, 0n);
  }

  test('whatever the order in which events come, are sent twice, cancelled, billed and priced anew, in the end just what was used is billed', async () => {
    await fc.assert(fc.asyncProperty(history, async (one) => expect(await live(one)).toBe(owedCents(one))), { numRuns: HISTORIES });
  }, 300_000);
});
