import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which replay a posting was last in. */
export class Replay0000000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE posting ADD COLUMN replay_id VARCHAR(36)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE posting DROP COLUMN replay_id');
  }
}
