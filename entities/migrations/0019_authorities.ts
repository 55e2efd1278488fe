import type { MigrationInterface, QueryRunner } from 'typeorm';

const AUTHORITIES = { number_authority: 'GATEWAY', tax_authority: 'GATEWAY', posting_authority: 'ERP' };

/** Another system may number a legal entity's documents and say what tax they have. */
export class Authorities0000000000019 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [column, authority] of Object.entries(AUTHORITIES)) await runner.query(`ALTER TABLE legal_entity ADD COLUMN ${column} VARCHAR(20) NOT NULL DEFAULT '${authority}'`);
    for (const table of ['invoice', 'credit_memo']) await runner.query(`ALTER TABLE ${table} ADD COLUMN provisional VARCHAR(40) NOT NULL DEFAULT '[]'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['credit_memo', 'invoice']) await runner.query(`ALTER TABLE ${table} DROP COLUMN provisional`);
    for (const column of Object.keys(AUTHORITIES).reverse()) await runner.query(`ALTER TABLE legal_entity DROP COLUMN ${column}`);
  }
}
