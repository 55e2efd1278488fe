import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who pays from where, as it was learned from what was applied; and invoices found by what is open of them. */
export class PayersKnown0000000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const suffix = runner.connection.options.type === 'mysql' ? ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin' : '';
    await runner.query('ALTER TABLE payment ADD COLUMN payer_account VARCHAR(64)');
    await runner.query(`CREATE TABLE payer_alias (tenant_id VARCHAR(40) NOT NULL, alias_key VARCHAR(80) NOT NULL, customer_id VARCHAR(80) NOT NULL, confirmed BIGINT NOT NULL,
      PRIMARY KEY (tenant_id, alias_key, customer_id))${suffix}`);
    await runner.query('CREATE INDEX invoice_open ON invoice (tenant_id, open_minor)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(runner.connection.options.type === 'mysql' ? 'DROP INDEX invoice_open ON invoice' : 'DROP INDEX invoice_open');
    await runner.query('DROP TABLE payer_alias');
    await runner.query('ALTER TABLE payment DROP COLUMN payer_account');
  }
}
