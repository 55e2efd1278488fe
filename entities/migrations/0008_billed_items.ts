import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was billed of which contract line and period. */
export class BilledItems0000000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const suffix = runner.connection.options.type === 'mysql' ? ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin' : '';
    await runner.query(`CREATE TABLE billed_item (tenant_id VARCHAR(40) NOT NULL, document_id VARCHAR(80) NOT NULL, document_line_id VARCHAR(80) NOT NULL,
      contract_id VARCHAR(36) NOT NULL, line_key VARCHAR(191) NOT NULL, product_id VARCHAR(36) NOT NULL, legal_entity_id VARCHAR(36) NOT NULL,
      period_from VARCHAR(10) NOT NULL, period_until VARCHAR(10) NOT NULL, document_date VARCHAR(10) NOT NULL, amount_minor BIGINT NOT NULL,
      PRIMARY KEY (tenant_id, document_id, document_line_id))${suffix}`);
    await runner.query('CREATE INDEX billed_item_contract ON billed_item (tenant_id, contract_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE billed_item');
  }
}
