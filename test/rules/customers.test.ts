import { customerDocument, normalAccount, readCountry, readEmail, readTaxRate, readTimeZone } from '../../subgraphs/customers/rules';

test.each(['a@b.c', 'first.last+tag@sub.example.co.uk', 'ü@exämple.test', "o'hara@example.test"])('%s is an e-mail address', (text) => {
  expect(readEmail(text, 'input.email')).toBe(text);
});

test.each(['', 'a', 'a@b', '@b.c', 'a@.', 'a b@c.d', 'a@b@c.d', '<a@b.c>', 'a@b.c\n', `${'a'.repeat(190)}@b.c`])('%p is no e-mail address', (text) => {
  expect(() => readEmail(text, 'input.email')).toThrow(expect.objectContaining({ code: 'EMAIL_MALFORMED', path: 'input.email' }));
});

test.each(['de', 'D', 'DEU', 'D1', ' DE', 'DE\n', ''])('%p is no country code', (text) => {
  expect(() => readCountry(text, 'input.countryCode')).toThrow(expect.objectContaining({ code: 'COUNTRY_MALFORMED', path: 'input.countryCode' }));
});

test('DE is a country code', () => {
  expect(readCountry('DE', 'input.countryCode')).toBe('DE');
});

test.each(['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'UTC'])('%s is a time zone', (text) => {
  expect(readTimeZone(text, 'input.timeZone')).toBe(text);
});

test.each(['', 'Berlin', 'Europe/Atlantis', 'Europe/Berlin '])('%p is no time zone', (text) => {
  expect(() => readTimeZone(text, 'input.timeZone')).toThrow(expect.objectContaining({ code: 'TIME_ZONE_UNKNOWN', path: 'input.timeZone' }));
});

test.each`
  text          | rate
  ${'0'}        | ${'0'}
  ${'0.0000'}   | ${'0'}
  ${'20'}       | ${'20'}
  ${'20.0'}     | ${'20'}
  ${'7.70'}     | ${'7.7'}
  ${'10'}       | ${'10'}
  ${'10.5000'}  | ${'10.5'}
  ${'2.1234'}   | ${'2.1234'}
  ${'100'}      | ${'100'}
  ${'100.0000'} | ${'100'}
`('the tax rate $text is kept as $rate', ({ text, rate }) => {
  expect(readTaxRate(text, 'input.taxRatePercent')).toBe(rate);
});

test.each(['', '-1', '101', '100.0001', '1000', '7,7', '7.', '.5', '7.77777', '1e1', '20%', ' 20', '20\n'])('%p is no tax rate', (text) => {
  expect(() => readTaxRate(text, 'input.taxRatePercent')).toThrow(expect.objectContaining({ code: 'TAX_RATE_INVALID', path: 'input.taxRatePercent' }));
});

test.each(['DE89 3704 0044 0532 0130 00', 'de89370400440532013000', ' DE89\t37040044 0532013000 '])('%p is one account', (text) => {
  expect(normalAccount(text)).toBe('DE89370400440532013000');
});

test('other systems get a customer by its key, and nothing of our own keeping', () => {
  const customer = { id: 'cus_1', version: 3, key: 'ACME', name: 'Acme', email: null, countryCode: 'DE', currency: 'EUR' };
  expect(customerDocument(customer as never)).toEqual({ key: 'ACME', name: 'Acme', email: null, countryCode: 'DE', currency: 'EUR' });
});
