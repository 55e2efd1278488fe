import type { MigrationInterface, QueryRunner } from 'typeorm';

const resource = `tenant_id VARCHAR(40) NOT NULL, id VARCHAR(80) NOT NULL, version BIGINT NOT NULL, created_at_ms BIGINT NOT NULL,
  updated_at_ms BIGINT NOT NULL, PRIMARY KEY (tenant_id, id)`;

const TABLES: Record<string, string> = {
  product_accounting: `product_id VARCHAR(36) NOT NULL, legal_entity_id VARCHAR(36) NOT NULL, revenue_account VARCHAR(20) NOT NULL, deferred_account VARCHAR(20),
    tax_code VARCHAR(20) NOT NULL, tax_rate_percent VARCHAR(10) NOT NULL, revenue_method VARCHAR(20) NOT NULL, ${resource}`,
  accounting_period: `legal_entity_id VARCHAR(36) NOT NULL, month VARCHAR(7) NOT NULL, state VARCHAR(20) NOT NULL, reason VARCHAR(191),
    report_hash VARCHAR(64), report LONGTEXT, ${resource}`,
  revenue_journal: `number VARCHAR(40) NOT NULL, legal_entity_id VARCHAR(36) NOT NULL, month VARCHAR(7) NOT NULL, journal_date VARCHAR(10) NOT NULL,
    currency VARCHAR(3) NOT NULL, recognized_minor BIGINT NOT NULL, line_items LONGTEXT NOT NULL, ${resource}`,
  revenue_entry: `tenant_id VARCHAR(40) NOT NULL, journal_id VARCHAR(80) NOT NULL, place VARCHAR(80) NOT NULL, contract_id VARCHAR(36) NOT NULL, line_key VARCHAR(191) NOT NULL,
    term BIGINT NOT NULL, legal_entity_id VARCHAR(36) NOT NULL, month VARCHAR(7) NOT NULL, amount_minor BIGINT NOT NULL, PRIMARY KEY (tenant_id, journal_id, place)`,
};

const INDEXES = {
  product_accounting_entity: 'product_accounting (tenant_id, legal_entity_id, product_id)',
  accounting_period_entity: 'accounting_period (tenant_id, legal_entity_id, month)',
  revenue_journal_entity: 'revenue_journal (tenant_id, legal_entity_id, month)',
  revenue_entry_contract: 'revenue_entry (tenant_id, contract_id)',
};

/** How products are booked, what was recognized, and which months are closed. */
export class Revenue0000000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const suffix = runner.connection.options.type === 'mysql' ? ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin' : '';
    for (const [table, columns] of Object.entries(TABLES)) await runner.query(`CREATE TABLE ${table} (${columns})${suffix}`);
    for (const [name, on] of Object.entries(INDEXES)) await runner.query(`CREATE INDEX ${name} ON ${on}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of Object.keys(TABLES)) await runner.query(`DROP TABLE ${table}`);
  }
}
