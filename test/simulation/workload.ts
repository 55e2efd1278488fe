import { upsertCustomer } from '../../subgraphs/customers/commands/upsertCustomer';
import { amendContract } from '../../subgraphs/contracts/commands/amendContract';
import { cancelContract } from '../../subgraphs/contracts/commands/cancelContract';
import { createContract } from '../../subgraphs/contracts/commands/createContract';
import { renewContract } from '../../subgraphs/contracts/commands/renewContract';
import { cashActs } from './cashWorkload';
import { invoiceActs } from './invoiceWorkload';
import { type ContractEntry, ENTITIES, type EntityCode, must, type SoldLine } from './ledger';
import { type Act, lineInputs, nameIn, type Office, some, someLines } from './office';

const MAKERS: Record<string, { weight: number; make(office: Office): Act | undefined }> = {
  upsertCustomer: { weight: 10, make: customerAct },
  createContract: { weight: 8, make: newContract },
  amendContract: { weight: 8, make: (office) => changed(office, amendment) },
  renewContract: { weight: 5, make: (office) => changed(office, renewal) },
  cancelContract: { weight: 2, make: (office) => changed(office, cancellation) },
  ...invoiceActs,
  ...cashActs,
};
const WEIGHTS = Object.fromEntries(Object.entries(MAKERS).map(([name, { weight }]) => [name, weight]));

/** The next act; what can't be done yet gives way to a customer. */
export function nextAct(office: Office): Act {
  return MAKERS[office.random.weighted(WEIGHTS)]!.make(office) ?? customerAct(office);
}

function customerAct(office: Office): Act {
  const { random, ledger } = office;
  const key = `CUS-${random.between(1, office.customersMax)}`;
  const name = `Name ${random.between(1, 6)}`;
  const known = [...ledger.customers.values()].find((customer) => customer.key === key);
  return {
    command: upsertCustomer,
    input: { system: 'crm', key, name, currency: 'EUR' },
    refusal: null,
    ...(known ? { version: known.version } : {}),
    accepted({ id, version }: { id: string; version: number }) {
      const expected = known === undefined ? 1 : known.version + (known.name === name ? 0 : 1);
      must(version === expected, `customer ${key} became version ${version} instead of ${expected}`);
      if (known?.version === expected) return;
      ledger.customers.set(id, { id, key, name, version });
      ledger.owe('customer', id, { version, customer: id });
    },
  };
}

function newContract(office: Office): Act | undefined {
  const { ledger, random, ids } = office;
  const customer = some(office, ledger.customers.values());
  if (!customer) return undefined;
  const entity = random.pick(Object.keys(ENTITIES) as EntityCode[]);
  const lines = someLines(office);
  const number = nameIn(office, 'CON');
  const endDate = '2026-12-31';
  return {
    command: createContract,
    input: {
      number, endDate,
      customerId: customer.id,
      legalEntityId: ids.entity[entity],
      startDate: '2026-01-01',
      currency: ENTITIES[entity],
      lines: lineInputs(office, entity, lines),
    },
    refusal: null,
    idempotentByDocument: true,
    accepted({ id, version }: { id: string; version: number }) {
      must(version === 1 && !ledger.contracts.has(id), `contract ${number} began as version ${version}`);
      const contract: ContractEntry = { id, number, entity, endDate, customer: customer.id, cancelled: false, versions: [] };
      ledger.contracts.set(id, contract);
      ledger.publish(contract, lines);
    },
  };
}

type Change = Pick<Act, 'command' | 'input'> & { lines: SoldLine[]; accepted(): void };

/** A change of some contract, which a cancelled one refuses. */
function changed(office: Office, change: (office: Office, contract: ContractEntry) => Change): Act | undefined {
  const contract = some(office, office.ledger.contracts.values());
  if (!contract) return undefined;
  const { command, input, lines, accepted } = change(office, contract);
  return {
    command,
    input: { contractId: contract.id, reason: 'simulated', ...input },
    refusal: contract.cancelled ? 'MOVE_NOT_ALLOWED' : null,
    version: contract.versions.length,
    accepted({ version }: { version: number }) {
      accepted();
      office.ledger.publish(contract, lines);
      must(version === contract.versions.length, `contract ${contract.number} became version ${version} instead of ${contract.versions.length}`);
    },
  };
}

const soldNow = (contract: ContractEntry) => contract.versions.at(-1)!;

function amendment(office: Office, contract: ContractEntry): Change {
  const changes = someLines(office);
  const kept = soldNow(contract).map((line) => changes.find((change) => change.product === line.product) ?? line);
  const fresh = changes.filter((change) => !kept.includes(change));
  return { command: amendContract, input: { lines: lineInputs(office, contract.entity, changes) }, lines: [...kept, ...fresh], accepted: () => undefined };
}

function renewal(_office: Office, contract: ContractEntry): Change {
  const endDate = `${Number(contract.endDate.slice(0, 4)) + 1}-12-31`;
  const accepted = () => {
    contract.endDate = endDate;
  };
  return { command: renewContract, input: { endDate, lines: [] }, lines: soldNow(contract), accepted };
}

function cancellation(_office: Office, contract: ContractEntry): Change {
  const accepted = () => {
    contract.cancelled = true;
  };
  return { command: cancelContract, input: {}, lines: [], accepted };
}
