import DataLoader from 'dataloader';
import { GraphQLScalarType } from 'graphql';
import { Field, ID, InterfaceType, ObjectType, Directive, registerEnumType } from 'type-graphql';
import { Refusal } from '../../entities/refusal';
import type { Principal, RequestContext } from '../../subgraphs/context';

/** What the fixtures' loaders were asked, in order: one entry a batch. */
export const batches: { name: string; tenantId: string; keys: readonly string[] }[] = [];
/** Subscriptions that are still open. */
export const open = { feeds: 0 };

export function loaderOf(name: string, context: RequestContext) {
  return context.loader(name, ({ principal: { tenantId } }) =>
    new DataLoader<string, unknown>(async (keys) => {
      batches.push({ name, tenantId, keys });
      return keys.map((key) => {
        if (key.includes('broken')) return new Error(`storage lost ${key}`);
        if (key.includes('refused')) return new Refusal('CUSTOMER_LOCKED', 'This customer is locked.', 'id', true);
        return key.includes('absent') ? null : key;
      });
    }),
  );
}

// --- shared by every subgraph -------------------------------------------------------------------------------------------

export const MinorUnits = new GraphQLScalarType<bigint, string>({
  name: 'MinorUnits',
  description: 'Minor units of a currency, as a decimal string.',
  serialize: (value) => String(value),
  parseValue: (value) => {
    if (typeof value !== 'string' || !/^-?\d+$/.test(value)) throw new TypeError(`not minor units: ${String(value)}`);
    return BigInt(value);
  },
});

@InterfaceType({ autoRegisterImplementations: false })
export abstract class Node {
  @Field(() => ID)
  id: string;
}

@Directive('@shareable')
@ObjectType({ simpleResolvers: true })
export class Money {
  @Field(() => MinorUnits)
  amountMinor: bigint;
  @Field()
  currency: string;
}

@Directive('@shareable')
@ObjectType('Refusal', { simpleResolvers: true })
export class RefusalType {
  @Field()
  code: string;
  @Field()
  message: string;
}

export enum InvoiceState {
  OPEN = 'open',
  PAID = 'paid',
}
registerEnumType(InvoiceState, { name: 'InvoiceState' });

export const alice: Principal = { tenantId: 'acme', client: 'alice', role: 'finance' };

/** A context as the product makes it, without a database. */
export function contextOf(asked: { principal: Principal; correlationId?: string; idempotencyKey?: string | undefined }): RequestContext {
  const loaders = new Map<string, unknown>();
  const context: RequestContext = {
    principal: asked.principal,
    correlationId: asked.correlationId ?? 'test',
    idempotencyKey: asked.idempotencyKey,
    engine: undefined as unknown as RequestContext['engine'],
    reads: undefined as unknown as RequestContext['reads'],
    replayed: false,
    loader<Loader>(name: string, make: (context: RequestContext) => Loader): Loader {
      if (!loaders.has(name)) loaders.set(name, make(context));
      return loaders.get(name) as Loader;
    },
  };
  return context;
}
