import { createServer, type Socket } from 'node:net';
import { systemClock } from '../../sync/clock';
import { NatsWakeups, noWakeups, readBrokers, TOPICS } from '../../sync/wakeups';
import { Broker } from '../harness/broker';
import { needs } from '../harness/services';
import { until } from '../harness/until';

class Log {
  readonly lines: string[] = [];
  info = (text: unknown) => void this.lines.push(`info ${JSON.stringify(text)}`);
  warn = (facts: unknown, text?: unknown) => void this.lines.push(`warn ${JSON.stringify(text)} ${JSON.stringify(facts)}`);
}

const open: NatsWakeups[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((wakeups) => wakeups.close()));
});

/** One process as far as wake-ups go, with what it heard. */
function processOn(url: string, scope = 'books') {
  const log = new Log();
  const wakeups = new NatsWakeups({ brokers: readBrokers(url), scope, clock: systemClock, log });
  open.push(wakeups);
  const heard = { committed: 0, placed: 0 };
  for (const topic of TOPICS) wakeups.onHeard(topic, () => (heard[topic] += 1));
  return { wakeups, heard, log };
}
const connected = (...all: { wakeups: NatsWakeups }[]) => until('connected', async () => all.every(({ wakeups }) => wakeups.connected()), 10_000);

test.each`
  text                                       | brokers
  ${'nats://broker:4222'}                    | ${{ servers: ['broker:4222'] }}
  ${'nats://broker'}                         | ${{ servers: ['broker'] }}
  ${'nats://a:1, nats://b:2'}                | ${{ servers: ['a:1', 'b:2'] }}
  ${'nats://[::1]:4222'}                     | ${{ servers: ['[::1]:4222'] }}
  ${'tls://me:se%2Fcret@a:1'}                | ${{ servers: ['a:1'], user: 'me', pass: 'se/cret', tls: {} }}
  ${'nats://a:1,nats://token@b:2'}           | ${{ servers: ['a:1', 'b:2'], token: 'token' }}
`('$text says where the brokers are', ({ text, brokers }) => {
  expect(readBrokers(text)).toEqual(brokers);
});

test.each(['', 'broker:4222', 'http://me:hunter2@broker', 'nats://', 'nats://a:1,hunter2'])('%j is refused without being repeated', (text) => {
  expect(() => readBrokers(text)).toThrow(/^NATS_URL must be nats:(?!.*hunter2)/);
});

test('alone there is nobody to tell, and no harm in telling', async () => {
  noWakeups.tell('committed');
  expect(noWakeups.connected()).toBe(false);
  await noWakeups.close();
});

test('a broker that takes connections and never speaks is as good as none, and does not hold up the end', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { wakeups, log } = processOn(`nats://127.0.0.1:${(silent.address() as { port: number }).port}`);
  wakeups.tell('committed');
  await until('given up', async () => log.lines.length > 0, 10_000);
  expect(wakeups.connected()).toBe(false);
  await wakeups.close();
  silent.close();
  for (const socket of sockets) socket.destroy();
});

(needs('nats') ? describe : describe.skip)('with a broker', () => {
  let broker: Broker;
  beforeEach(async () => {
    broker = await Broker.start();
  });
  afterEach(() => broker.lose());

  test('what one process tells, the others hear by topic, and neither itself nor another house', async () => {
    const other = processOn(broker.url, 'other.books');
    const one = processOn(broker.url);
    await connected(other, one);
    const greeted = async (times: number) => until('it was greeted', async () => one.heard.placed === times && one.heard.committed === times);
    await greeted(1); // by itself
    const two = processOn(broker.url);
    await greeted(2);
    const three = processOn(broker.url);
    await greeted(3);
    const before = { one: { ...one.heard }, other: { ...other.heard } };
    const [two0, three0] = [two.heard.committed, three.heard.committed];
    one.wakeups.tell('committed');
    await until('heard', async () => two.heard.committed > two0 && three.heard.committed > three0);
    expect([one.heard, other.heard]).toEqual([before.one, before.other]);
  });

  test('a thousand tellings in a row go out as a few words, the last of which comes after the last of them', async () => {
    const two = processOn(broker.url);
    await connected(two);
    const one = processOn(broker.url);
    await until('it was greeted', async () => two.heard.placed === 2 && two.heard.committed === 2);
    const before = two.heard.committed;
    for (let index = 0; index < 1_000; index++) one.wakeups.tell('committed');
    await until('both words came', async () => two.heard.committed === before + 2);
    const { placed } = two.heard;
    await until('what came later was heard', async () => (one.wakeups.tell('placed'), two.heard.placed > placed + 1));
    expect(two.heard.committed).toBe(before + 2);
  });

  test('a broker that loses everything is missed once in the log, and word goes round again when it is back', async () => {
    const [one, two] = [processOn(broker.url), processOn(broker.url)];
    await connected(one, two);
    await broker.lose();
    await until('noticed', async () => !one.wakeups.connected() && !two.wakeups.connected());
    one.wakeups.tell('committed');
    const before = { ...two.heard };
    await broker.start();
    await connected(one, two);
    expect(two.heard.committed).toBeGreaterThan(before.committed); // something may have been told meanwhile
    const then = two.heard.placed;
    await until('heard again', async () => (one.wakeups.tell('placed'), two.heard.placed > then + 1));
    const [up, down] = ['info "wake-ups go by NATS"', expect.stringMatching(/^warn "NATS does not answer/)];
    expect(one.log.lines).toEqual([up, down, up]);
  });
});

(needs('nats') ? describe : describe.skip)('with a broker that asks for a password', () => {
  let broker: Broker;
  beforeEach(async () => {
    broker = await Broker.start({ user: 'books', pass: 'hunter2' });
  });
  afterEach(() => broker.lose());

  test('the right one is taken, a wrong one is said once, and none is ever in the log', async () => {
    const url = (login: string) => broker.url.replace('//', `//${login}@`);
    const [right, wrong] = [processOn(url('books:hunter2')), processOn(url('books:hunter3'))];
    await connected(right);
    await until('refused', async () => wrong.log.lines.length > 0);
    wrong.wakeups.tell('committed');
    expect(wrong.log.lines).toEqual([expect.stringMatching(/Authorization/i)]);
    expect([...right.log.lines, ...wrong.log.lines].join()).not.toContain('hunter');
    expect(wrong.wakeups.connected()).toBe(false);
  });
});
