/** Cases about what stands in the books: texts of every script, amounts of every currency. */
import { decimalOf, documentsOf, type LegalEntity } from '../documents';
import { check, type Case, type Stand } from '../stand';

/** Arabic, emoji with joiners and a skin tone, stacked combining marks, and one name composed as well as decomposed. */
const TEXTS: readonly string[] = [
  'شركة الميناء للأغذية', '👩🏽‍🚀 Rocket 🚀', 'Z̴̧̛a͢l̷g̶o̵', 'Café Zürich'.normalize('NFC'), 'Café Zürich'.normalize('NFD'), '東京 <b>&amp;</b> "quoted" \\ back', "O'Neil; -- %s {0}",
];

async function unicode(stand: Stand): Promise<void> {
  for (const text of TEXTS) {
    const customer = stand.documents.customer(undefined, { name: text });
    await stand.posted(customer);
    await expectText(stand, customer, text);
  }
  const customerId = await stand.customer();
  const draft = stand.documents.invoice(customerId);
  const [line] = draft.body.lines;
  const lines = TEXTS.map((description, at) => ({ ...line!, lineId: `l${at}`, description, unitPriceMinor: '1000', netMinor: '1000', taxMinor: '200' }));
  const invoice = { ...draft, body: { ...draft.body, lines, netMinor: '7000', taxMinor: '1400', totalMinor: '8400' } };
  await stand.posted(invoice);
  for (const text of TEXTS) await expectText(stand, invoice, text);
}

async function expectText(stand: Stand, document: Parameters<Stand['posted']>[0], text: string): Promise<void> {
  const { texts } = await stand.backend.content(document);
  const point = (word: string) => [...word].map((letter) => letter.codePointAt(0)!.toString(16)).join(' ');
  const nearest = texts.find((one) => one.normalize('NFC') === text.normalize('NFC'));
  check(texts.includes(text), `${document.kind}: ${JSON.stringify(text)} came back ${nearest ? `as ${point(nearest)}` : 'not at all'}`);
}

/** An odd amount of an entity in this currency comes back to the unit. */
async function inCurrency(stand: Stand, entity: LegalEntity): Promise<void> {
  const documents = documentsOf(entity);
  const customer = documents.customer();
  const invoice = documents.invoice(customer.externalId, {}, 1_234_565n);
  const paid = documents.payment(1_481_478n);
  for (const document of [customer, invoice, paid, documents.application([paid, invoice], 1_481_477n)]) await stand.posted(document);
  const expected = { invoice: decimalOf(invoice.body.totalMinor, entity.currency), payment: decimalOf('1481478', entity.currency) };
  const found = { invoice: (await stand.backend.content(invoice)).total, payment: (await stand.backend.content(paid)).total };
  check(JSON.stringify(found) === JSON.stringify(expected), `booked ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
}

export const CONTENT = [
  { name: 'texts of every script come back intact', run: unicode },
  { name: 'amounts with two decimals', run: (stand: Stand) => inCurrency(stand, stand.backend.entity) },
  { name: 'amounts of a currency without decimals', run: (stand: Stand) => inCurrency(stand, stand.backend.noDecimals!) },
  { name: 'amounts of a currency with three decimals', run: (stand: Stand) => inCurrency(stand, stand.backend.threeDecimals!) },
] as const satisfies readonly Case[];
