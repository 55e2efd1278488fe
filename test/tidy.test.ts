import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openDatabase } from '../entities/database';
import { MIGRATIONS } from '../entities/migrations';
import { DOMAINS } from '../subgraphs/domains';
import { freshDatabase } from './harness/databases';
import { wrongArrows } from './tidy/arrows';
import { commandNames, domainFolders, exportsOf, misshapen, partsOf, SHARED_PARTS, statesOfTables, testTexts } from './tidy/house';
import { crowdedOf, FILE_LINES_MAX, FUNCTION_LINES_MAX, functionsOf } from './tidy/measures';
import { filesBelow, PRODUCT_SOURCES, ROOT, SOURCES } from './tidy/sources';
import { jumps, moneyAsNumber, unaskedTime } from './tidy/words';

const readJson = <Shape>(path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Shape;

describe('size', () => {
  const ratchet = readJson<Record<string, number>>('test/tidy/ratchet.json');
  const measured = SOURCES.flatMap(functionsOf);

  test(`a function has at most ${FUNCTION_LINES_MAX} lines, or as many as the ratchet grants`, () => {
    const long = measured.filter(({ key, lines }) => lines > (ratchet[key] ?? FUNCTION_LINES_MAX));
    expect(long.map(({ at, key, lines }) => `${at} ${key} has ${lines} lines`)).toEqual([]);
  });

  test('the ratchet grants no function more than it has', () => {
    const lines = new Map(measured.map((item) => [item.key, item.lines]));
    const loose = Object.entries(ratchet).filter(([key, granted]) => (lines.get(key) ?? 0) < granted);
    expect(loose.map(([key, granted]) => `${key} is granted ${granted} and has ${lines.get(key) ?? 0}: lower it in test/tidy/ratchet.json`)).toEqual([]);
  });

  test(`a file has at most ${FILE_LINES_MAX} lines`, () => {
    const long = SOURCES.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 })).filter(({ lines }) => lines > FILE_LINES_MAX);
    expect(long.map(({ path, lines }) => `${path} has ${lines} lines`)).toEqual([]);
  });

  test('a function takes at most three parameters', () => {
    expect(PRODUCT_SOURCES.flatMap(crowdedOf)).toEqual([]);
  });
});

describe('shape', () => {
  test('each domain folder has the same files', () => {
    expect(domainFolders().sort()).toEqual(DOMAINS.map(({ name }) => name).sort());
    expect(domainFolders().flatMap(misshapen)).toEqual([]);
  });

  test.each(['commands', 'queries'])('a file in %s exports a function of its name', (folder) => {
    const names = domainFolders().flatMap((domain) => partsOf(domain, folder).map((name) => ({ domain, name })));
    const wrong = names.filter(({ domain, name }) => typeof exportsOf(`subgraphs/${domain}/${folder}/${name}`)[name] !== 'function');
    expect(wrong.map(({ domain, name }) => `subgraphs/${domain}/${folder}/${name}.ts exports no function ${name}`)).toEqual([]);
  });

  test('a file in on/ exports the reaction to the event it is named after, and the domain lists it', () => {
    const wrong = DOMAINS.flatMap(({ name: domain, reactions }) =>
      partsOf(domain, 'on').filter((name) => {
        const reaction = exportsOf(`subgraphs/${domain}/on/${name}`)[`on${name[0]!.toUpperCase()}${name.slice(1)}`];
        return !reactions.some((listed) => listed === reaction);
      }).map((name) => `subgraphs/${domain}/on/${name}.ts`),
    );
    expect(wrong).toEqual([]);
  });

  test('every command file is a command its domain lists, or a part that commands share', () => {
    const listed = DOMAINS.flatMap(({ name, commands }) => commands.map((command) => `${name}/${command.name}`));
    expect(commandNames().sort()).toEqual(listed.sort());
    expect([...SHARED_PARTS].filter((part) => !existsSync(join(ROOT, 'subgraphs', part.replace('/', '/commands/') + '.ts')))).toEqual([]);
  });

  test('every event that a domain defines is one it lists', () => {
    for (const { name, events } of DOMAINS) {
      const defined = Object.values(exportsOf(`subgraphs/${name}/events`)).filter((item) => typeof item === 'function');
      expect(new Set<unknown>(events)).toEqual(new Set<unknown>(defined));
    }
  });
});

describe('arrows', () => {
  test('imports go one way', () => {
    expect(PRODUCT_SOURCES.flatMap(wrongArrows)).toEqual([]);
  });

  test('the product imports neither tests nor benchmarks', () => {
    const wrong = PRODUCT_SOURCES.filter(({ text }) => /from '(\.\.\/)+(test|bench)\//.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

describe('words', () => {
  test('no amount is a number', () => {
    expect(SOURCES.flatMap(moneyAsNumber)).toEqual([]);
  });

  test('time and chance come from the clock and the seed', () => {
    const free = /^(sync\/clock\.ts|test\/harness\/|bench\/|cli\/.*\.mjs)/;
    expect(SOURCES.filter(({ path }) => !free.test(path)).flatMap(unaskedTime)).toEqual([]);
  });

  test('a state changes by a move of its table', () => {
    expect(PRODUCT_SOURCES.flatMap(jumps)).toEqual([]);
  });
});

describe('tests', () => {
  test('every command has a test of its name', () => {
    const missing = commandNames().map((name) => `test/${name}.test.ts`).filter((path) => !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
  });

  test('every state of every table is reached in some test', () => {
    const texts = testTexts().join('\n');
    const unreached = statesOfTables().filter((entry) => !new RegExp(`(['".])${entry.split(' ')[2]}\\b`).test(texts));
    expect(unreached).toEqual([]);
  });
});

describe('schema', () => {
  test('every event has a schema file, and every schema file an event', () => {
    const types = DOMAINS.flatMap(({ events }) => events.map(({ type }) => `${type}.json`));
    expect(filesBelow('schema/events').map((path) => basename(path))).toEqual(types.sort());
  });
});

describe('tables', () => {
  /** Claimed, sequenced or looked up across tenants. */
  const ACROSS_TENANTS = new Set(['lane_channel', 'lane_owner', 'period_hold_due', 'change_log', 'access_token_hash']);
  interface Key {
    table: string;
    index: string;
    first: string;
    primary: boolean;
  }
  let keys: Key[];

  beforeAll(async () => {
    const { where, drop } = await freshDatabase('sqlite');
    const database = await openDatabase(where);
    keys = await database.reads.query<Key>(
      `SELECT t.name AS "table", i.name AS "index", c.name AS first, i.origin = 'pk' AS "primary" FROM sqlite_master t
       JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c ON c.seqno = 0
       WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'schema_migration'`,
    );
    await database.close();
    await drop();
  });

  test('tenant_id leads the primary key of every table', () => {
    const led = keys.filter(({ primary, first }) => Number(primary) === 1 && first === 'tenant_id').map(({ table }) => table);
    expect(led.length).toBeGreaterThan(20);
    expect([...new Set(keys.map(({ table }) => table))].filter((table) => !led.includes(table))).toEqual([]);
  });

  test('tenant_id leads every index but those of the queues that serve all tenants', () => {
    const others = keys.filter(({ first }) => first !== 'tenant_id').map(({ index }) => index);
    expect(new Set(others)).toEqual(ACROSS_TENANTS);
  });
});

describe('migrations', () => {
  const files = filesBelow('entities/migrations').map((path) => basename(path)).filter((name) => name !== 'index.ts');

  test('they are numbered without a gap, in the order in which they run', () => {
    expect(files.map((name) => Number(name.slice(0, 4)))).toEqual(files.map((_, index) => index + 1));
    expect(MIGRATIONS.map(({ name }) => Number(/\d+$/.exec(name)![0]))).toEqual(files.map((_, index) => index + 1));
  });

  test('a released one is never edited: a change is a new migration', () => {
    const hashes = Object.fromEntries(files.map((name) => [name, createHash('sha256').update(readFileSync(join(ROOT, 'entities/migrations', name))).digest('hex')]));
    expect(hashes).toMatchObject(readJson<object>('test/tidy/migrations.json'));
    expect(Object.keys(readJson<object>('test/tidy/migrations.json'))).toEqual(files);
  });
});
