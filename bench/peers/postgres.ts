import { peerPackage } from './peer';

/** As much of a connection pool of `pg` as is used here. */
export interface Pool {
  on(event: 'error', listener: (error: Error) => void): Pool;
  on(event: 'connect', listener: (client: { on(event: 'error', listener: (error: Error) => void): void }) => void): Pool;
  query<Row>(text: string, values?: readonly unknown[]): Promise<{ rows: Row[] }>;
  end(): Promise<void>;
}

export function openPool(connectionString: string, max: number): Pool {
  const { Pool: Opened } = peerPackage<{ Pool: new (options: object) => Pool }>('pg');
  return new Opened({ connectionString, max });
}
