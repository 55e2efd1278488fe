import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which version of a contract its latest one takes back. */
export class Withdrawals0000000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE contract ADD COLUMN withdraws BIGINT');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE contract DROP COLUMN withdraws');
  }
}
