import { ErpRejection, TrytonFault, TrytonRefusal, TrytonUnreachable, TrytonWarning } from './faults';
import type { Id, Row, Values } from './values';

export interface TrytonAccount {
  /** The JSON-RPC address with the database's name: `https://erp.example/name/`. */
  url: string;
  user: string;
  password: string;
}

/** A call's surroundings: which company it acts for, and when to give up. */
export interface Scope {
  company?: Id;
  signal?: AbortSignal;
  /** Is told when Tryton has changed something: from then on "nothing was sent" would be untrue. */
  changed?: () => void;
}

export const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
const WARNINGS_CONFIRMED_MAX = 3;

/** Speaks Tryton's JSON-RPC. Logs in by itself, and again when the session has ended; throws only the errors of `faults.ts`. */
export class TrytonClient {
  private session: Promise<{ userId: Id; authorization: string }> | undefined;
  private calls = 0;

  constructor(private readonly account: TrytonAccount) {}

  /** The calls of one company under one signal. */
  within(scope: Scope): TrytonCalls {
    return new TrytonCalls(this, scope);
  }

  async userId(signal?: AbortSignal): Promise<Id> {
    return (await this.login(signal)).userId;
  }

  /** Calls a remote method; Tryton's context goes last among `params`. A 401 means the session ended: log in once more. */
  async call(method: string, params: unknown[], signal?: AbortSignal): Promise<unknown> {
    for (let tries = 0; ; tries++) {
      const session = this.login(signal);
      const { authorization } = await session;
      const { status, text } = await this.send({ method, params, authorization, signal });
      if (status !== 401) return resultOf(status, text);
      if (this.session === session) this.session = undefined;
      if (tries > 0) throw new TrytonUnreachable(false, 'ERP_LOGIN_REFUSED', 'Tryton refuses the session it has just given.');
    }
  }

  private login(signal?: AbortSignal) {
    this.session ??= this.newSession(signal).catch((error: unknown) => {
      this.session = undefined;
      if (error instanceof TrytonUnreachable) throw unsent(error);
      throw error;
    });
    return this.session;
  }

  private async newSession(signal?: AbortSignal) {
    const { user, password } = this.account;
    const { status, text } = await this.send({ method: 'common.db.login', params: [user, { password }], signal });
    if (status >= 500) throw new TrytonUnreachable(false, 'ERP_HTTP', `Tryton answered the login with HTTP ${status}.`);
    const result = status === 200 ? loginOf(text) : undefined;
    if (!Array.isArray(result)) throw new TrytonUnreachable(false, 'ERP_LOGIN_REFUSED', `Tryton refuses the login of ${user}.`);
    const [userId, key] = result as [Id, string];
    return { userId, authorization: `Session ${Buffer.from(`${user}:${userId}:${key}`).toString('base64')}` };
  }

  private async send(request: { method: string; params: unknown[]; authorization?: string; signal?: AbortSignal }) {
    const { method, params, authorization, signal } = request;
    const headers = { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) };
    const body = JSON.stringify({ id: ++this.calls, method, params });
    if (signal?.aborted) throw new TrytonUnreachable(false, 'ERP_TIMEOUT', 'There was no time left to call Tryton.');
    try {
      const response = await fetch(this.account.url, { method: 'POST', headers, body, signal, redirect: 'error' });
      if (response.status === 429) throw busy(response);
      return { status: response.status, text: await bounded(response) };
    } catch (error) {
      throw error instanceof TrytonUnreachable ? error : unreachable(error, signal);
    }
  }
}

/** What may be asked of Tryton for one company; the last argument of every remote method is the context built here. */
export class TrytonCalls {
  constructor(private readonly client: TrytonClient, private readonly scope: Scope) {}

  get signal(): AbortSignal | undefined {
    return this.scope.signal;
  }

  get company(): Id {
    if (this.scope.company === undefined) throw new RangeError('this call needs a company');
    return this.scope.company;
  }

  /** Whom the calls act as. */
  userId(): Promise<Id> {
    return this.client.userId(this.signal);
  }

  /** The same calls for another company. */
  of(company: Id): TrytonCalls {
    return new TrytonCalls(this.client, { ...this.scope, company });
  }

  /** `context` adds to the language and company that every call carries. */
  async call(method: string, params: unknown[], context: Values = {}): Promise<unknown> {
    const { company, signal } = this.scope;
    const surroundings = { language: 'en', ...(company === undefined ? {} : { company }), ...context };
    return this.client.call(method, [...params, surroundings], signal);
  }

  async rows(model: string, domain: unknown[], fields: string[]): Promise<Row[]> {
    return (await this.call(`model.${model}.search_read`, [domain, 0, null, [['id', 'ASC']], fields])) as Row[];
  }

  /** At most `limit` rows, by id. */
  async page(model: string, domain: unknown[], { fields, limit }: { fields: string[]; limit: number }): Promise<Row[]> {
    return (await this.call(`model.${model}.search_read`, [domain, 0, limit, [['id', 'ASC']], fields])) as Row[];
  }

  async first(model: string, domain: unknown[], fields: string[] = ['id']): Promise<Row | undefined> {
    return (await this.page(model, domain, { fields, limit: 1 }))[0];
  }

  async read(model: string, ids: Id[], fields: string[]): Promise<Row[]> {
    return (await this.call(`model.${model}.read`, [ids, fields])) as Row[];
  }

  async create(model: string, values: Values): Promise<Id> {
    const [id] = (await this.call(`model.${model}.create`, [[values]])) as Id[];
    if (id === undefined) throw new TrytonFault(`Tryton created no ${model}.`);
    this.scope.changed?.();
    return id;
  }

  async write(model: string, ids: Id[], values: Values): Promise<void> {
    await this.call(`model.${model}.write`, [ids, values]);
    this.scope.changed?.();
  }

  /** Runs a method on records, saying yes to the warnings it raises (such as: this due date is in the past). */
  async act(model: string, method: string, ids: Id[]): Promise<void> {
    for (let confirmed = 0; ; confirmed++) {
      try {
        await this.call(`model.${model}.${method}`, [ids]);
        return this.scope.changed?.();
      } catch (error) {
        if (!(error instanceof TrytonWarning) || confirmed >= WARNINGS_CONFIRMED_MAX) throw error;
        const user = await this.userId();
        await this.create('res.user.warning', { user, name: error.key, always: false });
      }
    }
  }

  /** Runs a wizard that asks nothing, on these records. */
  async wizard(name: string, model: string, ids: Id[]): Promise<void> {
    const [session, start] = (await this.call(`wizard.${name}.create`, [])) as [Id, string];
    const active = { active_model: model, active_ids: ids, active_id: ids[0] };
    const answer = (await this.call(`wizard.${name}.execute`, [session, {}, start], active)) as { view?: unknown };
    this.scope.changed?.();
    await this.call(`wizard.${name}.delete`, [session]);
    if (answer.view) throw new ErpRejection('ERP_REFUSED', `Tryton's ${name} asks a question that only a person can answer.`);
  }
}

/** The login's result; a wrong password is an error that asks for a better one. */
function loginOf(text: string): unknown {
  try {
    return resultOf(200, text);
  } catch (error) {
    if (error instanceof TrytonFault) return undefined;
    throw error;
  }
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).byteLength;
    if (bytes > ANSWER_BYTES_MAX) {
      throw new TrytonUnreachable(true, 'ERP_ANSWER_TOO_LARGE', `Tryton answered with more than ${ANSWER_BYTES_MAX} bytes.`);
    }
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The same failure when it hit only the login: nothing of the document was sent. */
function unsent({ code, message, retryAfterMs }: TrytonUnreachable): TrytonUnreachable {
  return Object.assign(new TrytonUnreachable(false, code, message), retryAfterMs === undefined ? {} : { retryAfterMs });
}

function busy(response: Response): TrytonUnreachable {
  const pause = Number(response.headers.get('retry-after') ?? 'NaN') * 1000;
  return Object.assign(new TrytonUnreachable(false, 'ERP_BUSY', 'Tryton asks for a pause.'), Number.isFinite(pause) ? { retryAfterMs: pause } : {});
}

const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

function unreachable(error: unknown, signal?: AbortSignal): TrytonUnreachable {
  const cause = (error as { cause?: { code?: string } }).cause;
  if (cause?.code && NOT_SENT.has(cause.code)) return new TrytonUnreachable(false, 'ERP_DOWN', 'Tryton cannot be reached.');
  if (signal?.aborted) return new TrytonUnreachable(true, 'ERP_TIMEOUT', 'Tryton did not answer in time.');
  return new TrytonUnreachable(true, 'ERP_CUT', 'The connection to Tryton was cut.');
}

/** Takes the result out of an answer, or throws what its error means. */
function resultOf(status: number, text: string): unknown {
  if (status === 403 || status === 404) throw new TrytonRefusal(`Tryton does not offer this call (HTTP ${status}).`);
  if (status !== 200) throw new TrytonUnreachable(true, 'ERP_HTTP', `Tryton answered with HTTP ${status}.`);
  let answer: { result?: unknown; error?: unknown };
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch {
    throw new TrytonUnreachable(true, 'ERP_NOT_JSON', 'Tryton answered with something else than JSON.');
  }
  if (answer === null || typeof answer !== 'object') throw new TrytonUnreachable(true, 'ERP_NOT_JSON', 'Tryton answered with no object.');
  if (!('error' in answer)) return answer.result;
  throw errorOf(answer.error);
}

/** `["UserError", [message, description, domain]]`, `["UserWarning", [key, message, …]]`, or `[text, details]` for the rest. */
function errorOf(error: unknown): Error {
  const [name, details] = Array.isArray(error) ? (error as unknown[]) : [String(error)];
  const parts = Array.isArray(details) ? details.map(String) : [];
  // the third part of a UserError is the record's whole domain: large, and full of what is nobody's business
  if (name === 'UserError') return new TrytonRefusal([parts[0], parts[1]].filter(Boolean).join(' '));
  if (name === 'UserWarning') return new TrytonWarning(parts[0] ?? '', parts[1] ?? '');
  return new TrytonFault(String(name) + (typeof details === 'string' && name === 'ConcurrencyException' ? ` ${details}` : ''));
}
