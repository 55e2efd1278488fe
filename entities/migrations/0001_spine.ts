import type { MigrationInterface, QueryRunner } from 'typeorm';

const ID = 'VARCHAR(36)';
const resource = `tenant_id VARCHAR(40) NOT NULL, id VARCHAR(80) NOT NULL, version BIGINT NOT NULL, created_at_ms BIGINT NOT NULL,
  updated_at_ms BIGINT NOT NULL, PRIMARY KEY (tenant_id, id)`;

/** Table → columns beside the common ones, and its further indexes (each led by the tenant, but for the two queues). */
const RESOURCES: Record<string, string> = {
  customer: `external_key VARCHAR(191) NOT NULL, name VARCHAR(191) NOT NULL, email VARCHAR(191), country_code VARCHAR(2),
    currency VARCHAR(3) NOT NULL, parent_id ${ID}`,
  legal_entity: `code VARCHAR(20) NOT NULL, name VARCHAR(191) NOT NULL, currency VARCHAR(3) NOT NULL, time_zone VARCHAR(60) NOT NULL,
    books_from VARCHAR(10) NOT NULL, bank_accounts LONGTEXT NOT NULL`,
  product: `external_key VARCHAR(191) NOT NULL, name VARCHAR(191) NOT NULL, revenue_account VARCHAR(20) NOT NULL,
    tax_code VARCHAR(20) NOT NULL, tax_rate_percent VARCHAR(10) NOT NULL`,
  contract: `number VARCHAR(191) NOT NULL, customer_id ${ID} NOT NULL, legal_entity_id ${ID} NOT NULL, state VARCHAR(20) NOT NULL,
    start_date VARCHAR(10) NOT NULL, end_date VARCHAR(10) NOT NULL, currency VARCHAR(3) NOT NULL, line_items LONGTEXT NOT NULL,
    reason VARCHAR(191)`,
  subscription: `customer_id ${ID} NOT NULL, contract_id ${ID} NOT NULL, product_id ${ID} NOT NULL, product_key VARCHAR(191) NOT NULL,
    state VARCHAR(20) NOT NULL, granted_quantity BIGINT NOT NULL, sold_quantity BIGINT NOT NULL`,
  invoice: `number VARCHAR(40) NOT NULL, reference VARCHAR(191) NOT NULL, payment_reference VARCHAR(25) NOT NULL,
    customer_id ${ID} NOT NULL, legal_entity_id ${ID} NOT NULL, contract_id ${ID}, state VARCHAR(20) NOT NULL,
    settlement VARCHAR(20) NOT NULL, invoice_date VARCHAR(10) NOT NULL, due_date VARCHAR(10) NOT NULL, currency VARCHAR(3) NOT NULL,
    net_minor BIGINT NOT NULL, tax_minor BIGINT NOT NULL, total_minor BIGINT NOT NULL, open_minor BIGINT NOT NULL,
    credited_minor BIGINT NOT NULL, line_items LONGTEXT NOT NULL`,
  credit_memo: `number VARCHAR(40) NOT NULL, reference VARCHAR(191) NOT NULL, invoice_id ${ID} NOT NULL, customer_id ${ID} NOT NULL,
    legal_entity_id ${ID} NOT NULL, credit_date VARCHAR(10) NOT NULL, reason VARCHAR(191) NOT NULL, currency VARCHAR(3) NOT NULL,
    net_minor BIGINT NOT NULL, tax_minor BIGINT NOT NULL, total_minor BIGINT NOT NULL, line_items LONGTEXT NOT NULL`,
  payment: `reference VARCHAR(191) NOT NULL, source VARCHAR(20) NOT NULL, customer_id ${ID}, legal_entity_id ${ID} NOT NULL,
    state VARCHAR(20) NOT NULL, received_date VARCHAR(10) NOT NULL, currency VARCHAR(3) NOT NULL, amount_minor BIGINT NOT NULL,
    unapplied_minor BIGINT NOT NULL, payer_name VARCHAR(191), remittance LONGTEXT NOT NULL`,
  payment_application: `payment_id ${ID} NOT NULL, invoice_id ${ID} NOT NULL, customer_id ${ID} NOT NULL, state VARCHAR(20) NOT NULL,
    applied_date VARCHAR(10) NOT NULL, currency VARCHAR(3) NOT NULL, amount_minor BIGINT NOT NULL, rule VARCHAR(40) NOT NULL,
    evidence VARCHAR(191) NOT NULL`,
  bank_statement: `account VARCHAR(191) NOT NULL, statement_number VARCHAR(191) NOT NULL, legal_entity_id ${ID} NOT NULL,
    state VARCHAR(20) NOT NULL, closing_date VARCHAR(10) NOT NULL, currency VARCHAR(3) NOT NULL, opening_minor BIGINT NOT NULL,
    closing_minor BIGINT NOT NULL, line_count BIGINT NOT NULL, content_hash VARCHAR(64) NOT NULL`,
  collection_case: `customer_id ${ID} NOT NULL, legal_entity_id ${ID} NOT NULL, state VARCHAR(20) NOT NULL, close_reason VARCHAR(191)`,
  exception_item: `kind VARCHAR(40) NOT NULL, state VARCHAR(20) NOT NULL, subject_id ${ID} NOT NULL, customer_id ${ID}, owner VARCHAR(191),
    message VARCHAR(500) NOT NULL, next_action VARCHAR(191) NOT NULL, currency VARCHAR(3), at_risk_minor BIGINT,
    resolution VARCHAR(191), resolved_at_ms BIGINT`,
};

const tenant = 'tenant_id VARCHAR(40) NOT NULL';
const OTHERS: Record<string, string> = {
  number_series: `${tenant}, series VARCHAR(80) NOT NULL, next_number BIGINT NOT NULL, PRIMARY KEY (tenant_id, series)`,
  bank_line: `${tenant}, line_key VARCHAR(80) NOT NULL, statement_id ${ID} NOT NULL, content_hash VARCHAR(64) NOT NULL,
    booking_date VARCHAR(10) NOT NULL, currency VARCHAR(3) NOT NULL, amount_minor BIGINT NOT NULL, remittance LONGTEXT NOT NULL,
    payment_id ${ID}, created_at_ms BIGINT NOT NULL, PRIMARY KEY (tenant_id, line_key)`,
  posting: `${tenant}, id VARCHAR(80) NOT NULL, lane VARCHAR(80) NOT NULL, sequence BIGINT NOT NULL, backend VARCHAR(20) NOT NULL,
    kind VARCHAR(20) NOT NULL, resource_id ${ID} NOT NULL, related_id ${ID}, state VARCHAR(20) NOT NULL, document LONGTEXT NOT NULL,
    correlation_id VARCHAR(64) NOT NULL, attempts BIGINT NOT NULL, backend_reference VARCHAR(191), error_code VARCHAR(64),
    error_message VARCHAR(500), created_at_ms BIGINT NOT NULL, settled_at_ms BIGINT, PRIMARY KEY (tenant_id, id)`,
  posting_dependency: `${tenant}, posting_id VARCHAR(80) NOT NULL, depends_on VARCHAR(80) NOT NULL, PRIMARY KEY (tenant_id, posting_id, depends_on)`,
  lane: `${tenant}, id VARCHAR(80) NOT NULL, backend VARCHAR(20) NOT NULL, next_sequence BIGINT NOT NULL, due_at_ms BIGINT NOT NULL,
    owner VARCHAR(64), fence BIGINT NOT NULL, failures BIGINT NOT NULL, PRIMARY KEY (tenant_id, id)`,
  change: `${tenant}, id VARCHAR(80) NOT NULL, position BIGINT, type VARCHAR(60) NOT NULL, resource_type VARCHAR(40) NOT NULL,
    resource_id ${ID} NOT NULL, version BIGINT NOT NULL, customer_id ${ID}, correlation_id VARCHAR(64) NOT NULL,
    occurred_at_ms BIGINT NOT NULL, data LONGTEXT NOT NULL, PRIMARY KEY (tenant_id, id)`,
  resource_version: `${tenant}, resource_id VARCHAR(80) NOT NULL, version BIGINT NOT NULL, recorded_at_ms BIGINT NOT NULL, body LONGTEXT NOT NULL,
    PRIMARY KEY (tenant_id, resource_id, version)`,
  audit_entry: `${tenant}, id VARCHAR(80) NOT NULL, command VARCHAR(60) NOT NULL, client VARCHAR(80) NOT NULL, role VARCHAR(20) NOT NULL,
    correlation_id VARCHAR(64) NOT NULL, input_hash VARCHAR(64) NOT NULL, at_ms BIGINT NOT NULL, resources LONGTEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)`,
  idempotency_key: `${tenant}, scope_hash VARCHAR(80) NOT NULL, input_hash VARCHAR(64) NOT NULL, answer LONGTEXT, created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, scope_hash)`,
  lease: `${tenant}, name VARCHAR(80) NOT NULL, owner VARCHAR(64) NOT NULL, fence BIGINT NOT NULL, expires_at_ms BIGINT NOT NULL,
    counter BIGINT NOT NULL, PRIMARY KEY (tenant_id, name)`,
  tenant: `${tenant}, name VARCHAR(191) NOT NULL, id_namespace VARCHAR(36) NOT NULL, created_at_ms BIGINT NOT NULL, PRIMARY KEY (tenant_id)`,
  access_token: `${tenant}, token_hash VARCHAR(80) NOT NULL, client VARCHAR(80) NOT NULL, role VARCHAR(20) NOT NULL,
    created_at_ms BIGINT NOT NULL, revoked_at_ms BIGINT, PRIMARY KEY (tenant_id, token_hash)`,
};

/** Index name → table and columns. The queues are claimed across tenants, so theirs begin with what they are claimed by. */
const INDEXES: Record<string, string> = {
  customer_key: 'customer (tenant_id, external_key)',
  contract_customer: 'contract (tenant_id, customer_id)',
  contract_number: 'contract (tenant_id, number)',
  subscription_customer: 'subscription (tenant_id, customer_id)',
  subscription_contract: 'subscription (tenant_id, contract_id)',
  invoice_customer: 'invoice (tenant_id, customer_id, settlement)',
  invoice_contract: 'invoice (tenant_id, contract_id)',
  invoice_number: 'invoice (tenant_id, number)',
  invoice_payment_reference: 'invoice (tenant_id, payment_reference)',
  credit_memo_invoice: 'credit_memo (tenant_id, invoice_id)',
  credit_memo_customer: 'credit_memo (tenant_id, customer_id)',
  payment_customer: 'payment (tenant_id, customer_id, state)',
  payment_application_payment: 'payment_application (tenant_id, payment_id)',
  payment_application_invoice: 'payment_application (tenant_id, invoice_id)',
  bank_line_statement: 'bank_line (tenant_id, statement_id)',
  bank_statement_entity: 'bank_statement (tenant_id, legal_entity_id, closing_date)',
  collection_case_customer: 'collection_case (tenant_id, customer_id, legal_entity_id)',
  exception_item_subject: 'exception_item (tenant_id, subject_id)',
  exception_item_state: 'exception_item (tenant_id, state, kind)',
  exception_item_customer: 'exception_item (tenant_id, customer_id, state)',
  posting_lane: 'posting (tenant_id, lane, state, sequence)',
  posting_resource: 'posting (tenant_id, resource_id)',
  posting_related: 'posting (tenant_id, related_id)',
  posting_state: 'posting (tenant_id, state, created_at_ms)',
  posting_dependency_on: 'posting_dependency (tenant_id, depends_on)',
  lane_due: 'lane (backend, due_at_ms)',
  change_position: 'change (tenant_id, position)',
  change_log: 'change (position, id)',
  change_resource: 'change (tenant_id, resource_id, version)',
  access_token_hash: 'access_token (token_hash)',
};

/** The first schema: the canonical model, its versions, the change log and the posting queue. */
export class Spine0000000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const suffix = runner.connection.options.type === 'mysql' ? ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin' : '';
    for (const [table, columns] of Object.entries(RESOURCES)) {
      await runner.query(`CREATE TABLE \`${table}\` (${columns}, ${resource})${suffix}`);
    }
    for (const [table, columns] of Object.entries(OTHERS)) {
      await runner.query(`CREATE TABLE \`${table}\` (${columns})${suffix}`);
    }
    for (const [name, on] of Object.entries(INDEXES)) {
      const [, table, columns] = /^(\w+) (.*)$/.exec(on)!;
      await runner.query(`CREATE INDEX ${name} ON \`${table}\` ${columns}`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [...Object.keys(RESOURCES), ...Object.keys(OTHERS)]) await runner.query(`DROP TABLE \`${table}\``);
  }
}
