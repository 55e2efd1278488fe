import { CaseState } from '../../entities/collections/CollectionCase';
import { ContractState } from '../../entities/contracts/Contract';
import { EntitlementState } from '../../entities/contracts/CustomerSubscription';
import { InvoiceState, SettlementState } from '../../entities/invoices/Invoice';
import { ExceptionState } from '../../entities/operations/ExceptionItem';
import { PostingState } from '../../entities/operations/Posting';
import { StatementState } from '../../entities/payments/BankStatement';
import { CashState } from '../../entities/payments/Payment';
import { PeriodState } from '../../entities/invoices/AccountingPeriod';
import { UsageState } from '../../entities/invoices/UsagePeriod';
import { ApplicationState } from '../../entities/payments/PaymentApplication';
import { CASE_MOVES } from '../../subgraphs/collections/states';
import { CONTRACT_MOVES, ENTITLEMENT_MOVES } from '../../subgraphs/contracts/states';
import { INVOICE_MOVES, PERIOD_MOVES, SETTLEMENT_MOVES, USAGE_MOVES } from '../../subgraphs/invoices/states';
import { move } from '../../subgraphs/move';
import { EXCEPTION_MOVES, POSTING_MOVES } from '../../subgraphs/operations/states';
import { APPLICATION_MOVES, CASH_MOVES, STATEMENT_MOVES } from '../../subgraphs/payments/states';
import { statesOfTables } from '../tidy/house';

type Moves = Record<string, Record<string, string>>;

const TABLES: [name: string, table: Moves, states: object, spelled: Moves][] = [
  ['collections CASE_MOVES', CASE_MOVES, CaseState, {
    'OPEN': { advance: 'REMINDED', close: 'CLOSED' },
    'REMINDED': { advance: 'FINAL_NOTICE', close: 'CLOSED' },
    'FINAL_NOTICE': { advance: 'ESCALATED', close: 'CLOSED' },
    'ESCALATED': { close: 'CLOSED' },
    'CLOSED': {},
  }],
  ['contracts CONTRACT_MOVES', CONTRACT_MOVES, ContractState, {
    'ACTIVE': {
      amend: 'ACTIVE', renew: 'ACTIVE', transfer: 'ACTIVE', suspend: 'ACTIVE', resume: 'ACTIVE', withdraw: 'ACTIVE', advance: 'ACTIVE', cancel: 'CANCELLED', expire: 'EXPIRED',
    },
    'EXPIRED': { renew: 'ACTIVE' },
    'CANCELLED': {},
  }],
  ['contracts ENTITLEMENT_MOVES', ENTITLEMENT_MOVES, EntitlementState, {
    'ACTIVE': { expand: 'HELD', reduce: 'ACTIVE', end: 'ENDED' },
    'HELD': { expand: 'HELD', reduce: 'ACTIVE', grant: 'ACTIVE', end: 'ENDED' },
    'ENDED': { expand: 'HELD' },
  }],
  ['invoices INVOICE_MOVES', INVOICE_MOVES, InvoiceState, {
    'ISSUED': { void: 'VOIDED', credit: 'ISSUED' },
    'VOIDED': {},
  }],
  ['invoices PERIOD_MOVES', PERIOD_MOVES, PeriodState, {
    'OPEN': { begin: 'PENDING_CLOSE' },
    'PENDING_CLOSE': { close: 'CLOSED', reopen: 'OPEN' },
    'CLOSED': { reopen: 'OPEN' },
  }],
  ['invoices SETTLEMENT_MOVES', SETTLEMENT_MOVES, SettlementState, {
    'UNPAID': { pay: 'PARTLY_PAID', settle: 'PAID', reopen: 'UNPAID', void: 'VOIDED' },
    'PARTLY_PAID': { pay: 'PARTLY_PAID', settle: 'PAID', reopen: 'UNPAID' },
    'PAID': { pay: 'PARTLY_PAID', settle: 'PAID', reopen: 'UNPAID' },
    'VOIDED': {},
  }],
  ['invoices USAGE_MOVES', USAGE_MOVES, UsageState, {
    'STALE': { count: 'COUNTED', hold: 'HELD', recount: 'STALE' },
    'COUNTED': { recount: 'STALE' },
    'HELD': { approve: 'APPROVED', recount: 'STALE' },
    'APPROVED': { recount: 'STALE' },
  }],
  ['operations POSTING_MOVES', POSTING_MOVES, PostingState, {
    'PENDING': { post: 'POSTED', reject: 'REJECTED', doubt: 'UNCERTAIN', retry: 'PENDING', supersede: 'SUPERSEDED' },
    'UNCERTAIN': { post: 'POSTED', reject: 'REJECTED', doubt: 'UNCERTAIN', retry: 'UNCERTAIN', supersede: 'SUPERSEDED' },
    'REJECTED': { retry: 'PENDING', redate: 'PENDING', doubt: 'UNCERTAIN', supersede: 'SUPERSEDED' },
    'POSTED': { replay: 'UNCERTAIN' },
    'SUPERSEDED': {},
  }],
  ['operations EXCEPTION_MOVES', EXCEPTION_MOVES, ExceptionState, {
    'OPEN': { assign: 'OPEN', resolve: 'RESOLVED', raise: 'OPEN' },
    'RESOLVED': { raise: 'OPEN' },
  }],
  ['payments CASH_MOVES', CASH_MOVES, CashState, {
    'UNAPPLIED': { place: 'APPLIED', placePart: 'PARTLY_APPLIED', free: 'UNAPPLIED' },
    'PARTLY_APPLIED': { place: 'APPLIED', placePart: 'PARTLY_APPLIED', free: 'UNAPPLIED' },
    'APPLIED': { place: 'APPLIED', placePart: 'PARTLY_APPLIED', free: 'UNAPPLIED' },
  }],
  ['payments APPLICATION_MOVES', APPLICATION_MOVES, ApplicationState, {
    'APPLIED': { unapply: 'UNAPPLIED' },
    'UNAPPLIED': {},
  }],
  ['payments STATEMENT_MOVES', STATEMENT_MOVES, StatementState, {
    'IMPORTING': { finish: 'IMPORTED' },
    'IMPORTED': {},
  }],
];

test('no table of moves is missing here', () => {
  expect(statesOfTables().sort()).toEqual(TABLES.flatMap(([name, , , spelled]) => Object.keys(spelled).map((state) => `${name} ${state}`)).sort());
});

test.each(TABLES)('%s allows the moves spelled out and no others', (_name, table, _states, spelled) => {
  expect(table).toEqual(spelled);
});

test.each(TABLES)('%s has a row for every state, and every move leads to a state', (_name, table, states) => {
  const all = Object.values(states).sort();
  expect(Object.keys(table).sort()).toEqual(all);
  for (const next of Object.values(table).flatMap((row) => Object.values(row))) expect(all).toContain(next);
});

const VERBS = TABLES.flatMap(([name, table]) => {
  const verbs = [...new Set(Object.values(table).flatMap((row) => Object.keys(row)))];
  return Object.keys(table).flatMap((state) => verbs.map((verb) => [name, state, verb, table] as const));
});
test.each(VERBS)('%s: what is %s is led on by %s as its table says, or refused', (_name, state, verb, table) => {
  const next = table[state]![verb];
  if (next) expect(move(table, state, verb)).toBe(next);
  else expect(() => move(table, state, verb)).toThrow(expect.objectContaining({ name: 'Refusal', code: 'MOVE_NOT_ALLOWED' }));
});

test.each`
  state           | verb        | message
  ${'OPEN'}       | ${'settle'} | ${'Cannot settle what is OPEN; possible: advance, close.'}
  ${'CLOSED'}     | ${'close'}  | ${'Cannot close what is CLOSED; possible: nothing.'}
  ${'elsewhere'}  | ${'close'}  | ${'Cannot close what is elsewhere; possible: nothing.'}
`('a move refused says what would be possible: $message', ({ state, verb, message }) => {
  expect(() => move(CASE_MOVES, state, verb)).toThrow(message);
});
