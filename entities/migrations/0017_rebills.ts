import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which invoice another one takes the place of. */
export class Rebills0000000000017 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE invoice ADD COLUMN rebills_id VARCHAR(36)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE invoice DROP COLUMN rebills_id');
  }
}
