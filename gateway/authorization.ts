import { GraphQLError } from 'graphql';
import type { AuthChecker } from 'type-graphql';
import type { RequestContext, Role } from '../subgraphs/context';

/** Roles that only read: an auditor inspects, a partner subscribes. */
export const READING_ROLES: ReadonlySet<Role> = new Set(['auditor', 'partner']);

/**
 * Decides `@Authorized(...roles)`: without roles any principal passes. Reading roles never run a mutation, whatever the
 * field allows. Refuses with a GraphQLError of code FORBIDDEN.
 */
export const authorize: AuthChecker<RequestContext, Role> = ({ context, info }, roles) => {
  if (info.operation.operation === 'mutation') forbidReadersToWrite(context);
  const { role } = context.principal;
  if (roles.length > 0 && !roles.includes(role)) {
    throw forbidden(`${info.parentType.name}.${info.fieldName} needs the role ${roles.join(' or ')}; this token has ${role}.`);
  }
  return true;
};

/** For every mutation, authorized or not: throws FORBIDDEN if the token only reads. */
export function forbidReadersToWrite({ principal: { role } }: RequestContext): void {
  if (READING_ROLES.has(role)) throw forbidden(`The role ${role} reads only; mutations need another token.`);
}

function forbidden(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } });
}
