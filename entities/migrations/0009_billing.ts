import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the billing run works by, and what of a credit memo is the customer's. Contracts that are there go on being billed by hand. */
export class Billing0000000000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const suffix = runner.connection.options.type === 'mysql' ? ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin' : '';
    await runner.query('ALTER TABLE credit_memo ADD COLUMN unapplied_minor BIGINT NOT NULL DEFAULT 0');
    await runner.query('ALTER TABLE contract ADD COLUMN billing_from VARCHAR(10)');
    await runner.query(`CREATE TABLE billing_cursor (tenant_id VARCHAR(40) NOT NULL, contract_id VARCHAR(36) NOT NULL, next_bill_on VARCHAR(10),
      PRIMARY KEY (tenant_id, contract_id))${suffix}`);
    await runner.query('CREATE INDEX billing_cursor_due ON billing_cursor (tenant_id, next_bill_on)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE billing_cursor');
    await runner.query('ALTER TABLE contract DROP COLUMN billing_from');
    await runner.query('ALTER TABLE credit_memo DROP COLUMN unapplied_minor');
  }
}
