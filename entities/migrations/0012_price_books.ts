import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Stand-alone selling prices. */
export class PriceBooks0000000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const suffix = runner.connection.options.type === 'mysql' ? ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin' : '';
    await runner.query(`CREATE TABLE price_book (external_key VARCHAR(191) NOT NULL, name VARCHAR(191) NOT NULL, currency VARCHAR(3) NOT NULL, valid_from VARCHAR(10) NOT NULL,
      valid_to VARCHAR(10), price_entries LONGTEXT NOT NULL, tenant_id VARCHAR(40) NOT NULL, id VARCHAR(80) NOT NULL, version BIGINT NOT NULL, created_at_ms BIGINT NOT NULL,
      updated_at_ms BIGINT NOT NULL, PRIMARY KEY (tenant_id, id))${suffix}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE price_book');
  }
}
