import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A NATS server of one test's own, which may be killed and lose its data. */
export class Broker {
  private child: ChildProcess | undefined;
  private readonly data = mkdtempSync(join(tmpdir(), 'evenkeel-nats-'));

  private constructor(
    readonly port: number,
    private readonly login: string[],
  ) {}

  static async start(login: { user: string; pass: string } | undefined = undefined): Promise<Broker> {
    const broker = new Broker(await freePort(), login ? ['--user', login.user, '--pass', login.pass] : []);
    await broker.start();
    return broker;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const args = ['--addr', '127.0.0.1', '--port', String(this.port), '--jetstream', '--store_dir', this.data, ...this.login];
    const PATH = [process.env.PATH, '/usr/sbin'].join(delimiter);
    this.child = spawn('nats-server', args, { env: { ...process.env, PATH }, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    await new Promise<void>((resolve, reject) => {
      this.child!.once('error', reject);
      this.child!.once('exit', () => reject(new Error(`nats-server ended:\n${said}`)));
      this.child!.stderr!.on('data', (chunk) => {
        said += chunk;
        if (said.includes('Server is ready')) resolve();
      });
    });
  }

  /** As a crash would, with the disk gone too. */
  async lose(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child && child.exitCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.data, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
