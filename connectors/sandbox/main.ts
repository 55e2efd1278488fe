import { systemClock } from '../../sync/clock';
import { startSandbox } from './server';

/** Runs the sandbox as a process of its own; see README.md for its environment. */
async function main(): Promise<void> {
  const folder = process.env['EVENKEEL_SANDBOX_DATA'];
  const sandbox = await startSandbox({
    ...(folder ? { folder } : {}),
    port: readPort(process.env['EVENKEEL_SANDBOX_PORT']),
    clock: systemClock,
  });
  const end = () => void sandbox.close().then(() => process.exit(0));
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  if (process.env['EVENKEEL_SANDBOX_TIED'] === '1') {
    process.stdin.once('end', end).once('error', end);
    process.stdin.resume();
  }
  process.stdout.write(`${JSON.stringify({ sandbox: sandbox.url })}\n`);
}

function readPort(text: string | undefined): number {
  if (!text) return 0;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new Error(`EVENKEEL_SANDBOX_PORT is no port: ${text}`);
  return port;
}

main().catch((error: Error) => {
  process.stderr.write(`${JSON.stringify({ sandbox: null, message: error.message })}\n`);
  process.exit(1);
});
