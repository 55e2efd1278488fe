import { ExceptionKind } from '../../../entities/operations/ExceptionItem';
import { reaction } from '../../domain';
import { statementConflict } from '../../payments/events';
import { raiseException } from '../commands/raiseException';

/** The bank tells one line two ways: a person must look. */
export const onStatementConflict = reaction(statementConflict, async (work, { resource, data }) => {
  const { currency, bookingDate } = data;
  await raiseException(work, {
    kind: ExceptionKind.STATEMENT_CONFLICT,
    subjectId: resource.id,
    detail: data.lineKey,
    customerId: null,
    message: `A line of ${bookingDate} came again under its key with other content; the first one stands.`,
    nextAction: 'Compare the two files with the bank.',
    atRisk: { minor: BigInt(data.amountMinor), currency },
  });
});
