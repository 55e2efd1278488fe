import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The billing run goes by legal entity: those do not wait for each other's number series. */
export class BillingByEntity0000000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE billing_cursor ADD COLUMN legal_entity_id VARCHAR(36) NOT NULL DEFAULT ''");
    await runner.query(`UPDATE billing_cursor SET legal_entity_id = COALESCE((SELECT c.legal_entity_id FROM contract c
      WHERE c.tenant_id = billing_cursor.tenant_id AND c.id = billing_cursor.contract_id), '')`);
    await runner.query('CREATE INDEX billing_cursor_entity ON billing_cursor (tenant_id, legal_entity_id, next_bill_on)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(runner.connection.options.type === 'mysql' ? 'DROP INDEX billing_cursor_entity ON billing_cursor' : 'DROP INDEX billing_cursor_entity');
    await runner.query('ALTER TABLE billing_cursor DROP COLUMN legal_entity_id');
  }
}
