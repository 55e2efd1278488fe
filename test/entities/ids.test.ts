import fc from 'fast-check';
import { ID_PREFIXES, type IdPrefix, naturalName, parseId, resourceId, tenantNamespace, typeOfId, uuidV5, uuidV7 } from '../../entities/ids';

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const URL_SPACE = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';
const PRODUCT = '434e8d34-06a8-5b4a-883a-dd801943f099';

test.each`
  namespace    | name                                       | id
  ${DNS}       | ${'www.example.com'}                       | ${'2ed6657d-e927-568b-95e1-2665a8aea6a2'}
  ${URL_SPACE} | ${'https://example.test/o2c/v1'}           | ${PRODUCT}
  ${PRODUCT}   | ${'tenant-1|billing:stripe|invoice|in_123|1'} | ${'17ae0288-1aee-52f7-9d84-058c56c21edb'}
`('the UUIDv5 of $name is $id', ({ namespace, name, id }) => {
  expect(uuidV5(namespace, name)).toBe(id);
});

test('the same name composed and decomposed gives one id', () => {
  expect(uuidV5(DNS, 'Caf\u00e9')).toBe(uuidV5(DNS, 'Cafe\u0301'));
  expect(uuidV5(DNS, 'Café')).not.toBe(uuidV5(DNS, 'Cafe'));
});

test('a namespace is read alike in upper and lower case', () => {
  expect(uuidV5(DNS.toUpperCase(), 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
});

test.each`
  natural                                                                             | name
  ${{ tenant: 'tenant-1', system: 'billing:stripe', type: 'invoice', key: 'in_123' }} | ${'tenant-1|billing:stripe|invoice|in_123|1'}
  ${{ tenant: 't', system: 'CRM', type: 'Customer', key: 'AcMe', revision: 2 }}       | ${'t|crm|customer|AcMe|2'}
  ${{ tenant: 't', system: 's', type: 'y', key: 'a|b' }}                              | ${'t|s|y|a\\|b|1'}
  ${{ tenant: 't', system: 's', type: 'y', key: 'a\\b' }}                             | ${'t|s|y|a\\\\b|1'}
  ${{ tenant: 't', system: 's', type: 'y', key: '' }}                                 | ${'t|s|y||1'}
`('the name of $natural is $name', ({ natural, name }) => {
  expect(naturalName(natural)).toBe(name);
});

test('different natural keys never share a name, whatever separators they contain', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '|', '\\'), maxLength: 4 });
  const natural = fc.record({ tenant: text, system: text, type: text, key: text });
  fc.assert(fc.property(natural, natural, (a, b) => (naturalName(a) === naturalName(b)) === (JSON.stringify(a) === JSON.stringify(b))));
});

test('a tenant, its secret, the type and the key each make another id', () => {
  const natural = { tenant: 'a', system: 's', type: 'y', key: 'k' };
  const home = tenantNamespace('a', 'secret');
  const ids = [
    resourceId(home, 'inv', natural),
    resourceId(home, 'pay', natural),
    resourceId(tenantNamespace('b', 'secret'), 'inv', natural),
    resourceId(tenantNamespace('a', 'other'), 'inv', natural),
    resourceId(home, 'inv', { ...natural, key: 'K' }),
    resourceId(home, 'inv', { ...natural, revision: 2 }),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  expect(resourceId(home, 'inv', { ...natural, revision: 1 })).toBe(ids[0]);
});

test.each(Object.entries(ID_PREFIXES))('an id with the prefix %s is that of a %s, and of nothing else', (prefix, type) => {
  const id = resourceId(DNS, prefix as IdPrefix, { tenant: 't', system: 's', type: 'y', key: 'k' });
  expect(id).toMatch(/^[a-z]{3}_[0-9a-f]{32}$/);
  expect(typeOfId(id)).toBe(type);
  expect(parseId(id, prefix as IdPrefix)).toBe(id);
  const others = (Object.keys(ID_PREFIXES) as IdPrefix[]).filter((other) => other !== prefix);
  for (const other of others) expect(() => parseId(id, other)).toThrow(expect.objectContaining({ code: 'ID_MALFORMED' }));
});

const HEX = 'a'.repeat(32);
test.each(['', 'inv', 'inv_', `inv_${HEX}a`, `inv_${HEX.slice(1)}`, `inv_${HEX.toUpperCase()}`, ` inv_${HEX}`, `inv_${HEX}\n`, `inv-${HEX}`, `xyz_${HEX}`, HEX])(
  '%p is the id of no invoice',
  (raw) => {
    expect(() => parseId(raw, 'inv', 'input.invoiceId')).toThrow(expect.objectContaining({ code: 'ID_MALFORMED', path: 'input.invoiceId' }));
    expect(typeOfId(raw)).toBeUndefined();
  },
);

test('UUIDv7s sort in the order they were made, also when the clock stands still or goes back', () => {
  const times = [1_000, 1_000, 999, 2_000, 1_500, 2_000, 2_001];
  const ids = [...times, ...Array.from({ length: 10_000 }, () => 2_001)].map((atMs) => uuidV7(1_800_000_000_000 + atMs));
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
});

test('a UUIDv7 says its version, its variant and the time it was made', () => {
  const atMs = 1_900_000_000_000;
  const id = uuidV7(atMs);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(parseInt(id.replace(/-/g, '').slice(0, 12), 16)).toBe(atMs);
});
