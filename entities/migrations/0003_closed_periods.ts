import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a legal entity does about documents of closed periods, and the postings that were refused for it. */
export class ClosedPeriods0000000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const suffix = runner.connection.options.type === 'mysql' ? ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin' : '';
    await runner.query("ALTER TABLE legal_entity ADD COLUMN closed_period_policy VARCHAR(20) NOT NULL DEFAULT 'ASK'");
    await runner.query(`CREATE TABLE period_hold (tenant_id VARCHAR(40) NOT NULL, posting_id VARCHAR(80) NOT NULL, refused_date VARCHAR(10) NOT NULL,
      open_from VARCHAR(10), due_at_ms BIGINT, redatings BIGINT NOT NULL, proposed_date VARCHAR(10), proposed_by VARCHAR(80), proposed_at_ms BIGINT,
      reason VARCHAR(191), PRIMARY KEY (tenant_id, posting_id))${suffix}`);
    await runner.query('CREATE INDEX period_hold_due ON period_hold (due_at_ms)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE period_hold');
    await runner.query('ALTER TABLE legal_entity DROP COLUMN closed_period_policy');
  }
}
