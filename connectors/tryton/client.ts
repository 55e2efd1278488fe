import { systemClock, type Clock } from '../../sync/clock';
import {
  abortable, busyOf, createdOf, equationsOf, foundOf, objectOf, odd, readAnswer, readOf, resultOf, type Told, unreachable, unsent, wizardOf,
} from './answers';
import { ErpRejection, TrytonFault, TrytonUnreachable, TrytonWarning } from './faults';
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

const WARNINGS_CONFIRMED_MAX = 3;

/** Speaks Tryton's JSON-RPC. Logs in by itself, and again when the session has ended; throws only the errors of `faults.ts`. */
export class TrytonClient {
  private session: Promise<{ userId: Id; authorization: string }> | undefined;
  private calls = 0;
  /** What must not show in any message: the password, and the keys of the session. */
  private secrets: string[];

  /** The clock is needed only for a `Retry-After` given as a date. */
  constructor(private readonly account: TrytonAccount, private readonly clock: Clock = systemClock) {
    this.secrets = [account.password, JSON.stringify(account.password).slice(1, -1)];
  }

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
      const { authorization } = await abortable(session, signal, false);
      const told = await this.send({ method, params, authorization, signal });
      if (told.status !== 401) return resultOf(told);
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
    const told = await this.send({ method: 'common.db.login', params: [user, { password }], signal });
    const { status } = told;
    if (status >= 500) throw new TrytonUnreachable(false, 'ERP_HTTP', `Tryton answered the login with HTTP ${status}.`);
    const result = status === 200 ? loginOf(told) : undefined;
    if (!result) throw new TrytonUnreachable(false, 'ERP_LOGIN_REFUSED', `Tryton refuses the login of ${user}.`);
    const [userId, key] = result;
    const credentials = Buffer.from(`${user}:${userId}:${key}`).toString('base64');
    this.secrets = [...this.secrets.slice(0, 2), credentials, key];
    return { userId, authorization: `Session ${credentials}` };
  }

  private async send(request: { method: string; params: unknown[]; authorization?: string; signal?: AbortSignal }): Promise<Told> {
    const { method, params, authorization, signal } = request;
    const headers = { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) };
    const body = JSON.stringify({ id: ++this.calls, method, params });
    if (signal?.aborted) throw new TrytonUnreachable(false, 'ERP_TIMEOUT', 'There was no time left to call Tryton.');
    try {
      const response = await fetch(this.account.url, { method: 'POST', headers, body, signal, redirect: 'error' });
      const busy = await busyOf(response, this.clock.nowMs());
      if (busy) throw busy;
      return await readAnswer(response, (text) => this.secrets.filter(Boolean).reduce((left, secret) => left.replaceAll(secret, '[secret]'), text));
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
    return this.search(model, domain, { fields, limit: null });
  }

  /** At most `limit` rows, by id. */
  async page(model: string, domain: unknown[], { fields, limit }: { fields: string[]; limit: number }): Promise<Row[]> {
    return this.search(model, domain, { fields, limit });
  }

  /** Asks for the fields of the domain's equations too, so that an answer about another record is recognized. */
  private async search(model: string, domain: unknown[], { fields, limit }: { fields: string[]; limit: number | null }): Promise<Row[]> {
    const all = [...new Set([...fields, ...equationsOf(domain).map(([field]) => field)])];
    return foundOf(await this.call(`model.${model}.search_read`, [domain, 0, limit, [['id', 'ASC']], all]), domain, all);
  }

  async first(model: string, domain: unknown[], fields: string[] = ['id']): Promise<Row | undefined> {
    return (await this.page(model, domain, { fields, limit: 1 }))[0];
  }

  async read(model: string, ids: Id[], fields: string[]): Promise<Row[]> {
    return readOf(await this.call(`model.${model}.read`, [ids, fields]), ids, fields);
  }

  async create(model: string, values: Values): Promise<Id> {
    const result = await this.call(`model.${model}.create`, [[values]]);
    this.scope.changed?.();
    return createdOf(result);
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
    const [session, start] = wizardOf(await this.call(`wizard.${name}.create`, []));
    const active = { active_model: model, active_ids: ids, active_id: ids[0] };
    const result = await this.call(`wizard.${name}.execute`, [session, {}, start], active);
    this.scope.changed?.();
    const answer = objectOf(result);
    await this.call(`wizard.${name}.delete`, [session]);
    if (answer.view) throw new ErpRejection('ERP_REFUSED', `Tryton's ${name} asks a question that only a person can answer.`);
  }
}

/** The login's user and key; a wrong password is an error that asks for a better one. */
function loginOf(told: Told): [Id, string] | undefined {
  try {
    const result = resultOf(told) as [Id, string] | null;
    if (result === null) return undefined;
    if (!Array.isArray(result) || !Number.isSafeInteger(result[0]) || typeof result[1] !== 'string') throw odd('Tryton answered the login with something else.');
    return result;
  } catch (error) {
    if (error instanceof TrytonFault) return undefined;
    throw error;
  }
}
