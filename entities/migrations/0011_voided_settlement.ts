import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A voided invoice owes nothing because it was voided, not because it was paid. */
export class VoidedSettlement0000000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("UPDATE invoice SET settlement = 'VOIDED' WHERE state = 'VOIDED'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("UPDATE invoice SET settlement = 'PAID' WHERE state = 'VOIDED'");
  }
}
