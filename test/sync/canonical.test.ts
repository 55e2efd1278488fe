import fc from 'fast-check';
import { canonicalJson, sha256 } from '../../sync/canonical';

test.each`
  value                                 | text
  ${{ b: 1, a: 2 }}                     | ${'{"a":2,"b":1}'}
  ${{ a: { d: 1, c: [{ f: 1, e: 2 }] } }} | ${'{"a":{"c":[{"e":2,"f":1}],"d":1}}'}
  ${{ a: undefined, b: null }}          | ${'{}'}
  ${{ a: '' }}                          | ${'{"a":""}'}
  ${{ a: 0, b: false }}                 | ${'{"a":0,"b":false}'}
  ${[undefined, null, 1]}               | ${'[null,null,1]'}
  ${[2, 1]}                             | ${'[2,1]'}
  ${undefined}                          | ${'null'}
  ${null}                               | ${'null'}
  ${12n}                                | ${'"12"'}
  ${{ a: 9_007_199_254_740_993n }}      | ${'{"a":"9007199254740993"}'}
  ${new Date(0)}                        | ${'"1970-01-01T00:00:00.000Z"'}
  ${{ at: new Date(1_000) }}            | ${'{"at":"1970-01-01T00:00:01.000Z"}'}
  ${'Ä "quoted" \\ \n'}                 | ${'"Ä \\"quoted\\" \\\\ \\n"'}
  ${{}}                                 | ${'{}'}
  ${[]}                                 | ${'[]'}
`('$text is the one way to write its value', ({ value, text }) => {
  expect(canonicalJson(value)).toBe(text);
});

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([key, item]) => [key, shuffled(item)]));
};

test('the order of keys makes no difference, at any depth', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => canonicalJson(shuffled(value)) === canonicalJson(value)));
});

test('values without nulls are read back as they were, so different ones have different texts', () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  const { tree } = fc.letrec((tie) => ({ tree: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('tree')), fc.dictionary(fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'), tie('tree'))) }));
  fc.assert(fc.property(tree!, (value) => expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))));
});

test('what is left out and what is null are one, as they are in a GraphQL input', () => {
  expect(canonicalJson({ a: 1, b: undefined })).toBe(canonicalJson({ a: 1, b: null }));
  expect(canonicalJson({ a: 1, b: undefined })).toBe(canonicalJson({ a: 1 }));
});

test('the hash is SHA-256 in lower-case hex', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(sha256(Buffer.from('abc'))).toBe(sha256('abc'));
});
