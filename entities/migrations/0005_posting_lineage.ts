import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = ['undoes VARCHAR(80)', 'superseded_by VARCHAR(80)', 'superseded_reason VARCHAR(20)'];

/** What a posting takes back and what made it unnecessary. Documents that take back one other are known by their kind. */
export class PostingLineage0000000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const column of COLUMNS) await runner.query(`ALTER TABLE posting ADD COLUMN ${column}`);
    await runner.query('CREATE INDEX posting_correlation ON posting (tenant_id, correlation_id)');
    await runner.query(`UPDATE posting SET undoes = (SELECT MIN(depends_on) FROM posting_dependency d
      WHERE d.tenant_id = posting.tenant_id AND d.posting_id = posting.id) WHERE kind IN ('invoiceVoid', 'unapplication')`);
    await runner.query("UPDATE posting SET superseded_reason = 'LATER_VERSION' WHERE state = 'SUPERSEDED'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX posting_correlation${runner.connection.options.type === 'mysql' ? ' ON posting' : ''}`);
    for (const column of COLUMNS) await runner.query(`ALTER TABLE posting DROP COLUMN ${column.split(' ')[0]}`);
  }
}
