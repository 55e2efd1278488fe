import { z } from 'zod';

/** What an event is about: a resource, or anything else with an id and a version that only grows. */
export interface Subject {
  id: string;
  version: number;
}

/** What a command tells: that something happened to a resource, with the details the schema gives. */
export interface Told<Data = Record<string, unknown>> {
  type: string;
  resource: Subject;
  data: Data;
}

/** An event type: makes events, and lets other domains react to them with types. */
export interface EventType<Data> {
  (resource: Subject, data: Data): Told<Data>;
  readonly type: string;
  readonly schema: z.ZodType<Data>;
}

/** Declares an event by its type (`invoice.issued`) and the shape of its data: amounts in minor units as strings, days as text. */
export function defineEvent<Shape extends z.ZodRawShape>(type: string, shape: Shape): EventType<z.infer<z.ZodObject<Shape>>> {
  const schema = z.object(shape);
  type Data = z.infer<z.ZodObject<Shape>>;
  const make = (resource: Subject, data: Data): Told<Data> => ({ type, resource, data });
  return Object.assign(make, { type, schema }) as unknown as EventType<Data>;
}

/** Fields that many events share. */
export const minor = z.string().regex(/^-?\d+$/).describe('Whole minor units.');
export const currency = z.string().length(3).describe('ISO 4217 code.');
export const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
