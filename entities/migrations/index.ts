import { Spine0000000000001 } from './0001_spine';
import { Channels0000000000002 } from './0002_channels';
import { ClosedPeriods0000000000003 } from './0003_closed_periods';
import { Replay0000000000004 } from './0004_replay';
import { PostingLineage0000000000005 } from './0005_posting_lineage';
import { Withdrawals0000000000006 } from './0006_withdrawals';
import { Terms0000000000007 } from './0007_terms';
import { BilledItems0000000000008 } from './0008_billed_items';
import { Billing0000000000009 } from './0009_billing';
import { Revenue0000000000010 } from './0010_revenue';
import { VoidedSettlement0000000000011 } from './0011_voided_settlement';
import { PriceBooks0000000000012 } from './0012_price_books';
import { Usage0000000000013 } from './0013_usage';
import { TaxesAndTerms0000000000014 } from './0014_taxes_and_terms';
import { BillingByEntity0000000000015 } from './0015_billing_by_entity';
import { Obligations0000000000016 } from './0016_obligations';
import { Rebills0000000000017 } from './0017_rebills';
import { Payers0000000000018 } from './0018_payers';
import { Authorities0000000000019 } from './0019_authorities';
import { PayersKnown0000000000020 } from './0020_payers_known';

/** In order, contiguous, never edited once released. */
export const MIGRATIONS = [
  Spine0000000000001, Channels0000000000002, ClosedPeriods0000000000003, Replay0000000000004, PostingLineage0000000000005, Withdrawals0000000000006,
  Terms0000000000007, BilledItems0000000000008, Billing0000000000009, Revenue0000000000010, VoidedSettlement0000000000011, PriceBooks0000000000012,
  Usage0000000000013, TaxesAndTerms0000000000014, BillingByEntity0000000000015,
  Obligations0000000000016, Rebills0000000000017, Payers0000000000018, Authorities0000000000019, PayersKnown0000000000020,
];
