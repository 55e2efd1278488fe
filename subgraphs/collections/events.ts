import { z } from 'zod';
import { defineEvent } from '../event';

const collectionCase = { customerId: z.string(), legalEntityId: z.string(), state: z.string() };
export const caseOpened = defineEvent('collectionCase.opened', collectionCase);
export const caseAdvanced = defineEvent('collectionCase.advanced', collectionCase);
export const caseClosed = defineEvent('collectionCase.closed', { ...collectionCase, reason: z.string() });
