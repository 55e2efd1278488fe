import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = {
  terms: 'LONGTEXT', cancelled_from: 'VARCHAR(10)', billed_by: 'LONGTEXT', suspensions: 'LONGTEXT', proration: "VARCHAR(20) NOT NULL DEFAULT 'DAY_ACTUAL'",
  renewal: 'LONGTEXT', price_book_id: 'VARCHAR(36)', next_change_on: 'VARCHAR(10)',
};

/** Contracts whose terms have dates, and what each version changed. */
export class Terms0000000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const suffix = runner.connection.options.type === 'mysql' ? ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin' : '';
    for (const [column, type] of Object.entries(COLUMNS)) await runner.query(`ALTER TABLE contract ADD COLUMN ${column} ${type}`);
    await runner.query("UPDATE contract SET next_change_on = end_date WHERE state = 'ACTIVE'");
    await runner.query('CREATE INDEX contract_next_change ON contract (tenant_id, next_change_on)');
    await runner.query(`CREATE TABLE contract_amendment (tenant_id VARCHAR(40) NOT NULL, id VARCHAR(80) NOT NULL, contract_id VARCHAR(36) NOT NULL,
      contract_version BIGINT NOT NULL, kind VARCHAR(20) NOT NULL, effective_date VARCHAR(10) NOT NULL, activation_date VARCHAR(10) NOT NULL,
      acceptance_date VARCHAR(10), reason VARCHAR(191) NOT NULL, client VARCHAR(80) NOT NULL, role VARCHAR(20) NOT NULL, recorded_at_ms BIGINT NOT NULL,
      changes LONGTEXT NOT NULL, currency VARCHAR(3) NOT NULL, value_before_minor BIGINT NOT NULL, value_after_minor BIGINT NOT NULL, treatment VARCHAR(500),
      PRIMARY KEY (tenant_id, id))${suffix}`);
    await runner.query('CREATE INDEX contract_amendment_contract ON contract_amendment (tenant_id, contract_id, contract_version)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE contract_amendment');
    await runner.query(`DROP INDEX contract_next_change${runner.connection.options.type === 'mysql' ? ' ON contract' : ''}`);
    for (const column of Object.keys(COLUMNS)) await runner.query(`ALTER TABLE contract DROP COLUMN ${column}`);
  }
}
