import { Refusal } from '../entities/refusal';

type Table = Record<string, Partial<Record<string, string>>>;

/** The state a move leads to, by a complete table. Refuses MOVE_NOT_ALLOWED with what is allowed instead. */
export function move<State extends string>(table: Table, state: State, verb: string): State {
  const next = table[state]?.[verb];
  if (next !== undefined) return next as State;
  const allowed = Object.keys(table[state] ?? {}).join(', ') || 'nothing';
  throw new Refusal('MOVE_NOT_ALLOWED', `Cannot ${verb} what is ${state}; possible: ${allowed}.`);
}
