import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = ['tax_number VARCHAR(40)', 'payment_terms_days BIGINT', 'credit_limit_minor BIGINT'];

/** Where legal entities are registered for tax, and on which terms customers buy. */
export class TaxesAndTerms0000000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const suffix = runner.connection.options.type === 'mysql' ? ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin' : '';
    await runner.query(`CREATE TABLE tax_registration (legal_entity_id VARCHAR(36) NOT NULL, country_code VARCHAR(2) NOT NULL, number VARCHAR(40) NOT NULL, valid_from VARCHAR(10) NOT NULL,
      valid_to VARCHAR(10), tax_rates LONGTEXT NOT NULL, tenant_id VARCHAR(40) NOT NULL, id VARCHAR(80) NOT NULL, version BIGINT NOT NULL, created_at_ms BIGINT NOT NULL,
      updated_at_ms BIGINT NOT NULL, PRIMARY KEY (tenant_id, id))${suffix}`);
    for (const column of COLUMNS) await runner.query(`ALTER TABLE customer ADD COLUMN ${column}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const column of [...COLUMNS].reverse()) await runner.query(`ALTER TABLE customer DROP COLUMN ${column.split(' ')[0]}`);
    await runner.query('DROP TABLE tax_registration');
  }
}
