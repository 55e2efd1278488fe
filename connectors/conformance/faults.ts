/** The faults of the kit by name, made of what the proxy can do. */
import type { Fault, Reply } from './proxy';

/** Answers 200 with this text in place of the true answer, after the backend has done its work. */
const instead = (text: string): Fault => ({ forward: 1, then: () => ({ status: 200, text }) });
const refuse = (reply: Reply): Fault => ({ forward: 0, then: () => reply });

export const CUT_BEFORE: Fault = { forward: 0, then: 'CUT' };
export const CUT_AFTER: Fault = { forward: 1, then: 'CUT' };
export const SILENCE_BEFORE: Fault = { forward: 0, then: 'SILENCE' };
export const SILENCE_AFTER: Fault = { forward: 1, then: 'SILENCE' };
export const ERROR_BEFORE: Fault = refuse({ status: 500, text: 'Internal Server Error' });
export const ERROR_AFTER: Fault = { forward: 1, then: () => ({ status: 500, text: 'Internal Server Error' }) };
export const UNAUTHORIZED: Fault = refuse({ status: 401, text: '{}' });
export const DOUBLED: Fault = { forward: 2, then: 'PASS' };
export const ENDLESS: Fault = { forward: 1, then: 'ENDLESS' };
export const late = (delayMs: number): Fault => ({ forward: 1, then: 'PASS', delayMs });
export const busy = (retryAfter: string): Fault => refuse({ status: 429, headers: { 'retry-after': retryAfter }, text: 'Too many' });
export const unavailable = (retryAfter: string): Fault => refuse({ status: 503, headers: { 'retry-after': retryAfter }, text: 'Unavailable' });
export const UNAVAILABLE_AFTER: Fault = { forward: 1, then: () => ({ status: 503, headers: { 'retry-after': '5' }, text: 'Backend fetch failed' }) };

/** A debug page as careless servers show it: it repeats the whole request, credentials too. */
const page: Fault['then'] = (_, { headers, body }) => ({
  status: 200,
  headers: { 'content-type': 'text/html' },
  text: `<html><h1>MARK-HTML</h1><pre>authorization: ${headers.authorization ?? ''}\ncookie: session=c00k1e\n${body}</pre></html>`,
});

/** Answers that nobody can read, each after the backend has done its work. `MARK` is what a message may quote. */
export const UNREADABLE: Readonly<Record<string, Fault>> = {
  'not JSON': instead('MARK-TEXT is no JSON'),
  HTML: { forward: 1, then: page },
  'half JSON': { forward: 1, then: ({ text }) => ({ status: 200, text: text.slice(0, Math.max(1, text.length >> 1)) }) },
  empty: instead(''),
};

/** JSON, but not what was asked for. */
export const SHAPES: readonly string[] = [
  'null', '7', '"text"', '[]', '{}', '[null]', '{"result":7}', '{"result":"text"}', '{"result":{}}', '{"result":[null]}', '{"result":[[]]}', '{"result":[{}]}',
  '{"result":[{"id":"1"}]}', '{"result":[{"id":{}}]}', '{"error":null}', '{"error":{"a":[]}}', '{"error":[]}', '{"error":["UserError",7]}',
];
export const shaped = instead;
