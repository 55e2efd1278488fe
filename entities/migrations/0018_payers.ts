import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Contracts may change hands, customers have payers and are merged, and what a payer gets of a day may be one invoice. */
export class Payers0000000000018 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE customer ADD COLUMN payer_id VARCHAR(36)');
    await runner.query('ALTER TABLE customer ADD COLUMN consolidates_invoices BIGINT NOT NULL DEFAULT 0');
    await runner.query('ALTER TABLE customer ADD COLUMN merged_into_id VARCHAR(36)');
    await runner.query('CREATE INDEX customer_payer ON customer (tenant_id, payer_id)');
    await runner.query('CREATE INDEX customer_merged_into ON customer (tenant_id, merged_into_id)');
    await runner.query('ALTER TABLE contract ADD COLUMN owned_by LONGTEXT');
    await runner.query("ALTER TABLE billed_item ADD COLUMN customer_id VARCHAR(36) NOT NULL DEFAULT ''");
    await runner.query(`UPDATE billed_item SET customer_id = COALESCE((SELECT c.customer_id FROM contract c
      WHERE c.tenant_id = billed_item.tenant_id AND c.id = billed_item.contract_id), '')`);
    await runner.query('ALTER TABLE billing_cursor ADD COLUMN consolidated_for VARCHAR(36)');
    await runner.query('CREATE INDEX billing_cursor_consolidated ON billing_cursor (tenant_id, consolidated_for)');
  }

  async down(runner: QueryRunner): Promise<void> {
    const drop = (index: string, table: string) => runner.query(runner.connection.options.type === 'mysql' ? `DROP INDEX ${index} ON ${table}` : `DROP INDEX ${index}`);
    await drop('billing_cursor_consolidated', 'billing_cursor');
    await runner.query('ALTER TABLE billing_cursor DROP COLUMN consolidated_for');
    await runner.query('ALTER TABLE billed_item DROP COLUMN customer_id');
    await runner.query('ALTER TABLE contract DROP COLUMN owned_by');
    await drop('customer_merged_into', 'customer');
    await drop('customer_payer', 'customer');
    for (const column of ['merged_into_id', 'consolidates_invoices', 'payer_id']) await runner.query(`ALTER TABLE customer DROP COLUMN ${column}`);
  }
}
