import { collections } from './collections/domain';
import { contracts } from './contracts/domain';
import { customers } from './customers/domain';
import type { Domain } from './domain';
import { invoices } from './invoices/domain';
import { operations } from './operations/domain';
import { payments } from './payments/domain';

/** All domains of the house. One subgraph each. */
export const DOMAINS: readonly Domain[] = [customers, contracts, invoices, payments, collections, operations];
