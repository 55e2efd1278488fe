/** The folders of the domains as they are, beside what the domains say of themselves. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOMAINS } from '../../subgraphs/domains';
import { filesBelow, ROOT } from './sources';

const FILES = ['README.md', 'api.ts', 'domain.ts', 'events.ts', 'neighbours.ts', 'resolver.ts', 'rules.ts', 'states.ts'];
const FOLDERS = ['commands', 'on'];
/** Read models wider than one resource, and what of an API has outgrown its file. */
const OPTIONAL_FOLDERS = ['queries', 'api'];

/** Parts of commands that several share: not mutations, tested through the commands that use them. */
export const SHARED_PARTS = new Set([
  'collections/closeWhenSettled',
  'collections/overdueInvoices',
  'contracts/changeTerms',
  'contracts/checkSale',
  'contracts/lockTerms',
  'contracts/publishContract',
  'contracts/readLines',
  'contracts/readPlan',
  'contracts/recordAmendment',
  'contracts/standAlonePrices',
  'invoices/addCreditMemo',
  'invoices/addInvoice',
  'invoices/billContracts',
  'invoices/checkOpen',
  'invoices/countUsage',
  'customers/postCustomer',
  'invoices/dueToday',
  'invoices/finalizeDocument',
  'invoices/gatherCharges',
  'invoices/monthOfBooks',
  'invoices/movePeriod',
  'invoices/numberDocument',
  'invoices/planBilling',
  'invoices/publishUsage',
  'invoices/readUsage',
  'invoices/recountUsage',
  'invoices/regroupBilling',
  'invoices/setBillingCursors',
  'invoices/settleInvoice',
  'invoices/tellRecovered',
  'operations/closeCauses',
  'operations/finalizePostings',
  'operations/heldPosting',
  'operations/lockPosting',
  'operations/periodCause',
  'operations/raiseException',
  'operations/readEvidence',
  'operations/settleChannels',
  'operations/redatePosting',
  'operations/settleClosedPeriod',
  'operations/settleRejected',
  'operations/supersedePostings',
  'operations/tellPosted',
  'operations/wakeDependents',
  'payments/applyCash',
  'payments/learnPayer',
  'payments/bookPayment',
]);

export const domainFolders = () => readdirSync(join(ROOT, 'subgraphs'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);

/** What a domain folder lacks or has too much. A domain that reacts to nothing has no `on/`. */
export function misshapen(domain: string): string[] {
  const present = [...new Set(filesBelow(`subgraphs/${domain}`).map((path) => path.split('/')[2]!))].sort();
  const { reactions } = DOMAINS.find(({ name }) => name === domain)!;
  const wanted = [...FILES, ...FOLDERS.filter((folder) => folder !== 'on' || reactions.length > 0)];
  const lacking = wanted.filter((name) => !present.includes(name)).map((name) => `subgraphs/${domain} lacks ${name}`);
  const extra = present.filter((name) => !wanted.includes(name) && !OPTIONAL_FOLDERS.includes(name));
  return [...lacking, ...extra.map((name) => `subgraphs/${domain}/${name} has no place there`)];
}

/** Files of a domain's folder, without their ending. */
export function partsOf(domain: string, folder: string): string[] {
  return existsSync(join(ROOT, 'subgraphs', domain, folder)) ? filesBelow(`subgraphs/${domain}/${folder}`).map((path) => path.split('/').at(-1)!.replace(/\.ts$/, '')) : [];
}

/** Command files of all domains as `domain/command`, without the parts they share. */
export const commandNames = () => domainFolders().flatMap((domain) => partsOf(domain, 'commands').map((name) => `${domain}/${name}`)).filter((name) => !SHARED_PARTS.has(name));

/** What a module of the product exports. */
export const exportsOf = (path: string) => require(join(ROOT, path)) as Record<string, unknown>;

/** Every state of every table of moves, as `domain TABLE STATE`. */
export function statesOfTables(): string[] {
  return domainFolders().flatMap((domain) =>
    Object.entries(exportsOf(`subgraphs/${domain}/states`)).flatMap(([table, moves]) =>
      /_MOVES$/.test(table) ? Object.keys(moves as object).map((state) => `${domain} ${table} ${state}`) : [],
    ),
  );
}

/** The text of all tests but these. */
export const testTexts = () =>
  filesBelow('test').filter((path) => path.endsWith('.ts') && !path.startsWith('test/tidy')).map((path) => readFileSync(join(ROOT, path), 'utf8'));
