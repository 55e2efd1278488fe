import { trytonFakeSubject, trytonSubject } from '../../cli/conformance/tryton';
import type { Backend } from '../../connectors/conformance/subject';
import type { Connector } from '../../connectors/connector';
import type { ContractCheckDocument, PostingDocument } from '../../sync/documents';
import { customer, fresh, posting } from './trytonWorld';
import { needs } from '../harness/services';

const SUBJECTS = needs('tryton') ? [trytonFakeSubject(), trytonSubject()] : [trytonFakeSubject()];
jest.setTimeout(180_000);

describe.each(SUBJECTS.map((subject) => [subject.name, subject] as const))('a contract check on %s', (_name, subject) => {
  let backend: Backend;
  let connector: Connector;
  const buyer = fresh('cus');
  const signal = () => AbortSignal.timeout(60_000);
  const check = ({ account = '4010', ...change }: Partial<ContractCheckDocument> & { account?: string } = {}): PostingDocument => ({
    ...posting('contractCheck', fresh('con'), {
      number: fresh('C'), customerId: buyer, state: 'ACTIVE', startDate: '2026-03-01', endDate: '2027-02-28', currency: 'EUR', invoicesFrom: '2026-03-10',
      lines: [{ productKey: 'SEAT', quantity: '3', unitPriceMinor: '10000', taxCode: 'standard', taxRatePercent: '20', revenueAccount: account }],
      ...change,
    }),
    legalEntity: backend.entity,
  });

  beforeAll(async () => {
    backend = await subject.open();
    connector = backend.connect(backend.url);
    expect(await connector.post(customer(buyer), signal())).toMatchObject({ outcome: 'POSTED' });
  });
  afterAll(() => backend.close());

  test.each<[string, Partial<ContractCheckDocument>]>([
    ['whose invoices the books would take', {}],
    ['that begins after the last period', { invoicesFrom: '2099-01-01' }],
    ['that is cancelled', { invoicesFrom: null, lines: [], state: 'CANCELLED' }],
  ])('one %s is POSTED, and found so', async (_what, change) => {
    const document = check(change);
    expect(await connector.post(document, signal())).toMatchObject({ outcome: 'POSTED' });
    expect(await connector.find(document, signal())).toMatchObject({ outcome: 'POSTED' });
  });

  test.each<[string, string, Partial<ContractCheckDocument> & { account?: string }]>([
    ['an unknown customer', 'ERP_CUSTOMER_UNKNOWN', { customerId: 'cus_nobody' }],
    ['an unknown revenue account', 'ERP_ACCOUNT_UNKNOWN', { account: '9999' }],
    ['another currency than the books', 'ERP_CURRENCY_DIFFERS', { currency: 'USD' }],
    ['invoices from a closed day', 'ERP_START_CLOSED', { invoicesFrom: '2025-01-15' }],
    ['invoices from a day before the first period', 'ERP_START_CLOSED', { invoicesFrom: '1999-01-15' }],
  ])('one of %s is refused with %s, and absent', async (_what, code, change) => {
    const document = check(change);
    expect(await connector.post(document, signal())).toMatchObject({ outcome: 'REJECTED', code });
    expect(await connector.find(document, signal())).toEqual({ outcome: 'ABSENT' });
  });
});
