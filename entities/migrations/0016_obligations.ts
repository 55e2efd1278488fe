import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Products that are one performance obligation as a whole. */
export class Obligations0000000000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE product ADD COLUMN one_obligation BIGINT NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE product DROP COLUMN one_obligation');
  }
}
