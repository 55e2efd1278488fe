import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** CPU time a process and its ended children have taken; unlike the time by the wall it does not grow with the load of others. */
export function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ').map(Number);
  return ((fields[11]! + fields[12]! + fields[13]! + fields[14]!) * 1_000) / TICKS_PER_SECOND;
}

/** The same with its children that live: PostgreSQL has a process for each connection. */
export function cpuMsOfServer(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return [pid, ...children].reduce((sum, each) => sum + cpuMsOf(each), 0);
}
