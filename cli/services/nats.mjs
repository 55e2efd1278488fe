/** A private NATS server with JetStream. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { program } from './packages.mjs';
import { answers, freePort, isOurs, leaveRunning, say, until } from './steps.mjs';

export async function startNats({ home, ports, pids }) {
  if (isOurs(pids.nats, home) && (await answers(ports.nats))) return say('NATS runs already');
  const server = program('nats-server');
  if (!server) throw new Error('nats-server is not installed');
  const folder = join(home, 'nats');
  mkdirSync(folder, { recursive: true });
  ports.nats = await freePort();
  const log = join(folder, 'nats.log');
  const args = ['--addr', '127.0.0.1', '--port', String(ports.nats), '--jetstream', '--store_dir', folder];
  pids.nats = leaveRunning(server, args, { log, cwd: folder });
  await until(() => answers(ports.nats), { pid: pids.nats, home, log });
  say(`NATS listens on ${ports.nats}`);
}
