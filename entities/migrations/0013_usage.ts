import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Meters, the events they count, and what was counted for billing. */
export class Usage0000000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const suffix = runner.connection.options.type === 'mysql' ? ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin' : '';
    const resource = 'tenant_id VARCHAR(40) NOT NULL, id VARCHAR(80) NOT NULL, version BIGINT NOT NULL, created_at_ms BIGINT NOT NULL, updated_at_ms BIGINT NOT NULL, PRIMARY KEY (tenant_id, id)';
    await runner.query(`CREATE TABLE meter (external_key VARCHAR(191) NOT NULL, name VARCHAR(191) NOT NULL, unit VARCHAR(40) NOT NULL, aggregation VARCHAR(20) NOT NULL,
      value_field VARCHAR(191) NOT NULL, decimals BIGINT NOT NULL, grace_days BIGINT NOT NULL, late_usage VARCHAR(20) NOT NULL, hold_above_units VARCHAR(20),
      hold_above_percent BIGINT, ${resource})${suffix}`);
    await runner.query(`CREATE TABLE usage_event (tenant_id VARCHAR(40) NOT NULL, event_key VARCHAR(80) NOT NULL, contract_id VARCHAR(36) NOT NULL, meter_id VARCHAR(36) NOT NULL,
      on_day VARCHAR(10) NOT NULL, at_ms BIGINT NOT NULL, quantity BIGINT NOT NULL, thing VARCHAR(32), source VARCHAR(191) NOT NULL, event_id VARCHAR(191) NOT NULL,
      batch_id VARCHAR(36) NOT NULL, cancelled_at_ms BIGINT, cancelled_reason VARCHAR(191), PRIMARY KEY (tenant_id, event_key))${suffix}`);
    await runner.query('CREATE INDEX usage_event_counted ON usage_event (tenant_id, contract_id, meter_id, on_day, event_key, quantity, cancelled_at_ms)');
    await runner.query(`CREATE TABLE usage_period (contract_id VARCHAR(36) NOT NULL, line_key VARCHAR(191) NOT NULL, meter_id VARCHAR(36) NOT NULL, from_day VARCHAR(10) NOT NULL,
      until_day VARCHAR(10) NOT NULL, state VARCHAR(20) NOT NULL, counted VARCHAR(40) NOT NULL, decimals BIGINT NOT NULL, events BIGINT NOT NULL, reason VARCHAR(191), ${resource})${suffix}`);
    await runner.query('CREATE INDEX usage_period_contract ON usage_period (tenant_id, contract_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['usage_period', 'usage_event', 'meter']) await runner.query(`DROP TABLE ${table}`);
  }
}
