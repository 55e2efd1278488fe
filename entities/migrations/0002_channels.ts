import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Lanes by legal entity, channels with circuit breakers, and what backends said of postings. Lanes that are there already keep their
 * postings and go on as lanes of no legal entity.
 */
export class Channels0000000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const mysql = runner.connection.options.type === 'mysql';
    const suffix = mysql ? ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin' : '';
    await runner.query("ALTER TABLE lane ADD COLUMN channel VARCHAR(80) NOT NULL DEFAULT ''");
    await runner.query(mysql ? "UPDATE lane SET channel = CONCAT(backend, '/', tenant_id, '/-')" : "UPDATE lane SET channel = backend || '/' || tenant_id || '/-'");
    await runner.query(`DROP INDEX lane_due${mysql ? ' ON lane' : ''}`);
    await runner.query('CREATE INDEX lane_channel ON lane (channel, due_at_ms)');
    await runner.query('CREATE INDEX lane_owner ON lane (backend, owner)');
    await runner.query(`CREATE TABLE channel (tenant_id VARCHAR(40) NOT NULL, name VARCHAR(80) NOT NULL, failures BIGINT NOT NULL, openings BIGINT NOT NULL,
      open_until_ms BIGINT, since_ms BIGINT, error_code VARCHAR(64), error_message VARCHAR(500), PRIMARY KEY (tenant_id, name))${suffix}`);
    await runner.query(`CREATE TABLE posting_answer (tenant_id VARCHAR(40) NOT NULL, id VARCHAR(80) NOT NULL, posting_id VARCHAR(36) NOT NULL,
      owner VARCHAR(64) NOT NULL, fence BIGINT NOT NULL, outcome VARCHAR(20) NOT NULL, code VARCHAR(64), message VARCHAR(500), reference VARCHAR(191),
      late BIGINT NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY (tenant_id, id))${suffix}`);
    await runner.query('CREATE INDEX posting_answer_posting ON posting_answer (tenant_id, posting_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    const mysql = runner.connection.options.type === 'mysql';
    for (const table of ['posting_answer', 'channel']) await runner.query(`DROP TABLE ${table}`);
    for (const name of ['lane_owner', 'lane_channel']) await runner.query(`DROP INDEX ${name}${mysql ? ' ON lane' : ''}`);
    await runner.query('ALTER TABLE lane DROP COLUMN channel');
    await runner.query('CREATE INDEX lane_due ON lane (backend, due_at_ms)');
  }
}
