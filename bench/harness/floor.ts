import { createHash, randomBytes } from 'node:crypto';
import { createPool, type Pool, type PoolConnection } from 'mysql2/promise';
import { uuidV7 } from '../../entities/ids';

export interface FloorOptions {
  where: string;
  connections: number;
  entityId: string;
  /** Prepared statements in place of text. */
  prepared: boolean;
}

const hex = () => randomBytes(16).toString('hex');
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * The least a program must do to write what one recordPayment writes: eleven rows in eight tables, in one transaction of ten
 * statements written by hand. It reads nothing and decides nothing.
 */
export class Floor {
  private readonly pool: Pool;

  constructor(private readonly options: FloorOptions) {
    this.pool = createPool({
      uri: options.where, connectionLimit: options.connections, charset: 'utf8mb4_bin', timezone: 'Z', supportBigNumbers: true, bigNumberStrings: true,
    });
    this.pool.pool.on('connection', (connection) => connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED'));
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  async pay(call: { customerId: string; reference: string; sequence: number; nowMs: number }): Promise<void> {
    const connection = await this.pool.getConnection();
    try {
      await connection.query('START TRANSACTION');
      await this.write(connection, call);
      await connection.query('COMMIT');
    } catch (error) {
      await connection.query('ROLLBACK');
      throw error;
    } finally {
      connection.release();
    }
  }

  private async write(connection: PoolConnection, call: { customerId: string; reference: string; sequence: number; nowMs: number }): Promise<void> {
    const run = (text: string, params: unknown[]) => (this.options.prepared ? connection.execute(text, params as never[]) : connection.query(text, params));
    const { customerId, reference, sequence, nowMs } = call;
    const { entityId } = this.options;
    const id = `pay_${hex()}`;
    const [billing, erp] = [`${customerId}/billing`, `${customerId}/erp`];
    const balance = { customerId, legalEntityId: entityId, currency: 'EUR', amountMinor: '5000', unappliedMinor: '5000' };
    const row = { tenantId: 'bench', id, version: 1, createdAtMs: nowMs, updatedAtMs: nowMs, reference, source: 'MANUAL', state: 'UNAPPLIED', receivedDate: '2026-11-24', payerName: null, remittance: [], ...balance };
    const body = { number: reference, customerId, receivedDate: '2026-11-24', currency: 'EUR', amountMinor: '5000', reference };
    const document = (backend: string) => JSON.stringify({ tenantId: 'bench', backend, kind: 'payment', externalId: id, version: 1, correlationId: 'bench', legalEntity: { code: 'DE01', currency: 'EUR' }, body });
    const inputHash = hash(JSON.stringify(body));
    const [first, second] = [`pst_${hex()}`, `pst_${hex()}`];
    const posting = (postingId: string, lane: string, backend: string) => ['bench', postingId, lane, sequence, backend, id, document(backend), 'bench', nowMs];
    await run('INSERT INTO idempotency_key (tenant_id, scope_hash, input_hash, answer, created_at_ms) VALUES (?, ?, ?, ?, ?)', ['bench', hash(reference), inputHash, JSON.stringify({ resource: 'Payment', id, version: 1 }), nowMs]);
    await run("INSERT INTO payment (reference, source, customer_id, legal_entity_id, state, received_date, currency, amount_minor, unapplied_minor, payer_name, remittance, tenant_id, id, version, created_at_ms, updated_at_ms) VALUES (?, 'MANUAL', ?, ?, 'UNAPPLIED', '2026-11-24', 'EUR', ?, ?, NULL, '[]', ?, ?, 1, ?, ?)", [reference, customerId, entityId, '5000', '5000', 'bench', id, nowMs, nowMs]);
    await run('INSERT INTO resource_version (tenant_id, resource_id, version, recorded_at_ms, body) VALUES (?, ?, 1, ?, ?)', ['bench', id, nowMs, JSON.stringify(row)]);
    await run("INSERT INTO `change` (tenant_id, id, position, type, resource_type, resource_id, version, customer_id, correlation_id, occurred_at_ms, data) VALUES (?, ?, NULL, 'payment.recorded', 'Payment', ?, 1, ?, 'bench', ?, ?)", ['bench', uuidV7(nowMs), id, customerId, nowMs, JSON.stringify({ ...balance, receivedDate: '2026-11-24', source: 'MANUAL' })]);
    await run("INSERT INTO lane (tenant_id, id, backend, next_sequence, due_at_ms, owner, fence, failures) VALUES (?, ?, 'billing', 1, ?, NULL, 0, 0), (?, ?, 'erp', 1, ?, NULL, 0, 0) ON DUPLICATE KEY UPDATE next_sequence = next_sequence + VALUES(next_sequence), due_at_ms = IF(owner IS NULL AND failures = 0, LEAST(due_at_ms, VALUES(due_at_ms)), due_at_ms)", ['bench', billing, nowMs, 'bench', erp, nowMs]);
    const values = "(?, ?, ?, ?, ?, 'payment', ?, NULL, 'PENDING', ?, ?, 0, NULL, NULL, NULL, ?, NULL)";
    await run(`INSERT INTO posting (tenant_id, id, lane, sequence, backend, kind, resource_id, related_id, state, document, correlation_id, attempts, backend_reference, error_code, error_message, created_at_ms, settled_at_ms) VALUES ${values}, ${values}`, [...posting(first, billing, 'billing'), ...posting(second, erp, 'erp')]);
    await run('INSERT INTO posting_dependency (tenant_id, posting_id, depends_on) VALUES (?, ?, ?), (?, ?, ?)', ['bench', first, `pst_${hex()}`, 'bench', second, `pst_${hex()}`]);
    await run("INSERT INTO audit_entry (tenant_id, id, command, client, role, correlation_id, input_hash, at_ms, resources) VALUES (?, ?, 'recordPayment', 'bench-finance', 'finance', 'bench', ?, ?, ?)", ['bench', uuidV7(nowMs), inputHash, nowMs, JSON.stringify([`${id}@1`])]);
  }
}
