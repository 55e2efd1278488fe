import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** The product as a process of its own, started from its sources on a free port. */
export class Product {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(env: Record<string, string>): Promise<Product> {
    const args = [join(ROOT, 'test', 'harness', 'run-ts.cjs'), join(ROOT, 'cli', 'main.ts'), 'start'];
    const child = spawn(process.execPath, args, { env: { ...process.env, PORT: '0', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const url = await new Promise<string>((resolve, reject) => {
      child.stderr!.on('data', (chunk) => (said += chunk));
      child.stdout!.on('data', (chunk) => {
        said += chunk;
        const match = /ready: (\S+)/.exec(said);
        if (match) resolve(match[1]!);
      });
      child.once('exit', (code) => reject(new Error(`the product ended with ${code} before it was ready:\n${said}`)));
    });
    return new Product(child, url);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** As a crash would: no goodbye. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  private end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.kill(signal);
    });
  }
}
